package judge

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"tsgen/forecast"
	"tsgen/series"
)

// A Sample is windows of the same length.
type Sample struct {
	Steps, Channels int
	Windows         [][]float64 // of Steps×Channels values each, row by row, none missing
	blocks          []int       // of time, of each window; those of -1 overlap two
}

// blocksOfTime is into how many blocks a series is cut, in turn of one part and of the
// other.
const blocksOfTime = 10

// Cut returns windows of the given number of steps of all series of panel that are long
// enough, at most so many, spread over all. Windows with a missing value are left out.
// The error wraps forecast.ErrTooShort if there is none.
func Cut(panel *series.Panel, steps, most int) (*Sample, error) {
	c := panel.Width()
	if steps < 1 || most < 1 || c == 0 {
		return nil, fmt.Errorf("judge: at most %d windows of %d steps of %d channels", most, steps, c)
	}
	s := &Sample{Steps: steps, Channels: c}
	many := 0
	for _, x := range panel.Series {
		if x.Len() >= steps {
			many++
		}
	}
	for i, x := range panel.Series {
		values := x.Values
		if panel.Step.Regular() {
			grid, _, err := panel.Grid(x)
			if err != nil {
				return nil, fmt.Errorf("judge: %w", err)
			}
			values = grid
		}
		n := len(values) / c
		length := max(2*steps, n/blocksOfTime)
		for from := 0; from+steps <= n; from++ {
			w := values[from*c : (from+steps)*c]
			if slices.ContainsFunc(w, math.IsNaN) {
				continue
			}
			block := i
			if many < blocksOfTime {
				if block = from / length; from/length != (from+steps-1)/length {
					block = -1
				}
			}
			s.Windows, s.blocks = append(s.Windows, w), append(s.blocks, block)
		}
	}
	if len(s.Windows) == 0 {
		return nil, fmt.Errorf("judge: %w: no series has a window of %d steps without a missing value", forecast.ErrTooShort, steps)
	}
	return s.Thinned(most), nil
}

// Thinned returns at most n windows, spread over all: one of each n-th part, at random, for at even
// distances they might all begin at the same few places of a season.
func (s *Sample) Thinned(n int) *Sample {
	m := len(s.Windows)
	if m <= n {
		return s
	}
	t := &Sample{Steps: s.Steps, Channels: s.Channels}
	rng := rand.New(rand.NewPCG(uint64(m), uint64(n)))
	for i := range n {
		from, to := i*m/n, (i+1)*m/n
		at := from + rng.IntN(to-from)
		if t.Windows = append(t.Windows, s.Windows[at]); s.blocks != nil {
			t.blocks = append(t.blocks, s.blocks[at])
		}
	}
	return t
}

// halves returns two parts of the windows: those of blocks in turn, or at random. The
// blocks are those of time, or of series where there are many. The parts are nil if
// one would have next to nothing.
func (s *Sample) halves(random bool, seed uint64) (a, b *Sample) {
	a, b = &Sample{Steps: s.Steps, Channels: s.Channels}, &Sample{Steps: s.Steps, Channels: s.Channels}
	rng := rand.New(rand.NewPCG(seed, 0))
	order := rng.Perm(len(s.Windows))
	for k, i := range order {
		into := k % 2
		if !random {
			if s.blocks == nil || s.blocks[i] < 0 {
				continue
			}
			into = s.blocks[i] % 2
		}
		part := a
		if into == 1 {
			part = b
		}
		part.Windows = append(part.Windows, s.Windows[i])
	}
	if min(len(a.Windows), len(b.Windows)) < LeastWindows {
		return nil, nil
	}
	return a, b
}

// without returns the windows of s that are none of t, nil if t is nil or too few are left to judge by.
func (s *Sample) without(t *Sample) *Sample {
	if t == nil {
		return nil
	}
	sorted := slices.SortedFunc(slices.Values(t.Windows), slices.Compare[[]float64])
	rest := &Sample{Steps: s.Steps, Channels: s.Channels}
	for _, w := range s.Windows {
		if _, found := slices.BinarySearchFunc(sorted, w, slices.Compare[[]float64]); !found {
			rest.Windows = append(rest.Windows, w)
		}
	}
	if len(rest.Windows) < LeastWindows {
		return nil
	}
	return rest
}

