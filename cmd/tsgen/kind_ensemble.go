package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"

	"tsgen/forecast"
)

// ensembleMembers are the members of an ensemble unless others are named.
const ensembleMembers = "ar+ets+stl+theta"

func ensembleKind() kind {
	k := kind{
		name: forecast.EnsembleName, yardstick: true,
		irregular: "no", missing: "yes", channels: "one by one", law: "quantiles",
		options: ensembleOptions{},
		help:    []string{"members  models in closed form whose median is taken (" + ensembleMembers + ")"},
	}
	k.build = func(options []byte) (forecast.Model, error) { return newEnsemble(options) }
	k.load = func(s *forecast.State) (forecast.Model, error) { return newEnsemble(s.Options) }
	return k
}

// ensembleOptions are the options of an ensemble.
type ensembleOptions struct {
	Members string `json:"members"` // kinds, + between them
}

// An ensemble is one of models that learn at the time of the forecast, so that
// its options are all that has to be stored.
type ensemble struct {
	forecast.Ensemble
	options ensembleOptions
}

func newEnsemble(options []byte) (*ensemble, error) {
	e := &ensemble{}
	if err := decodeOptions(options, &e.options); err != nil {
		return nil, err
	}
	for _, name := range strings.Split(cmp.Or(e.options.Members, ensembleMembers), "+") {
		if name == forecast.EnsembleName {
			return nil, fmt.Errorf("an ensemble cannot be a member of itself")
		}
		k, ok := lookupKind(name)
		if !ok {
			return nil, fmt.Errorf("there is no model %q to be a member", name)
		}
		m := k.fresh()
		if _, stored := m.(forecast.Stater); stored {
			return nil, fmt.Errorf("%s learns from data before it forecasts and cannot be a member", name)
		}
		e.Members = append(e.Members, m)
	}
	return e, nil
}

// State implements forecast.Stater.
func (e *ensemble) State() (*forecast.State, error) {
	options, err := json.Marshal(e.options)
	return &forecast.State{Kind: e.Name(), Options: options}, err
}
