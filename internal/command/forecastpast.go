package command

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"

	"tsgen/forecast"
	"tsgen/models/modelfile"
	"tsgen/series"
)

// noteLeftOut names the series that --at has no row of.
func (f *forecastFlags) noteLeftOut(history *series.Panel, at [][]float64) {
	const most = 5
	var names []string
	n := 0
	for i, s := range history.Series {
		if len(at[i]) > 0 {
			continue
		}
		if n++; n <= most {
			names = append(names, strconv.Quote(s.ID))
		}
	}
	if n > most {
		names = append(names, "...")
	}
	if n > 0 {
		f.progress.notef("%s has no row of %d of %d series, which are not forecast: %s", sourceName(f.at), n, len(history.Series), strings.Join(names, ", "))
	}
}

// continued returns the forecast of the times of opt and the fitted values of the past ones, if there
// are any.
func (f *forecastFlags) continued(ctx context.Context, file *modelfile.File, model forecast.Model, history *series.Panel, past [][]float64, opt forecast.Options, joined bool) (*forecast.Forecast, error) {
	if past == nil {
		return continuation(ctx, file, model, history, opt, joined, f.calibrate)
	}
	if joined {
		return nil, usagef("--at has times within the series; --paths, --sum and --hierarchy are of those after them")
	}
	fitted, left, err := forecast.Fitted(ctx, history, past, opt, func(ctx context.Context, p *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
		return continuation(ctx, file, model, p, opt, false, f.calibrate)
	})
	if err != nil {
		return nil, err
	}
	within, ahead := 0, 0
	for i := range past {
		within, ahead = within+len(past[i]), ahead+len(opt.At[i])
	}
	f.progress.notef("%s of --at within the series: what is written there is fitted, a forecast from what came before", count(within, "time"))
	if left > 0 {
		f.progress.notef("%s of these with too little before them left out", count(left, "time"))
	}
	if left == within && ahead == 0 {
		return nil, fmt.Errorf("%w: no time of --at has enough before it", forecast.ErrTooShort)
	}
	if ahead == 0 {
		return fitted, nil
	}
	var some []*series.Series
	rest, places := opt, []int(nil)
	rest.At = nil
	for i, s := range history.Series {
		if len(opt.At[i]) > 0 {
			some, rest.At, places = append(some, s), append(rest.At, opt.At[i]), append(places, i)
		}
	}
	made, err := continuation(ctx, file, model, history.With(some), rest, false, f.calibrate)
	if err != nil {
		return nil, err
	}
	return fitted.FollowedBy(made, places), nil
}

// splitFitted returns the panel as far as it comes before the forecast, and the rest, where that has
// fitted values; rest is nil where it has none.
func splitFitted(history *series.Panel, made *forecast.Forecast) (head, rest *series.Panel) {
	heads, tails, fitted := slices.Clone(history.Series), slices.Clone(history.Series), false
	for i, s := range history.Series {
		cut := s.Len()
		if d := made.Series[i]; len(d.Times) > 0 {
			cut = sort.SearchFloat64s(s.Times, d.Times[0])
		}
		fitted = fitted || cut < s.Len()
		heads[i], tails[i] = s.Slice(0, cut), s.Slice(cut, s.Len())
	}
	if !fitted {
		return history, nil
	}
	return history.With(heads), history.With(tails)
}
