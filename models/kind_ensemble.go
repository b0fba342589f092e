package models

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tsgen/forecast"
	"tsgen/internal/checkpoint"
	"tsgen/models/auto"
)

// defaultMembers are the members of an ensemble unless others are named, and
// unnamedMembers those of a file that names none, as early ones did not.
const (
	defaultMembers = "ar+ets+stl+theta+linear-map"
	unnamedMembers = "ar+ets+stl+theta"
)

func ensembleKind() Kind {
	return Kind{
		Name: EnsembleName, Reference: true,
		Irregular: "no", Missing: "yes", Channels: "one by one", Known: true, Distribution: "quantiles",
		About:   "The median of the quantiles of several models, or their weighted mean.",
		Options: ensembleOptions{},
		build: func(options []byte) (forecast.Model, error) {
			var o ensembleOptions
			if err := decodeOptions(options, &o); err != nil {
				return nil, err
			}
			open := o.Members == "" && o.Weights == ""
			o.Members = cmp.Or(o.Members, defaultMembers)
			e, err := o.ensemble()
			if err == nil {
				e.open = open
			}
			return e, err
		},
		load: func(s *forecast.State) (forecast.Model, error) { return loadEnsemble(s) },
	}
}

// blendKind is that of the ensembles that auto makes. Without weights the members have
// the same.
func blendKind() Kind {
	k := ensembleKind()
	build := k.build
	k.Name, k.Reference, k.Blend = BlendName, false, true
	k.About = "The weighted mean of the quantiles of several models, such as -m auto makes of the best."
	k.Options = blendOptions{}
	k.build = func(options []byte) (forecast.Model, error) {
		m, err := build(options)
		if err != nil {
			return nil, err
		}
		e := m.(*Ensemble)
		e.blend, e.open = true, false
		if e.Weights == nil {
			e.Weights = slices.Repeat([]float64{1}, len(e.Members))
		}
		return e, nil
	}
	k.load = func(s *forecast.State) (forecast.Model, error) {
		e, err := loadEnsemble(s)
		if err == nil {
			e.blend = true
		}
		return e, err
	}
	return k
}

// memberUpdates stands between the name of a member that is trained and its updates at
// most.
const memberUpdates = ":"

// Members returns the option members of an ensemble, or of a blend, of so many models of a
// kind that is trained, by that many updates at most; zero for as many as it makes by itself.
func Members(kind string, number, updates int) string {
	if updates > 0 {
		kind += memberUpdates + strconv.Itoa(updates)
	}
	return strings.Join(slices.Repeat([]string{kind}, number), "+")
}

// blendOptions are the options of a blend: those of an ensemble, with other weights by
// default.
type blendOptions struct {
	Members string `json:"members" default:"ar+ets+stl+theta+linear-map" help:"models that are combined, + between them; mixer:300 is trained by 300 updates at most"`
	Weights string `json:"weights" default:"all the same" help:"weights of the members, such as 0.5+0.3+0.2, for the mean of their quantiles"`
}

// ensembleOptions are the options of an ensemble.
type ensembleOptions struct {
	Members string `json:"members" default:"ar+ets+stl+theta+linear-map" help:"models that are combined, + between them; mixer:300 is trained by 300 updates at most"`
	Weights string `json:"weights" default:"none: the median" help:"weights of the members, such as 0.5+0.3+0.2, for the mean of their quantiles"`
}

// ensemble returns the ensemble that the options describe.
func (o ensembleOptions) ensemble() (*Ensemble, error) {
	e := &Ensemble{}
	for _, text := range strings.Split(o.Members, "+") {
		name, updates, brief := strings.Cut(text, memberUpdates)
		k, err := Lookup(name)
		if err != nil {
			return nil, fmt.Errorf("there is no model %q to be a member", name)
		}
		options := k.unaskedOptions(0)
		if brief {
			options[updatesOption] = updates
		}
		m, err := k.New(options)
		if err != nil {
			return nil, err
		}
		e.Members = append(e.Members, m)
	}
	if o.Weights == "" {
		return e, nil
	}
	total := 0.0
	for _, text := range strings.Split(o.Weights, "+") {
		w, err := strconv.ParseFloat(text, 64)
		if err != nil || !(w >= 0 && w <= 1e9) {
			return nil, fmt.Errorf("%q is no weight of a member, want numbers such as 0.5+0.3+0.2", text)
		}
		e.Weights = append(e.Weights, w)
		total += w
	}
	if len(e.Weights) != len(e.Members) || total == 0 {
		return nil, fmt.Errorf("the weights %s of %d members", o.Weights, len(e.Members))
	}
	return e, nil
}

// options returns the options that describe the ensemble.
func (e *Ensemble) options() ensembleOptions {
	var names, weights []string
	for _, m := range e.Members {
		names = append(names, m.Name())
	}
	for _, w := range e.Weights {
		weights = append(weights, strconv.FormatFloat(w, 'g', -1, 64))
	}
	return ensembleOptions{strings.Join(names, "+"), strings.Join(weights, "+")}
}

