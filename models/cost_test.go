package models

import (
	"testing"

	"tsgen/internal/seriestest"
)

// TestEveryKindStatesItsCost keeps the choice of a model from giving its work to one that
// seems to cost nothing: all that do not combine the forecasts of others estimate theirs,
// and a training that of its updates.
func TestEveryKindStatesItsCost(t *testing.T) {
	p := seriestest.Monthly(120)
	for _, k := range Kinds() {
		if k.Blend || k.Name == EnsembleName {
			continue
		}
		if k.cost == nil {
			t.Errorf("%s states no cost", k.Name)
			continue
		}
		c := k.Cost(p, 12)
		if !(c.Forecast > 0) || k.Trained() != (c.Update > 0 && c.Updates > 0) {
			t.Errorf("%s, which is trained: %t, states %+v", k.Name, k.Trained(), c)
		}
	}
}

// TestCostCountsCovariates keeps what models in closed form make of covariates among
// their work, and what is the same at all times, of which they make nothing, out of it.
func TestCostCountsCovariates(t *testing.T) {
	p := seriestest.Monthly(120)
	for _, name := range []string{"regression", "ar", "zeroshot"} {
		k, err := Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		plain := k.Cost(p, 12).Forecast
		q := *p
		q.Known = append([]string{"temperature"}, p.Known...)
		if with := k.Cost(&q, 12).Forecast; !(with > plain) {
			t.Errorf("%s: %v with a covariate, %v without", name, with, plain)
		}
		q.Static = q.Known
		if static := k.Cost(&q, 12).Forecast; static != plain {
			t.Errorf("%s: %v with a constant, %v without", name, static, plain)
		}
	}
}
