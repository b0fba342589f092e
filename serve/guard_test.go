package serve

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// serveOnce has the server answer a request without a connection, and returns the status.
func serveOnce(s *Server, method, path, query, kind, token string, body []byte) int {
	r := httptest.NewRequest("POST", "/", bytes.NewReader(body))
	r.Method, r.URL = method, &url.URL{Path: path, RawQuery: query}
	r.Header.Set("Content-Type", kind)
	r.Header.Set("Authorization", "Bearer "+token)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Code
}

// TestTokens holds who may do what: without a token questions alone, if they are open; with one
// that lets read questions; with another everything.
func TestTokens(t *testing.T) {
	tokens, err := ReadTokens(strings.NewReader("# comment\n\nreader-0123456789 read\nwriter-0123456789\n"), "tokens")
	if err != nil {
		t.Fatal(err)
	}
	for _, open := range []bool{true, false} {
		_, url := newTest(t, echo, func(c *Config) { c.Tokens, c.OpenRead = tokens, open })
		ask, change := 200, 202
		for _, test := range []struct {
			token       string
			ask, change int
		}{
			{"", map[bool]int{true: ask, false: 401}[open], 401},
			{"Bearer wrong-0123456789", map[bool]int{true: ask, false: 401}[open], 401},
			{"Bearer reader-0123456789", ask, 403},
			{"bearer writer-0123456789", ask, change},
			{"Basic writer-0123456789", map[bool]int{true: ask, false: 401}[open], 401},
		} {
			if status, body, _ := send(t, "POST", url+"/v1/models/m/forecast", "", nil, "Authorization", test.token); status != test.ask {
				t.Errorf("open %v, %q asks: status %d, want %d: %s", open, test.token, status, test.ask, body)
			}
			if status, body, _ := send(t, "POST", url+"/v1/fit?name=x"+test.token[:min(len(test.token), 1)], "text/csv", strings.NewReader("ds,y\n1,2\n"), "Authorization", test.token); status != test.change {
				t.Errorf("open %v, %q fits: status %d, want %d: %s", open, test.token, status, test.change, body)
			}
			for _, path := range []string{"/v1/models/m/file", "/v1/models/m/history", "/v1/jobs"} {
				status, _, _ := send(t, "GET", url+path, "", nil, "Authorization", test.token)
				if may := test.change == change; may != (status == 200) {
					t.Errorf("%q gets %s: status %d", test.token, path, status)
				}
			}
		}
	}
	for _, bad := range []string{"", "# only this\n", "short\n", "long-enough-0123456789 write\n", "long-enough-0123456789 read more\n"} {
		if _, err := ReadTokens(strings.NewReader(bad), "tokens"); err == nil {
			t.Errorf("%q is taken for tokens", bad)
		} else if strings.Contains(err.Error(), "0123456789") {
			t.Errorf("the error tells the token: %v", err)
		}
	}
}

// TestOtherSites has pages of other sites, and names that were bound to this address, be refused,
// and sites that are named be let in.
func TestOtherSites(t *testing.T) {
	_, url := newTest(t, echo, func(c *Config) { c.Hosts, c.Origins = []string{"127.0.0.1"}, []string{"https://friend.example"} })
	ask := url + "/v1/models/m/forecast"
	for _, test := range []struct {
		name    string
		headers []string
		want    int
	}{
		{"no page", nil, 200},
		{"its own page", []string{"Sec-Fetch-Site", "same-origin", "Origin", url}, 200},
		{"another site", []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://other.example"}, 403},
		{"another site, old browser", []string{"Origin", "https://other.example"}, 403},
		{"a friend", []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://friend.example"}, 200},
		{"another name", []string{"Host", "rebound.example"}, 403},
	} {
		status, _, h := send(t, "POST", ask, "text/csv", strings.NewReader("ds,y\n"), test.headers...)
		if status != test.want {
			t.Errorf("%s: status %d, want %d", test.name, status, test.want)
		}
		if got := h.Get("Access-Control-Allow-Origin"); got != "" && got != "https://friend.example" {
			t.Errorf("%s: allowed is %q", test.name, got)
		}
	}
	if status, _, h := send(t, http.MethodOptions, ask, "", nil, "Origin", "https://friend.example", "Access-Control-Request-Method", "POST"); status != 204 || h.Get("Access-Control-Allow-Headers") == "" {
		t.Errorf("what a browser asks before: status %d, %v", status, h)
	}
}

// TestPageIsWhole has every file of the page be served, with a policy that loads nothing from elsewhere,
// and no file name one that is not there.
func TestPageIsWhole(t *testing.T) {
	_, url := newTest(t, echo, nil)
	for _, path := range []string{"/", "/docs", "/page/app.js", "/page/style.css", "/page/uplot/uPlot.esm.js", "/page/uplot/LICENSE", "/page/samples/passengers.csv", "/healthz", "/readyz", "/metrics", "/openapi.json"} {
		status, body, h := send(t, "GET", url+path, "", nil)
		if status != 200 || body == "" {
			t.Errorf("%s: status %d", path, status)
		}
		if strings.HasPrefix(path, "/page") && !strings.Contains(h.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s has the policy %q", path, h.Get("Content-Security-Policy"))
		}
		for _, elsewhere := range []string{`src="http`, `href="http`, `from "http`, `url(http`} {
			if strings.HasSuffix(path, ".js") || path == "/" || path == "/docs" {
				if strings.Contains(body, elsewhere) {
					t.Errorf("%s loads from elsewhere: %s", path, elsewhere)
				}
			}
		}
	}
	if _, body, _ := send(t, "GET", url+"/metrics", "", nil); !strings.Contains(body, `tsgen_requests_total{route="GET /healthz",status="200"} 1`) {
		t.Errorf("the metrics are\n%s", body)
	}
}
