package main

import (
	"io"
	"math"
	"slices"
	"strings"
	"testing"

	"tsgen/bench/internal/report"
)

// What is disturbed differs from what it is compared with in the places that its name
// says, and nowhere else; the future is the same.
func TestKinds(t *testing.T) {
	differ := func(x, y []float64) (at []int) {
		for i := range x {
			if x[i] != y[i] {
				at = append(at, len(x)-i)
			}
		}
		return at
	}
	all := kinds()
	find := func(name string) kind { return all[slices.IndexFunc(all, func(k kind) bool { return k.name == name })] }
	for _, c := range courses() {
		for name, want := range map[string][]int{
			"none": nil, "absurd: the last": {1}, "absurd: 80th from last": {80}, "absurd: the last three": {3, 2, 1},
		} {
			x, clean := find(name).make(c, 5)
			if got := differ(x.past, clean.past); !slices.Equal(got, want) {
				t.Errorf("%s, %s: values %v from the end differ, want %v", c.name, name, got, want)
			}
			if !slices.Equal(x.future, clean.future) {
				t.Errorf("%s, %s: another future", c.name, name)
			}
		}
		x, always := find("break of level").make(c, 5)
		if got := differ(x.past, always.past); len(got) != c.n-40 || got[len(got)-1] != 41 {
			t.Errorf("%s: %d values before a break 40 from the end differ, want %d", c.name, len(got), c.n-40)
		}
		if !slices.Equal(x.future, always.future) {
			t.Errorf("%s: after a break another future", c.name)
		}
	}
}

// A series is the same whichever were made before it.
func TestKindsAnyOrder(t *testing.T) {
	for i, k := range kinds() {
		for _, of := range courses() {
			k.make(of, 1)
		}
		for _, of := range courses() {
			x, clean := k.make(of, 2)
			y, fresh := kinds()[i].make(of, 2)
			if !slices.Equal(x.past, y.past) || !slices.Equal(clean.past, fresh.past) {
				t.Errorf("%s, %s: the series hangs on those before", k.name, of.name)
			}
		}
	}
}

// A forecast that is right covers 80 and 95 %, is off by nothing, and one that is
// shifted by a deviation is off by one.
func TestComparison(t *testing.T) {
	x := courses()[0].draw(3, breakage{})
	n := len(x.future)
	at := func(shift, width float64) *sight {
		s := &sight{}
		for _, y := range x.future {
			s.median = append(s.median, y+shift)
			s.lo80, s.hi80 = append(s.lo80, y+shift-width), append(s.hi80, y+shift+width)
		}
		return s
	}
	var c comparison
	c.add(x, at(x.sd, 2*x.sd), at(0, x.sd))
	if math.Abs(c.off-1) > 1e-9 || math.Abs(c.wide-2) > 1e-9 || c.covered != float64(n) || math.Abs(c.loss/c.values-1) > 1e-9 {
		t.Errorf("%+v, want off by 1, twice as wide, all %d covered", c, n)
	}
}

// The document has a place for the tables, and both can be made.
func TestTables(t *testing.T) {
	if _, err := report.New(io.Discard, "../../docs/benchmarks/robust.md", "disturbed", "short", "anomalies"); err != nil {
		t.Error(err)
	}
	entrants, err := choose("naive", false, 0)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := disturbed(&b, entrants, []uint64{1}, ""); err != nil {
		t.Fatal(err)
	}
	for _, see := range []func(entrant, []simulated) ([]sight, error){entrant.seeAll, entrant.seeEach} {
		if err := writeShort(&b, entrants, worlds(false)[0], 1, see); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{"| what is disturbed | naive |", "| none | 0.0, × 1.0, ", "| months | naive |"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the tables lack %q:\n%s", want, b.String())
		}
	}
}

// Anomalies are planted where they are said to be, and nowhere else, and far enough off to be found.
func TestPlanted(t *testing.T) {
	for _, x := range plantedPanels(3) {
		for i, s := range x.clean.Series {
			moved := 0
			for row, v := range x.marred.Series[i].Values {
				if (v != s.Values[row]) != x.at[i][row] {
					t.Errorf("%s, series %d: value %d is %v, without anomalies %v", x.name, i, row, v, s.Values[row])
				}
				if x.at[i][row] {
					moved++
				}
			}
			if moved != plantedEach {
				t.Errorf("%s, series %d: %d anomalies, want %d", x.name, i, moved, plantedEach)
			}
		}
	}
}
