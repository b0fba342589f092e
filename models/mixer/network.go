package mixer

import (
	"math"
	"math/rand/v2"

	"tsgen/internal/ad"
	"tsgen/internal/nn"
)

var probs = []float64{0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.975, 0.99}

const (
	middle = 7
)

type block struct{ in, out nn.Linear }

// A network holds the places of the weights.
type network struct {
	plan       *plan
	detail     int
	skip       *nn.Param // context to leads
	covariates *nn.Linear
	first      nn.Linear
	blocks     []block
	mixIn      *nn.Linear
	mixOut     *nn.Linear
	mixB       nn.Linear
	decoder    nn.Linear // hidden to leads × detail
	lead, ofK  nn.Linear // of a lead's detail and what is known of it
	head       nn.Linear
	cumulate   []float64
}

func (p *plan) leadWidth() int {
	n := 2*p.harmonics() + len(p.Known)
	if p.Long > 0 {
		n += 2 * longHarmonics
	}
	return max(1, n)
}

const reduced = 2 // values a step in place of the covariates

func (p *plan) inputWidth() int {
	o := p.Options
	n := 2*o.Context + len(p.Channels) + 2
	if o.x("diff", 1) > 0 {
		n += max(0, o.Context-p.Season)
	}
	n += 2 * p.harmonics()
	if p.Long > 0 {
		n += 2 * longHarmonics
	}
	return n
}

func newNetwork(s *nn.Params, p *plan, pre string, rng *rand.Rand) *network {
	o := p.Options
	h, c := o.Hidden, len(p.Channels)
	n := &network{plan: p, detail: int(o.x("detail", 8))}
	detail := n.detail
	in := p.inputWidth()
	if k := len(p.Known); k > 0 {
		l := nn.NewLinear(s, pre+"covariates", k, reduced, 1, rng)
		n.covariates = &l
		in += (o.Context + p.Horizon) * reduced
	}
	if o.x("skip", 1) > 0 {
		w := s.Add(pre+"skip", o.Context, p.Horizon)
		n.skip = &w
	}
	n.first = nn.NewLinear(s, pre+"encoder.first", in, h, 1, rng)
	for i := range o.Blocks {
		name := pre + "encoder." + string(rune('a'+i))
		n.blocks = append(n.blocks, block{nn.NewLinear(s, name+".in", h, h, 1.4, rng), nn.NewLinear(s, name+".out", h, h, 0.3, rng)})
	}
	if c > 1 && o.x("mix", 1) > 0 {
		k := max(1, min(int(o.x("mixk", 16)), 128/c))
		a, b := nn.NewLinear(s, pre+"mix.in", h, k, 1, rng), nn.NewLinear(s, pre+"mix.out", c*k, c*k, 1, rng)
		n.mixIn, n.mixOut = &a, &b
		n.mixB = nn.NewLinear(s, pre+"mix.back", k, h, o.x("mixgain", 0.3), rng)
	}
	d := int(o.x("d", 32))
	n.decoder = nn.NewLinear(s, pre+"decoder.leads", h, p.Horizon*detail, 1, rng)
	n.lead = nn.NewLinear(s, pre+"decoder.lead", detail, d, 1, rng)
	n.ofK = nn.NewLinear(s, pre+"decoder.known", p.leadWidth(), d, 0.5, rng)
	n.head = nn.NewLinear(s, pre+"decoder.head", d, len(probs), 0.2, rng)
	b := n.head.B.In(s.Values)
	n.cumulate = make([]float64, len(probs)*len(probs))
	for i := range probs {
		n.cumulate[middle*len(probs)+i] = 1
		switch {
		case i < middle:
			for q := 0; q <= i; q++ {
				n.cumulate[i*len(probs)+q] = -1
			}
			b[i] = inverseSoftplus(1.2 * (quantileNormal(probs[i+1]) - quantileNormal(probs[i])))
		case i > middle:
			for q := i; q < len(probs); q++ {
				n.cumulate[i*len(probs)+q] = 1
			}
			b[i] = inverseSoftplus(1.2 * (quantileNormal(probs[i]) - quantileNormal(probs[i-1])))
		}
	}
	return n
}

func quantileNormal(p float64) float64  { return math.Sqrt2 * math.Erfinv(2*p-1) }
func inverseSoftplus(y float64) float64 { return y + math.Log(-math.Expm1(-y)) }

func relu(p *nn.Pass, l nn.Linear, x *ad.Node) *ad.Node {
	return p.LinearReLU(x, p.Param(l.W), p.Param(l.B))
}

// quantiles returns those of all rows and leads, (rows·horizon)×len(probs), in units of
// the seasonal difference, from the seasonal naive forecast.
func (n *network) quantiles(p *nn.Pass, b *batch) *ad.Node {
	rows := b.rows
	o := n.plan.Options
	x := p.Const(rows, n.plan.inputWidth(), b.input)
	if n.covariates != nil {
		k := len(n.plan.Known)
		steps := o.Context + n.plan.Horizon
		v := n.covariates.Apply(p, p.Const(rows*steps, k, b.covariates))
		x = p.Concat(x, p.Reshape(v, steps*reduced))
	}
	h := relu(p, n.first, x)
	for _, l := range n.blocks {
		h = p.Add(h, l.out.Apply(p, b.thin(p, relu(p, l.in, h))))
	}
	if n.mixIn != nil {
		c := len(n.plan.Channels)
		z := n.mixIn.Apply(p, h)
		k := z.Cols
		z = relu(p, *n.mixOut, p.Reshape(z, c*k))
		h = p.Add(h, n.mixB.Apply(p, p.Reshape(z, k)))
	}
	h = b.thin(p, h)
	g := p.Reshape(n.decoder.Apply(p, h), n.detail)
	share := n.ofK.Apply(p, p.Const(rows*n.plan.Horizon, n.plan.leadWidth(), b.known))
	g = p.LinearReLU(g, p.Param(n.lead.W), share)
	q := n.head.Apply(p, g)
	low, high := p.Softplus(p.Columns(q, 0, middle)), p.Softplus(p.Columns(q, middle+1, len(probs)))
	location := p.Columns(q, middle, middle+1)
	if n.skip != nil {
		location = p.Add(location, p.Reshape(p.MatMul(p.Const(rows, o.Context, b.raw), p.Param(*n.skip)), 1))
	}
	q = p.Concat(low, p.Concat(location, high))
	return p.MatMul(q, p.Const(len(probs), len(probs), n.cumulate))
}

// average returns the mean quantiles of all members.
func (f *fitted) average(p *nn.Pass, b *batch) *ad.Node {
	var sum *ad.Node
	for _, n := range f.members {
		if q := n.quantiles(p, b); sum == nil {
			sum = q
		} else {
			sum = p.Add(sum, q)
		}
	}
	return p.Scale(1/float64(len(f.members)), sum)
}
