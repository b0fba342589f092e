package anomaly

import (
	"math"
	"math/rand/v2"
	"testing"

	"tsgen/models/baseline"
	"tsgen/series"
)

// TestRest protects that dry days do not make rain anomalous, nor full hours a lower one: of values half of which are at a
// bound about as many are found as are asked for, none at the bound, and one far beyond the others is.
func TestRest(t *testing.T) {
	const rate, length, storm = 0.001, 900, 700
	for name, turned := range map[string]float64{"from below": 1, "from above": -1} {
		p := &series.Panel{Channels: []string{"y"}, IDColumn: "id", Step: series.Step{Width: 1}}
		for i := range 4 {
			rng := rand.New(rand.NewPCG(21, uint64(i)))
			s := &series.Series{ID: string(rune('a' + i))}
			for k := range length {
				v := 0.0
				if rng.Float64() < 0.5 {
					v = 5 * rng.ExpFloat64()
				}
				if k == storm {
					v = 500
				}
				s.Times, s.Values = append(s.Times, float64(k)), append(s.Values, turned*v)
			}
			p.Series = append(p.Series, s)
		}
		found, err := Detect(t.Context(), baseline.AR{}, p, Options{Rate: rate, Season: 1})
		if err != nil {
			t.Fatal(err)
		}
		alarms, judged := counted(found)
		if most := float64(len(p.Series)) + 3*rate*judged + 2*math.Sqrt(rate*judged); alarms > most {
			t.Errorf("%s: %.0f of %.0f values are found, want %.0f at most", name, alarms, judged, most)
		}
		for i, f := range found {
			if !f.Anomaly[storm] {
				t.Errorf("%s: the storm of series %d is not found, its p is %g", name, i, f.P[storm])
			}
			for k, v := range p.Series[i].Values {
				if v == 0 && (f.Anomaly[k] || f.Lo[k] > 0 || f.Hi[k] < 0) {
					t.Fatalf("%s: the bound at %d of series %d is found, or beyond %g and %g", name, k, i, f.Lo[k], f.Hi[k])
				}
			}
		}
	}
	if r := restOf([]float64{0, 0, 0, 0, 0, 0, 0, 0, 0, 1}); !math.IsNaN(r.at) {
		t.Errorf("one value beside a constant tells how far others go: %+v", r)
	}
}
