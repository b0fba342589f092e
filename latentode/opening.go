package latentode

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"tsgen/internal/moments"
	"tsgen/internal/neural"
	"tsgen/internal/nn"
)

// An opening is what generated series begin with, and what is taken for the law of states: the latent states z₀ of training
// windows, those of the frame's bank where there is one, and the distribution of what the
// dynamics leave of such windows. Where dynamics have noise and their law is that of any time, Begun are the states with
// which series begin, if they begin alike.
//
// Residuals are an autoregression of first order in each channel, in the units of
// windows, over time: of two values a usual gap apart the later has Persistence
// times the earlier one and innovations that are correlated between channels.
// Independent noise would roughen paths whose residuals last.
type opening struct {
	States      [][]float64 `json:"states"`
	Begun       [][]float64 `json:"begun,omitempty"`
	Deviation   []float64   `json:"deviation,omitempty"`
	Persistence []float64   `json:"persistence,omitempty"`
	Factor      [][]float64 `json:"factor,omitempty"` // of the innovations' correlations, by rows
}

// begun returns the states with which series begin at the coordinates Starts, nil if there are none.
func (c *config) begun() [][]float64 {
	switch {
	case c.Opening == nil || len(c.Starts) == 0:
		return nil
	case c.stochastic():
		return c.Opening.Begun
	}
	return c.Opening.States
}

// check says what is wrong with an opening that was read for states of the given
// width, a number of channels and of levels in the bank.
func (o *opening) check(latent, channels, bank int) error {
	if o == nil {
		return nil
	}
	if len(o.States) == 0 || bank > 0 && len(o.States) != bank {
		return fmt.Errorf("%d latent states of windows, %d levels", len(o.States), bank)
	}
	for _, z := range slices.Concat(o.States, o.Begun) {
		if len(z) != latent {
			return fmt.Errorf("a latent state of %d numbers, want %d", len(z), latent)
		}
		if err := neural.Finite(z...); err != nil {
			return err
		}
	}
	if len(o.Deviation) == 0 {
		return nil
	}
	if len(o.Deviation) != channels || len(o.Persistence) != channels || len(o.Factor) != channels {
		return fmt.Errorf("%d channels, but residuals of others", channels)
	}
	for j, row := range o.Factor {
		if len(row) != j+1 || !(o.Deviation[j] >= 0) || !(math.Abs(o.Persistence[j]) < 1) {
			return fmt.Errorf("residuals of channel %d with deviation %v and persistence %v", j, o.Deviation[j], o.Persistence[j])
		}
		if err := neural.Finite(append(row[:j+1:j+1], o.Deviation[j])...); err != nil {
			return err
		}
	}
	return nil
}

// A leaning is how the states with which series begin depend on when they do: the slope of a regression for each variable.
type leaning struct {
	at          float64 // the mean coordinate
	least, most float64
	slope       []float64
}

// lean returns that of the states at the coordinates starts, and what it leaves of them.
func lean(states [][]float64, starts []float64) (leaning, [][]float64) {
	l := leaning{at: stat.Mean(starts, nil), least: slices.Min(starts), most: slices.Max(starts)}
	rest := make([][]float64, len(states))
	for j := range states[0] {
		var line moments.Line
		for i, z := range states {
			line.Add(starts[i], z[j])
		}
		slope := 0.0
		if l.most > l.least {
			slope = line.Cross / line.U.Square
		}
		l.slope = append(l.slope, slope)
	}
	for i, z := range states {
		rest[i] = slices.Clone(z)
		l.add(rest[i], starts[i], -1)
	}
	return l, rest
}

// add adds to z so many times what the coordinate u, within those that are known, makes of it.
func (l *leaning) add(z []float64, u, times float64) {
	u = min(max(u, l.least), l.most) - l.at
	for j, slope := range l.slope {
		z[j] += times * slope * u
	}
}

// fitOpening learns the opening from training windows.
func (o *objective) fitOpening(ctx context.Context) error {
	c := o.config
	length := c.Options.Context
	if c.Whole {
		length = neural.MaxLength
	}
	begins := c.Begins(o.records)
	bank := c.BankWindows(o.records, length, begins && !c.stochastic()) // whose law of states is that of any time
	if c.Options.Level == LevelWindow {
		c.FillBank(bank)
		c.LearnLevels(o.records, c.Options.Context, c.Horizon)
	}
	r := &residuals{channels: len(c.Channels), lagged: make([]moments.Line, len(c.Channels))}
	states, err := o.statesOf(ctx, bank, r)
	if err != nil {
		return err
	}
	c.Opening = &opening{States: states}
	if c.real() {
		r.set(c.Opening)
	}
	switch {
	case c.stochastic() && (!begins || c.anyLevel() == LevelWindow):
		return nil // but at the times of the frame
	case !begins:
		c.Starts = nil
		return nil
	case c.stochastic():
		bank = c.BankWindows(o.records, length, true)
		if c.Opening.Begun, err = o.statesOf(ctx, bank, nil); err != nil {
			return err
		}
	}
	c.Starts = c.Starts[:0]
	for _, w := range bank {
		c.Starts = append(c.Starts, w.U[w.From])
	}
	return nil
}

