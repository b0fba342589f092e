// Package forecast holds the contract that every model keeps and its
// examination: sample paths, quantiles, intervals and the scores by which
// forecasts are judged.
package forecast

import (
	"context"
	"encoding/json"
	"time"

	"tsgen/series"
)

// A Model learns from a panel and forecasts series of the same channels.
//
// What some models can do beyond forecasting is a small interface of its own,
// found by type assertion: Generator, Imputer, Scorer, Encoder, Stater.
type Model interface {
	// Name returns the kind of the model as the command line spells it, for
	// example "latent-ode". It is the name of the forecast's column.
	Name() string

	// Fit learns from the panel, replacing what was learned before. It stops
	// early with ctx's error when ctx is done; the model is then as good as the
	// best state reached, if any was reached, and Fitted tells.
	Fit(ctx context.Context, train *series.Panel, opt FitOptions) error

	// Forecast continues each series of history at the times asked for.
	// The same arguments give the same bytes. Forecast may be called
	// concurrently.
	Forecast(ctx context.Context, history *series.Panel, opt Options) (*Forecast, error)
}

// FitOptions are the options of Fit that all models share. The zero value is
// ready to use.
type FitOptions struct {
	// Horizon is the number of time steps ahead for which the model is meant;
	// learned models hold back that much of the training panel to know when to
	// stop. Zero means two seasons if there is a season, else a tenth of the
	// median length of the series.
	Horizon int

	// Season is the number of steps in a season; zero means the usual one of
	// the panel's step (12 for months, 24 for hours, ...) and 1 means none.
	Season int

	// Outliers says what becomes of absurd values and breaks before the model sees
	// the panel. It is heeded by those who call Fit, not by models: see the function
	// Fit.
	Outliers Outliers

	// Seed makes the run reproducible.
	Seed uint64

	// TimeLimit bounds the time that training takes, softly: a model that
	// trains step by step stops after the step during which it runs out, keeps
	// the best state reached, and Fit returns nil. How many steps that allows
	// depends on the machine and on what else it does, so such a fit is not
	// reproducible. Zero means no limit. Models in closed form ignore it.
	TimeLimit time.Duration

	// Resume, if not nil, is the state of a model of the same options whose
	// training on the same panel was interrupted, or ended by the time limit:
	// the training goes on from there, and ends as if it had never stopped. The
	// error wraps ErrMismatch if the state holds no such training. Models in
	// closed form ignore it.
	Resume *State

	// From, if not nil, is the state of a fitted model whose weights the training begins
	// with, for models that are trained step by step; Resume goes before it. The error
	// wraps ErrMismatch and says what differs if the model has other weights. Models in
	// closed form ignore it.
	From *State

	// Checkpoint, if not nil, is called now and then by models that are trained step by
	// step, and once at the end of the training, with done set. The function state
	// returns what Resume takes to go on from there: of a training that is done, to what
	// follows it. It must be called before Checkpoint returns, if at all, and takes the
	// time of a copy.
	Checkpoint func(done bool, state func() (*State, error))

	// Progress, if not nil, is called as training goes on, from the goroutine
	// that called Fit.
	Progress func(Progress)

	// Scratch, if not nil, is where much is held that is kept of series worked on some at a time. It
	// must not be closed before the last use of the model.
	Scratch *series.Scratch

	// Parts, if not nil, is called where series are worked on some at a time, with the
	// number of those that are done and of all.
	Parts func(done, total int)
}

// Progress is the state of a fit in mid-training.
type Progress struct {
	Update, Updates int     // parameter updates done, and at most to do
	Loss            float64 // training loss, smoothed
	Valid           float64 // validation score of the last examination, NaN before the first
	Best            float64 // best validation score so far, NaN before the first
	Rate            float64 // learning rate
	Evaluations     int     // calls of the dynamics per update and trajectory; 0 for models without a solver
}

// A Point is one point of a training curve.
type Point struct {
	Update      int
	Loss, Valid float64 // as in Progress; NaN where there was no validation
}

// Options are the options of a forecast.
type Options struct {
	// At holds the times to forecast, one slice per series of the history, in
	// strictly increasing order, each after the series' last observation.
	At [][]float64

	// Horizon is the number of steps to forecast after the last time of every
	// series, where At is nil: steps of the panel, or of the usual distance where
	// times are irregular (see series.Panel.Future). At most one of the two is set.
	Horizon int

	// Samples is the number of sample paths to draw; zero means 1000. Models
	// whose predictive distribution is known in closed form draw none.
	Samples int

	// Signal asks for the distribution of what is measured rather than of measurements:
	// without the noise of an observation. Only imputers that tell the two apart
	// use it.
	Signal bool

	// Season is as in FitOptions, for models that learn nothing.
	Season int

	// Outliers is as in FitOptions: see the function Continue.
	Outliers Outliers

	// Domains are those of the channels, to which forecasts are confined; nil means those
	// that are seen in the history. They are heeded by the functions Continue, Impute and
	// Examine and by Calibrated, not by models.
	Domains []Domain

	// Seed makes the sample paths reproducible.
	Seed uint64
}

// A Forecast is the predictive distribution of a panel's continuation.
type Forecast struct {
	Model    string
	Channels []string
	Series   []*Distribution // one per series of the history, in its order

	// Notes says in words what a reader should know of how the forecast was
	// made, for example that a model of lower order had to be used for a
	// series.
	Notes []string
}

// State is a fitted model as bytes: what a model file holds of it.
type State struct {
	Kind    string          // as Model.Name
	Options json.RawMessage // the model's own options and fitted scalars
	Tensors []Tensor        // the weights
}

// A Tensor is a named row-major array.
type Tensor struct {
	Name  string
	Shape []int
	Data  []float64
}

// A Stater is a model that can be stored.
type Stater interface {
	// State returns the fitted model. It shares no memory with the model.
	State() (*State, error)
}
