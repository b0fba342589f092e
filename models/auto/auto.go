// Package auto chooses a model for a panel by examining several on its past.
package auto

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"tsgen/forecast"
	"tsgen/series"
)

// A Candidate is a model to choose from.
type Candidate struct {
	forecast.Candidate

	// Trained says that the model is trained step by step. Such a model is tried only on
	// panels with enough to learn from, after all others, with as many updates as the
	// budget allows: Brief returns it with that many at most. It must be set if Trained.
	Trained bool
	Brief   func(updates int) forecast.Model

	// MedianOf, if not nil, says that the model is the median of these candidates, which
	// come to no examination of its own: it is examined as the median of those of them
	// that are any good. It is no part of a blend, and what is chosen where nothing can be
	// examined. One candidate may be so.
	MedianOf []string

	// Cost, if not nil, returns what the model costs on a panel. Without it the model is
	// taken for a cheap one.
	Cost func(p *series.Panel, horizon int) Cost
}

// Options are the options of Choose. The zero value of all but Horizon is ready
// to use.
type Options struct {
	Horizon int // steps ahead for which a model is chosen; at least 1
	Season  int // as in forecast.FitOptions
	Seed    uint64

	// Outliers is as in forecast.FitOptions. Candidates are examined on the past as
	// models see it, since what is absurd or over says nothing of what comes.
	Outliers forecast.Outliers

	// Domains are those of the channels, as in forecast.Options.
	Domains []forecast.Domain

	// Work bounds what the choice and the fit of what is chosen cost together, in the
	// unit of Cost; zero means NormalWork. The same work gives the same choice on any
	// machine.
	Work float64

	// TimeLimit, if not zero, bounds the time of the choice by the clock as well. The
	// results say what it cut, which depends on the machine. Candidates that cost little
	// are tried all the same.
	TimeLimit time.Duration

	// Progress, if not nil, is called before each examination.
	Progress func(Step)
}

// A Step is an examination that begins.
type Step struct {
	Candidate string
	Number    int // of this one, from 1
	Of        int // examinations, as far as is known
}

// A Choice is the outcome.
type Choice struct {
	Name   string // of the candidate that was chosen, or BlendName
	Reason string // in a sentence, with the scores

	// Blend, unless it is nil, says that the choice is not one candidate but the
	// weighted mean of several (forecast.Blend), with these weights.
	Blend []Share

	// MedianOf, if not nil, are the candidates whose median is chosen.
	MedianOf []string

	// Updates is how many updates a candidate that was chosen alone makes at most, zero
	// for as many as it makes by itself.
	Updates int

	// Trainings is how many times that candidate is trained, each from a seed of its own, for the mean of
	// the quantiles: more than once if it is trained and the series are few. Zero is once.
	Trainings int

	// Results are the examinations of the candidates, in their order, and that of a
	// blend: the scores over all origins, with calibration (see
	// forecast.Report.CrossCalibrated); there are no forecasts. The weights of the blend
	// are at each origin, or in each half of many series, those that the others give. A
	// candidate that was not examined to the end has an error that wraps ErrOut, and
	// context.DeadlineExceeded if that was for the clock.
	Results []forecast.Result

	// Plain are the scores of the choice without calibration, and Calibration is what was
	// learned of it, and of many short series how far they go together; nil where nothing
	// could be examined, and forecast.Calibrated learns it of the model that is chosen.
	Plain       forecast.Scores
	Calibration *forecast.Calibration

	Origins         int     // at which the candidates were examined; zero if nothing could be
	Series, InPanel int     // examined, and in the panel
	Rows, Longest   int     // times of a series that the costliest candidates saw, and that there are
	StandardError   float64 // of the SQL of the choice, infinite if it cannot be told
	Work            float64 // that the examinations cost, by estimate
}

// BlendName is the name of a choice that is a blend.
const BlendName = "blend"

// A Share is the part of a candidate in a blend.
type Share struct {
	Name               string
	Weight             float64 // the weights of a blend sum to one
	Updates, Trainings int     // as in Choice
}

