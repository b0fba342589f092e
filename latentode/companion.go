package latentode

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"
	"strconv"

	"tsgen/forecast"
	"tsgen/internal/mixture"
	"tsgen/internal/neural"
	"tsgen/models/modal"
	"tsgen/models/pooled"
	"tsgen/series"
)

// A companion is a model in closed form of the panel that a latent ODE was fitted to. On short and
// irregular records a few parameters that all series share forecast better than a network does,
// on long ones worse, and both together often better than either: the quantiles of a prediction
// are the average of both models', weighted for each channel as held-back data say. Farther from the observations
// than any of these were nobody knows, and the network's weight fades.
type companion struct {
	kind    string
	model   closedForm
	Weights []float64 // of the latent ODE in each channel
	Reach   float64   // in horizons the lead time up to which they hold, 0 for ever
}

// A closedForm is a model that can be a companion.
type closedForm interface {
	forecast.Imputer
	forecast.Stater
}

// The kinds of companions, as Options.Companion names them.
const (
	CompanionNone   = "none"
	CompanionPooled = pooled.Kind // Gaussian processes
	CompanionModal  = modal.Kind  // damped modes
)

// newClosedForm returns a model of a kind that is to be fitted.
func newClosedForm(kind string) closedForm {
	if kind == CompanionModal {
		return &modal.Model{}
	}
	return &pooled.Model{}
}

// A storedCompanion is what a model file holds of a companion.
type storedCompanion struct {
	Kind    string          `json:"kind"`
	Model   json.RawMessage `json:"model"`
	Weights []float64       `json:"weights"`
	Reach   float64         `json:"reach,omitempty"`
}

// MarshalJSON implements json.Marshaler.
func (c *companion) MarshalJSON() ([]byte, error) {
	s, err := c.model.State()
	if err != nil {
		return nil, err
	}
	return json.Marshal(storedCompanion{c.kind, s.Options, c.Weights, c.Reach})
}

// UnmarshalJSON implements json.Unmarshaler.
func (c *companion) UnmarshalJSON(data []byte) (err error) {
	var s storedCompanion
	if err := json.Unmarshal(data, &s); err != nil {
		return err
	}
	c.kind, c.Weights, c.Reach = s.Kind, s.Weights, s.Reach
	switch state := (&forecast.State{Kind: s.Kind, Options: s.Model}); s.Kind {
	case CompanionPooled:
		c.model, err = pooled.FromState(state)
	case CompanionModal:
		c.model, err = modal.FromState(state)
	default:
		err = fmt.Errorf("a companion of kind %q", s.Kind)
	}
	return err
}

// check says what is wrong with a companion that was read.
func (c *companion) check(channels int) error {
	switch {
	case c == nil:
		return nil
	case len(c.Weights) != channels:
		return fmt.Errorf("%d channels, but the companion's weights of %d", channels, len(c.Weights))
	case slices.ContainsFunc(c.Weights, func(w float64) bool { return !(w >= 0 && w <= 1) }):
		return fmt.Errorf("the companion's weights are %v", c.Weights)
	case !(c.Reach >= 0) || math.IsInf(c.Reach, 1):
		return fmt.Errorf("the companion's weights hold for %v horizons", c.Reach)
	}
	return nil
}

// predict returns what the companion says of the times asked for.
func (c *companion) predict(ctx context.Context, history *series.Panel, opt forecast.Options, what quantity) (*forecast.Forecast, error) {
	opt.Signal = what == signals
	return c.model.Impute(ctx, history, opt)
}

// weight returns that of the latent ODE in channel j at a lead time in horizons.
func (c *companion) weight(j int, lead float64) float64 {
	if c.Reach == 0 || lead <= c.Reach {
		return c.Weights[j]
	}
	return c.Weights[j] * math.Exp(1-lead/c.Reach)
}

// alone reports whether the latent ODE has no say.
func (c *companion) alone() bool { return slices.Max(c.Weights) == 0 }

