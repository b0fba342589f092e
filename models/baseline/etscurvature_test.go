package baseline

import (
	"math"
	"testing"
)

// The derivatives of the errors that the search begins with are those of differences, for
// every form and across a gap; a wrong one makes the search slow, not wrong, and would not
// show elsewhere.
func TestETSErrorsAlong(t *testing.T) {
	y := make([]float64, 40)
	for i := range y {
		y[i] = 20 + 0.2*float64(i) + 3*math.Sin(float64(i)*math.Pi/2) + math.Cos(float64(i*i))
	}
	y[9], y[10] = math.NaN(), math.NaN()
	for _, form := range etsForms(4) {
		m := &etsModel{form: form}
		s := m.search(y)
		x := s.start(0.3, 0.4, startETS(s.run.y, form))
		h := make([]float64, len(x)*len(x))
		if !s.inverseCurvature(x, h) {
			t.Errorf("%v: no curvature", form)
			continue
		}
		errors := func(x []float64) []float64 {
			s.set(x)
			s.run.forward(&s.p)
			all := make([]float64, len(y))
			for i, rest := range s.run.rest {
				if all[i] = rest; form.err == multiplicative {
					all[i] /= s.run.fc[i]
				}
			}
			return all
		}
		const step = 1e-6
		for k := range x {
			x[k] += step
			up := errors(x)
			x[k] -= 2 * step
			down := errors(x)
			x[k] += step
			for i := range y {
				want := (up[i] - down[i]) / (2 * step)
				if math.IsNaN(y[i]) {
					want = 0
				}
				if got := s.tangent.errors[i*len(x)+k]; math.Abs(got-want) > 1e-7*(1+math.Abs(want)) {
					t.Fatalf("%v: error %d by variable %d is %v, want %v", form, i, k, got, want)
				}
			}
		}
	}
}
