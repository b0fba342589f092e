package solver

import (
	"errors"
	"math"
	"testing"
)

// TestCheckTimes protects solves from times that go back and forth, or go
// backwards where only forwards is possible.
func TestCheckTimes(t *testing.T) {
	for _, tt := range []struct {
		times     []float64
		backwards bool
		ok        bool
	}{
		{nil, false, true},
		{[]float64{1, 1, 2}, false, true},
		{[]float64{1, 1, 2}, true, true},
		{[]float64{0.5, 2}, false, false},
		{[]float64{2, 1.5}, true, false},
		{[]float64{0.5, 0}, true, true},
		{[]float64{0.5, 0}, false, false},
		{[]float64{0.5, 0.7, 0}, true, false},
		{[]float64{math.NaN()}, true, false},
		{[]float64{math.Inf(1)}, false, false},
	} {
		err := CheckTimes(3, 1, tt.times, tt.backwards)
		if (err == nil) != tt.ok || err != nil && !errors.Is(err, ErrTimes) {
			t.Errorf("%v, backwards %t: %v", tt.times, tt.backwards, err)
		}
	}
}

// TestResizeAll protects vectors from overlapping, and long ones from starting
// at one place of their pages.
func TestResizeAll(t *testing.T) {
	for _, n := range []int{0, 3, 511, 512, 4000} {
		x, y := make([][]float64, 3), make([][]float64, 2)
		ResizeAll(n, x, y)
		all := append(x[:3:3], y...)
		for i, v := range all {
			if len(v) != n || cap(v) != n {
				t.Fatalf("vector %d has %d elements and room for %d, want %d", i, len(v), cap(v), n)
			}
			for j := range v {
				v[j] = float64(i)
			}
		}
		for i, v := range all {
			for _, e := range v {
				if e != float64(i) {
					t.Fatalf("%d elements: vectors overlap", n)
				}
			}
		}
		if n < 3 {
			continue
		}
		first := &all[1][0]
		ResizeAll(n-2, x, y)
		if &all[1][0] != first || len(x[1]) != n-2 {
			t.Errorf("%d elements: vectors with room are made anew", n)
		}
	}
}
