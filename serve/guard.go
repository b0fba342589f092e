package serve

import (
	"net"
	"net/http"
	"slices"
	"strings"
)

// A right is what a request needs.
type right int

const (
	rightNone right = iota // the page, the documents, the state of the service
	rightAsk               // questions to models
	rightAll               // what changes the directory of models, or hands out what is in it
)

// rightOf says what a request needs.
func rightOf(r *http.Request) right {
	path := r.URL.Path
	switch {
	case !strings.HasPrefix(path, "/v1/"):
		return rightNone
	case r.Method == http.MethodPut, r.Method == http.MethodDelete, path == "/v1/fit",
		strings.HasPrefix(path, "/v1/jobs"),
		r.Method == http.MethodGet && (strings.HasSuffix(path, "/file") || strings.HasSuffix(path, "/history")):
		return rightAll
	}
	return rightAsk
}

// guarded lets through requests that come by one of the names of the service, from its own
// pages or from none, and with the token that they need.
func (s *Server) guarded(next http.Handler) http.Handler {
	cross := http.NewCrossOriginProtection()
	for _, o := range s.Origins {
		if err := cross.AddTrustedOrigin(o); err != nil {
			panic(err) // New has checked them
		}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p := s.refusal(cross, r); p != nil {
			p.write(w, r)
			return
		}
		if origin := r.Header.Get("Origin"); origin != "" && slices.Contains(s.Origins, origin) {
			h := w.Header()
			h.Set("Access-Control-Allow-Origin", origin)
			h.Add("Vary", "Origin")
			h.Set("Access-Control-Expose-Headers", "Tsgen-Notes, Location, Retry-After, X-Request-Id")
			if r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "" {
				h.Set("Access-Control-Allow-Methods", "GET, POST, PUT, DELETE")
				h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Content-Encoding, Accept, Last-Event-ID")
				h.Set("Access-Control-Max-Age", "600")
				w.WriteHeader(http.StatusNoContent)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// refusal says why a request is not let through, nil if it is.
func (s *Server) refusal(cross *http.CrossOriginProtection, r *http.Request) *Problem {
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	// A page of another site whose name has been bound to this address comes by that name.
	if s.Hosts != nil && !slices.Contains(s.Hosts, strings.Trim(strings.ToLower(host), "[]")) {
		return newProblem(http.StatusForbidden, codeRefused, "the service does not answer to this name; call it by "+strings.Join(s.Hosts, ", "))
	}
	if err := cross.Check(r); err != nil {
		return newProblem(http.StatusForbidden, codeRefused, "pages of other sites may not call the service; --cors names sites that may")
	}
	need := rightOf(r)
	if r.Method == http.MethodOptions || need == rightNone || need == rightAsk && s.OpenRead {
		return nil
	}
	scheme, text, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return newProblem(http.StatusUnauthorized, codeToken, "this needs a token; send the header Authorization: Bearer TOKEN")
	}
	known, all := allowed(s.Tokens, strings.TrimSpace(text))
	switch {
	case !known:
		return newProblem(http.StatusUnauthorized, codeToken, "the token is not one that the service knows")
	case need == rightAll && !all:
		return newProblem(http.StatusForbidden, codeToken, "the token lets ask models and nothing else; this needs another")
	}
	return nil
}
