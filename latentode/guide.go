package latentode

import (
	"math"
	"math/rand/v2"
	"sort"

	"tsgen/internal/nn"
	"tsgen/models/density"
)

// A guide is what the observations that the encoder has read, from the last one back to the next to come, say of
// the path to that: of every latent variable that moves where it will be there, μ ± s, and a correction. Of a step h
// from z, the time τ before the observation,
//
//	u = MLP(z, τ, e) + g ⊙ (μ(e) - z) / (s(e)² + g² τ),
//	ρ = (s(e)² + g² (τ - h)) / (s(e)² + g² τ),
//
// e being the encoder's state. Without the correction it is the posterior of Brownian motion of deviation g that is
// seen as μ with an error s after the time τ, exactly, whatever the step.
type guide struct {
	aim       nn.Linear // e → μ, log s
	pull      nn.MLP    // z, τ, e → correction
	deviation nn.Param  // of g, through softplus
}

// newGuide adds one to s.
func newGuide(s *nn.Params, c *config, rng *rand.Rand) *guide {
	o := c.Options
	g := &guide{
		aim:       nn.NewLinear(s, "guide.aim", o.Hidden, 2*o.State, 0.5, rng),
		pull:      nn.NewMLP(s, "guide", []int{o.State + c.static() + 1 + o.Hidden, o.Hidden, o.State}, 0.1, rng),
		deviation: s.Add("diffusion", 1, o.State),
	}
	for j := range o.State {
		g.aim.B.In(s.Values)[o.State+j] = -1
		g.deviation.In(s.Values)[j] = density.InverseSoftplus(initialDeviation)
	}
	return g
}

// deviations appends g to dst.
func (g *guide) deviations(dst, values []float64) []float64 {
	for _, x := range g.deviation.In(values) {
		dst = append(dst, deviationFloor+softplus(x))
	}
	return dst
}

// pullDeviation adds to dp what a does to g of variable j.
func (g *guide) pullDeviation(dp, values []float64, j int, a float64) {
	if dp != nil {
		g.deviation.In(dp)[j] += a / (1 + math.Exp(-g.deviation.In(values)[j]))
	}
}

// leastAim is the least variance of an aim, in units of the prior's of z₀.
const leastAim = 1e-4

// A steering is that of a row which an observation to come guides.
type steering struct {
	row, packed int     // of the rows at work, and that of the encoder's
	ahead, step float64 // time to the observation, and to the step's end
}

// An aiming is what a steering is made of in one variable.
type aiming struct {
	rest            float64 // μ - z
	variance, total float64 // s² and s² + g² τ
	part            float64 // ρ
}

// aiming returns that of a row steered by s in variable j, which is at z.
func (d *diffusion) aiming(s steering, j int, z float64) aiming {
	state := len(d.deviations)
	aims, g := d.aims.Val[s.packed*2*state:(s.packed+1)*2*state], d.deviations[j]
	a := aiming{rest: aims[j] - z, variance: leastAim + math.Exp(2*aims[state+j])}
	a.total = a.variance + g*g*s.ahead
	a.part = (a.variance + g*g*(s.ahead-s.step)) / a.total
	return a
}

// byDeviation and byVariance are the derivatives of ρ by g and by s².
func (a aiming) byDeviation(g, step float64) float64 {
	return -2 * g * a.variance * step / (a.total * a.total)
}

func (a aiming) byVariance(g, step float64) float64 { return g * g * step / (a.total * a.total) }

// after returns the place of the first of the times, in increasing order, that comes after t.
func after(times []float64, t float64) int {
	return sort.Search(len(times), func(i int) bool { return times[i] > t })
}

// steerings sets which rows are steered, and by what.
func (d *diffusion) steerings(rows []int, t []float64) {
	d.steered = d.steered[:0]
	for i, row := range rows {
		w := d.b.of[row]
		c := &d.courses[w]
		next := after(c.seen, t[i])
		if next == 0 || next == len(c.seen) {
			continue
		}
		d.steered = append(d.steered, steering{
			row: i, packed: d.offsets[len(c.seen)-1-next] + w,
			ahead: c.seen[next] - t[i], step: c.grid[after(c.grid, t[i])] - t[i],
		})
	}
}

// strip returns n states without what their paths add to the divergence.
func (d *diffusion) strip(y []float64, n int) []float64 {
	latent := len(y)/n - 1
	z := grow(&d.z, n*latent)
	for i := range n {
		copy(z[i*latent:(i+1)*latent], y[i*(latent+1):])
	}
	return z
}

// control sets u for the rows at work in the states z at times t, n×state.
func (d *diffusion) control(rows []int, t, z []float64) {
	n, state := len(rows), d.config.Options.State
	latent := len(z) / n
	u := grow(&d.u, n*state)
	clear(u)
	d.steerings(rows, t)
	d.x = d.x[:0]
	for _, s := range d.steered {
		d.x = append(d.x, z[s.row*latent:(s.row+1)*latent]...)
		d.x = append(d.x, math.Log1p(s.ahead*d.config.Unit/d.config.Gap))
		d.x = append(d.x, d.read.Val[s.packed*d.read.Cols:(s.packed+1)*d.read.Cols]...)
	}
	m := len(d.steered)
	if m == 0 {
		return
	}
	pull := grow(&d.pull, m*state)
	d.steer.Forward(d.guide.pull, d.pass.Values, pull, d.x, m)
	for k, s := range d.steered {
		for j, g := range d.deviations {
			a := d.aiming(s, j, z[s.row*latent+j])
			u[s.row*state+j] = pull[k*state+j] + a.rest*g/a.total
		}
	}
}

