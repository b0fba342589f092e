package serve

import (
	"errors"
	"testing"
)

// What the command says of its standard input is said of the table of a request, with the line if there
// is one.
func TestProblemOf(t *testing.T) {
	for text, want := range map[string]string{
		"stdin:17: column \"y\": \"12a\": not a number": "line 17: column \"y\": \"12a\": not a number",
		"stdin: no rows of data below the header":       "no rows of data below the header",
		"/secret/models/a.tsgen: not a model":           "a.tsgen: not a model",
	} {
		if p := problemOf(t.Context(), 3, errors.New(text), "/secret/models"); p.Detail != want || p.Status != 422 {
			t.Errorf("%q: %d %q, want %q", text, p.Status, p.Detail, want)
		}
	}
}
