package latentode

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/nn"
	"tsgen/internal/seriestest"
)

// TestMotion holds the motion of states on straight lines, whose squares of speed
// are 2 and 10, and of one that is asked for once against that of the lines.
func TestMotion(t *testing.T) {
	times := [][]float64{{0, 1, 1, 3}, {2}, {0, 0.5}}
	var states []float64
	for i, times := range times {
		for _, at := range times {
			states = append(states, float64(i+1)*at, 2-at)
		}
	}
	for length, want := range map[bool]float64{false: 2 + 0 + 10, true: math.Sqrt2 + 0 + math.Sqrt(10)} {
		var p nn.Pass
		m := pathRegularizer{states: p.Const(len(states)/2, 2, states), times: times, length: length}
		if got := m.apply(&p).Val[0]; math.Abs(got-want) > 1e-12 {
			t.Errorf("length %v: %v, want %v", length, got, want)
		}
	}
}

// TestMotionGradient holds the gradients against central differences, at uneven
// times, two of them the same, and for a state that stands still.
func TestMotionGradient(t *testing.T) {
	times := [][]float64{{0, 0.4, 0.4, 3, 3.5}, {1}, {0, 0.5, 2}}
	rng := rand.New(rand.NewPCG(1, 2))
	states := make([]float64, 9*3)
	for i := range states {
		states[i] = rng.NormFloat64()
	}
	copy(states[4*3:], states[3*3:4*3]) // still from 3 to 3.5
	const step = 1e-6
	for _, length := range []bool{false, true} {
		value := func(backward bool) (float64, []float64) {
			p := nn.Pass{Values: states, Grad: make([]float64, len(states))}
			m := pathRegularizer{states: p.Param(nn.Param{Rows: 9, Cols: 3}), times: times, length: length}
			sum := m.apply(&p)
			if backward {
				p.Backward(sum)
			}
			return sum.Val[0], p.Grad
		}
		_, grad := value(true)
		for i, x := range states {
			states[i] = x + step
			up, _ := value(false)
			states[i] = x - step
			down, _ := value(false)
			states[i] = x
			if want := (up - down) / (2 * step); math.Abs(grad[i]-want) > 1e-7*(1+math.Abs(want)) {
				t.Errorf("length %v: derivative %d is %v, differences say %v", length, i, grad[i], want)
			}
		}
	}
}

// TestCalm demands that a model that pays for speed has slower states, and one
// that pays for the length of paths shorter ones.
func TestCalm(t *testing.T) {
	seriestest.Long(t)
	panel := oscillators(6, 60, 0.1, 4)
	motion := func(o Options, power float64) float64 {
		o.Level, o.Updates = LevelPanel, 100
		m := fit(t, o, panel, forecast.FitOptions{Horizon: 10, Season: 1, Seed: 1})
		f, err := m.Encode(context.Background(), panel, forecast.Options{At: seriestest.Ahead(panel, 10), Samples: 20})
		if err != nil {
			t.Fatal(err)
		}
		sum, c := 0.0, len(f.Channels)
		for _, d := range f.Series {
			for _, path := range d.Paths {
				for k := c; k < len(path); k += c {
					square := 0.0
					for j := range c {
						square += math.Pow(path[k+j]-path[k+j-c], 2)
					}
					sum += math.Pow(square, power/2)
				}
			}
		}
		return sum
	}
	for _, c := range []struct {
		name    string
		options Options
		power   float64
	}{{"kinetic", Options{Kinetic: 0.3}, 2}, {"path", Options{Path: 0.3}, 1}} {
		o := small
		free := motion(o, c.power)
		o.Kinetic, o.Path = c.options.Kinetic, c.options.Path
		if paid := motion(o, c.power); !(paid < 0.6*free) {
			t.Errorf("%s: motion %v where it is paid for, else %v", c.name, paid, free)
		}
	}
}
