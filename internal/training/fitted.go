// Package training is what all families of trained models share of their training:
// a [Fitted] is weights, how they came about, and what an interrupted training
// needs to go on, and its State is that of a model file.
package training

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"tsgen/forecast"
	"tsgen/internal/checkpoint"
	"tsgen/internal/nn"
)

// A Fitted is what training leaves: weights, how they came about, and what an
// interrupted training needs to go on. Params must be set before all else.
type Fitted struct {
	Params     *nn.Params
	curve      []nn.Point
	unfinished *nn.Checkpoint
}

// Bounds of what all families train by.
const (
	warmUp = 20   // updates in which the learning rate rises
	floor  = 0.05 // of the learning rate, as a part of its highest
)

// A Regime says how a family trains; see nn.Training.
type Regime struct {
	Updates, Patience int
	Rate              float64
	Shards            int
	Clip, Decay       float64
	Every             int
	Work              float64

	// Evaluations, if not nil, returns what forecast.Progress says of a solver.
	Evaluations func() int

	// State returns the state of the model, for checkpoints.
	State func() (*forecast.State, error)

	// Finish, if not nil, is what is to be done with the weights that are kept,
	// which is short: its context does not end.
	Finish func(context.Context) error
}

// Train trains the weights by o, on from where the options say, and reports
// whether they are fit for use, and finished: also those of a training that ctx or
// a time limit ended early, before its first update too, if that is no error.
// Nothing is validated unless something is held back; then the best weights of the
// second half are kept.
func (f *Fitted) Train(ctx context.Context, g Regime, o nn.Objective, held int, opt forecast.FitOptions) (usable bool, err error) {
	t := nn.Training{
		Schedule: nn.Schedule{Rate: g.Rate, Floor: floor, WarmUp: warmUp, Updates: g.Updates},
		Shards:   g.Shards, Clip: g.Clip, Decay: g.Decay, Work: g.Work, Limit: opt.TimeLimit,
	}
	if held > 0 {
		t.Every, t.From, t.Patience = g.Every, g.Updates/2, g.Patience
	}
	if opt.Progress != nil {
		t.Progress = func(s nn.Progress) {
			p := forecast.Progress{Update: s.Update, Updates: s.Updates, Loss: s.Loss, Valid: s.Valid, Best: s.Best, Rate: s.Rate}
			if g.Evaluations != nil {
				p.Evaluations = g.Evaluations()
			}
			opt.Progress(p)
		}
	}
	if opt.From != nil && opt.Resume == nil {
		if err := f.begin(opt.From); err != nil {
			return false, err
		}
	}
	c := nn.NewCheckpoint(f.Params.Values)
	if opt.Resume != nil {
		if c, err = checkpoint.Take(opt.Resume, len(f.Params.Values)); err != nil {
			return false, err
		}
	}
	save := func(done bool) {
		if opt.Checkpoint != nil {
			opt.Checkpoint(done, func() (*forecast.State, error) { return f.snapshot(c, g.State) })
		}
	}
	t.Save = func(*nn.Checkpoint) { save(false) }
	err = t.Run(ctx, c, o)
	if err == nil && t.Done(c) {
		save(true)
	}
	stopped := err == nil || ctx.Err() != nil && errors.Is(err, ctx.Err()) || errors.Is(err, nn.ErrDiverged)
	if !stopped || err != nil && c.Steps == 0 {
		return false, err
	}
	copy(f.Params.Values, kept(c))
	f.curve = c.Curve
	if !t.Done(c) {
		f.unfinished = c
	}
	if g.Finish != nil {
		if e := g.Finish(context.WithoutCancel(ctx)); e != nil {
			return false, errors.Join(err, e)
		}
	}
	return true, err
}

// begin sets the weights to those of the state of another fit. The error says what differs if
// the model has other weights.
func (f *Fitted) begin(s *forecast.State) error {
	shapes := make(map[string][]int)
	for _, t := range s.Tensors {
		shapes[t.Name] = t.Shape
	}
	var err error
	f.Params.Each(func(name string, rows, cols int, _ []float64) {
		there, ok := shapes[name]
		switch {
		case err != nil:
		case !ok:
			err = fmt.Errorf("%w: the model to begin with has no weights %s, which are %d×%d here; its options, its channels or its horizon are others", forecast.ErrMismatch, name, rows, cols)
		case !slices.Equal(there, []int{rows, cols}):
			err = fmt.Errorf("%w: the weights %s of the model to begin with are %s, here they are %d×%d; its options, its channels or its horizon are others", forecast.ErrMismatch, name, sizes(there), rows, cols)
		}
	})
	if err != nil {
		return err
	}
	_, err = f.Restore(s)
	return err
}

// sizes returns a shape in words.
func sizes(shape []int) string {
	words := make([]string, len(shape))
	for i, n := range shape {
		words[i] = strconv.Itoa(n)
	}
	return strings.Join(words, "×")
}