// LeastWindows is the fewest windows of either kind that can be judged.
const LeastWindows = 20

var errFew = errors.New("too few windows to judge by")

// check says why a sample cannot be compared with s.
func (s *Sample) check(t *Sample, name string) error {
	switch {
	case t.Steps != s.Steps || t.Channels != s.Channels:
		return fmt.Errorf("judge: windows of %d×%d values, those of %s of %d×%d", s.Steps, s.Channels, name, t.Steps, t.Channels)
	case len(t.Windows) < LeastWindows:
		return fmt.Errorf("judge: %w: %w: %s has %d, want at least %d; give longer or more series, or shorter windows",
			forecast.ErrTooShort, errFew, name, len(t.Windows), LeastWindows)
	}
	return nil
}

// A scale brings channels to a common range.
type scale struct{ shift, width []float64 }

// rangeOf returns the scale that takes the channels of s to 0..1.
func rangeOf(s *Sample) scale {
	r := scale{make([]float64, s.Channels), make([]float64, s.Channels)}
	for j := range s.Channels {
		low, high := math.Inf(1), math.Inf(-1)
		for _, w := range s.Windows {
			for k := j; k < len(w); k += s.Channels {
				low, high = min(low, w[k]), max(high, w[k])
			}
		}
		r.shift[j], r.width[j] = low, max(high-low, 1e-12*math.Max(1, math.Abs(high)))
	}
	return r
}

// deviationOf returns the scale that takes the channels of s to the mean 0 and the
// deviation 1.
func deviationOf(s *Sample) scale {
	r := scale{make([]float64, s.Channels), make([]float64, s.Channels)}
	for j := range s.Channels {
		mean, square, n := 0.0, 0.0, 0.0
		for _, w := range s.Windows {
			for k := j; k < len(w); k += s.Channels {
				n++
				d := w[k] - mean
				mean += d / n
				square += d * (w[k] - mean)
			}
		}
		r.shift[j], r.width[j] = mean, max(math.Sqrt(square/n), 1e-9*math.Max(1, math.Abs(mean)))
	}
	return r
}

// common returns the scale of a, but of channels that are constant there that of a and b together: how far b is from
// what does not vary has no other measure.
func common(of func(*Sample) scale, a, b *Sample) scale {
	r := of(a)
	both := of(&Sample{Steps: a.Steps, Channels: a.Channels, Windows: slices.Concat(a.Windows, b.Windows)})
	for j, v := range a.Windows[0][:a.Channels] {
		constant := true
		for _, w := range a.Windows {
			for k := j; k < len(w) && constant; k += a.Channels {
				constant = w[k] == v
			}
		}
		if constant {
			r.width[j] = both.width[j]
		}
	}
	return r
}

// apply returns the windows of s so scaled.
func (r scale) apply(s *Sample) *Sample {
	t := &Sample{Steps: s.Steps, Channels: s.Channels, blocks: s.blocks}
	for _, w := range s.Windows {
		v := make([]float64, len(w))
		for k, x := range w {
			j := k % s.Channels
			v[k] = (x - r.shift[j]) / r.width[j]
		}
		t.Windows = append(t.Windows, v)
	}
	return t
}

// leastDeviation is that of a channel within a window to which forms bring it up at most, so that noise is not taken
// for a form.
const leastDeviation = 0.1

// forms returns the windows with the mean 0 and the deviation 1 of each channel in each (as in Keogh and Kasetty 2003).
func (s *Sample) forms() *Sample {
	t := &Sample{Steps: s.Steps, Channels: s.Channels, blocks: s.blocks}
	for i := range s.Windows {
		one := &Sample{Steps: s.Steps, Channels: s.Channels, Windows: s.Windows[i : i+1]}
		own := deviationOf(one)
		for j, width := range own.width {
			own.width[j] = math.Max(width, leastDeviation)
		}
		t.Windows = append(t.Windows, own.apply(one).Windows...)
	}
	return t
}
