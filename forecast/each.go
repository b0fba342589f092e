package forecast

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"tsgen/internal/panics"
	"tsgen/internal/shards"
	"tsgen/series"
)

// A PanicError is the error of work that panicked in a goroutine: the Value of the
// panic, which errors.Is and errors.As see if it is an error, and the Stack of the
// goroutine as text.
type PanicError = panics.Error

// PartSeries is the number of series that are worked on at a time where what becomes of each depends
// on it alone, so that no more than what they come to is held of all.
const PartSeries = shards.Series

// BySeries returns the forecast, by the model of the given name, that consists of
// the distribution that one returns for each series of history. one is called with
// the numbers of the series as EachSeries calls it; its error has the name of the
// series.
func BySeries(ctx context.Context, model string, history *series.Panel, one func(i int) (*Distribution, error)) (*Forecast, error) {
	f := &Forecast{Model: model, Channels: slices.Clone(history.Channels), Series: make([]*Distribution, len(history.Series))}
	err := EachSeries(ctx, len(history.Series), func(i int) (err error) {
		if f.Series[i], err = one(i); err != nil {
			return fmt.Errorf("%s: %w", Describe(history.Series[i].ID), err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return f, nil
}

// EachSeries calls do for 0 to n-1, usually the numbers of a panel's series, on all
// processors. The numbers are handed out in order; after the first failure or the
// end of ctx no more are.
//
// The error is the failure of the lowest number, the same whatever the number of
// processors: a *PanicError if do panicked. Without a failure it is that of ctx if
// numbers were left.
func EachSeries(ctx context.Context, n int, do func(i int) error) error {
	return eachOf(ctx, n, 0, do)
}

// eachOf is EachSeries on a number of goroutines; zero means GOMAXPROCS.
func eachOf(ctx context.Context, n, workers int, do func(i int) error) error {
	var (
		mu     sync.Mutex
		next   int
		failed = n // the lowest number that failed
		first  error
	)
	take := func() (i int, ok bool) {
		mu.Lock()
		defer mu.Unlock()
		if next == n || failed < n || ctx.Err() != nil {
			return 0, false
		}
		next++
		return next - 1, true
	}
	var wg sync.WaitGroup
	for range min(cmp.Or(workers, runtime.GOMAXPROCS(0)), n) {
		wg.Go(func() {
			work := func(i int) (err error) {
				defer panics.Catch(&err)
				return do(i)
			}
			for i, ok := take(); ok; i, ok = take() {
				if err := work(i); err != nil {
					mu.Lock()
					if i < failed {
						failed, first = i, err
					}
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	if first == nil && next < n {
		return ctx.Err()
	}
	return first
}
