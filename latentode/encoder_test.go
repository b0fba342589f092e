package latentode

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"tsgen/internal/nn"
)

// posteriors returns mean and deviation of the posteriors of windows that are
// encoded together, in their order.
func posteriors(t *testing.T, f *fitted, windows []window) []float64 {
	t.Helper()
	s, err := f.network.newWorkspace(f.config.Options.Tolerance, purpose{learning: true})
	if err != nil {
		t.Fatal(err)
	}
	p := nn.Pass{Values: f.Params.Values}
	s.fill(append([]window(nil), windows...))
	q := f.network.encode(&p, &s.batch)
	n := q.Mean.Cols
	var all []float64
	for i := range windows {
		row := s.rank[i] * n
		all = append(append(all, q.Mean.Val[row:row+n]...), q.SD.Val[row:row+n]...)
	}
	return all
}

func near(a, b []float64) error {
	for i := range a {
		if math.Abs(a[i]-b[i]) > 1e-12 {
			return fmt.Errorf("value %d: %v and %v", i, a[i], b[i])
		}
	}
	return nil
}

// TestEncodersReadWindowsOneByOne demands that the posterior of a window does not
// depend on those beside it, of other lengths and with other gaps.
func TestEncodersReadWindowsOneByOne(t *testing.T) {
	for _, e := range []Encoder{EncoderGRU, EncoderODERNN, EncoderGRUD} {
		f, windows := start(t, Options{Level: LevelPanel, State: 3, Context: 12, Encoder: e})
		together := posteriors(t, f, windows)
		n := len(together) / len(windows)
		for i, w := range windows {
			if err := near(posteriors(t, f, []window{w}), together[i*n:(i+1)*n]); err != nil {
				t.Errorf("encoder %s, window %d: %v", e, i, err)
			}
		}
	}
}

// TestEncoderAtRest stands the state between observations still, which makes the
// encoder the plain one.
func TestEncoderAtRest(t *testing.T) {
	f, windows := start(t, Options{Level: LevelPanel, State: 3, Context: 12, Encoder: EncoderODERNN})
	moving := posteriors(t, f, windows)
	clear(f.network.between.Layers[1].W.In(f.Params.Values))
	rest := posteriors(t, f, windows)
	if near(moving, rest) == nil {
		t.Error("the state between observations has no effect")
	}
	f.network.between = nil
	if err := near(posteriors(t, f, windows), rest); err != nil {
		t.Error(err)
	}
}

// TestForgetting holds what an encoder remembers of missing values against the last ones seen in each channel,
// found one by one, and demands that one that keeps its state and remembers nothing is the plain one.
func TestForgetting(t *testing.T) {
	f, windows := start(t, Options{Level: LevelPanel, State: 3, Context: 12, Encoder: EncoderGRUD})
	for i := range windows {
		for k := range windows[i].X {
			if (i+k)%3 == 0 {
				windows[i].X[k] = math.NaN()
			}
		}
	}
	s, err := f.network.newWorkspace(f.config.Options.Tolerance, purpose{learning: true})
	if err != nil {
		t.Fatal(err)
	}
	p := nn.Pass{Values: f.Params.Values}
	s.fill(slices.Clone(windows))
	input, _ := f.network.forgetting.apply(&p, &s.batch)
	c, row := len(f.config.Channels), 0
	rate := math.Log1p(math.Exp(f.network.forgetting.rate.In(f.Params.Values)[0]))
	remembered := 0
	for k, n := range s.active {
		for i, w := range s.windows[:n] {
			at := w.Origin - 1 - k
			for j := range c {
				want := 0.0
				for later := at; later < w.Origin; later++ {
					if x := w.Value(later, j, c); !math.IsNaN(x) {
						want = s.normal(i, j, x) * math.Exp(-rate*(w.U[later]-w.U[at])/f.config.Unit)
						if later > at {
							remembered++
						}
						break
					}
				}
				if got := input.Val[row*input.Cols+j]; math.Abs(got-want) > 1e-12 {
					t.Fatalf("window %d, step %d, channel %d: %v, want %v", i, k, j, got, want)
				}
			}
			row++
		}
	}
	if remembered == 0 {
		t.Error("nothing is missing")
	}
	fading := posteriors(t, f, windows)
	values, own := f.Params.Values, f.network.forgetting
	clear(own.fade.W.In(values))
	for i := range own.fade.B.In(values) {
		own.fade.B.In(values)[i] = 50
	}
	for j := range own.rate.In(values) {
		own.rate.In(values)[j] = 1e6
	}
	plain := posteriors(t, f, windows)
	if near(fading, plain) == nil {
		t.Error("what is forgotten has no effect")
	}
	f.network.forgetting = nil
	if err := near(posteriors(t, f, windows), plain); err != nil {
		t.Error(err)
	}
}
