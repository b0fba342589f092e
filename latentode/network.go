package latentode

import (
	"context"
	"math"
	"math/rand/v2"

	"tsgen/internal/ad"
	"tsgen/internal/nn"
	"tsgen/models/density"
)

// A network holds the places of the model's weights.
//
//	encoder    a GRU backwards over the context, a linear head to q(z₀)
//	dynamics   dz/dt = v ⊙ tanh(MLP(z)) + B·static for the state, 0 for the
//	           static part; of panels also a linear part that this sets
//	decoder    x = C·state + d + Σ_k (A_k cos 2πku/m + B_k sin 2πku/m) + E·known
//	carry      the last residuals of the context, of the level and of the same
//	           place in the season, fading, added to the future
//	noise      independent Gaussian or Student's t, growing with the lead time;
//	           of many series times exp(3 tanh(D·z₀ + e)), for some are noisier
//	           than others
//
// Counts and binary values have the logarithms of their means and their logits
// in the place of x, and neither carry nor noise.
//
// The season and the covariates that are known ahead act additively: their
// coefficients A, B and E are an affine function of the static part of z, so
// that they cost the solver nothing.
type network struct {
	config      *config
	encoder     nn.GRU
	between     *nn.MLP     // moves the encoder's state between observations, or nil
	forgetting  *forgetting // of the encoder between observations, or nil
	head        nn.Linear
	field       nn.MLP
	speed       nn.Param // 1×state
	constant    nn.Param // static×state
	linear      nn.Param // of the linear part that the static part sets, if there is one
	decoder     nn.Linear
	season      nn.Linear // static → channels·forcing
	corrections []residualCorrection
	guide       *guide           // of the paths, nil where dynamics have no noise
	process     *residualProcess // in place of the first carry and of the growing noise, or nil
	noise       density.Noise
	steady      nn.Param   // noise of any lead time where the dynamics have some, in place of that which grows
	louder      *nn.Linear // latent → channels; nil for few series

	likelihood density.Likelihood // of counts and binary values, else nil
	dof        nn.Param           // of a Student's t, else none
}

const (
	noiseFloor   = 0.01 // least deviation of the noise, in units of a window's scale
	initialNoise = 0.3
)

// newNetwork adds the weights of the network of c to s.
func newNetwork(s *nn.Params, c *config, rng *rand.Rand) *network {
	o := c.Options
	latent := o.State + c.static()
	channels := len(c.Channels)
	n := &network{config: c}
	n.addDistribution(s, channels)
	outputs := channels
	if n.likelihood != nil {
		outputs = n.likelihood.Outputs()
	}
	n.encoder = nn.NewGRU(s, "encoder", c.inputWidth(), o.Hidden, rng)
	n.head = nn.NewLinear(s, "posterior", o.Hidden, 2*latent, 0.5, rng)
	n.field = nn.NewMLP(s, "dynamics", []int{latent, o.Hidden, o.Hidden, o.State}, 0.3, rng)
	n.speed = s.Add("dynamics.speed", 1, o.State)
	n.constant = s.AddUniform("dynamics.drift", c.static(), o.State, 0.5, rng)
	n.decoder = nn.NewLinear(s, "decoder", o.State, outputs, 1, rng)
	n.season = nn.NewLinear(s, "season", c.static(), outputs*c.forcing(), 0.3, rng)
	switch {
	case c.stochastic() && c.real():
		if o.Noise == 0 {
			n.steady = s.Add("noise", 1, channels)
			for j := range channels {
				n.steady.In(s.Values)[j] = density.InverseSoftplus(initialNoise)
			}
		}
	case o.Residuals == ResidualsOU:
		n.process = newResidualProcess(s, channels, o.Noise == 0)
	case c.real():
		n.corrections = []residualCorrection{newResidualCorrection(s, "carry.level", channels, 1)}
		if o.Noise == 0 {
			n.noise = density.NewNoise(s, "noise", channels, noiseFloor, initialNoise)
		}
	}
	if c.real() && c.Season > 1 && c.Step.Regular() && !c.stochastic() {
		n.corrections = append(n.corrections, newResidualCorrection(s, "carry.season", channels, c.Season))
	}
	if c.OwnNoise {
		l := nn.NewLinear(s, "noise.own", latent, channels, 0.1, rng)
		n.louder = &l
	}
	n.addMotion(s, rng)
	if c.stochastic() {
		n.guide = newGuide(s, c, rng)
	}
	for i := range n.speed.In(s.Values) {
		n.speed.In(s.Values)[i] = 1
	}
	if c.Modulated {
		n.linear = s.AddUniform("dynamics.linear", c.modulation(), o.State, 0.1, rng)
		w, block := n.linear.In(s.Values), (o.State+1)*o.State
		for a := range o.State {
			w[block-o.State+a] += initialDamping
		}
		c.turn(w)
	}
	return n
}

