package forecast

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// A Split says what the scores of a report are told by.
type Split string

// The splits.
const (
	SplitSeries   Split = "series"
	SplitChannels Split = "channel"
	SplitSteps    Split = "step" // of the horizon
)

// Splits returns the splits.
func Splits() []Split { return []Split{SplitSeries, SplitChannels, SplitSteps} }

// A Part is a part of what was forecast: a series, a channel or a step of the horizon.
type Part struct {
	Name string

	// Scores holds the scores of each model of the report there. Those of a model that
	// could not forecast the data are NaN.
	Scores []Scores

	// Relative holds for each model its CRPS as a multiple of that of the reference: the
	// seasonal naive forecast if it is in the report, else the first model. It is NaN where
	// that is zero or not known.
	Relative []float64
}

// Parts returns the scores of the report by series, channel or step, in the order of
// the data. Scores of sample paths that a report keeps as quantiles are those of the
// quantiles.
func (r *Report) Parts(by Split) ([]Part, error) {
	if !slices.Contains(Splits(), by) {
		return nil, fmt.Errorf("forecast: scores by %q, want %q", by, Splits())
	}
	sums := &partSums{models: len(r.Models), place: make(map[string]int)}
	if by == SplitSteps {
		for h := range r.Horizon {
			sums.at(strconv.Itoa(h+1), 0)
		}
	}
	for m := range r.Models {
		if r.Models[m].Err != nil {
			continue
		}
		for o, origin := range r.Origins {
			if r.Models[m].Forecasts[o] == nil {
				continue
			}
			if err := sums.addOrigin(by, m, r.Models[m].Forecasts[o], origin, r.Season); err != nil {
				return nil, err
			}
		}
	}
	reference := r.reference()
	parts := make([]Part, len(sums.names))
	for i, name := range sums.names {
		p := Part{Name: name}
		for m := range r.Models {
			p.Scores = append(p.Scores, sums.all[i][m].scores())
		}
		for _, s := range p.Scores {
			ratio := s.CRPS / p.Scores[reference].CRPS
			if isNotFinite(ratio) {
				ratio = math.NaN()
			}
			p.Relative = append(p.Relative, ratio)
		}
		parts[i] = p
	}
	return parts, nil
}

// reference returns the place of the model that others are measured by.
func (r *Report) reference() int {
	return max(0, slices.IndexFunc(r.Models, func(t Tested) bool { return t.Name == "seasonal-naive" && t.Err == nil }))
}

// partSums are what the scores of parts are made of.
type partSums struct {
	models int
	names  []string
	place  map[string]int
	all    [][]scoreAccumulator // by part and model
}

// at returns the sums of a part and a model.
func (s *partSums) at(name string, model int) *scoreAccumulator {
	i, ok := s.place[name]
	if !ok {
		i = len(s.names)
		s.place[name] = i
		s.names, s.all = append(s.names, name), append(s.all, make([]scoreAccumulator, s.models))
	}
	return &s.all[i][model]
}

// addOrigin adds what a forecast from an origin scores.
func (s *partSums) addOrigin(by Split, model int, f *Forecast, origin Origin, season int) error {
	for i, d := range f.Series {
		actual := origin.Actual.Series[i]
		rows, err := forecastRows(origin.Actual, actual, d)
		if err != nil {
			return err
		}
		scale, err := scales(origin.History, origin.History.Series[i], cmp.Or(season, origin.History.Season()))
		if err != nil {
			return err
		}
		switch by {
		case SplitSeries:
			s.at(d.ID, model).add(d, actual.Values, rows, scale)
		case SplitSteps:
			for k := range rows {
				s.at(strconv.Itoa(origin.Leads[i][k]), model).add(d, actual.Row(k), rows[k:k+1], scale)
			}
		case SplitChannels:
			for c, name := range f.Channels {
				one := make([]float64, len(actual.Values))
				for k, y := range actual.Values {
					if one[k] = math.NaN(); k%len(f.Channels) == c {
						one[k] = y
					}
				}
				s.at(name, model).add(d, one, rows, scale)
			}
		}
	}
	return nil
}

// Relative returns the geometric mean over the parts of what each model's CRPS is as a
// multiple of the reference's, and the reference: a score of panels whose series, or
// channels, are of unlike scales. It is NaN if no part has one.
func (r *Report) Relative(parts []Part) (reference string, means []float64) {
	means = make([]float64, len(r.Models))
	for m := range means {
		sum, n := 0.0, 0.0
		for _, p := range parts {
			if x := p.Relative[m]; x > 0 {
				sum, n = sum+math.Log(x), n+1
			}
		}
		means[m] = math.Exp(sum / n)
	}
	return r.Models[r.reference()].Name, means
}

// mostParts is the number of parts that a table shows.
const mostParts = 40

// WriteParts writes the scores of parts as an aligned table: of series and channels the worst
// first, by SQL or, where that is undefined, by CRPS, averaged over the models, and 40 at
// most; and within each the models, best first. Below it are the geometric means of
// Relative.
func (r *Report) WriteParts(w io.Writer, by Split, parts []Part) error {
	shown := slices.Clone(parts)
	if by != SplitSteps {
		slices.SortStableFunc(shown, func(a, b Part) int { return -cmp.Compare(a.badness(), b.badness()) })
	}
	shown = shown[:min(len(shown), mostParts)]
	names, models := []string{string(by)}, []string{"model"}
	var measures [][]Measure
	for _, p := range shown {
		order := make([]int, 0, len(r.Models))
		for m := range r.Models {
			if r.Models[m].Err == nil {
				order = append(order, m)
			}
		}
		slices.SortStableFunc(order, func(a, b int) int { return CompareScores(p.Scores[a], p.Scores[b]) })
		for _, m := range order {
			names, models = append(names, cmp.Or(p.Name, "-")), append(models, r.Models[m].Name)
			measures = append(measures, append(p.Scores[m].Measures(), Measure{"rel", p.Relative[m]}))
		}
	}
	columns := [][]string{names, models}
	for k, first := range append((Scores{}).Measures(), Measure{Name: "rel"}) {
		values := make([]float64, len(measures))
		for i := range measures {
			values[i] = measures[i][k].Value
		}
		columns = append(columns, append([]string{first.Name}, formatColumn(values)...))
	}
	var b strings.Builder
	writeAligned(&b, columns)
	if left := len(parts) - len(shown); left > 0 {
		fmt.Fprintf(&b, "%d more are not shown; --json has them all.\n", left)
	}
	if reference, means := r.Relative(parts); len(r.Models) > 1 && by != SplitSteps {
		fmt.Fprintf(&b, "CRPS as a multiple of that of %s, geometric mean:", reference)
		for m, x := range means {
			if r.Models[m].Err == nil {
				fmt.Fprintf(&b, " %s %.3f", r.Models[m].Name, x)
			}
		}
		b.WriteByte('\n')
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// badness returns the mean over the models of the SQL, or of the CRPS where there is none.
func (p Part) badness() float64 {
	sum, n := 0.0, 0.0
	for _, s := range p.Scores {
		if x := s.SQL; !math.IsNaN(x) {
			sum, n = sum+x, n+1
		} else if !math.IsNaN(s.CRPS) {
			sum, n = sum+s.CRPS, n+1
		}
	}
	return sum / math.Max(n, 1)
}
