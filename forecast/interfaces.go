package forecast

import (
	"context"

	"tsgen/series"
)

// A Generator draws series from what it learned, out of nothing.
type Generator interface {
	Model

	// Generate draws whole series from the prior. They are independent of each
	// other, have the channels, the axis and the step of the panel that was
	// fitted, and no missing values; their identifiers are "1", "2" and so on,
	// and their times begin where those of the fitted panel do. The same
	// options give the same bytes, and the first series do not depend on how
	// many are drawn. The error wraps ErrNotFitted before a fit and
	// ErrMismatch if the model cannot draw series of that length.
	Generate(ctx context.Context, opt GenerateOptions) (*series.Panel, error)
}

// An Imputer knows the distribution of what was not observed between observations.
type Imputer interface {
	Model

	// Impute returns the distribution of each series of history at the times opt.At,
	// given all that was observed, before and after. The times increase
	// strictly, and may be times of the series at which some or all values are missing. Models in
	// continuous time take times before the series' first one too; others return an error. What the distribution says
	// of a value that was observed is that of another measurement at its time.
	// It is otherwise as Model.Forecast.
	Impute(ctx context.Context, history *series.Panel, opt Options) (*Forecast, error)
}

// A Scorer knows how probable it holds a series.
type Scorer interface {
	Model

	// LogLikelihood returns the logarithm of the probability density of each
	// series of the panel, or a lower bound on it, one for each series in the
	// panel's order. It is in the units of the data: the logarithms of the
	// factors by which the model scaled them are taken off.
	LogLikelihood(ctx context.Context, panel *series.Panel, opt LikelihoodOptions) ([]Likelihood, error)
}

// LikelihoodOptions are the options of Scorer.LogLikelihood.
type LikelihoodOptions struct {
	// Samples is the number K of draws of the importance-weighted bound (Burda
	// et al. 2016); zero means 1, the evidence lower bound. Models whose
	// likelihood is known in closed form draw none.
	Samples int

	Seed uint64
}

// A Likelihood is how probable a model holds one series.
type Likelihood struct {
	ID     string
	Value  float64 // logarithm of the density, in nats, of all values together
	Values int     // values observed; Value is of as many dimensions

	// Exact tells that Value is the likelihood itself, not a bound.
	Exact bool
}

// A Density is a model that may have been made for data of which forecasts say little:
// rows in no order, such as images, or binary values, such as music.
type Density interface {
	Scorer

	// ByDensity reports whether the model, fitted to train, is to be judged by the density of what is held
	// out and not by forecasts, as its options say, and whether values are binary.
	ByDensity(train *series.Panel) (yes, binary bool)
}

// An Encoder finds the latent state of a series.
type Encoder interface {
	Model

	// Encode returns the distribution of the latent state of each series of history at
	// the times opt.At, given all that was observed. It is as Imputer.Impute,
	// with a channel for each latent variable instead of each column of data.
	Encode(ctx context.Context, history *series.Panel, opt Options) (*Forecast, error)
}

// A Keeper is a model that estimates what it needs of a series when it forecasts it, and
// learns nothing in Fit.
type Keeper interface {
	Model

	// Keep returns the model with what it estimates of the series of a panel, for
	// forecasts of opt.Horizon steps, with opt.Season as their season. It forecasts these
	// series, and such as begin with them, without an estimation: a state is brought up
	// to date with the values that came since, and parameters stay as they are. Of other
	// series, or for more steps than an estimate holds for, it estimates anew. The error
	// is as that of Forecast.
	Keep(ctx context.Context, history *series.Panel, opt FitOptions) (Model, error)
}

// An Ability is something that some models can do beyond forecasting.
type Ability string

// The abilities.
const (
	Generates Ability = "generate"   // Generator
	Imputes   Ability = "impute"     // Imputer
	Weighs    Ability = "likelihood" // Scorer
	Encodes   Ability = "encode"     // Encoder
)

// Abilities returns what m can do beyond forecasting.
func Abilities(m Model) []Ability {
	var a []Ability
	if _, ok := m.(Generator); ok {
		a = append(a, Generates)
	}
	if _, ok := m.(Imputer); ok {
		a = append(a, Imputes)
	}
	if _, ok := m.(Scorer); ok {
		a = append(a, Weighs)
	}
	if _, ok := m.(Encoder); ok {
		a = append(a, Encodes)
	}
	return a
}
