package latentode

import (
	"math/rand/v2"

	"tsgen/internal/ad"
	"tsgen/internal/nn"
	"tsgen/models/density"
)

// A forgetting is what an encoder has for channels that are seen at different times (GRU-D, Che et al.
// 2018). With δ the time since a channel was last seen, in the order in which the context is read, a
// missing value is the last one brought towards the mean, and the state fades by what all channels miss,
//
//	x̂_j = exp(-ω_j δ_j) x_j,last,  h ← σ(b + W δ) ⊙ h,
//
// ω being positive and σ the logistic function in place of the exponential of a rectifier.
type forgetting struct {
	rate nn.Param  // 1×channels
	fade nn.Linear // channels → state
}

// Where training starts, in the solver's unit of time: values lose a tenth, states a twentieth.
const (
	initialForgetting = 0.1
	initialKept       = 3 // the logit
)

// newForgetting adds one to s.
func newForgetting(s *nn.Params, channels, hidden int, rng *rand.Rand) *forgetting {
	f := &forgetting{s.Add("encoder.forget", 1, channels), nn.NewLinear(s, "encoder.fade", channels, hidden, 0.1, rng)}
	for j := range channels {
		f.rate.In(s.Values)[j] = density.InverseSoftplus(initialForgetting)
	}
	for i := range hidden {
		f.fade.B.In(s.Values)[i] = initialKept
	}
	return f
}

// apply returns the encoder's packed input with what is remembered in the place of missing values, and
// what the states keep of themselves before each row.
func (f *forgetting) apply(p *nn.Pass, b *batch) (input, kept *ad.Node) {
	c, width := len(b.Channels), b.inputWidth()
	rows := len(b.input) / width
	seen, last, since := p.Buffer(rows*c), p.Buffer(rows*c), p.Buffer(rows*c)
	rest := p.Buffer(rows * (width - c))
	at, before := 0, 0 // the rows where a step and the one before it begin
	for k, n := range b.active {
		for i := range n {
			row := b.input[(at+i)*width : (at+i+1)*width]
			copy(seen[(at+i)*c:], row[:c])
			copy(rest[(at+i)*(width-c):], row[c:])
			for j := range c {
				to, from := (at+i)*c+j, (before+i)*c+j
				switch old := b.input[(before+i)*width:]; {
				case k == 0:
					last[to], since[to] = 0, 0
				case old[c+j] == 1:
					last[to], since[to] = old[j], b.gaps[at+i]
				default:
					last[to], since[to] = last[from], since[from]+b.gaps[at+i]
				}
			}
		}
		at, before = at+n, at
	}
	for i := range last { // from here on of missing values alone
		if b.input[i/c*width+c+i%c] == 1 {
			last[i] = 0
		}
	}
	times := p.Const(rows, c, since)
	first := grow(&b.first, rows)
	clear(first)
	decay := p.Exp(p.Scale(-1, p.Mul(times, p.Rows(p.Softplus(p.Param(f.rate)), first))))
	values := p.Add(p.Const(rows, c, seen), p.Mul(p.Const(rows, c, last), decay))
	return p.Concat(values, p.Const(rows, width-c, rest)), p.Sigmoid(f.fade.Apply(p, times))
}