// posterior is the drift of states, and last the divergence in a unit of time.
func (d *diffusion) posterior(dst []float64, rows []int, t, y []float64) error {
	n, state := len(rows), d.config.Options.State
	z := d.strip(y, n)
	latent := len(z) / n
	f := grow(&d.f, n*latent)
	if err := d.derivative(f, rows, nil, z); err != nil {
		return err
	}
	d.control(rows, t, z)
	for i := range n {
		row := dst[i*(latent+1) : (i+1)*(latent+1)]
		copy(row, f[i*latent:(i+1)*latent])
		row[latent] = 0
		for j, u := range d.u[i*state : (i+1)*state] {
			row[j] += d.deviations[j] * u
			row[latent] += u * u / 2
		}
	}
	for _, s := range d.steered {
		for j := range d.deviations {
			part := d.aiming(s, j, 0).part
			dst[s.row*(latent+1)+latent] += (part - 1 - math.Log(part)) / (2 * s.step)
		}
	}
	return nil
}

// pullPosterior is the product of a with the derivatives of posterior; those by what was read are added to the
// nodes themselves.
func (d *diffusion) pullPosterior(dy, dp []float64, rows []int, t, y, a []float64) error {
	n := len(rows)
	z := d.strip(y, n)
	latent := len(z) / n
	dz, az := grow(&d.dz, n*latent), grow(&d.az, n*latent)
	clear(dz)
	for i := range n {
		copy(az[i*latent:(i+1)*latent], a[i*(latent+1):])
	}
	if err := d.pullback(dz, dp, rows, nil, z, az); err != nil {
		return err
	}
	d.control(rows, t, z)
	if len(d.steered) > 0 {
		d.pullControl(dz, dp, z, az, a)
	}
	for i := range n {
		for j := range latent {
			dy[i*(latent+1)+j] += dz[i*latent+j]
		}
	}
	return nil
}

// pullControl is the part of pullPosterior that belongs to what steers.
func (d *diffusion) pullControl(dz, dp, z, az, a []float64) {
	state, m := d.config.Options.State, len(d.steered)
	latent := len(z) * state / len(d.u)
	du := grow(&d.du, m*state)
	for k, s := range d.steered {
		cost := a[s.row*(latent+1)+latent]
		gradient := d.aims.Grad[s.packed*2*state : (s.packed+1)*2*state]
		for j, g := range d.deviations {
			u := d.u[s.row*state+j]
			e := az[s.row*latent+j]*g + cost*u
			du[k*state+j] = e
			aim := d.aiming(s, j, z[s.row*latent+j])
			square := aim.total * aim.total
			gradient[j] += e * g / aim.total
			dz[s.row*latent+j] -= e * g / aim.total
			byPart := cost * (1 - 1/aim.part) / (2 * s.step)
			byVariance := byPart*aim.byVariance(g, s.step) - e*aim.rest*g/square
			gradient[state+j] += byVariance * 2 * (aim.variance - leastAim)
			d.guide.pullDeviation(dp, d.pass.Values, j, az[s.row*latent+j]*u+
				e*aim.rest*(aim.variance-g*g*s.ahead)/square+byPart*aim.byDeviation(g, s.step))
		}
	}
	dx := grow(&d.dx, len(d.x))
	clear(dx)
	d.steer.Backward(d.guide.pull, d.pass.Values, dx, dp, d.x, du, m)
	width := len(dx) / m
	for k, s := range d.steered {
		row := dx[k*width : (k+1)*width]
		for j := range latent {
			dz[s.row*latent+j] += row[j]
		}
		gradient := d.read.Grad[s.packed*d.read.Cols : (s.packed+1)*d.read.Cols]
		for j, x := range row[latent+1:] {
			gradient[j] += x
		}
	}
}

// noise is the diffusion, g √ρ.
func (d *diffusion) noise(dst []float64, rows []int, t, _ []float64) error {
	state := len(d.deviations)
	for i := range rows {
		copy(dst[i*state:], d.deviations)
	}
	d.steerings(rows, t)
	for _, s := range d.steered {
		for j := range d.deviations {
			dst[s.row*state+j] *= math.Sqrt(d.aiming(s, j, 0).part)
		}
	}
	return nil
}

// pullNoise is the product of a with the derivatives of noise.
func (d *diffusion) pullNoise(_, dp []float64, rows []int, t, _, a []float64) error {
	state := len(d.deviations)
	direct := grow(&d.du, len(rows)*state)
	copy(direct, a)
	d.steerings(rows, t)
	for _, s := range d.steered {
		gradient := d.aims.Grad[s.packed*2*state : (s.packed+1)*2*state]
		for j, g := range d.deviations {
			aim := d.aiming(s, j, 0)
			root := math.Sqrt(aim.part)
			byPart := a[s.row*state+j] * g / (2 * root)
			direct[s.row*state+j] = a[s.row*state+j]*root + byPart*aim.byDeviation(g, s.step)
			gradient[state+j] += byPart * aim.byVariance(g, s.step) * 2 * (aim.variance - leastAim)
		}
	}
	for i, x := range direct {
		d.guide.pullDeviation(dp, d.pass.Values, i%state, x)
	}
	return nil
}
