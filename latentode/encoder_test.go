package latentode

import (
	"fmt"
	"math"
	"testing"

	"tsgen/internal/nn"
)

// posteriors returns mean and deviation of the posteriors of windows that are
// encoded together, in their order.
func posteriors(t *testing.T, f *fitted, windows []window) []float64 {
	t.Helper()
	s, err := f.network.newWorkspace(f.config.Options.Tolerance)
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
	for _, e := range []Encoder{EncoderGRU, EncoderODERNN} {
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