// A workspace is the memory in which one goroutine works.
type workspace struct {
	batch
	tolerance float64
	probes    *workspace          // of the search for modes, nil before the first
	pass      nn.Pass             // of what is inferred
	single    *nn.PassOf[float32] // of what is computed in float32, nil where that is nothing
	source    rand.PCG
	rng       *rand.Rand // draws from source
	flow      *flow      // nil where dynamics have noise
	diffusion *diffusion // nil where they have none
	seeds     *rand.Rand // where its paths have theirs from
	corrected []correctionNode
	residual  residualNode
	stray     stray
	drawn     []window
	tilts     []float64
	rowSums   rowSums
	motions   [2]pathRegularizer // their speed's square, their length

	// Of multiple shooting: the starts of the windows that lie within others,
	// which windows do, as a table and as a list, and which do not.
	starts      []float64
	within      []bool
	bound, free []int
}

// A purpose is what a workspace is for.
type purpose struct {
	learning bool // has gradients

	// narrow has the encoder in float32, and the dynamics, but for their linear part, if the solver's tolerance lets them be.
	narrow bool
}

// leastNarrow is the least tolerance at which the solver's error estimate is not one of rounding to float32.
const leastNarrow = 1e-5

// newWorkspace returns one whose trajectories have a tolerance.
func (n *network) newWorkspace(tolerance float64, what purpose) (*workspace, error) {
	s := &workspace{batch: batch{config: n.config}, corrected: make([]correctionNode, len(n.corrections)), tolerance: tolerance}
	s.rng = rand.New(&s.source)
	s.seeds = s.rng
	var err error
	if n.config.stochastic() {
		s.diffusion, err = newDiffusion(n)
		return s, err
	}
	var single *nn.PassOf[float32]
	if what.narrow {
		s.single = new(nn.PassOf[float32])
		if tolerance >= leastNarrow {
			single = s.single
		}
	}
	s.flow, err = newFlow(n, tolerance, what.learning, single)
	return s, err
}

// forProbes returns the workspace of the search for modes.
func (s *workspace) forProbes() (*workspace, error) {
	if s.probes == nil {
		probes, err := s.flow.newWorkspace(s.tolerance, purpose{})
		if err != nil {
			return nil, err
		}
		probes.flow.single, s.probes = s.flow.single, probes
	}
	return s.probes, nil
}

// A decoded is what a network makes of the states z₀ of a batch's windows: the
// latent states at every row of the batch, rows × latent, and the means or
// locations and the deviations or scales of the observations there, rows ×
// channels; of counts and binary values the head of their distribution, rows × outputs,
// is in the place of the means, and there are no deviations.
// paths are the costs of the paths, trajectories × 1, nil where dynamics have no noise.
// dynamics are the means without what residuals say, and residual is their process, if there is one.
type decoded struct {
	states, dynamics, mean, sd *ad.Node
	paths                      *ad.Node
	residual                   *residualNode
}

// head returns a row of the means.
func (d decoded) head(row int) []float64 { return d.mean.Val[row*d.mean.Cols : (row+1)*d.mean.Cols] }