// ErrOut is the error of a candidate that was not examined to the end: it was hopeless at
// a first look, or would have cost more than there was to spend. The error is an
// *OutError.
var ErrOut = errors.New("not examined to the end")

// An OutError says why a candidate was not examined to the end.
type OutError struct {
	Candidate, Why string
	Clock          bool // that it was for want of time
}

// Error implements error.
func (e *OutError) Error() string { return e.Candidate + ": " + ErrOut.Error() + ": " + e.Why }

// Unwrap returns ErrOut, and context.DeadlineExceeded if it was for want of time.
func (e *OutError) Unwrap() []error {
	if e.Clock {
		return []error{ErrOut, context.DeadlineExceeded}
	}
	return []error{ErrOut}
}

// Choose examines the candidates by rolling origins in the panel, their intervals
// calibrated, and chooses a blend of the best of them, or one alone where a blend did
// worse at origins by which it was not weighed.
//
// The weights of the blend are those of the least scaled quantile loss of the past
// (stacking, Breiman 1996), held to weights in inverse proportion to the squares of the
// models' losses (Bates and Granger 1969) the more strongly the fewer series and origins
// there are. Which one model is best on the past of a single series says little of which
// will be; a mean of several good ones is seldom far from the best (Timmermann 2006). Over
// many series it says much, and then the weights, and the choice of one model alone, follow
// the losses.
//
// Where all candidates cost more than a part of Options.Work they are looked at first on
// few series and origins, and the better half goes on (successive halving, Jamieson and
// Talwalkar 2016). Models that are trained come last. Those that would cost too much on
// all series of a large panel are passed over.
//
// Where the series are too short to be examined it chooses the median of models, if one of
// the candidates is, else the first.
//
// The error wraps forecast.ErrMismatch or forecast.ErrTooShort if no candidate
// can forecast the panel.
func Choose(ctx context.Context, p *series.Panel, candidates []Candidate, opt Options) (*Choice, error) {
	if len(candidates) == 0 {
		return nil, errors.New("auto: no candidates")
	}
	if opt.Horizon < 1 {
		return nil, fmt.Errorf("auto: a horizon of %d steps", opt.Horizon)
	}
	if opt.Work == 0 {
		opt.Work = NormalWork
	}
	if opt.Season == 0 {
		opt.Season = p.Season()
	}
	if opt.Domains == nil {
		opt.Domains = forecast.SeenDomains(p)
	}
	p, _ = opt.Outliers.Seen(p, opt.Season)
	windows, step := origins(p, opt.Horizon, opt.Season)
	begun, windows := forecast.Begun(p, opt.Horizon, windows, step, opt.Season)
	c := &choosing{panel: p.WithChannels(begun), opt: opt, candidates: candidates, tried: make([]tried, len(candidates)), windows: windows, step: step}
	c.opt.Domains = forecast.SomeDomains(opt.Domains, begun)
	if opt.TimeLimit > 0 {
		c.deadline = time.Now().Add(opt.TimeLimit)
	}
	for i := range c.tried {
		c.tried[i].name = candidates[i].Name
	}
	_, err := forecast.RollingOrigins(c.panel, opt.Horizon, c.windows, c.step)
	if errors.Is(err, forecast.ErrTooShort) {
		return c.unexamined()
	}
	if err == nil {
		c.dismiss()
		err = c.examineClosed(ctx)
	}
	if err == nil {
		err = c.examineTrained(ctx)
	}
	if err != nil {
		return nil, err
	}
	choice, err := c.choose()
	if err != nil {
		return nil, err
	}
	choice.Calibration = c.lawful(p, choice.Calibration.ForChannels(begun, p.Width()))
	if late := p.Without(begun); len(late) > 0 {
		choice.Reason += fmt.Sprintf(" %s: begun too late for forecasts of the past.", strings.Join(late, ", "))
	}
	return choice, nil
}

