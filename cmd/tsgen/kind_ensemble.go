package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"tsgen/forecast"
	"tsgen/internal/checkpoint"
	"tsgen/series"
)

// ensembleMembers are the members of an ensemble unless others are named, and
// unnamedMembers those of a file that names none, as early ones did not.
const (
	ensembleMembers = "ar+ets+stl+theta+linear-map"
	unnamedMembers  = "ar+ets+stl+theta"
)

func ensembleKind() kind {
	k := kind{
		name: forecast.EnsembleName, yardstick: true,
		irregular: "no", missing: "yes", channels: "one by one", law: "quantiles",
		options: ensembleOptions{},
		about:   "The median of the quantiles of several models, or their weighted mean.",
	}
	k.build = func(options []byte) (forecast.Model, error) { return newEnsemble(options) }
	k.load = func(s *forecast.State) (forecast.Model, error) { return loadEnsemble(s) }
	return k
}

// ensembleOptions are the options of an ensemble.
type ensembleOptions struct {
	Members string `json:"members" default:"ar+ets+stl+theta+linear-map" help:"models that are combined, + between them"`
	Weights string `json:"weights" default:"none: the median" help:"weights of the members, such as 0.5+0.3+0.2, for the mean of their quantiles"`
}

// An ensemble is one of models of this command.
type ensemble struct {
	forecast.Ensemble
	options ensembleOptions
}

func newEnsemble(options []byte) (*ensemble, error) {
	e := &ensemble{}
	if err := decodeOptions(options, &e.options); err != nil {
		return nil, err
	}
	e.options.Members = cmp.Or(e.options.Members, ensembleMembers)
	for _, name := range e.options.members() { // "ensemble" is the one by default
		k, ok := lookupKind(name)
		if !ok {
			return nil, fmt.Errorf("there is no model %q to be a member", name)
		}
		e.Members = append(e.Members, k.fresh())
	}
	return e, e.weigh()
}

func (o ensembleOptions) members() []string { return strings.Split(o.Members, "+") }

// weigh sets the weights that the options name.
func (e *ensemble) weigh() error {
	if e.options.Weights == "" {
		return nil
	}
	total := 0.0
	for _, text := range strings.Split(e.options.Weights, "+") {
		w, err := strconv.ParseFloat(text, 64)
		if err != nil || !(w >= 0 && w <= 1e9) {
			return fmt.Errorf("%q is no weight of a member, want numbers such as 0.5+0.3+0.2", text)
		}
		e.Weights = append(e.Weights, w)
		total += w
	}
	if len(e.Weights) != len(e.Members) || total == 0 {
		return fmt.Errorf("the weights %s of %d members", e.options.Weights, len(e.Members))
	}
	return nil
}

// trained reports whether a member is trained step by step.
func (e *ensemble) trained() bool {
	for _, m := range e.Members {
		if isTrained(m) {
			return true
		}
	}
	return false
}

// storedEnsemble is what a model file holds of an ensemble beside the tensors of
// its members, whose names begin with the member's place. Without members that
// learn from data before they forecast the options are all.
type storedEnsemble struct {
	ensembleOptions
	Fitted []*storedMember `json:"fitted,omitempty"`
}

type storedMember struct {
	Options json.RawMessage `json:"options,omitempty"`
	Refusal string          `json:"refusal,omitempty"` // why it could not be fitted
}

// State implements forecast.Stater.
func (e *ensemble) State() (*forecast.State, error) {
	st := storedEnsemble{ensembleOptions: e.options}
	s := &forecast.State{Kind: e.Name()}
	learned := false
	for i, m := range e.Members {
		_, stater := m.(forecast.Stater)
		learned = learned || stater
		own, err := state(m)
		switch {
		case errors.Is(err, forecast.ErrNotFitted) && e.Refused(i) != nil:
			st.Fitted = append(st.Fitted, &storedMember{Refusal: e.Refused(i).Error()})
			continue
		case err != nil:
			return nil, err
		}
		st.Fitted = append(st.Fitted, &storedMember{Options: own.Options})
		weights, _ := checkpoint.Split(own.Tensors)
		for _, t := range weights {
			t.Name = memberPrefix(i) + t.Name
			s.Tensors = append(s.Tensors, t)
		}
	}
	if !learned {
		st.Fitted = nil
	}
	var err error
	s.Options, err = json.Marshal(st)
	return s, err
}

func memberPrefix(i int) string { return fmt.Sprintf("member%d.", i+1) }

// loadEnsemble returns the ensemble that was stored.
func loadEnsemble(s *forecast.State) (*ensemble, error) {
	var st storedEnsemble
	d := json.NewDecoder(bytes.NewReader(s.Options))
	d.DisallowUnknownFields()
	if err := d.Decode(&st); err != nil {
		return nil, err
	}
	st.Members = cmp.Or(st.Members, unnamedMembers)
	options, err := json.Marshal(st.ensembleOptions)
	if err != nil {
		return nil, err
	}
	e, err := newEnsemble(options)
	if err != nil || st.Fitted == nil {
		return e, err
	}
	if len(st.Fitted) != len(e.Members) {
		return nil, fmt.Errorf("%d members, of which %d are stored", len(e.Members), len(st.Fitted))
	}
	for i, name := range e.options.members() {
		m := st.Fitted[i]
		if m.Refusal != "" {
			e.Members[i] = refusing{name, fmt.Errorf("%w: %s", forecast.ErrMismatch, m.Refusal)}
			continue
		}
		own := &forecast.State{Kind: name, Options: m.Options}
		for _, t := range s.Tensors {
			if rest, ok := strings.CutPrefix(t.Name, memberPrefix(i)); ok {
				t.Name = rest
				own.Tensors = append(own.Tensors, t)
			}
		}
		k, _ := lookupKind(name) // newEnsemble has found it
		if e.Members[i], err = k.load(own); err != nil {
			return nil, fmt.Errorf("member %s: %w", name, err)
		}
	}
	return e, nil
}

// A refusing model stands for one that could not be fitted.
type refusing struct {
	name string
	err  error
}

func (r refusing) Name() string { return r.name }

func (r refusing) Fit(context.Context, *series.Panel, forecast.FitOptions) error { return r.err }

func (r refusing) Forecast(context.Context, *series.Panel, forecast.Options) (*forecast.Forecast, error) {
	return nil, r.err
}
