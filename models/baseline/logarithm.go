package baseline

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"

	"tsgen/forecast"
	"tsgen/internal/fits"
	"tsgen/internal/moments"
	"tsgen/internal/walk"
	"tsgen/series"
)

const (
	// clearGain is by how many nats the differences over a season of the logarithms must be
	// likelier than those of the values: evidence that is not worth a mention decides nothing.
	clearGain = 2

	// largeGain is by how many nats a value the remainders of a decomposition must be so, which
	// depend on each other and so seem to know more than they do.
	largeGain = 0.25
)

// loggedEstimate stands before the numbers that were estimated from logarithms; those of other
// estimates begin with no negative number.
const loggedEstimate = -1

// A logPanel is a panel with the logarithms of some channels of its series.
type logPanel struct {
	*series.Panel // the series of which no channel is in logarithms are those of plain
	plain         *series.Panel
	logged        [][]bool // by series and channel; nil if none of a series is
}

// logarithms returns the panel p with the logarithms of the channels that suit them: those
// whose known estimates are of logarithms, and without an estimate those whose season
// grows with its level.
func (l localModel) logarithms(ctx context.Context, p *series.Panel, seasons []float64, known fits.Known) (logPanel, error) {
	x := logPanel{p, p, make([][]bool, len(p.Series))}
	season := shortest(seasons)
	if !l.byLogarithm || season < 2 {
		return x, nil
	}
	width := p.Width()
	all := slices.Clone(p.Series)
	err := forecast.EachSeries(ctx, len(all), func(i int) error {
		s := p.Series[i]
		grid, _, err := p.Grid(s)
		if err != nil {
			return fmt.Errorf("%w: %w", forecast.ErrMismatch, err)
		}
		numbers, logged := known(i), make([]bool, width)
		for c := range logged {
			y := series.Column(grid, c, width)
			if numbers != nil && len(numbers[c]) > 0 {
				_, estimated := unlogged(numbers[c])
				logged[c] = estimated && allPositive(y)
			} else {
				logged[c] = growsWithLevel(y, season)
			}
		}
		if slices.Contains(logged, true) {
			all[i], x.logged[i] = inLogarithms(s, logged), logged
		}
		return nil
	})
	x.Panel = p.With(all)
	return x, err
}

func allPositive(y []float64) bool {
	return !slices.ContainsFunc(y, func(v float64) bool { return v <= 0 })
}

// growsWithLevel reports whether y is positive and its season one of its logarithms rather
// than of its values: by the differences over a season, which tell little where the trend moves
// more than the season, or by what decompositions leave.
func growsWithLevel(y []float64, season int) bool {
	if observed(y) < 2*season || !allPositive(y) {
		return false
	}
	y, _ = trim(recent(y, season))
	logs := inLogs(y)
	if gain, _ := logarithmGain(y[season:], seasonalDifferences(y, season), seasonalDifferences(logs, season)); gain > clearGain {
		return true
	}
	o := DecomposeOptions{Period: season}.complete(len(y))
	gain, n := logarithmGain(y, decompose(y, o).Remainder, decompose(logs, o).Remainder)
	return gain > largeGain*n
}

func inLogs(y []float64) []float64 {
	logs := make([]float64, len(y))
	for t, v := range y {
		logs[t] = math.Log(v)
	}
	return logs
}

func seasonalDifferences(y []float64, season int) []float64 {
	d := slices.Clone(y[season:])
	floats.Sub(d, y[:len(y)-season])
	return d
}

// logarithmGain returns by how many nats what is left of the logarithms of y is likelier under a
// Gaussian than what is left of y, as densities of y (Box and Cox 1964, section 3, for the
// powers 0 and 1), and of how many values.
func logarithmGain(y, plain, logged []float64) (gain, n float64) {
	var a, b moments.Moments
	jacobian := 0.0
	for t, v := range plain {
		if isObserved(v) {
			a.Add(v)
			b.Add(logged[t])
			jacobian += math.Log(y[t])
		}
	}
	if n = a.N; n < 3 || a.Variance() <= 0 || b.Variance() <= 0 {
		return 0, n
	}
	return 0.5*n*math.Log(a.Variance()/b.Variance()) - jacobian, n
}

// inLogarithms returns s with the logarithms of these channels.
func inLogarithms(s *series.Series, logged []bool) *series.Series {
	logs := *s
	logs.Values = slices.Clone(s.Values)
	for k, v := range logs.Values {
		if logged[k%len(logged)] {
			logs.Values[k] = math.Log(v)
		}
	}
	return &logs
}

// isLogged reports whether channel c of series i is in logarithms.
func (x logPanel) isLogged(i, c int) bool { return x.logged[i] != nil && x.logged[i][c] }

// notes says how many series are modelled by the logarithm.
func (x logPanel) notes(name string) []string {
	n := 0
	for _, logged := range x.logged {
		if logged != nil {
			n++
		}
	}
	if n == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%s: %d of %d series are modelled by the logarithm, since their season grows with the level (plain=true leaves it)", name, n, len(x.logged))}
}

// walks returns what makes the random walk of channel c of series i. Those of values learn
// nothing from logarithms.
func (x logPanel) walks() func(i, c int) (walk.Walk, error) {
	plain, logs := walk.NewWalker(x.plain), walk.NewWalker(x.Panel)
	return func(i, c int) (walk.Walk, error) {
		if x.isLogged(i, c) {
			return logs.Walk(x.Series[i], c)
		}
		return plain.Walk(x.plain.Series[i], c)
	}
}

// unlogged returns the numbers of an estimate without what says that it is of logarithms, and
// whether it is.
func unlogged(numbers []float64) ([]float64, bool) {
	if len(numbers) > 0 && numbers[0] == loggedEstimate {
		return numbers[1:], true
	}
	return numbers, false
}
