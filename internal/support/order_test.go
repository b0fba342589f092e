package support

import (
	"context"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"tsgen/series"
)

// rowsOf returns a panel of series of so many rows that next returns, one after the other.
func rowsOf(each, length int, next func(start bool, rng *rand.Rand) []float64) *series.Panel {
	rng := rand.New(rand.NewPCG(4, 4))
	p := &series.Panel{Step: series.Step{Width: 1}}
	for range each {
		s := &series.Series{}
		for i := range length {
			s.Times, s.Values = append(s.Times, float64(i)), append(s.Values, next(i == 0, rng)...)
		}
		p.Series = append(p.Series, s)
	}
	p.Channels = make([]string, len(p.Series[0].Values)/length)
	return p
}

// prices returns rows of open, high, low, close and volume.
func prices() func(start bool, rng *rand.Rand) []float64 {
	last := 0.0
	return func(start bool, rng *rand.Rand) []float64 {
		if start {
			last = 100
		}
		open := last * math.Exp(0.002*rng.NormFloat64())
		last = open
		high, low := open, open
		for range 20 {
			last *= math.Exp(0.004 * rng.NormFloat64())
			high, low = max(high, last), min(low, last)
		}
		cents := func(x float64) float64 { return math.Round(100*x) / 100 }
		return []float64{cents(open), cents(high), cents(low), cents(last), math.Round(1e5 * rng.ExpFloat64())}
	}
}

// walks returns rows of two walks with steps of the deviation 1, so far apart at the beginning.
func walks(apart float64) func(start bool, rng *rand.Rand) []float64 {
	var x [2]float64
	return func(start bool, rng *rand.Rand) []float64 {
		if start {
			x = [2]float64{0, apart}
		}
		x[0], x[1] = x[0]+rng.NormFloat64(), x[1]+rng.NormFloat64()
		return x[:]
	}
}

// TestOrdersAreFound protects which orders of channels are taken for laws: those that hold in all rows,
// though channels come near, and neither what is far apart nor what never came to cross.
func TestOrdersAreFound(t *testing.T) {
	extremes := func(wide float64) func(bool, *rand.Rand) []float64 {
		i := 0.0
		return func(_ bool, rng *rand.Rand) []float64 {
			i++
			mean := 10 + 12*math.Sin(2*math.Pi*i/365) + 3*rng.NormFloat64()
			return []float64{math.Floor(mean - wide*rng.ExpFloat64()), mean, math.Ceil(mean) + math.Round(wide*rng.ExpFloat64())}
		}
	}
	broken := prices()
	once := 0
	tests := []struct {
		name         string
		each, length int
		next         func(bool, *rand.Rand) []float64
		want         [][]int
	}{
		{"prices", 1, 100, prices(), [][]int{{2}, {0, 2, 3}, nil, {2}, nil}},
		{"prices of many", 10, 260, prices(), [][]int{{2}, {0, 2, 3}, nil, {2}, nil}},
		{"few prices", 1, 20, prices(), make([][]int, 5)},
		{"least, mean and greatest", 1, 365, extremes(3), [][]int{nil, {0}, {0, 1}}},
		{"one row that breaks it", 1, 260, func(start bool, rng *rand.Rand) []float64 {
			x := broken(start, rng)
			if once++; once == 200 {
				x[1] = min(x[0], x[3]) - 0.5
			}
			return x
		}, [][]int{{2}, {2}, nil, {2}, nil}},
		{"other units", 1, 500, func(_ bool, rng *rand.Rand) []float64 { return []float64{rng.Float64(), 900 + 50*rng.NormFloat64()} }, make([][]int, 2)},
		{"walks that do not meet", 20, 24, walks(20), make([][]int, 2)},
		{"walks that meet", 20, 24, walks(1), make([][]int, 2)},
		{"a rare event and a frequent one", 1, 2000, func(_ bool, rng *rand.Rand) []float64 {
			often := float64(rng.IntN(2))
			if rng.Float64() < 0.005 {
				return []float64{often, often}
			}
			return []float64{0, often}
		}, make([][]int, 2)},
		{"the same twice", 1, 500, func(_ bool, rng *rand.Rand) []float64 { x := rng.NormFloat64(); return []float64{x, x} }, make([][]int, 2)},
	}
	for _, test := range tests {
		p := rowsOf(test.each, test.length, test.next)
		var over [][]int
		for _, c := range Of(p) {
			over = append(over, c.Over)
		}
		if !reflect.DeepEqual(over, test.want) {
			t.Errorf("%s: channels over others %v, want %v", test.name, over, test.want)
		}
	}
}

// TestDrawKeepsOrders protects that what is drawn keeps the orders and the grids of the data, moves no
// row that does, and others by no more than the half of what they are off and a grid.
func TestDrawKeepsOrders(t *testing.T) {
	p := rowsOf(1, 500, prices())
	all := Of(p)
	free := slices.Clone(all)
	for j := range free {
		free[j].Over = nil
	}
	draw := func(all []Channel) [][]float64 {
		drawn, err := Draw(context.Background(), all, 50, 1, false, false, func(_ context.Context, _ int, rng *rand.Rand) (x []float64, err error) {
			for range 20 {
				x = append(x, 100+rng.NormFloat64(), 101+rng.NormFloat64(), 99+rng.NormFloat64(), 100+rng.NormFloat64(), 10)
			}
			return x, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return drawn
	}
	loose, moved := draw(free), 0
	for i, x := range draw(all) {
		for k := 0; k < len(x); k += 5 {
			was, is := loose[i][k:k+5], x[k:k+5]
			off := max(0, was[0]-was[1], was[3]-was[1], was[2]-was[0], was[2]-was[3], was[2]-was[1])
			if is[1] < max(is[0], is[3]) || is[2] > min(is[0], is[3]) {
				t.Fatalf("open, high, low and close %v are in no order", is)
			}
			if off == 0 && !slices.Equal(is, was) {
				t.Fatalf("%v is changed to %v", was, is)
			}
			if off > 0 {
				moved++
			}
			for j, v := range is {
				if math.Abs(v-was[j]) > off/2+0.02 || math.Abs(v-math.Round(100*v)/100) > 1e-9 {
					t.Fatalf("%v, off by %v, is changed to %v", was, off, is)
				}
			}
		}
	}
	if moved < 100 {
		t.Errorf("%d of 1000 rows were out of order", moved)
	}
	mixed := []Channel{{Grid: 1}, {Over: []int{0}}, {Grid: 5, Over: []int{0, 1}}}
	rng := rand.New(rand.NewPCG(2, 2))
	for range 1000 {
		x := []float64{50 * rng.Float64(), 50 * rng.Float64(), 50 * rng.Float64()}
		Snap(mixed, Cuts(mixed, nil), x, false)
		if !slices.IsSorted(x) || x[0] != math.Round(x[0]) || x[2] != 5*math.Round(x[2]/5) {
			t.Fatalf("%v, of different grids, are not in order", x)
		}
	}
}
