package mixer

import (
	"math"
	"math/rand/v2"

	"tsgen/internal/ad"
	"tsgen/internal/moments"
	"tsgen/internal/nn"
)

// A window is a piece of a record whose future begins at origin; to is where
// what may be seen ends.
type window struct {
	*record
	from, origin, to int

	sign  float64 // 0: as it is
	tilt  float64
	other *window // mixed with it
	share float64
}

type batch struct {
	*plan
	rows       int
	input      []float64
	raw        []float64
	covariates []float64
	known      []float64
	target     []float64
	base, unit []float64 // rows*horizon, rows
	thinned    *rand.Rand
	rng        *rand.Rand
	jitter     float64
}

func (b *batch) thin(p *nn.Pass, x *ad.Node) *ad.Node {
	if b.thinned == nil || b.Options.Dropout <= 0 {
		return x
	}
	keep := p.Buffer(len(x.Val))
	for i := range keep {
		if b.thinned.Float64() >= b.Options.Dropout {
			keep[i] = 1 / (1 - b.Options.Dropout)
		}
	}
	return p.Mul(x, p.Const(x.Rows, x.Cols, keep))
}

func (b *batch) fill(windows []window) {
	b.input, b.raw, b.covariates, b.known, b.target = b.input[:0], b.raw[:0], b.covariates[:0], b.known[:0], b.target[:0]
	b.base, b.unit = b.base[:0], b.unit[:0]
	c := len(b.Channels)
	b.rows = len(windows) * c
	for i := range windows {
		for j := range c {
			b.row(&windows[i], j)
		}
	}
}

func (w *window) at(i, j, c int) float64 {
	if i < w.from || i >= len(w.u) {
		return math.NaN()
	}
	x := w.x[i*c+j]
	if w.tilt != 0 {
		x += w.tilt * w.unit[j] * float64(i-w.origin)
	}
	if w.other != nil {
		o := w.other
		y := o.at(i-w.origin+o.origin, j, c)
		x = w.share*x/w.unit[j] + (1-w.share)*y/o.unit[j]
	}
	if w.sign < 0 {
		x = -x
	}
	return x
}

func (b *batch) row(w *window, j int) {
	o, c, season := b.Options, len(b.Channels), b.Season
	var l moments.Line
	var last moments.Moments
	for i := w.from; i < w.origin; i++ {
		x := w.at(i, j, c)
		l.Add(w.u[i], x)
		if i >= w.origin-season {
			last.Add(x)
		}
	}
	center, scale := b.Center[j], b.Scale[j]
	if l.X.N > 0 {
		center, scale = l.X.Mean, l.Scale(b.usual(j), b.Scale[j])
	}
	if o.x("last", 1) > 0 && last.N > 0 {
		center = last.Mean
	}
	unit := w.unit[j]
	if w.other != nil {
		unit = math.Hypot(w.share, 1-w.share)
	}
	if !(unit > 1e-3*scale) {
		unit = 1e-3 * scale
	}
	seen := func(x float64) (float64, float64) {
		if math.IsNaN(x) {
			return 0, 0
		}
		return x, 1
	}
	start := w.origin - o.Context
	at := len(b.input)
	for i := start; i < w.origin; i++ {
		x, there := seen((w.at(i, j, c) - center))
		b.raw = append(b.raw, x/unit)
		v := x / scale
		b.input = append(b.input, v, there)
	}
	_ = at
	if o.x("diff", 1) > 0 {
		for i := start + season; i < w.origin; i++ {
			x, _ := seen((w.at(i, j, c) - w.at(i-season, j, c)) / unit)
			b.input = append(b.input, math.Asinh(x))
		}
	}
	b.input = append(b.input, math.Log(scale/unit), math.Asinh(center/scale)/3)
	for k := range c {
		one := 0.0
		if k == j {
			one = 1
		}
		b.input = append(b.input, one)
	}
	u := w.u[w.origin-1] + 1
	b.input = b.waves(b.input, u)
	// the seasonal naive forecast
	for h := range b.Horizon {
		base := 0.0
		for k := w.origin + h%season - season; k >= max(w.from, start); k -= season {
			if x := w.at(k, j, c); !math.IsNaN(x) {
				base = (x - center) / unit
				break
			}
		}
		b.base = append(b.base, center+unit*base)
		n := len(b.known)
		b.known = b.waves(b.known, u+float64(h))
		for k := range b.Known {
			x := 0.0
			if i := w.origin + h; i < len(w.u) {
				x = w.known[i*len(b.Known)+k]
			}
			b.known = append(b.known, x)
		}
		if len(b.known) == n {
			b.known = append(b.known, 1)
		}
		y := math.NaN()
		if i := w.origin + h; i < w.to {
			y = (w.at(i, j, c)-center)/unit - base
		}
		b.target = append(b.target, y)
	}
	b.unit = append(b.unit, unit)
	for i := start; i < w.origin+b.Horizon && len(b.Known) > 0; i++ {
		for k := range b.Known {
			x := 0.0
			if i >= 0 && i < len(w.u) {
				x = w.known[i*len(b.Known)+k]
			}
			b.covariates = append(b.covariates, x)
		}
	}
}

func (p *plan) waves(dst []float64, u float64) []float64 {
	for h := 1; h <= p.harmonics(); h++ {
		dst = appendWave(dst, u, p.Season, h)
	}
	for h := 1; p.Long > 0 && h <= longHarmonics; h++ {
		dst = appendWave(dst, u, p.Long, h)
	}
	return dst
}

func appendWave(dst []float64, u float64, season, h int) []float64 {
	m := float64(season)
	s, c := math.Sincos(2 * math.Pi * float64(h) * (u/m - math.Floor(u/m)))
	return append(dst, s, c)
}

// units sets the mean absolute seasonal difference of each channel.
func (r *record) units(p *plan) {
	c := len(p.Channels)
	for j := range c {
		m, n := 0.0, 0.0
		for i := p.Season; i < r.limit; i++ {
			if d := math.Abs(r.x[i*c+j] - r.x[(i-p.Season)*c+j]); !math.IsNaN(d) {
				m, n = m+d, n+1
			}
		}
		if n > 0 {
			m /= n
		}
		r.unit = append(r.unit, m)
	}
}
