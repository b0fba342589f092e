package models_test

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/seriestest"
	"tsgen/models"
	"tsgen/series"
)

// Every model in closed form forecasts panels whose seasons are several and not whole, or
// longer than they are, whatever their length, with gaps and constant values, without a
// panic and without a value that is not finite.
func TestSeveralSeasonsOfAnyLength(t *testing.T) {
	seriestest.Long(t)
	value := func(i int) float64 {
		return 20 + math.Sin(2*math.Pi*float64(i)/7) + 3*math.Cos(2*math.Pi*float64(i)/30.4) + float64(i*7919%101)/100
	}
	panel := func(periods []float64, lengths ...int) *series.Panel {
		p := &series.Panel{Channels: []string{"y"}, IDColumn: "id", Step: series.Step{Width: 1}, Seasons: periods}
		for k, n := range lengths {
			s := &series.Series{ID: fmt.Sprint(k)}
			for i := range n {
				v := value(i)
				switch {
				case k%3 == 1 && i%5 == 2:
					v = math.NaN()
				case k%3 == 2:
					v = 4
				}
				s.Times, s.Values = append(s.Times, float64(i)), append(s.Values, v)
			}
			p.Series = append(p.Series, s)
		}
		return p
	}
	for _, k := range models.Kinds() {
		if k.Trained() {
			continue
		}
		for _, periods := range [][]float64{{7, 30.4}, {2, 4, 8}, {30.4}, {7, 365.25}} {
			for _, p := range []*series.Panel{panel(periods, 3, 9, 15, 40, 60), panel(periods, 120, 200, 130)} {
				m := k.Default()
				err := m.Fit(t.Context(), p, forecast.FitOptions{Horizon: 10})
				var f *forecast.Forecast
				if err == nil {
					f, err = m.Forecast(t.Context(), p, forecast.Options{Horizon: 10, Samples: 20})
				}
				if errors.Is(err, forecast.ErrTooShort) {
					continue
				}
				if err != nil {
					t.Errorf("%s, seasons %v: %v", k.Name, periods, err)
					continue
				}
				for _, d := range f.Series {
					if err := d.Validate(); err != nil {
						t.Errorf("%s, seasons %v: %v", k.Name, periods, err)
					}
				}
			}
		}
	}
}