// statesOf returns the latent states of windows, and adds to r, if it is not nil, what the dynamics leave of them.
func (o *objective) statesOf(ctx context.Context, all []neural.Window, r *residuals) ([][]float64, error) {
	c := o.config
	windows := make([]window, len(all))
	for i, w := range all {
		windows[i].Window = w
	}
	states := make([][]float64, len(windows))
	o.pass.Values = o.Params.Values
	o.judge.source.Seed(o.seed, 0)
	for at := 0; at < len(windows); {
		s, n := o.judge, c.together(windows[at:], 1)
		s.drawn = append(s.drawn[:0], windows[at:at+n]...)
		s.fill(s.drawn)
		p := &o.pass
		p.Reset()
		z0, err := o.middles(ctx, p, s)
		if err != nil {
			return nil, err
		}
		latent := len(z0) / n
		for i, w := range s.windows {
			states[at+w.given] = append([]float64(nil), z0[i*latent:(i+1)*latent]...)
		}
		at += n
		if !c.real() || r == nil {
			continue
		}
		d, err := o.network.decode(ctx, p, s, p.Const(n, latent, z0))
		if err != nil {
			return nil, err
		}
		r.add(s, d)
	}
	return states, nil
}

// middles returns the means of the posteriors of a batch's windows, or their modes
// where these are refined. Where dynamics have noise they are draws: the means are closer together than the states.
func (f *fitted) middles(ctx context.Context, p *nn.Pass, s *workspace) ([]float64, error) {
	modes, err := f.refined(ctx, p, s)
	if err != nil {
		return nil, err
	}
	if modes == nil {
		q := f.network.inferred(p, s)
		if f.config.stochastic() {
			z0, _ := q.SampleRatio(p, s.rng.NormFloat64, 1)
			return z0.Val, nil
		}
		return q.Mean.Val, nil
	}
	var z []float64
	for _, m := range modes {
		z = append(z, m.mean...)
	}
	return z, nil
}

// residuals are those of windows, row by row.
type residuals struct {
	channels int
	lagged   []moments.Line // of each channel's on that before
	rows     [][]float64    // of innovations, once the persistence is known: pairs before that
}

// add adds the residuals of what was decoded of a batch.
func (r *residuals) add(s *workspace, d decoded) {
	c, at := r.channels, 0
	for _, times := range s.times {
		for i := range times {
			row := make([]float64, 2*c)
			for j := range c {
				k := (at+i)*c + j
				row[j], row[c+j] = s.target[k]-d.dynamics.Val[k], math.NaN()
				if i > 0 {
					row[c+j] = s.target[k-c] - d.dynamics.Val[k-c]
				}
				if !math.IsNaN(row[c+j]) {
					r.lagged[j].Add(row[c+j], row[j])
				}
			}
			r.rows = append(r.rows, row)
		}
		at += len(times)
	}
}

const (
	mostPersistent = 0.99
	shrunk         = 0.95 // of the correlations between channels
)

// set sets the distribution of the residuals.
func (r *residuals) set(o *opening) {
	c := r.channels
	for j := range c {
		var m moments.Moments
		for _, row := range r.rows {
			m.Add(row[j])
		}
		phi := 0.0
		if l := r.lagged[j]; l.U.Square > 0 {
			phi = min(max(l.Cross/l.U.Square, -mostPersistent), mostPersistent)
		}
		o.Deviation = append(o.Deviation, math.Sqrt(m.Variance()+m.Mean*m.Mean))
		o.Persistence = append(o.Persistence, phi)
	}
	cov := mat.NewSymDense(c, nil)
	for i := range c {
		for j := i; j < c; j++ {
			var both, a, b moments.Moments
			for _, row := range r.rows {
				x, y := row[i]-o.Persistence[i]*row[c+i], row[j]-o.Persistence[j]*row[c+j]
				if !math.IsNaN(x + y) {
					both.Add(x * y)
					a.Add(x * x)
					b.Add(y * y)
				}
			}
			v := 1.0
			if i != j {
				if v = 0; a.Mean > 0 && b.Mean > 0 {
					v = shrunk * both.Mean / math.Sqrt(a.Mean*b.Mean)
				}
			}
			cov.SetSym(i, j, v)
		}
	}
	var chol mat.Cholesky
	var l mat.TriDense
	known := chol.Factorize(cov) // it may not be where other values are missing in each channel
	if known {
		chol.LTo(&l)
	}
	for i := range c {
		row := make([]float64, i+1)
		row[i] = 1
		for j := range row {
			if known {
				row[j] = l.At(i, j)
			}
		}
		o.Factor = append(o.Factor, row)
	}
}

// draw returns a source of residuals, step by step: each call sets dst to the next.
func (o *opening) draw(rng *rand.Rand) func(dst []float64) {
	state := make([]float64, len(o.Deviation))
	e := make([]float64, len(state))
	begun := false
	return func(dst []float64) {
		for j := range e {
			e[j] = rng.NormFloat64()
		}
		for j, row := range o.Factor {
			x := 0.0
			for k, f := range row {
				x += f * e[k]
			}
			phi := o.Persistence[j]
			if !begun {
				phi = 0
			}
			state[j] = phi*state[j] + math.Sqrt(1-phi*phi)*o.Deviation[j]*x
			dst[j] = state[j]
		}
		begun = true
	}
}
