package models

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tsgen/forecast"
	"tsgen/models/auto"
	"tsgen/models/gauss"
	"tsgen/models/modal"
	"tsgen/models/pooled"
	"tsgen/models/statespace"
	"tsgen/models/zeroshot"
	"tsgen/series"
)

// A Kind is a kind of model.
type Kind struct {
	// Name is that of the models of the kind, for example "latent-ode".
	Name string

	// Reference marks the kinds that others are measured by, ReferenceIrregular those that
	// are so where times are not equally spaced.
	Reference, ReferenceIrregular bool

	// Blend marks the kind that is made of models that were chosen, and is none to choose
	// from.
	Blend bool

	// Irregular, Missing and Channels say in a few words what models of the kind
	// make of times that are not equally spaced, of missing values and of several
	// channels; Distribution what their forecasts are.
	Irregular, Missing, Channels, Distribution string

	// Suits, if not nil, reports whether models of the kind are meant for data like those
	// of a panel. Others they treat badly.
	Suits func(p *series.Panel) bool

	// ByName says that models of the kind are made for those who ask for them by name: no choice of a
	// model tries them.
	ByName bool

	// Residual, if not empty, is the kind of the models within, which learn what a regression leaves.
	Residual string

	// Known says whether they use covariates that are known ahead, Static whether they use those that never
	// change within a series.
	Known, Static bool

	// About says in a sentence or two what the model is.
	About string

	// Options is the zero value of the struct whose fields declare the options
	// that New takes; see OptionList.
	Options any

	// cost, if not nil, estimates the work of the kind's models with the default options;
	// see auto.Cost.
	cost func(p *series.Panel, horizon int) auto.Cost

	build func(options []byte) (forecast.Model, error)
	load  func(*forecast.State) (forecast.Model, error)
}

// Kinds returns all kinds of models, the references last.
func Kinds() []Kind {
	return []Kind{
		latentODEKind(),
		latentSDEKind(),
		vrnnKind(),
		srnnKind(),
		residualKind(vrnnKind()),
		residualKind(srnnKind()),
		residualKind(mixerKind()).byName(),
		residualKind(latentODEKind()).byName(),
		vaeKind(),
		mdnKind(),
		flowKind(),
		mixerKind(),
		etsKind(),
		arimaKind(),
		thetaKind(),
		stlKind(),
		intermittentKind(),
		linearMapKind(),
		boostKind(),
		gaussKind(),
		pooledKind(),
		modalKind(),
		stateSpaceKind(),
		regressionKind(),
		zeroshotKind(),
		driftKind(),
		naiveKind(),
		blendKind(),
		ensembleKind(),
		seasonalNaiveKind(),
		arKind(),
	}
}

// ClosedForm returns the names of the kinds of models that are fitted in closed form and
// that may be chosen from whatever the data, in the order of Kinds.
func ClosedForm() []string {
	var names []string
	for _, k := range Kinds() {
		if !k.Blend && k.Suits == nil && !k.Trained() {
			names = append(names, k.Name)
		}
	}
	return names
}

// Names returns the names of all kinds of models, in the order of Kinds.
func Names() []string {
	var names []string
	for _, k := range Kinds() {
		names = append(names, k.Name)
	}
	return names
}

// ErrUnknown is the error of a name that no kind of model has.
var ErrUnknown = errors.New("no such model")

// Lookup returns the kind of the given name. The error wraps ErrUnknown and
// lists the names that there are.
func Lookup(name string) (Kind, error) {
	all := Kinds()
	single, byStep := strings.CutSuffix(name, ByStepSuffix)
	i := slices.IndexFunc(all, func(k Kind) bool { return k.Name == single })
	if i < 0 {
		return Kind{}, fmt.Errorf("models: %w: %q, want one of %s", ErrUnknown, name, strings.Join(Names(), ", "))
	}
	if byStep {
		return all[i].byStep(), nil
	}
	return all[i], nil
}

// New returns a model of the kind of that name, ready to be fitted, with options
// given as text by their names, such as {"hidden": "16"}; nil means the
// defaults. The error wraps ErrUnknown or is an *OptionError.
func New(name string, options map[string]string) (forecast.Model, error) {
	k, err := Lookup(name)
	if err != nil {
		return nil, err
	}
	return k.New(options)
}

// Default returns a model of the kind with the default options.
func (k Kind) Default() forecast.Model {
	m, err := k.build([]byte("{}"))
	if err != nil {
		panic(err) // the zero options are the defaults
	}
	return m
}

// Candidate returns the kind with the default options as one of a backtest of a panel.
func (k Kind) Candidate(p *series.Panel) forecast.Candidate {
	return forecast.Candidate{Name: k.Name, New: func() forecast.Model { return ByStep(p, k.Default) }}
}

// Treats reports whether models of the kind can treat a panel with times like those of p:
// some need equally spaced ones.
func (k Kind) Treats(p *series.Panel) bool { return p.Step.Regular() || k.Irregular != "no" }

// Imputers returns the kinds in closed form that fill gaps and can treat a panel, the most general
// first.
func Imputers(p *series.Panel) []forecast.Candidate {
	var all []forecast.Candidate
	for _, name := range []string{statespace.Name, pooled.Kind, gauss.Name, zeroshot.Name, modal.Kind} {
		k, err := Lookup(name)
		if err == nil && k.Treats(p) && (k.Suits == nil || k.Suits(p)) {
			all = append(all, k.Candidate(p))
		}
	}
	return all
}