// blend brings d and what the companion says together, at lead times in horizons. Paths keep their ranks.
func (c *companion) blend(d, beside *forecast.Distribution, leads []float64) {
	width := len(c.Weights)
	if len(d.Paths) == 0 {
		for i, q := range beside.Quantiles(d.Probs...) {
			for k, v := range q {
				w := c.weight(k%width, leads[k/width])
				d.Values[i][k] = w*d.Values[i][k] + (1-w)*v
			}
		}
		return
	}
	n := len(d.Paths)
	probs := make([]float64, n)
	for r := range probs {
		probs[r] = (float64(r) + 0.5) / float64(n)
	}
	ranks := make([]int, n)
	q := beside.Quantiles(probs...)
	for k := range d.Paths[0] {
		w := c.weight(k%width, leads[k/width])
		for r := range ranks {
			ranks[r] = r
		}
		sort.SliceStable(ranks, func(a, b int) bool { return d.Paths[ranks[a]][k] < d.Paths[ranks[b]][k] })
		for r, path := range ranks {
			d.Paths[path][k] = w*d.Paths[path][k] + (1-w)*q[r][k]
		}
	}
}

// leastOscillating is the median number of observations from which on series are long enough for
// damped modes to be looked for by default.
const leastOscillating = 16

// companions returns the kinds of companions that are tried. Dynamics with noise need none where series are long
// enough to tell their law.
func (c *config) companions() []string {
	switch kind := c.Options.Companion; {
	case kind == "" && len(c.rotations) > 0:
		return []string{CompanionModal}
	case kind == CompanionNone || !c.closed() || kind == "" && c.Step.Regular():
		return nil
	case kind != "":
		return []string{kind}
	case c.Length < leastOscillating:
		return []string{CompanionPooled}
	case c.stochastic():
		return nil
	}
	return []string{CompanionPooled, CompanionModal}
}

// fitCompanion has the ends of series say which model in closed form is to have a say beside the
// network, if any, and what is held back from both how much. It returns what that says of the held-back windows.
func (o *objective) fitCompanion(ctx context.Context) (*forecast.Forecast, error) {
	kinds := o.config.companions()
	if len(kinds) == 0 {
		return nil, nil
	}
	kind := kinds[0]
	if len(kinds) > 1 {
		var err error
		if kind, _, _, err = chooseCompanion(ctx, kinds, o.train, o.config.Horizon); err != nil || kind == "" {
			return nil, err
		}
	}
	c := &companion{kind: kind, model: newClosedForm(kind)}
	said, err := o.companionOnHeldBack(ctx, c.model, o.unseen())
	if err != nil {
		return nil, refused(err)
	}
	if c.Weights, c.Reach, err = o.weigh(ctx, said); err != nil || slices.Min(c.Weights) == 1 {
		return nil, err
	}
	c.model = newClosedForm(kind) // what is held back is learned from, too
	if err := c.model.Fit(ctx, o.train, forecast.FitOptions{Horizon: o.config.Horizon}); err != nil {
		return nil, refused(err)
	}
	o.config.Companion = c
	return said, nil
}

// chooseCompanion returns the kind that forecasts the last horizons of the series best, in the mean over the channels, and the model that
// did, or nothing if the panel is for none, and its loss for that of the first. The series that are held back from the network may be
// too few to tell.
func chooseCompanion(ctx context.Context, kinds []string, train *series.Panel, horizon int) (chosen string, best closedForm, loss float64, err error) {
	heads := slices.Clone(train.Series)
	var judged, ends []*series.Series
	var at [][]float64
	for i, s := range heads {
		cut := s.Len() - horizon
		if i%(1+len(heads)/maxValid) > 0 || cut < neural.LeastLength {
			continue
		}
		heads[i] = s.Slice(0, cut)
		end := s.Slice(cut, s.Len())
		judged, ends, at = append(judged, heads[i]), append(ends, end), append(at, end.Times)
	}
	var first []float64
	least := math.Inf(1)
	for _, kind := range kinds {
		m := newClosedForm(kind)
		said, err := impute(ctx, m, train.With(heads), train.With(judged), forecast.Options{At: at}, horizon)
		if err = refused(err); err != nil {
			return "", nil, 0, err
		}
		if said == nil {
			continue
		}
		own := quantileLosses(said, ends)
		if first == nil {
			first = own
		}
		relative := 0.0
		for j, x := range own {
			if first[j] > 0 {
				relative += x / first[j] / float64(len(own))
			}
		}
		if relative < least {
			chosen, best, least = kind, m, relative
		}
	}
	return chosen, best, least, nil
}

// quantileLosses returns for each channel the sum of those of the values of ends under what is said of them.
func quantileLosses(said *forecast.Forecast, ends []*series.Series) []float64 {
	loss, probs := make([]float64, len(said.Channels)), mixture.Probabilities()
	for i, d := range said.Series {
		q := d.Quantiles(probs...)
		for k, x := range ends[i].Values {
			for r, p := range probs {
				if e := x - q[r][k]; !math.IsNaN(e) {
					loss[k%len(loss)] += max(p*e, (p-1)*e)
				}
			}
		}
	}
	return loss
}

