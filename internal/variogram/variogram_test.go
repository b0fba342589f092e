package variogram

import (
	"math"
	"math/rand/v2"
	"testing"
)

// drawn returns n values and those ahead of many series: walks that drift, values about lines with a season, and
// autoregressions, each with a scale of its own that varies so much.
func drawn(kind string, number, n, ahead int, spread float64) (past, future [][]float64) {
	for i := range number {
		rng := rand.New(rand.NewPCG(3, uint64(i)))
		y := make([]float64, n+ahead)
		slope, phase, x := rng.NormFloat64(), 2*math.Pi*rng.Float64(), rng.NormFloat64()
		scale := math.Exp(spread * rng.NormFloat64())
		for t := range y {
			switch kind {
			case "walk":
				x += 4*rng.NormFloat64() + 1.5*slope
				y[t] = x
			case "line":
				y[t] = 2*slope*float64(t) + 12*math.Sin(2*math.Pi*float64(t)/12+phase) + 6*rng.NormFloat64()
			case "memory":
				x = 0.65*x + math.Sqrt(1-0.65*0.65)*rng.NormFloat64()
				y[t] = 5 * x
			}
			y[t] *= scale
		}
		past, future = append(past, y[:n:n]), append(future, y[n:])
	}
	return past, future
}

// The laws of known processes are recovered, and of what comes, and of what comes after gaps, so much lies within the
// intervals as should.
func TestLearn(t *testing.T) {
	for _, c := range []struct {
		kind   string
		n      int
		spread float64
		part   func(l *Law) float64 // that should be want of the variance of the differences of neighbours
		want   float64
	}{ // a memory that 16 steps do not tell from a walk counts as one
		{"walk", 8, 0, func(l *Law) float64 { return l.Slope }, 2.25 / (16 + 2.25)},
		{"walk", 16, 1, func(l *Law) float64 { return l.Walk + 0.3*l.Memory[2] }, 16 / (16 + 2.25)},
		{"line", 16, 0, func(l *Law) float64 { return l.Noise }, 36 / (72 + 4 + 144*(1-math.Cos(math.Pi/6)))},
		{"line", 16, 1, func(l *Law) float64 { return l.Waves[0] }, 72 / (72 + 4 + 144*(1-math.Cos(math.Pi/6)))},
		{"memory", 10, 0.5, func(l *Law) float64 { return l.Slope }, 0},
	} {
		past, future := drawn(c.kind, 300, c.n, 12, c.spread)
		past[0][2], past[1][c.n-1] = math.NaN(), math.NaN()
		l := Learn(past, 12)
		if l == nil {
			t.Fatalf("%s: nothing learned", c.kind)
		}
		if err := l.Validate(); err != nil {
			t.Error(err)
		}
		if got := c.part(l); math.Abs(got-c.want) > 0.05+0.2*c.want {
			t.Errorf("%s of %d: %v, want %v", c.kind, c.n, got, c.want)
		}
		in := 0.0
		for i, y := range past {
			o, ok := l.Ahead(y, 12)
			if !ok {
				t.Fatalf("%s: no outlook", c.kind)
			}
			for h, v := range future[i] {
				if math.Abs(v-o.Mean[h]) < 1.2816*o.SD[h] {
					in += 1.0 / 3600
				}
			}
		}
		if math.Abs(in-0.8) > 0.05 {
			t.Errorf("%s of %d: %.3f of what comes lies within the 80 %% intervals", c.kind, c.n, in)
		}
	}
}

// The outlook of a walk is that of a walk, and of noise about a level that is not known that of the mean.
func TestAhead(t *testing.T) {
	y := []float64{3, 5, 4, math.NaN(), 7, 8}
	square := (4.0 + 1 + 1) / 3
	unit := (10*2 + 3*square) / 13
	l := Law{Square: 2, Degrees: 10, Memory: make([]float64, len(memories())), Walk: 1.5}
	o, ok := l.Ahead(y, 3)
	for h := range o.Mean {
		if want := math.Sqrt(1.5 * float64(h+1) * unit); math.Abs(o.Mean[h]-8) > 1e-4 || math.Abs(o.SD[h]-want) > 1e-4 {
			t.Errorf("step %d of a walk: %v ± %v, want 8 ± %v", h+1, o.Mean[h], o.SD[h], want)
		}
	}
	if !ok || len(o.Mean) != 3 || o.Degrees != 13 {
		t.Errorf("%+v, %v", o, ok)
	}
	l.Noise, l.Walk = 0.5, 0
	o, _ = l.Ahead(y, 2)
	for h := range o.Mean {
		if want := math.Sqrt(0.5 * 1.2 * unit); math.Abs(o.Mean[h]-27.0/5) > 1e-4 || math.Abs(o.SD[h]-want) > 1e-4 {
			t.Errorf("step %d of noise: %v ± %v, want 5.4 ± %v", h+1, o.Mean[h], o.SD[h], want)
		}
	}
	if _, ok := l.Ahead([]float64{math.NaN(), 1}, 2); ok {
		t.Error("an outlook of one value")
	}
}

// Few series, and series that do not vary, tell nothing; a law that cannot be is refused.
func TestRefused(t *testing.T) {
	past, _ := drawn("walk", leastSeries-1, 10, 0, 0)
	for len(past) < 2*leastSeries {
		past = append(past, make([]float64, 10))
	}
	if l := Learn(past, 12); l != nil {
		t.Errorf("%+v", l)
	}
	good := Law{Square: 1, Degrees: 1, Memory: make([]float64, len(memories()))}
	for name, spoil := range map[string]func(l *Law){
		"scale":    func(l *Law) { l.Square = math.NaN() },
		"degrees":  func(l *Law) { l.Degrees = 0 },
		"variance": func(l *Law) { l.Walk = -1 },
		"memories": func(l *Law) { l.Memory = nil },
		"waves":    func(l *Law) { l.Waves = []float64{1} },
	} {
		bad := good
		if spoil(&bad); bad.Validate() == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
}