// decode decodes z₀, which has a row for each window.
func (n *network) decode(ctx context.Context, p *nn.Pass, s *workspace, z0 *ad.Node) (decoded, error) {
	if s.diffusion == nil {
		states, err := s.flow.run(ctx, p, z0, s.t0, s.times)
		if err != nil {
			return decoded{}, err
		}
		return n.observed(p, s, z0, states), nil
	}
	if len(s.windows) == 1 && s.windows[0].back {
		states, err := s.diffusion.backwards(ctx, p, z0, &s.batch, s.seeds)
		if err != nil {
			return decoded{}, err
		}
		return n.observed(p, s, z0, states), nil
	}
	states, paths, err := s.diffusion.run(ctx, p, z0, &s.batch, s.seeds)
	if err != nil {
		return decoded{}, err
	}
	d := n.observed(p, s, z0, states)
	d.paths = paths
	return d, nil
}

// observed returns what is decoded of z₀ given the states.
func (n *network) observed(p *nn.Pass, s *workspace, z0, states *ad.Node) decoded {
	d := decoded{states: states, dynamics: n.means(p, &s.batch, z0, states)}
	d.mean = d.dynamics
	switch {
	case n.process != nil:
		d.residual = &s.residual
		d.mean, d.sd = n.process.apply(p, d.residual, &s.batch, d.dynamics, n.config.fixedNoise())
		d.sd = n.louden(p, d.sd, s.owner, z0)
	case n.config.real():
		d.sd = n.deviations(p, s.lead, s.owner, z0)
	}
	for i, c := range n.corrections {
		d.mean = c.apply(p, &s.corrected[i], &s.batch, d.mean, d.dynamics)
	}
	return d
}

// fixedNoise returns the deviations of the noise in each channel where they are known, else nil.
func (c *config) fixedNoise() []float64 {
	if c.Options.Noise == 0 {
		return nil
	}
	sd := make([]float64, len(c.Channels))
	for j := range sd {
		sd[j] = c.Options.Noise / c.Scale[j]
	}
	return sd
}

// means returns what the dynamics say of the observations, without what is
// carried over.
func (n *network) means(p *nn.Pass, b *batch, z0, states *ad.Node) *ad.Node {
	if n.config.static() > 0 {
		states = p.Columns(states, 0, n.config.Options.State)
	}
	mean := n.decoder.Apply(p, states)
	if k := n.config.forcing(); k > 0 {
		c := n.season.Apply(p, p.Columns(z0, n.config.Options.State, z0.Cols))
		mean = p.Add(mean, p.BlockDot(c, b.owner, p.Const(len(b.owner), k, b.forced)))
	}
	return mean
}

// deviations returns the standard deviations of the noise of observations at
// the given lead times, which belong to the rows owner of z₀.
func (n *network) deviations(p *nn.Pass, lead []float64, owner []int, z0 *ad.Node) *ad.Node {
	if fixed := n.config.fixedNoise(); fixed != nil {
		sd := p.Buffer(len(lead) * len(fixed))
		for i := range sd {
			sd[i] = fixed[i%len(fixed)]
		}
		return p.Const(len(lead), len(n.config.Channels), sd)
	}
	if n.steady.Cols > 0 {
		return n.louden(p, p.Rows(p.SoftplusAbove(noiseFloor, p.Param(n.steady)), make([]int, len(lead))), owner, z0)
	}
	if n.config.Version > 0 {
		held := p.Buffer(len(lead))
		for i, l := range lead {
			held[i] = saturated(l)
		}
		lead = held
	}
	return n.louden(p, n.noise.SD(p, p.Const(len(lead), 1, lead)), owner, z0)
}

// louden returns the deviations sd, which belong to the rows owner of z₀, by the strength of their series' noise.
func (n *network) louden(p *nn.Pass, sd *ad.Node, owner []int, z0 *ad.Node) *ad.Node {
	if n.louder == nil {
		return sd
	}
	factor := p.Exp(p.Scale(3, p.Tanh(n.louder.Apply(p, z0))))
	return p.Mul(sd, p.Rows(factor, owner))
}

// saturated returns the lead time in horizons by which the noise grows: as much as was trained on,
// and up to twice that beyond.
func saturated(lead float64) float64 {
	if lead <= 1 {
		return lead
	}
	return 2 - math.Exp(1-lead)
}