// lawful returns the calibration of a choice with the laws of the panel p that it is for, if that has any: by itself where
// the forecasts that it was learned of had seen too little.
func (c *choosing) lawful(p *series.Panel, own *forecast.Calibration) *forecast.Calibration {
	if medianLength(p)-c.opt.Horizon-(c.windows-1)*c.step >= leastBefore {
		return own.WithLaws(p, c.opt.Horizon, c.opt.Season)
	}
	var none *forecast.Calibration
	if laws := none.WithLaws(p, c.opt.Horizon, c.opt.Season); laws != nil {
		return laws
	}
	return own
}

// medianLength returns the median number of times of the series.
func medianLength(p *series.Panel) int {
	lengths := make([]int, len(p.Series))
	for i, s := range p.Series {
		lengths[i] = s.Len()
	}
	slices.Sort(lengths)
	return lengths[len(lengths)/2]
}

// origins returns from how many origins candidates are examined, and how many steps apart:
// the more the fewer series there are, and as far apart as half of the series and two of
// its longest seasons allow, but no more than a few horizons. Origins close by would show
// the same days again. Of a longest season that hardly came twice one is enough to look back from.
func origins(p *series.Panel, horizon, season int) (windows, step int) {
	median := medianLength(p)
	after := func(seasons float64) int {
		return median - horizon - max(median/2, 2*season+1, min(int(seasons*longestSeason(p, season))+1, median-horizon))
	}
	room := after(2)
	if room < (fewestOrigins-1)*horizon {
		room = after(1)
	}
	if room < 0 {
		return 1, horizon
	}
	step = (horizon + 1) / 2
	windows = min(max(fewestOrigins, min(mostOrigins, records/len(p.Series))), 1+room/step)
	if windows > 1 {
		step = max(step, min(room/(windows-1), farthest*step))
	}
	return lateEnough(p, horizon, windows, step), step
}

// lateEnough returns how many of the last origins are as late as half of the series by time, too: as of times of many decades that are
// even by their logarithms half of the observations may come in a small part of the time, before which little of what goes on is to be seen.
// Of times that lie ever farther apart it is one: from those before it the same number of observations shows but the near future.
func lateEnough(p *series.Panel, horizon, windows, step int) int {
	if p.Step.Regular() {
		return windows
	}
	if thinOut(p) {
		return 1
	}
	for ; windows > 1; windows-- {
		var parts []float64
		for _, s := range p.Series {
			last := s.Len() - horizon
			if first := last - (windows-1)*step; first > 1 {
				parts = append(parts, (s.Times[first-1]-s.Times[0])/(s.Times[last-1]-s.Times[0]))
			}
		}
		if slices.Sort(parts); len(parts) == 0 || parts[len(parts)/2] >= leastPart {
			break
		}
	}
	return windows
}

// thinOut reports whether half of the observations come in so small a part of the time that those after it lie farther apart.
func thinOut(p *series.Panel) bool {
	var parts []float64
	for _, s := range p.Series {
		if last := s.Len() - 1; last >= 2 {
			parts = append(parts, (s.Times[last/2]-s.Times[0])/(s.Times[last]-s.Times[0]))
		}
	}
	slices.Sort(parts)
	return len(parts) > 0 && parts[len(parts)/2] < early
}

// longestSeason returns the steps in the longest season of the panel.
func longestSeason(p *series.Panel, season int) float64 {
	longest := 1.0
	for _, m := range p.SeasonsBeside(season) {
		longest = max(longest, m)
	}
	return longest
}

// unexamined is the choice for series too short to look back.
func (c *choosing) unexamined() (*Choice, error) {
	most := 0
	for _, s := range c.panel.Series {
		most = max(most, s.Observed())
	}
	if least := leastSeen * c.panel.Width(); most < least {
		return nil, fmt.Errorf("auto: %w: no series has more than %d values, and %d are needed to choose a model; one that is named makes do with fewer: -m ets goes on at the level, -m drift in the direction",
			forecast.ErrTooShort, most, least)
	}
	name := c.candidates[0].Name
	for _, one := range c.candidates {
		if one.MedianOf != nil {
			name = one.Name
		}
	}
	return &Choice{Name: name, InPanel: len(c.panel.Series), Reason: "it takes " + name + ": the series are too short for the models to be compared."}, nil
}
