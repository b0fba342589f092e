package simulate

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat"

	"tsgen/series"
)

func maker(t *testing.T, names ...string) *Maker {
	t.Helper()
	m, err := NewMaker(names...)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Every kind makes finite series that vary, and futures that go on from the history: from
// one state, each in its own way, and the same history however many futures there are.
func TestEveryKind(t *testing.T) {
	names, _ := Kinds()
	for _, name := range names {
		m := maker(t, name)
		constant, alike := 0, 0
		for k := range uint64(60) {
			set := Setting{Season: []float64{1, 12, 7, 24, 52.18}[k%5], Length: 100, Horizon: 20, Futures: 3}
			if k%10 == 3 {
				set.Second = 168
			}
			x := m.Make(5, k, set)
			if !x.finite() || len(x.History) != 100 || len(x.Futures) != 3 || len(x.Futures[0]) != 20 {
				t.Fatalf("%s %d: %d steps and %d futures, finite: %v", name, k, len(x.History), len(x.Futures), x.finite())
			}
			if stat.StdDev(x.History, nil) == 0 {
				constant++
			} else if slices.Equal(x.Futures[0], x.Futures[1]) && stat.StdDev(x.Futures[0], nil) > 0 {
				alike++ // rounded, or held to a bound
			}
			set.Horizon, set.Futures = 0, 0
			if again := m.Make(5, k, set); again.Kind != name {
				t.Errorf("%s %d is a %s", name, k, again.Kind)
			}
		}
		if alike > 3 {
			t.Errorf("%s: two futures of %d series are the same", name, alike)
		}
		if constant > 12 {
			t.Errorf("%s: %d of 60 series never change", name, constant)
		}
	}
}

// Futures fork from the state of the history: what a random walk does next has the mean of
// its last value, and the spread of its shocks.
func TestFutures(t *testing.T) {
	p := &walk{sd: 0.02, shock: gaussian}
	s := newSource(1, 1)
	for range 50 {
		p.step(s)
	}
	var next []float64
	for range 4000 {
		next = append(next, p.clone().step(s))
	}
	near(t, "mean", stat.Mean(next, nil), p.x, 0.001)
	near(t, "deviation", stat.StdDev(next, nil), 0.02, 0.001)
}

// A series is the same alone and among others, and another with another seed.
func TestPanel(t *testing.T) {
	m := maker(t)
	opt := PanelOptions{Number: 20, Length: 40, Seed: 3, Step: series.Step{Months: 1}, Missing: 0.2}
	p, err := m.Panel(opt)
	if err != nil {
		t.Fatal(err)
	}
	opt.Number = 5
	few, err := m.Panel(opt)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range few.Series {
		if s.ID != p.Series[i].ID || !reflect.DeepEqual(values(s), values(p.Series[i])) {
			t.Errorf("series %d depends on how many are made", i+1)
		}
	}
	opt.Seed++
	if other, err := m.Panel(opt); err != nil || reflect.DeepEqual(values(other.Series[0]), values(few.Series[0])) {
		t.Errorf("another seed makes the same series (%v)", err)
	}
	missing := 0
	for _, s := range p.Series {
		for _, v := range s.Values {
			if math.IsNaN(v) {
				missing++
			}
		}
	}
	near(t, "values missing", float64(missing)/800, 0.2, 0.05)
	if got := p.Axis.Stamp(p.Series[0].Times[13]); got != "2001-02-01" {
		t.Errorf("month 13 is %s", got)
	}
}

// values returns the values as text, in which what is missing equals itself.
func values(s *series.Series) []uint64 {
	var bits []uint64
	for _, v := range s.Values {
		bits = append(bits, math.Float64bits(v))
	}
	return bits
}

// Level and season are what a series without noise consists of, moved as it is.
func TestParts(t *testing.T) {
	for k := range uint64(40) {
		x := maker(t, "structural", "smoothing").Make(1, k, Setting{Season: 12, Length: 400, Parts: true})
		if len(x.Level) != 400 || len(x.Season) != 400 {
			t.Fatalf("series %d has no parts", k)
		}
		with, without := make([]float64, 400), make([]float64, 400)
		for i, y := range x.History {
			with[i], without[i] = y-x.Level[i]-x.Season[i], y-x.Level[i]
		}
		if a, b := stat.StdDev(with, nil), stat.StdDev(without, nil); a > 1.3*b {
			t.Errorf("series %d, %s: without its season %v is left, with it %v", k, x.Kind, a, b)
		}
	}
	if x := maker(t, "walk").Make(1, 1, Setting{Length: 10, Parts: true}); x.Level != nil {
		t.Error("a walk has parts")
	}
}

// What cannot be made is refused with what can.
func TestRefusals(t *testing.T) {
	if _, err := NewMaker("arima", "magic"); err == nil || !strings.Contains(err.Error(), "magic") || !strings.Contains(err.Error(), "smoothing") {
		t.Errorf("an unknown kind: %v", err)
	}
	for _, opt := range []PanelOptions{{Number: 0, Length: 5}, {Number: 1, Length: 0}, {Number: 1, Length: 5, Missing: 1},
		{Number: 1, Length: 5, Missing: math.NaN()}, {Number: 1, Length: 5, Seasons: []float64{7, 7}}} {
		if _, err := maker(t).Panel(opt); err == nil {
			t.Errorf("%+v is made", opt)
		}
	}
}
