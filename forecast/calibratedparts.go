package forecast

import (
	"context"

	"tsgen/internal/scratch"
	"tsgen/internal/shards"
	"tsgen/series"
)

// pastParts are the past of a panel whose series are worked on some at a time.
type pastParts struct {
	panel                *series.Panel
	ahead, windows, step int   // as RollingOrigins takes them
	present              []int // windows in which series take part, earliest first
	values               []int // that came within their horizons, with those that are missing
}

// parts returns the past of a panel as it is worked on in parts; nil if it is not.
func (m *Calibrated) parts(train *series.Panel, ahead, windows, step int) *pastParts {
	if m.Alone == nil || m.Refit || len(train.Series) <= PartSeries {
		return nil
	}
	p := &pastParts{panel: train, ahead: ahead, windows: windows, step: step}
	values := make([]int, windows)
	for from, to := range shards.Runs(len(train.Series)) {
		for w, o := range p.origins(from, to) {
			if len(o.Leads) == 0 {
				continue
			}
			if !m.Alone(o.History) {
				return nil
			}
			values[w] += valuesOf(o.Actual)
		}
	}
	for w, n := range values {
		if n > 0 {
			p.present, p.values = append(p.present, w), append(p.values, n)
		}
	}
	if p.present == nil {
		return nil
	}
	return p
}

// origins returns the origins of all windows of the series of a part.
func (p *pastParts) origins(from, to int) []Origin {
	return windowsOf(p.panel.With(p.panel.Series[from:to]), p.ahead, p.windows, p.step)
}

// learnInParts returns what past forecasts by a model that treats each series alone say, made of
// some series at a time, in the room given, and how many of the origins are apart.
func (m *Calibrated) learnInParts(ctx context.Context, p *pastParts, b *backtest, opt FitOptions, room *series.Scratch) (seen []originResiduals, apart float64, err error) {
	var model Model
	seen = make([]originResiduals, len(p.present))
	for k, n := range p.values {
		seen[k] = originResiduals{weight: weightOf(k, len(seen)), values: scratch.Make[calibrationResidual](room, n)[:0], room: room}
	}
	if err := room.Err(); err != nil {
		return nil, 0, err
	}
	apart = 1
	n := len(p.panel.Series)
	for from, to := range shards.Runs(n) {
		all := p.origins(from, to)
		first, last := all[p.present[0]], all[p.present[len(p.present)-1]]
		apart = max(apart, covered(first.Actual, last.Actual))
		scale := historyScales(last.History, last.Actual)
		part := *b
		part.origins = nil
		var numbers []int // of its origins among all
		for k, w := range p.present {
			if len(all[w].Leads) > 0 {
				part.origins, numbers = append(part.origins, all[w]), append(numbers, k)
			}
		}
		if len(part.origins) > 0 {
			if model == nil {
				model = m.New()
				if err := model.Fit(ctx, part.origins[0].History, opt); err != nil {
					return nil, 0, err
				}
			}
			part.candidates = []Candidate{{Name: "model", Fitted: model}}
			report, err := part.run(ctx)
			if err == nil {
				err = report.Models[0].Err
			}
			if err != nil {
				return nil, 0, err
			}
			for i, k := range numbers {
				seen[k].add(report.Models[0].Forecasts[i], part.origins[i], scale)
			}
		}
		if opt.Parts != nil {
			opt.Parts(to, n)
		}
	}
	return seen, min(apart, float64(len(seen))), nil
}

// valuesOf returns the number of values of a panel, with those that are missing.
func valuesOf(p *series.Panel) int {
	n := 0
	for _, s := range p.Series {
		n += len(s.Values)
	}
	return n
}
