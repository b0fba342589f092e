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

// TestRegressionCostCountsCovariates keeps the products that a regression makes of covariates among
// its work, and what is the same at all times, of which it makes none, out of it.
func TestRegressionCostCountsCovariates(t *testing.T) {
	p := seriestest.Monthly(120)
	plain := regressionCost(p, 12).Forecast
	q := *p
	q.Known = append([]string{"temperature"}, p.Known...)
	if with := regressionCost(&q, 12).Forecast; !(with > plain) {
		t.Errorf("%v with a covariate, %v without", with, plain)
	}
	q.Static = q.Known
	if static := regressionCost(&q, 12).Forecast; static != plain {
		t.Errorf("%v with a constant, %v without", static, plain)
	}
}
