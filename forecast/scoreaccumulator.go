package forecast

import "math"

// A scoreAccumulator sums up what the scores are made of.
type scoreAccumulator struct {
	// averages over series
	ase, smape, sql, msis, width average

	// sums over all values
	values                    int
	crps, pinball, magnitude  float64
	absolute, squared         float64
	inside80, inside95        int
	seriesCount, withoutScale int
}

// An average is the mean of what was added, NaN of nothing.
type average struct {
	sum, squares float64
	n            int
}

func (a *average) add(x float64) {
	a.sum += x
	a.squares += x * x
	a.n++
}

func (a *average) merge(b average) {
	a.sum += b.sum
	a.squares += b.squares
	a.n += b.n
}

func (a *average) value() float64 { return a.sum / float64(a.n) }

// standardError returns that of the mean, NaN of fewer than two.
func (a *average) standardError() float64 {
	n := float64(a.n)
	return math.Sqrt(max(0, a.squares-a.sum*a.sum/n) / (n * (n - 1)))
}

// add compares a distribution with the values of its series. Row i of values
// is row rows[i] of the distribution.
func (t *scoreAccumulator) add(d *Distribution, values []float64, rows []int, scale []float64) {
	g := newGatherer(d)
	width := len(scale)
	for c, s := range scale {
		var ase, smape, sql, msis, spread average
		for i, r := range rows {
			y := values[i*width+c]
			if math.IsNaN(y) {
				continue
			}
			m := g.marginal(r*width + c)
			mean := m.mean()
			e := math.Abs(y - mean)
			t.values++
			t.absolute += e
			t.squared += e * e
			t.magnitude += math.Abs(y)
			t.crps += m.crps(y)

			loss := quantileLoss(m, y)
			t.pinball += loss

			lo80, hi80 := interval(m, 80)
			lo95, hi95 := interval(m, 95)
			if lo80 <= y && y <= hi80 {
				t.inside80++
			}
			if lo95 <= y && y <= hi95 {
				t.inside95++
			}
			ase.add(e / s)
			smape.add(symmetricError(y, mean))
			sql.add(loss / s)
			msis.add((hi95 - lo95 + 40*(math.Max(lo95-y, 0)+math.Max(y-hi95, 0))) / s)
			spread.add((hi80 - lo80) / s)
		}
		if ase.n == 0 {
			continue
		}
		t.seriesCount++
		t.smape.add(smape.value())
		if math.IsNaN(s) {
			t.withoutScale++
			continue
		}
		t.ase.add(ase.value())
		t.sql.add(sql.value())
		t.msis.add(msis.value())
		t.width.add(spread.value())
	}
}

// merge adds what was added to u.
func (t *scoreAccumulator) merge(u *scoreAccumulator) {
	t.ase.merge(u.ase)
	t.smape.merge(u.smape)
	t.sql.merge(u.sql)
	t.msis.merge(u.msis)
	t.width.merge(u.width)
	t.values += u.values
	t.crps += u.crps
	t.pinball += u.pinball
	t.magnitude += u.magnitude
	t.absolute += u.absolute
	t.squared += u.squared
	t.inside80 += u.inside80
	t.inside95 += u.inside95
	t.seriesCount += u.seriesCount
	t.withoutScale += u.withoutScale
}

// scores returns the scores of what was added; they are NaN if that is nothing.
func (t *scoreAccumulator) scores() Scores {
	n := float64(t.values)
	wql := math.NaN()
	if t.magnitude > 0 {
		wql = t.pinball / t.magnitude
	}
	return Scores{
		MASE:       t.ase.value(),
		SMAPE:      t.smape.value(),
		CRPS:       t.crps / n,
		SQL:        t.sql.value(),
		SQLError:   t.sql.standardError(),
		WQL:        wql,
		MSIS:       t.msis.value(),
		Coverage80: float64(t.inside80) / n,
		Coverage95: float64(t.inside95) / n,
		Width80:    t.width.value(),
		MAE:        t.absolute / n,
		RMSE:       math.Sqrt(t.squared / n),
		Values:     t.values,
		Series:     t.seriesCount,
		Unscaled:   t.withoutScale,
		Magnitude:  t.magnitude,
	}
}

func interval(m marginal, level float64) (lo, hi float64) {
	a, b := bounds(level)
	return m.quantile(a), m.quantile(b)
}

// quantileLoss returns twice the pinball loss, averaged over the deciles.
func quantileLoss(m marginal, y float64) float64 {
	const n = 9
	loss := 0.0
	for k := 1; k <= n; k++ {
		p := float64(k) / (n + 1)
		loss += pinball(y, m.quantile(p), p)
	}
	return 2 * loss / n
}

// pinball returns the loss of the forecast q of the p-quantile of y.
func pinball(y, q, p float64) float64 {
	if y >= q {
		return p * (y - q)
	}
	return (1 - p) * (q - y)
}

func symmetricError(y, f float64) float64 {
	if y == 0 && f == 0 {
		return 0
	}
	return 200 * math.Abs(y-f) / (math.Abs(y) + math.Abs(f))
}