// Chosen returns the name and the options of the model that auto chose, as New
// takes them. The weights of a blend have three digits.
func Chosen(choice *auto.Choice) (name string, options map[string]string) {
	if choice.MedianOf != nil {
		return choice.Name, map[string]string{"members": strings.Join(choice.MedianOf, "+")}
	}
	if choice.Blend == nil {
		if choice.Trainings > 1 {
			return BlendName, map[string]string{"members": Members(choice.Name, choice.Trainings, choice.Updates)}
		}
		k, _ := Lookup(choice.Name)
		return choice.Name, k.unaskedOptions(choice.Updates)
	}
	var members, weights []string
	for _, s := range choice.Blend {
		n := max(1, s.Trainings)
		members = append(members, Members(s.Name, n, s.Updates))
		weights = append(weights, slices.Repeat([]string{strconv.FormatFloat(s.Weight/float64(n), 'g', 3, 64)}, n)...)
	}
	return BlendName, map[string]string{"members": strings.Join(members, "+"), "weights": strings.Join(weights, "+")}
}

// storedEnsemble is what a model file holds of an ensemble beside the tensors of
// its members, whose names begin with the member's place. If the members are
// nothing but the defaults of their kinds, which learn nothing before they
// forecast, the options are all.
type storedEnsemble struct {
	ensembleOptions
	Fitted []*storedMember `json:"fitted,omitempty"`
}

type storedMember struct {
	Options json.RawMessage `json:"options,omitempty"`
	Refusal string          `json:"refusal,omitempty"` // why it could not be fitted
}

// A storedRefusal is the error with which a member refused the data of a fit, as a
// model file has it.
type storedRefusal string

func (r storedRefusal) Error() string { return string(r) }

func (storedRefusal) Unwrap() error { return forecast.ErrMismatch }

// State implements forecast.Stater. The error wraps ErrUnknown if a member is of
// no kind of this package's.
func (e *Ensemble) State() (*forecast.State, error) {
	st := storedEnsemble{ensembleOptions: e.options()}
	s := &forecast.State{Kind: e.Name()}
	special := false
	for i, m := range e.Members {
		own, err := State(m)
		if errors.Is(err, forecast.ErrNotFitted) && e.Refused(i) != nil {
			special = true
			st.Fitted = append(st.Fitted, &storedMember{Refusal: e.Refused(i).Error()})
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("ensemble: member %d: %w", i+1, err)
		}
		special = special || !isDefault(m, own)
		st.Fitted = append(st.Fitted, &storedMember{Options: own.Options})
		weights, _ := checkpoint.Split(own.Tensors)
		for _, t := range weights {
			t.Name = memberPrefix(i) + t.Name
			s.Tensors = append(s.Tensors, t)
		}
	}
	if !special {
		st.Fitted = nil
	}
	var err error
	s.Options, err = json.Marshal(st)
	return s, err
}

// isDefault reports whether a model with this state is nothing but options, those
// by default.
func isDefault(m forecast.Model, s *forecast.State) bool {
	if _, ok := m.(forecast.Stater); ok {
		return false
	}
	k, err := Lookup(m.Name())
	if err != nil {
		return false
	}
	byDefault, err := State(k.Default())
	return err == nil && bytes.Equal(s.Options, byDefault.Options)
}

func memberPrefix(i int) string { return fmt.Sprintf("member%d.", i+1) }

// loadEnsemble returns the ensemble that was stored.
func loadEnsemble(s *forecast.State) (*Ensemble, error) {
	var st storedEnsemble
	if err := decodeOptions(s.Options, &st); err != nil {
		return nil, err
	}
	st.Members = cmp.Or(st.Members, unnamedMembers)
	e, err := st.ensemble()
	if err == nil && st.Fitted == nil && len(s.Tensors) > 0 {
		err = fmt.Errorf("a tensor %s, but no member is stored", s.Tensors[0].Name)
	}
	if err != nil || st.Fitted == nil {
		return e, err
	}
	if len(st.Fitted) != len(e.Members) {
		return nil, fmt.Errorf("%d members, of which %d are stored", len(e.Members), len(st.Fitted))
	}
	e.refused = make([]error, len(e.Members))
	taken := 0
	for i, m := range st.Fitted {
		name := e.Members[i].Name()
		switch {
		case m == nil:
			return nil, fmt.Errorf("member %s: nothing is stored", name)
		case m.Refusal != "":
			e.refused[i] = storedRefusal(m.Refusal)
			continue
		}
		own := &forecast.State{Kind: name, Options: m.Options}
		for _, t := range s.Tensors {
			if rest, ok := strings.CutPrefix(t.Name, memberPrefix(i)); ok {
				t.Name = rest
				own.Tensors = append(own.Tensors, t)
			}
		}
		k, err := Lookup(name)
		if err != nil {
			return nil, err
		}
		if e.Members[i], err = k.load(own); err != nil {
			return nil, fmt.Errorf("member %s: %w", name, err)
		}
		taken += len(own.Tensors)
	}
	if taken < len(s.Tensors) {
		return nil, fmt.Errorf("%d of %d tensors belong to no member", len(s.Tensors)-taken, len(s.Tensors))
	}
	return e, nil
}
