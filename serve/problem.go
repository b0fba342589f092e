package serve

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"tsgen/series"
)

// Codes of problems. The first five are those of the command's exit statuses 1 to 4 and 130.
const (
	codeFailed      = "failed"
	codeUsage       = "usage"
	codeData        = "data"
	codeMismatch    = "mismatch"
	codeInterrupted = "interrupted"

	codeDeadline = "deadline"
	codeBusy     = "busy"
	codeTooLarge = "too-large"
	codeUnknown  = "unknown"
	codeToken    = "token"
	codeRefused  = "refused"
)

// A Problem is an error as RFC 9457 has it, with the code of the command.
type Problem struct {
	Type      string              `json:"type" doc:"about:blank: the status and the code say it all"`
	Title     string              `json:"title" doc:"what the status means"`
	Status    int                 `json:"status" doc:"HTTP status"`
	Code      string              `json:"code" enum:"failed,usage,data,mismatch,interrupted,deadline,busy,too-large,unknown,token,refused" doc:"kind of the error"`
	Exit      int                 `json:"exit,omitempty" doc:"exit status with which the command would have ended"`
	Detail    string              `json:"detail" doc:"what was wrong with which input, and what to do"`
	Line      int                 `json:"line,omitempty" doc:"line of the table"`
	Column    string              `json:"column,omitempty" doc:"column of the table"`
	Value     string              `json:"value,omitempty" doc:"cell of the table"`
	RequestID string              `json:"requestId,omitempty" doc:"by which the log of the service knows the request"`
	Errors    []*huma.ErrorDetail `json:"errors,omitempty" doc:"parameters that are wrong"`

	retry time.Duration
}

// Error implements error.
func (p *Problem) Error() string { return p.Detail }

// GetStatus implements huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType implements huma.ContentTypeFilter.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// GetHeaders implements huma.HeadersError.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.retry > 0 {
		h.Set("Retry-After", strconv.Itoa(int(p.retry.Seconds()+0.999)))
	}
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="tsgen"`)
	}
	return h
}

func newProblem(status int, code, detail string) *Problem {
	return &Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Code: code, Detail: detail}
}

// busy is the problem of a client that comes while too much is under way.
func busy(detail string, retry time.Duration) *Problem {
	p := newProblem(http.StatusTooManyRequests, codeBusy, detail)
	p.retry = retry
	return p
}

// problemOf returns the problem of a run of the command that ended with an error. Paths in
// the directory hidden are written without it.
func problemOf(ctx context.Context, exit int, err error, hidden ...string) *Problem {
	text := strings.Join(strings.Fields(err.Error()), " ")
	for _, dir := range hidden {
		if dir != "" {
			text = strings.ReplaceAll(text, dir+"/", "")
			text = strings.ReplaceAll(text, dir+`\`, "")
		}
	}
	if place, ok := strings.CutPrefix(text, "stdin:"); ok {
		if place, ok = strings.CutPrefix(place, " "); !ok { // a line follows
			place = "line " + place
		}
		text = place
	}
	status, code := http.StatusInternalServerError, codeFailed
	switch {
	case errors.Is(err, context.DeadlineExceeded) || ctx.Err() == context.DeadlineExceeded:
		status, code = http.StatusGatewayTimeout, codeDeadline
		text = "there was no answer within the deadline; ask for fewer series, steps or samples, or fit a model that takes less work"
	case exit == 130:
		status, code = http.StatusServiceUnavailable, codeInterrupted
	case errors.Is(err, series.ErrTooLarge):
		status, code = http.StatusRequestEntityTooLarge, codeTooLarge
	case exit == 2:
		status, code = http.StatusUnprocessableEntity, codeUsage
	case exit == 3:
		status, code = http.StatusUnprocessableEntity, codeData
	case exit == 4:
		status, code = http.StatusUnprocessableEntity, codeMismatch
	}
	p := newProblem(status, code, text)
	p.Exit = exit
	var at *series.ParseError
	if errors.As(err, &at) {
		p.Line, p.Column, p.Value = at.Line, at.Column, at.Value
		if len(p.Value) > 200 {
			p.Value = strings.ToValidUTF8(p.Value[:200], "") + "..."
		}
	}
	return p
}

// asProblem is a transformer of the answers of huma: of its own errors it makes problems, and
// all problems get the id of the request.
func asProblem(ctx huma.Context, _ string, v any) (any, error) {
	p, ok := v.(*Problem)
	if e, own := v.(*huma.ErrorModel); own {
		ok = true
		p = newProblem(e.Status, codeUsage, e.Detail)
		p.Errors = e.Errors
		for _, d := range e.Errors {
			p.Detail += "; " + d.Location + ": " + d.Message
		}
		if e.Status >= http.StatusInternalServerError {
			p.Code = codeFailed
		}
	}
	if !ok {
		return v, nil
	}
	p.RequestID = requestID(ctx.Context())
	return p, nil
}

// write writes a problem where there is no huma.
func (p *Problem) write(w http.ResponseWriter, r *http.Request) {
	p.RequestID = requestID(r.Context())
	for name, values := range p.GetHeaders() {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", p.ContentType(""))
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the client is gone if it fails
}