// kept returns the weights that a training leaves: stopped before there was a best,
// the last are all there is.
func kept(c *nn.Checkpoint) []float64 {
	if c.Best == nil {
		return c.Average
	}
	return c.Best
}

// snapshot returns what state returns of the model with the weights that the training c
// would leave now, and c. The model stays as it is.
func (f *Fitted) snapshot(c *nn.Checkpoint, state func() (*forecast.State, error)) (*forecast.State, error) {
	before := slices.Clone(f.Params.Values)
	defer func() {
		copy(f.Params.Values, before)
		f.unfinished = nil
	}()
	copy(f.Params.Values, kept(c))
	f.unfinished = c
	return state()
}

// Curve returns the course of the last training.
func (f *Fitted) Curve() []forecast.Point {
	c := make([]forecast.Point, len(f.curve))
	for i, p := range f.curve {
		c[i] = forecast.Point{Update: p.Update, Loss: p.Loss, Valid: p.Valid}
	}
	return c
}

// stored is the part of a fitted model that is not weights.
type stored[C any] struct {
	Config *C `json:"plan"`
}

// State returns the state of a model of the given kind: its configuration, its weights,
// other tensors that it needs, and its training if that was interrupted.
func State[C any](kind string, config *C, f *Fitted, more ...forecast.Tensor) (*forecast.State, error) {
	var weights []forecast.Tensor
	f.Params.Each(func(name string, rows, cols int, values []float64) {
		weights = append(weights, forecast.Tensor{Name: name, Shape: []int{rows, cols}, Data: slices.Clone(values)})
	})
	s, err := ConfigState(kind, config, append(weights, more...)...)
	if err != nil {
		return nil, err
	}
	if f.unfinished != nil {
		s.Tensors = append(s.Tensors, checkpoint.Tensors(f.unfinished)...)
	}
	return s, nil
}

// ConfigState returns the state of a model of the given kind that is its configuration and
// some tensors.
func ConfigState[C any](kind string, config *C, tensors ...forecast.Tensor) (*forecast.State, error) {
	options, err := json.Marshal(stored[C]{config})
	if err != nil {
		return nil, err
	}
	return &forecast.State{Kind: kind, Options: options, Tensors: tensors}, nil
}

// ReadConfig returns the configuration of a state, of a model of one of the kinds.
func ReadConfig[C any](s *forecast.State, kinds ...string) (*C, error) {
	if !slices.Contains(kinds, s.Kind) {
		return nil, fmt.Errorf("a model of kind %q, want %q", s.Kind, kinds)
	}
	var st stored[C]
	if err := json.Unmarshal(s.Options, &st); err != nil {
		return nil, fmt.Errorf("the model's options: %w", err)
	}
	if st.Config == nil {
		return nil, errors.New("the model has no configuration")
	}
	return st.Config, nil
}

// Restore sets the weights to those of a state, and returns the tensors that
// belong to neither them nor a training. Each weight must be there once.
func (f *Fitted) Restore(s *forecast.State) (more []forecast.Tensor, err error) {
	missing := make(map[string]bool)
	f.Params.Each(func(name string, _, _ int, _ []float64) { missing[name] = true })
	known := len(missing)
	if err := checkpoint.Check(s); err != nil {
		return nil, err
	}
	weights, _ := checkpoint.Split(s.Tensors)
	for _, t := range weights {
		if !missing[t.Name] {
			more = append(more, t)
			continue
		}
		if len(t.Shape) != 2 {
			return nil, fmt.Errorf("tensor %s has %d dimensions, want 2", t.Name, len(t.Shape))
		}
		delete(missing, t.Name)
		if err := f.Params.Set(t.Name, t.Shape[0], t.Shape[1], t.Data); err != nil {
			return nil, err
		}
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("%d of the model's %d tensors are missing", len(missing), known)
	}
	return more, nil
}

// FromState returns the configuration that is stored in a state of that kind, checked, and
// with the weights of the state what build makes of it.
func FromState[C any, F interface {
	Restore(*forecast.State) ([]forecast.Tensor, error)
}](s *forecast.State, kind string, check func(*C) error, build func(*C, *rand.Rand) F) (c *C, f F, err error) {
	if c, err = ReadConfig[C](s, kind); err == nil {
		err = check(c)
	}
	if err != nil {
		return nil, f, fmt.Errorf("the model's configuration: %w", err)
	}
	f = build(c, rand.New(rand.NewPCG(0, 0)))
	more, err := f.Restore(s)
	return c, f, cmp.Or(err, NoMore(more))
}

// NoMore returns an error if there are tensors that the model does not have.
func NoMore(more []forecast.Tensor) error {
	if len(more) > 0 {
		return fmt.Errorf("a tensor %s that the model does not have, or twice", more[0].Name)
	}
	return nil
}
