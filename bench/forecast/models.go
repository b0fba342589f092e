package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"time"

	"tsgen/forecast"
	"tsgen/latentode"
	"tsgen/models/baseline"
	"tsgen/models/gauss"
	"tsgen/models/mixer"
	"tsgen/models/statespace"
	"tsgen/models/vae"
	"tsgen/rnn"
)

// An entrant is a model with its default options.
type entrant struct {
	name    string
	build   func() forecast.Model
	trained bool // step by step, which takes long
	safe    bool // what auto takes where no other model is clearly better
}

func entrants() []entrant {
	closed := func(m forecast.Model) entrant {
		return entrant{name: m.Name(), build: func() forecast.Model { return m }}
	}
	return []entrant{
		closed(baseline.AR{}),
		closed(baseline.ETS{}),
		closed(baseline.Theta{}),
		closed(baseline.STL{}),
		{name: forecast.EnsembleName, build: ensemble, safe: true},
		closed(baseline.SeasonalNaive{}),
		closed(baseline.Drift{}),
		closed(baseline.Naive{}),
		{name: baseline.LinearMapName, build: func() forecast.Model { return &baseline.LinearMap{} }},
		closed(statespace.Model{}),
		closed(statespace.Regression{}),
		{name: gauss.Name, build: func() forecast.Model { return &gauss.Model{} }},
		{name: latentode.Kind, build: func() forecast.Model { return &latentode.Model{} }, trained: true},
		{name: rnn.VRNN, build: func() forecast.Model { return &rnn.Model{Kind: rnn.VRNN} }, trained: true},
		{name: rnn.SRNN, build: func() forecast.Model { return &rnn.Model{Kind: rnn.SRNN} }, trained: true},
		{name: "mixer", build: func() forecast.Model {
			m := &mixer.Model{}
			if t := os.Getenv("MIXER"); t != "" {
				if err := json.Unmarshal([]byte(t), &m.Options); err != nil {
					panic(err)
				}
			}
			return m
		}, trained: true},
		{name: vae.Kind, build: func() forecast.Model { return &vae.Model{} }, trained: true},
	}
}

// ensemble returns the median ensemble with the command's members.
func ensemble() forecast.Model {
	return &forecast.Ensemble{Members: []forecast.Model{baseline.AR{}, baseline.ETS{}, baseline.STL{}, baseline.Theta{}, &baseline.LinearMap{}}}
}

// autoEntrant returns the model that is chosen from the others, those that are
// trained among them, in the given time.
func autoEntrant(limit time.Duration) entrant {
	return entrant{name: "auto", build: func() forecast.Model { return &chosen{from: entrants(), limit: limit} }, trained: true}
}

// chooseModels returns the models with the given names, those in closed form if
// there are no names.
func chooseModels(names []string, limit time.Duration) ([]entrant, error) {
	var chosen []entrant
	if len(names) == 0 {
		for _, e := range entrants() {
			if !e.trained {
				chosen = append(chosen, e)
			}
		}
		return chosen, nil
	}
	for _, name := range names {
		all := append(entrants(), autoEntrant(limit))
		i := slices.IndexFunc(all, func(e entrant) bool { return e.name == name })
		if i < 0 {
			return nil, fmt.Errorf("there is no model %q", name)
		}
		chosen = append(chosen, all[i])
	}
	return chosen, nil
}
