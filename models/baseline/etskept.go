package baseline

import (
	"math"

	"tsgen/internal/fits"
)

// at returns the model with the state that it has after y, whose first values are those it
// was estimated from; nil if it is not defined there.
func (m *etsModel) at(y []float64) *etsModel {
	if m.steps == len(y) {
		return m
	}
	run := newETSRun(m.form, scaled(y, m.center, m.scale))
	value, _ := run.forward(&m.begin)
	if math.IsInf(value, 0) || math.IsNaN(value) {
		return nil
	}
	later := *m
	later.params, later.steps = run.end(&m.begin), len(y)
	return &later
}

// The components as numbers.
const components = "NAMD"

func (m *etsModel) write(w *fits.Writer) {
	for _, c := range []component{m.form.err, m.form.trend, m.form.season} {
		for i := range len(components) {
			if components[i] == byte(c) {
				w.Int(i)
			}
		}
	}
	p := &m.begin
	for _, x := range []float64{p.alpha, p.beta, p.gamma, p.phi, p.level, p.slope, m.center, m.scale, m.variance, m.widening} {
		w.Float(x)
	}
	w.Floats(p.season)
}

// readETS reads what etsModel.write wrote.
func readETS(r *fits.Reader) *etsModel {
	m := &etsModel{}
	for _, c := range []*component{&m.form.err, &m.form.trend, &m.form.season} {
		*c = component(components[r.Int(0, len(components)-1)])
	}
	p := &m.begin
	for _, share := range []*float64{&p.alpha, &p.beta, &p.gamma, &p.phi} {
		*share = r.Float(0, 1)
	}
	p.level, p.slope = r.Any(), r.Any()
	m.center, m.scale, m.variance, m.widening = r.Any(), r.Any(), r.Positive(), r.Positive()
	p.season = r.Floats()
	m.form.period = max(1, len(p.season))
	if form := m.form; form.err != additive && form.err != multiplicative || form.trend == multiplicative || form.season == damped ||
		form.season == none != (form.period == 1) || m.scale == 0 {
		r.Failf("no form of exponential smoothing: %v, of a season of %d steps", form, form.period)
	}
	return m
}
