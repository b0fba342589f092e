package command

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"

	"tsgen/forecast"
	"tsgen/models/modelfile"
	"tsgen/series"
)

// Each kind of error has its exit status, also when it is wrapped in another.
func TestExitStatus(t *testing.T) {
	for _, test := range []struct {
		err  error
		want int
	}{
		{nil, 0},
		{errors.New("anything"), 1},
		{usagef("a flag"), 2},
		{&series.ParseError{Err: series.ErrEmpty}, 3},
		{&series.ShortError{}, 4},
		{fmt.Errorf("%w: %w", forecast.ErrMismatch, &series.ParseError{Err: series.ErrNoColumn}), 4},
		{forecast.ErrMismatch, 4},
		{forecast.ErrTooShort, 4},
		{&modelfile.FormatError{}, 4},
		{context.Canceled, 130},
		{errors.Join(errors.New("update 7"), context.Canceled), 130},
	} {
		if got := exitStatus(test.err); got != test.want {
			t.Errorf("%v: status %d, want %d", test.err, got, test.want)
		}
		if test.err == nil {
			continue
		}
		if got := exitStatus(fmt.Errorf("somewhere: %w", test.err)); got != test.want {
			t.Errorf("%v, wrapped: status %d, want %d", test.err, got, test.want)
		}
	}
}

// The verdict compares the first model with the best of the others by a score that both
// have, and is silent where there is nothing to compare.
func TestVerdict(t *testing.T) {
	score := func(model string, sql, crps float64) forecast.Result {
		return forecast.Result{Model: model, Scores: forecast.Scores{SQL: sql, CRPS: crps}}
	}
	nan := math.NaN()
	failed := forecast.Result{Model: "ar", Err: forecast.ErrMismatch}
	for _, test := range []struct {
		results []forecast.Result
		want    string
	}{
		{nil, ""},
		{[]forecast.Result{score("a", 1, 1)}, ""},
		{[]forecast.Result{failed, score("b", 1, 1)}, ""},
		{[]forecast.Result{score("a", 1, 1), failed}, ""},
		{[]forecast.Result{score("a", 0.5, 9), score("b", 1, 1), score("c", 0.75, 1)}, "a is ahead of c (SQL 0.5 against 0.75)."},
		{[]forecast.Result{score("a", 0.5, 1), score("b", 0.25, 1), failed}, "a does not beat b (SQL 0.5 against 0.25): take b for these series, or more data."},
		{[]forecast.Result{score("a", 1, 1), score("b", 1, 1)}, "a and b forecast alike here (SQL 1)."},
		{[]forecast.Result{score("a", nan, 2), score("b", nan, 3)}, "a is ahead of b (CRPS 2 against 3)."},
	} {
		if got, _ := verdict(test.results); got != test.want {
			t.Errorf("verdict %q, want %q", got, test.want)
		}
	}
}