// Candidates returns the kinds that auto.Choose chooses from for a panel, the
// references, which take little time, first. Of a kind and its residual models it is the latter.
func Candidates(p *series.Panel) []auto.Candidate {
	var first, others []auto.Candidate
	all := slices.DeleteFunc(Kinds(), func(k Kind) bool {
		return !k.Treats(p) || k.Blend || k.ByName || k.Suits != nil && !k.Suits(p)
	})
	for _, k := range all {
		if slices.ContainsFunc(all, func(other Kind) bool { return other.Residual == k.Name }) {
			continue
		}
		of := func(updates int) func() forecast.Model {
			return func() forecast.Model { return k.Brief(updates) }
		}
		c := auto.Candidate{Trained: k.Trained(), Cost: k.Cost, Brief: func(updates int) forecast.Model { return ByStep(p, of(updates)) }}
		c.Candidate = forecast.Candidate{Name: k.Name, New: func() forecast.Model { return ByStep(p, of(0)) }}
		if k.Name == EnsembleName {
			c.MedianOf = strings.Split(defaultMembers, "+")
		}
		if k.Reference {
			first = append(first, c)
		} else {
			others = append(others, c)
		}
	}
	return append(first, others...)
}

// Cost returns an estimate of the work of the kind's models with the default options on a
// panel.
func (k Kind) Cost(p *series.Panel, horizon int) auto.Cost {
	if k.cost == nil {
		return combiningCost(p, horizon)
	}
	return k.cost(p, horizon)
}

// Brief returns a model of the kind as one that is tried beside others is, if it is trained with that many updates at
// most; zero means as many as it makes by itself.
func (k Kind) Brief(updates int) forecast.Model {
	m, err := k.New(k.unaskedOptions(updates))
	if err != nil {
		panic(err) // all kinds that are trained have the option
	}
	return m
}

// unaskedOptions returns the options of such a model: a residual one does not choose its base.
func (k Kind) unaskedOptions(updates int) map[string]string {
	options := make(map[string]string)
	if updates > 0 {
		options[updatesOption] = strconv.Itoa(updates)
	}
	if k.Residual != "" {
		options[baseOption] = baseRegression
	}
	return options
}

// updatesOption is the option of all kinds that are trained for their updates at most.
const updatesOption = "updates"

// Abilities returns what models of the kind can do beyond forecasting.
func (k Kind) Abilities() []forecast.Ability { return forecast.Abilities(k.Default()) }

// Trained reports whether models of the kind are trained step by step, which
// takes long; the others are fitted in closed form.
func (k Kind) Trained() bool { return IsTrained(k.Default()) }

// A Trained model is trained step by step.
type Trained interface {
	forecast.Model

	// Curve returns the course of the training.
	Curve() []forecast.Point
}

// IsTrained reports whether m is trained step by step, or has a member that is.
func IsTrained(m forecast.Model) bool {
	switch m := m.(type) {
	case *Ensemble:
		return slices.ContainsFunc(m.Members, IsTrained)
	case *stepwise:
		return IsTrained(m.build())
	}
	_, ok := m.(Trained)
	return ok
}

// optionKind completes the kind of a model that build makes of its options and fromState of
// what was stored.
func optionKind[O interface{ Validate() error }, M forecast.Model](build func(O) M, fromState func(*forecast.State) (M, error), k Kind) Kind {
	var zero O
	k.Options = zero
	k.build = func(options []byte) (forecast.Model, error) {
		var o O
		err := decodeOptions(options, &o)
		return build(o), cmp.Or(err, o.Validate())
	}
	k.load = func(s *forecast.State) (forecast.Model, error) { return fromState(s) }
	return k
}

// plainKind completes the kind of a model that is nothing but its options.
func plainKind[M forecast.Model](zero M, k Kind) Kind {
	k.Name, k.Options = zero.Name(), zero
	k.build = buildFrom(zero)
	k.load = loadPlain(k)
	return k
}

// buildFrom returns what builds a model of some options, which leave others as m has them.
func buildFrom[M forecast.Model](m M) func(options []byte) (forecast.Model, error) {
	return func(options []byte) (forecast.Model, error) {
		m := m
		err := decodeOptions(options, &m)
		if v, ok := any(m).(interface{ Validate() error }); ok {
			err = cmp.Or(err, v.Validate())
		}
		return m, err
	}
}

// loadPlain returns what loads a model that is nothing but its options.
func loadPlain(k Kind) func(*forecast.State) (forecast.Model, error) {
	return func(s *forecast.State) (forecast.Model, error) {
		if len(s.Tensors) > 0 {
			return nil, fmt.Errorf("a tensor %s, but %s has none", s.Tensors[0].Name, k.Name)
		}
		return k.build(s.Options)
	}
}

// A restorer returns the model of a state with estimates; build returns that of its options.
type restorer func(s *forecast.State, build func(options []byte) (forecast.Model, error)) (forecast.Model, error)

// keptKind is plainKind for models that may have estimates, which restore reads.
func keptKind[M forecast.Keeper](zero M, restore restorer, k Kind) Kind {
	return olderKind(zero, zero, restore, k)
}

// olderKind is keptKind for models with options that a file may not name, because it is older
// than they are: they are then as older has them.
func olderKind[M forecast.Keeper](zero, older M, restore restorer, k Kind) Kind {
	k = plainKind(zero, k)
	stored := k
	stored.build = buildFrom(older)
	load := loadPlain(stored)
	k.load = func(s *forecast.State) (forecast.Model, error) {
		if len(s.Tensors) == 0 {
			return load(s)
		}
		return restore(s, stored.build)
	}
	return k
}
