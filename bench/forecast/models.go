package main

import (
	"strings"

	"tsgen/bench/internal/chosen"
	"tsgen/forecast"
	"tsgen/internal/clock"
	"tsgen/models"
)

// An entrant is a model with its default options.
type entrant struct {
	name    string
	build   func() forecast.Model
	trained bool // step by step, which takes long

	program *peerProgram // that it is of, nil for one of this project
}

// seconds returns the processor time that has been spent so far where the model works.
func (e entrant) seconds() float64 {
	if e.program != nil {
		return e.program.seconds
	}
	return clock.Processor().Seconds()
}

// chooseModels returns the models with the given names, of which auto is
// made as automatic is; without names, those in closed form. A name may have an option, as in
// zeroshot:tune=true.
func chooseModels(names []string, automatic chosen.Model) ([]entrant, error) {
	var entrants []entrant
	if len(names) == 0 {
		names = models.ClosedForm()
	}
	for _, name := range names {
		if name == chosen.Name {
			entrants = append(entrants, entrant{name: name, build: func() forecast.Model { m := automatic; return &m }, trained: true})
			continue
		}
		kind, option, set := strings.Cut(name, ":")
		k, err := models.Lookup(kind)
		if err != nil {
			return nil, err
		}
		build := k.Default
		if set {
			key, value, _ := strings.Cut(option, "=")
			options := map[string]string{key: value}
			if _, err := k.New(options); err != nil {
				return nil, err
			}
			build = func() forecast.Model {
				m, _ := k.New(options) // which it has taken before
				return m
			}
		}
		entrants = append(entrants, entrant{name: name, build: build, trained: k.Trained()})
	}
	return entrants, nil
}
