package baseline

import "tsgen/internal/fits"

// An arimaCore is an ARIMA model of values without those before a step.
type arimaCore struct {
	from  int
	model *arimaModel // nil if they are constant or too short
}

func newARIMACore(y []float64, season int) core {
	if season > LongestARIMA {
		if len(y) >= 2*season+1 {
			return plainly(func(y []float64, lead int) (prospect, remark) { return projectBeside(y, season, lead) })
		}
		season = 1
	}
	late := recent(y, season)
	c := arimaCore{from: len(y) - len(late)}
	if observed(late) >= leastARIMA {
		c.model = chooseARIMA(late, season)
	}
	return c
}

func (c arimaCore) continued(y []float64, lead int) (prospect, remark, bool) {
	if y = rests(y, c.from); y == nil {
		return prospect{}, "", false
	}
	if c.model == nil {
		why := remark("are constant and keep their last value")
		if observed(y) < leastARIMA {
			why = "are too short for ARIMA and keep their last value"
		}
		return prospect{marginals: lastValue(y)}, why, true
	}
	if len(y) <= c.model.form.lost() {
		return prospect{}, "", false
	}
	t, responses := c.model.table(y, lead)
	return prospect{marginals: t, dependence: shocks(responses), degrees: c.model.degrees()}, "", true
}

func (c arimaCore) write(w *fits.Writer) {
	m := c.model
	if m == nil {
		return
	}
	w.Int(c.from)
	f := m.form
	w.Ints([]int{f.p, f.d, f.q, f.sp, f.sd, f.sq, f.period})
	w.Bool(f.constant)
	w.Floats(m.process.phi)
	w.Floats(m.process.theta)
	w.Float(m.process.mean)
	w.Float(m.variance)
	w.Int(m.n)
}

// readARIMA reads what arimaCore.write wrote.
func readARIMA(r *fits.Reader, season int) core {
	c := arimaCore{from: span(r), model: &arimaModel{}}
	m, n := c.model, r.Ints(0, maxLead)
	if len(n) != 7 {
		r.Failf("%d numbers of the form of an ARIMA model, want 7", len(n))
		return c
	}
	m.form = arimaForm{n[0], n[1], n[2], n[3], n[4], n[5], n[6], r.Bool()}
	m.process = armaProcess{phi: r.Floats(), theta: r.Floats(), mean: r.Any()}
	m.variance, m.n = r.Positive(), r.Int(1, maxSteps)
	f := m.form
	if max(f.p, f.q) > mostARIMA || max(f.sp, f.sq) > mostSeasonalARIMA || f.d > 2 || f.sd > 1 || f.period != 1 && f.period != season || f.period < 1 ||
		len(m.process.phi) != f.p+f.sp*f.period || len(m.process.theta) != f.q+f.sq*f.period {
		r.Failf("an ARIMA model %+v with %d and %d coefficients and a season of %d steps", f, len(m.process.phi), len(m.process.theta), season)
	}
	return c
}
