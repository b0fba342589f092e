package forecast

import (
	"context"
	"errors"
	"slices"
	"sort"

	"tsgen/series"
)

// mostFitted is the number of origins in a series from which fitted values are forecast.
const mostFitted = 40

// Fitted returns the fitted values of series of p at times that lie within them: what forecast says
// of each from the observations before it or, of more than 40 times of a series, from those before the
// first of a few that follow each other. at holds the times of each series in order. What comes
// of it are quantiles; left counts the times that have too little before them, of which it
// has none. All other errors of forecast are returned.
func Fitted(ctx context.Context, p *series.Panel, at [][]float64, opt Options, forecast func(context.Context, *series.Panel, Options) (*Forecast, error)) (f *Forecast, left int, err error) {
	f = &Forecast{Channels: p.Channels, Series: make([]*Distribution, len(p.Series))}
	blocks := make([][][]float64, len(at))
	rounds := 0
	for i, s := range p.Series {
		probs := summaryProbabilities()
		f.Series[i] = &Distribution{ID: s.ID, Probs: probs, Values: make([][]float64, len(probs))}
		if len(at[i]) > 0 {
			blocks[i] = slices.Collect(slices.Chunk(at[i], (len(at[i])+mostFitted-1)/mostFitted))
		}
		rounds = max(rounds, len(blocks[i]))
	}
	for round := range rounds {
		var heads []*series.Series
		var of []int // their places in p
		opt.At = nil
		for i, s := range p.Series {
			if round >= len(blocks[i]) {
				continue
			}
			block := blocks[i][round]
			cut := sort.SearchFloat64s(s.Times, block[0])
			if cut < leastHistory || s.Slice(0, cut).Observed() == 0 {
				left += len(block)
				continue
			}
			heads, of, opt.At = append(heads, s.Slice(0, cut)), append(of, i), append(opt.At, block)
		}
		if len(heads) == 0 {
			continue
		}
		made, err := forecast(ctx, p.With(heads), opt)
		if errors.Is(err, ErrTooShort) {
			for _, block := range opt.At {
				left += len(block)
			}
			continue
		}
		if err != nil {
			return nil, 0, err
		}
		f.Model = made.Model
		for k, d := range made.Series {
			f.Series[of[k]].follow(d)
		}
	}
	return f, left, nil
}

// follow appends the times of another distribution to d, which has quantiles.
func (d *Distribution) follow(by *Distribution) {
	d.Times, d.Domains = slices.Concat(d.Times, by.Times), by.Domains
	for k, row := range by.Quantiles(d.Probs...) {
		d.Values[k] = slices.Concat(d.Values[k], row)
	}
}

// FollowedBy returns the forecast f, of quantiles, with the times of another of some of its series,
// whose places are given, behind its own.
func (f *Forecast) FollowedBy(by *Forecast, places []int) *Forecast {
	g := *by
	g.Series = slices.Clone(f.Series)
	for k, d := range by.Series {
		own := *f.Series[places[k]]
		own.Values = slices.Clone(own.Values)
		own.follow(d)
		g.Series[places[k]] = &own
	}
	return &g
}
