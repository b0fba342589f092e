package models_test

import (
	"slices"
	"testing"

	"tsgen/internal/seriestest"
	"tsgen/latentode"
	"tsgen/models"
	"tsgen/models/auto"
)

// What is there by name alone is not tried unasked, and the latent ODE is.
func TestCandidatesByName(t *testing.T) {
	tried := func(kind string) bool {
		return slices.ContainsFunc(models.Candidates(seriestest.Monthly(120)), func(c auto.Candidate) bool { return c.Name == kind })
	}
	if !tried(latentode.Kind) || tried(latentode.StochasticKind) {
		t.Error("the choice tries what it should not, or not what it should")
	}
}
