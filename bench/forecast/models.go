package main

import (
	"time"

	"tsgen/forecast"
	"tsgen/models"
)

// An entrant is a model with its default options.
type entrant struct {
	name    string
	build   func() forecast.Model
	trained bool // step by step, which takes long
}

// chooseModels returns the models with the given names, of which auto is the one
// that is chosen from the others in the given time; without names, those in closed
// form.
func chooseModels(names []string, limit time.Duration) ([]entrant, error) {
	var entrants []entrant
	if len(names) == 0 {
		names = models.ClosedForm()
	}
	for _, name := range names {
		if name == autoName {
			entrants = append(entrants, entrant{name: name, build: func() forecast.Model { return &chosen{limit: limit} }, trained: true})
			continue
		}
		k, err := models.Lookup(name)
		if err != nil {
			return nil, err
		}
		entrants = append(entrants, entrant{name: name, build: k.Default, trained: k.Trained()})
	}
	return entrants, nil
}
