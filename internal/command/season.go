package command

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"tsgen/forecast"
	"tsgen/series"
	"tsgen/series/seasons"
)

// noSeason is the word for a panel without seasons.
const noSeason = "none"

// A seasonFlag is the flag of the seasons that a panel is said to have.
type seasonFlag struct {
	text    string
	periods []float64 // nil if the flag does not say
}

func (f *seasonFlag) register(fl *pflag.FlagSet) {
	fl.Var(f, "season", "`steps` in a season, or in several (24,168; 365.25), or none (default found in the data)")
}

// String implements pflag.Value.
func (f *seasonFlag) String() string { return f.text }

// Type implements pflag.Value.
func (f *seasonFlag) Type() string { return "steps" }

// Set implements pflag.Value.
func (f *seasonFlag) Set(text string) error {
	f.text, f.periods = text, []float64{}
	if text == noSeason || text == "1" {
		return nil
	}
	for _, word := range strings.Split(text, ",") {
		m, err := strconv.ParseFloat(strings.TrimSpace(word), 64)
		if err != nil || !(m >= 2 && m <= maxSteps) {
			return usagef("--season is %s, want numbers of steps from 2 to %d such as 24,168 or 365.25, or %s", word, maxSteps, noSeason)
		}
		if slices.Contains(f.periods, m) {
			return usagef("--season %s is given twice", word)
		}
		f.periods = append(f.periods, m)
	}
	slices.Sort(f.periods)
	return nil
}

// shortest returns the number of steps in the shortest season that the flag says,
// 1 if it says that there is none, 0 if it does not say.
func (f *seasonFlag) shortest() int {
	switch {
	case f.periods == nil:
		return 0
	case len(f.periods) == 0:
		return 1
	}
	return int(math.Round(f.periods[0]))
}

// apply gives the panel the seasons that the flag says. Series with a step of their own, to
// which the numbers of steps do not apply, have the usual season of that unless there is to be none.
func (f *seasonFlag) apply(p *series.Panel) {
	if f.periods == nil || !p.Step.Regular() {
		return
	}
	p.Seasons = f.periods
	for i, s := range p.Series {
		if s.Step.Regular() && len(f.periods) == 0 {
			own := *s // which may lie where it cannot be changed
			own.Seasons = f.periods
			p.Series[i] = &own
		}
	}
}

// settle gives the panel the seasons that the flag says, or else those that are found in
// what lies before the horizon that is held out, and says them. It returns the horizon, the
// usual one if the given one is 0, and what was found. before returns the panel without
// what is held out for a horizon; of a horizon that depends on the seasons a tenth of
// the series at least is held out, and no more if with more no season shows, as of one that
// broke not long ago. Series of each step have seasons of their own.
func (f *seasonFlag) settle(p *series.Panel, horizon int, before func(horizon int) *series.Panel, notes *progress) (int, seasons.Parts) {
	if f.periods != nil || !p.Step.Regular() {
		f.apply(p)
		if horizon == 0 {
			horizon = forecast.DefaultHorizon(p, p.Season())
			if reach := forecast.Reach(p, horizon); !p.Step.Regular() && reach > 0 {
				notes.notef("horizon: %s, as far as %s; --horizon says another", count(horizon, "observation"), p.Axis.Span(reach))
			}
		}
		return horizon, nil
	}
	held := cmp.Or(horizon, forecast.DefaultHorizon(p, 1))
	parts := seasons.OfSteps(before(held))
	parts.Give(p)
	if horizon == 0 {
		if horizon = forecast.DefaultHorizon(p, p.For(parts[0].Panel.Series[0]).Season()); horizon > held {
			if earlier := seasons.OfSteps(before(horizon)); len(earlier.Own().Periods()) > 0 {
				parts = earlier
				parts.Give(p)
			} else {
				horizon = held
			}
		}
	}
	notes.notes(parts.Words())
	return horizon, parts
}

// beforeLast returns a panel without the last steps of the series that an examination holds out, in
// the room given.
func beforeLast(p *series.Panel, horizon int, room *series.Scratch) *series.Panel {
	heads := slices.Clone(p.Series)
	for some := range slices.Chunk(heads, series.Settled) {
		for i, s := range some {
			if n := s.Len() - horizon; n >= leastHead {
				some[i] = s.Slice(0, n)
			}
		}
		p.With(some).Settle(room)
	}
	return p.With(heads)
}

// seasonWords says the seasons of a panel: "season 12", "seasons 24 and 168",
// "no season".
func seasonWords(p *series.Panel) string {
	words := periodWords(p)
	switch last := len(words) - 1; last {
	case -1:
		return "no season"
	case 0:
		return "season " + words[0]
	default:
		return "seasons " + strings.Join(words[:last], ", ") + " and " + words[last]
	}
}

// periodWords returns the numbers of steps in the seasons of a panel.
func periodWords(p *series.Panel) (words []string) {
	for _, m := range p.SeasonsBeside(0) {
		words = append(words, strconv.FormatFloat(m, 'g', 6, 64))
	}
	return words
}