// refused returns err unless it says that a companion cannot treat the panel.
func refused(err error) error {
	if errors.Is(err, forecast.ErrMismatch) || errors.Is(err, forecast.ErrTooShort) {
		return nil
	}
	return err
}

// companionOnHeldBack fits a model to the parts of the series before what is held back, and
// returns what it says of windows of that.
func (o *objective) companionOnHeldBack(ctx context.Context, m closedForm, windows []window) (*forecast.Forecast, error) {
	all := make(map[string]*series.Series, len(o.train.Series))
	for _, s := range o.train.Series {
		all[s.ID] = s
	}
	ends := make(map[string]int)
	for _, w := range o.valid {
		if end, ok := ends[w.ID]; !ok || w.Origin < end {
			ends[w.ID] = w.Origin
		}
	}
	var histories []*series.Series
	var at [][]float64
	for i, w := range windows {
		s := all[w.ID]
		h := s.Slice(0, w.Origin)
		h.ID = strconv.Itoa(i)
		histories, at = append(histories, h), append(at, s.Times[w.Origin:w.To])
	}
	var heads []*series.Series
	for _, s := range o.train.Series {
		if end, ok := ends[s.ID]; ok {
			s = s.Slice(0, end)
		}
		heads = append(heads, s)
	}
	return impute(ctx, m, o.train.With(heads), o.train.With(histories), forecast.Options{At: at}, o.config.Horizon)
}

// impute fits a model to a panel and returns what it says of histories.
func impute(ctx context.Context, m closedForm, train, histories *series.Panel, opt forecast.Options, horizon int) (*forecast.Forecast, error) {
	if err := m.Fit(ctx, train, forecast.FitOptions{Horizon: horizon}); err != nil {
		return nil, err
	}
	return m.Impute(ctx, histories, opt)
}

// weigh returns for each channel the weight of the network beside what a companion says of the
// held-back windows, and the lead time in horizons of all but the latest tenth of their values.
func (o *objective) weigh(ctx context.Context, said *forecast.Forecast) (weights []float64, reach float64, err error) {
	var leads []float64
	l := losses{channels: len(o.config.Channels)}
	probs := mixture.Probabilities()
	err = o.eachSaid(ctx, said, func(s saidOf) {
		leads = append(leads, s.lead)
		var loss [weightSteps + 1]float64
		for i, p := range probs {
			for k := range loss {
				w := float64(k) / weightSteps
				e := s.x - (w*s.own[i] + (1-w)*s.beside[i])
				loss[k] += max(p*e, (p-1)*e)
			}
		}
		l.add(s.series, s.channel, loss)
	})
	if slices.Sort(leads); len(leads) > 0 {
		reach = leads[len(leads)*9/10]
	}
	return l.weights(), reach, err
}

// A saidOf is a held-back value and its quantiles in the unit of the data, those of the network and those of a companion, if there is one.
type saidOf struct {
	series      string
	channel     int
	lead, x     float64
	own, beside []float64
}

// eachSaid calls f with every held-back value and what is said of it; said is what a companion says of the held-back windows.
func (o *objective) eachSaid(ctx context.Context, said *forecast.Forecast, f func(s saidOf)) error {
	c := len(o.config.Channels)
	levels, probs, both := mixture.NewLevels(), mixture.Probabilities(), mixture.Mixture{}
	var beside [][][]float64
	if said != nil {
		for _, d := range said.Series {
			beside = append(beside, d.Quantiles(probs...))
		}
	}
	own, other := make([]float64, len(probs)), make([]float64, len(probs))
	windows := o.unseen()
	return o.eachValid(ctx, o.Params.Values, windows, func(d decoded, v heldBack) {
		for j, x := range v.target {
			if math.IsNaN(x) {
				continue
			}
			both.Reset()
			for r := range o.draws {
				mean, sd := o.config.component(d, v.row+r*v.size, j, v.lead, false)
				both.Add(1, mean, sd)
			}
			both.Quantiles(own, levels)
			for i, q := range own {
				own[i] = o.judge.restored(v.row, j, q)
			}
			s := saidOf{windows[v.given].ID, j, v.lead, o.judge.restored(v.row, j, x), own, nil}
			if said != nil {
				for i := range other {
					other[i] = beside[v.given][i][v.place*c+j]
				}
				s.beside = other
			}
			f(s)
		}
	})
}
