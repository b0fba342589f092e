package forecast_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"tsgen/forecast"
)

// TestEachSeriesCallsAll protects that every number is worked on exactly once, with
// any number of processors.
func TestEachSeriesCallsAll(t *testing.T) {
	for _, processors := range []int{1, 2, 8} {
		t.Run(fmt.Sprint(processors), func(t *testing.T) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
			var calls [100]atomic.Int32
			err := forecast.EachSeries(t.Context(), len(calls), func(i int) error { calls[i].Add(1); return nil })
			if err != nil {
				t.Fatal(err)
			}
			for i := range calls {
				if n := calls[i].Load(); n != 1 {
					t.Errorf("number %d: %d calls", i, n)
				}
			}
		})
	}
	if err := forecast.EachSeries(t.Context(), 0, nil); err != nil {
		t.Error(err)
	}
}

// TestEachSeriesLowestFailure protects that the failure of the lowest number is
// returned even if that of a higher one comes first, and that no number is begun
// long after it.
func TestEachSeriesLowestFailure(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	higher := make(chan bool)
	var calls atomic.Int32
	err := forecast.EachSeries(t.Context(), 1000, func(i int) error {
		calls.Add(1)
		switch i {
		case 0:
			<-higher
		case 1:
			close(higher)
		}
		return fmt.Errorf("failure %d", i)
	})
	if err == nil || err.Error() != "failure 0" {
		t.Errorf("error %v, want failure 0", err)
	}
	if n := calls.Load(); n != 2 {
		t.Errorf("%d numbers were begun, want 2", n)
	}
}

// TestEachSeriesContext protects that nothing is begun once the context has ended,
// and that work which was done by then is not called unfinished.
func TestEachSeriesContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	last := func(i int) error {
		if i == 9 {
			cancel()
		}
		return nil
	}
	if err := forecast.EachSeries(ctx, 10, last); err != nil {
		t.Errorf("all work was done: %v", err)
	}
	err := forecast.EachSeries(ctx, 10, func(i int) error { t.Errorf("number %d was begun", i); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that of the context", err)
	}
}

// TestEachSeriesPanic protects that a panic of the work comes back as an error that
// says where, rather than end the process.
func TestEachSeriesPanic(t *testing.T) {
	cause := errors.New("the cause")
	err := forecast.EachSeries(t.Context(), 3, func(i int) error { panicHere(cause); return nil })
	var p *forecast.PanicError
	if !errors.As(err, &p) || !errors.Is(err, cause) {
		t.Fatalf("error %v, want a PanicError of the cause", err)
	}
	if !strings.Contains(err.Error(), "panicHere") {
		t.Errorf("the error does not name the function that panicked:\n%v", err)
	}
}

func panicHere(v any) { panic(v) }

// TestBySeries protects that distributions stand at the places of their series, and
// that an error names the series that it is of.
func TestBySeries(t *testing.T) {
	p := ramp()
	one := func(i int) (*forecast.Distribution, error) {
		return &forecast.Distribution{ID: p.Series[i].ID}, nil
	}
	f, err := forecast.BySeries(t.Context(), "m", p, one)
	if err != nil || f.Model != "m" || !slices.Equal(f.Channels, p.Channels) || f.Series[0].ID != "a" || f.Series[1].ID != "b" {
		t.Errorf("%+v, error %v", f, err)
	}
	f, err = forecast.BySeries(t.Context(), "m", p, func(i int) (*forecast.Distribution, error) {
		if i == 1 {
			return nil, forecast.ErrTooShort
		}
		return one(i)
	})
	if f != nil || !errors.Is(err, forecast.ErrTooShort) || !strings.HasPrefix(err.Error(), `series "b": `) {
		t.Errorf("%+v, error %v", f, err)
	}
}
