package plots_test

import (
	"bytes"
	"fmt"
	"log"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gonum.org/v1/plot/cmpimg"

	"tsgen/forecast"
	"tsgen/internal/seriestest"
	"tsgen/plots"
)

// examination returns the backtest of models whose distributions are too narrow, right
// and too wide, in this order: the standard deviations are those of the truth
// in the distributions' own.
func examination(models int) *forecast.Report {
	r := &forecast.Report{Horizon: 12, Origins: make([]forecast.Origin, 40)}
	for i := range models {
		ratio := math.Exp2(1 - float64(i))
		m := forecast.Tested{Name: fmt.Sprintf("model %d", i+1), Scores: forecast.Scores{SQL: 0.5 + 0.1*float64(i)}}
		rng := rand.New(rand.NewPCG(1, uint64(i)))
		for k := range r.Horizon {
			m.Steps = append(m.Steps, forecast.Scores{SQL: 0.3 + 0.1*float64(i)*math.Sqrt(float64(k)), Coverage80: 0.6 + 0.1*float64(min(i, 4))})
		}
		for range r.Origins {
			pit := []float64{math.NaN()}
			for range r.Horizon {
				pit = append(pit, math.Erfc(-ratio*rng.NormFloat64()/math.Sqrt2)/2)
			}
			m.PIT = append(m.PIT, [][]float64{pit})
		}
		r.Models = append(r.Models, m)
	}
	r.Models = append(r.Models, forecast.Tested{Name: "refusing", Err: forecast.ErrMismatch})
	return r
}

// The scores of a backtest by lead time.
func ExampleLeads() {
	figure, err := plots.Leads(examination(3), plots.Options{Title: "Backtest of sales.csv"})
	if err != nil {
		log.Panic(err)
	}
	save(figure, "leads.png")
}

// The calibration of the forecasts of a backtest.
func ExampleCalibration() {
	figure, err := plots.Calibration(examination(3), plots.Options{})
	if err != nil {
		log.Panic(err)
	}
	save(figure, "calibration.png")
}

// The pictures of a backtest are those that were looked at.
func TestGoldenExaminations(t *testing.T) {
	seriestest.Long(t)
	for name, draw := range map[string]func(){"leads.png": ExampleLeads, "calibration.png": ExampleCalibration} {
		t.Run(name, func(t *testing.T) { cmpimg.CheckPlotApprox(draw, t, 0.01, name) })
	}
}

// Models that refused are left out, the number of models is bounded, and CRPS
// stands in where SQL is undefined.
func TestExaminations(t *testing.T) {
	nan := math.NaN()
	unscaled := examination(1)
	unscaled.Models[0].Scores = forecast.Scores{SQL: nan, CRPS: 2}
	for k := range unscaled.Models[0].Steps {
		unscaled.Models[0].Steps[k].SQL = nan
	}
	for name, draw := range map[string]func(*forecast.Report, plots.Options) (*plots.Figure, error){
		"leads": plots.Leads, "calibration": plots.Calibration,
	} {
		for _, tt := range []struct {
			report    *forecast.Report
			with, not []string // of the picture's text
		}{
			{examination(2), []string{"model 1", "model 2", "40 origins"}, []string{"refusing"}},
			{examination(9), []string{"model 7"}, []string{"model 8"}},
			{unscaled, []string{"model 1"}, []string{"SQL"}},
		} {
			figure, err := draw(tt.report, plots.Options{})
			if err != nil {
				t.Fatal(err)
			}
			var b bytes.Buffer
			if err := figure.Save(&b, "svg"); err != nil {
				t.Fatal(err)
			}
			for _, want := range tt.with {
				if !strings.Contains(b.String(), want) {
					t.Errorf("%s: %q is not shown", name, want)
				}
			}
			for _, not := range tt.not {
				if strings.Contains(b.String(), not) {
					t.Errorf("%s: %q is shown", name, not)
				}
			}
		}
		if _, err := draw(examination(0), plots.Options{}); err == nil {
			t.Errorf("%s of no model: no error", name)
		}
		if _, err := draw(examination(1), plots.Options{DPI: 1}); err == nil {
			t.Errorf("%s at 1 dot per inch: no error", name)
		}
	}
}
