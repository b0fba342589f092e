package series

import (
	"slices"
	"testing"
)

// Series of each step make a panel with that step and its seasons, those of the panel's own first,
// and a panel of one step stays as it is.
func TestByStep(t *testing.T) {
	days, weeks, more := &Series{ID: "a"}, &Series{ID: "b", Step: Step{Width: week}, Seasons: []float64{52.18}}, &Series{ID: "c"}
	p := &Panel{Channels: []string{"y"}, Axis: Axis{Layout: "2006-01-02"}, Step: Step{Width: day}, Seasons: []float64{7}, Series: []*Series{weeks, days, more}}
	parts, places := p.ByStep()
	if len(parts) != 2 || parts[0].Step.Width != day || parts[1].Step.Width != week {
		t.Fatalf("parts %v", parts)
	}
	if !slices.Equal(places[0], []int{1, 2}) || !slices.Equal(places[1], []int{0}) || parts[0].Series[0] != days || parts[1].Series[0] != weeks {
		t.Errorf("places %v", places)
	}
	if !slices.Equal(parts[0].Seasons, []float64{7}) || !slices.Equal(parts[1].Seasons, []float64{52.18}) || parts[1].Season() != 52 {
		t.Errorf("seasons %v and %v", parts[0].Seasons, parts[1].Seasons)
	}
	if again, _ := parts[1].ByStep(); len(again) != 1 || again[0] != parts[1] {
		t.Error("a panel of one step is not itself")
	}
	if alone, _ := p.With([]*Series{weeks}).ByStep(); len(alone) != 1 || alone[0].Step.Width != week {
		t.Error("a series with a step of its own is not of that")
	}
}

// New rows of series that have steps of their own go on by these, however few they are; rows off
// them do not.
func TestAdoptSteps(t *testing.T) {
	old := &Panel{Channels: []string{"y"}, Axis: Axis{Layout: "2006-01-02"}, Step: Step{Width: day}, Series: []*Series{
		{ID: "a"}, {ID: "b", Step: Step{Width: week}, Seasons: []float64{52.18}},
	}}
	rows := func(b ...float64) *Panel {
		return &Panel{Channels: old.Channels, Axis: old.Axis, Step: Step{Width: 3 * day}, Series: []*Series{
			{ID: "a", Times: []float64{0, 3 * day}, Values: []float64{1, 2}}, {ID: "b", Times: b, Values: make([]float64, len(b))},
		}}
	}
	p := rows(0, week)
	if !p.AdoptSteps(old) || p.Step.Width != day || p.Series[1].Step.Width != week || p.For(p.Series[1]).Season() != 52 {
		t.Errorf("steps %v and %v", p.Step, p.Series[1].Step)
	}
	if p := rows(0, 3*day); p.AdoptSteps(old) || p.Step.Width != 3*day {
		t.Error("a weekly series has rows three days apart")
	}
}
