package extent

import (
	"math"
	"testing"

	"tsgen/series"
)

// panelOf returns series of some lengths, each without one of its steps.
func panelOf(lengths []int) *series.Panel {
	p := &series.Panel{Channels: []string{"x"}, Step: series.Step{Width: 1}}
	for _, n := range lengths {
		s := &series.Series{}
		for i := range n {
			if i != n/2 {
				s.Times, s.Values = append(s.Times, float64(i)), append(s.Values, 0)
			}
		}
		p.Series = append(p.Series, s)
	}
	return p
}

// TestLengths protects that lengths are drawn as often as the data have them, in the same way for a
// seed, and that equal ones are no law.
func TestLengths(t *testing.T) {
	var all []int
	for i := range 1000 {
		all = append(all, 5+i%3)
	}
	law := Of(panelOf(append(all, 60)), 50)
	if err := law.Check(50); err != nil {
		t.Fatal(err)
	}
	counts := make(map[int]float64)
	for i := range 3000 {
		n := law.Draw(1, 7, i)
		if n != law.Draw(1, 7, i) {
			t.Fatalf("series %d has two lengths", i)
		}
		counts[n]++
	}
	for n := 5; n < 8; n++ {
		if math.Abs(counts[n]-1000) > 100 {
			t.Errorf("%v of 3000 series have the length %d, a third of the data have", counts[n], n)
		}
	}
	if law.Longest() > 50 {
		t.Errorf("the longest has %d steps, want at most 50", law.Longest())
	}
	if law := Of(panelOf([]int{9, 9, 9}), 50); law != nil || law.Draw(9, 1, 2) != 9 || law.Longest() != 0 {
		t.Errorf("equal lengths have the law %v", law)
	}
	for _, bad := range []Lengths{{3, 2}, {0, 1}, {1, 51}, make(Lengths, most+1)} {
		if bad.Check(50) == nil {
			t.Errorf("the lengths %v pass", bad)
		}
	}
}
