package simulate

import (
	"fmt"
	"math"
	"math/rand/v2"

	"tsgen/series"
)

// PanelOptions say what panel to make.
type PanelOptions struct {
	Number, Length int
	Step           series.Step // of the calendar from 2000 on; zero means numbers from 0
	Seasons        []float64   // periods of one or two seasons, the shortest first; nil means the usual one of the step
	Missing        float64     // share of values that are left out
	Parts          bool        // channels level and season beside y, of kinds that are made of them
	Seed           uint64
}

// Times of a calendar begin on 2000-01-03, a Monday, or on the first of that month.
const (
	monday = 946857600.0
	first  = 946684800.0
)

// Panel returns a panel of series, whose names say of which kind they are.
func (m *Maker) Panel(opt PanelOptions) (*series.Panel, error) {
	switch {
	case opt.Number < 1 || opt.Length < 1:
		return nil, fmt.Errorf("simulate: %d series of %d steps, want 1 at least", opt.Number, opt.Length)
	case !(opt.Missing >= 0 && opt.Missing < 1):
		return nil, fmt.Errorf("simulate: a share of %v of the values missing, want from 0 to less than 1", opt.Missing)
	case len(opt.Seasons) > 2 || len(opt.Seasons) == 2 && opt.Seasons[1] <= opt.Seasons[0]:
		return nil, fmt.Errorf("simulate: the seasons %v, want one or two, the shortest first", opt.Seasons)
	}
	p := &series.Panel{Channels: []string{"y"}, IDColumn: "unique_id", TimeColumn: "ds", Step: series.Step{Width: 1}, Seasons: opt.Seasons}
	start := 0.0
	if p.Axis.Layout = series.LayoutNumber; opt.Step.Regular() {
		p.Step, start = opt.Step, monday
		if p.Axis.Layout = "2006-01-02"; opt.Step.PerDay() > 1 {
			p.Axis.Layout = "2006-01-02 15:04:05"
		}
		if opt.Step.Months > 0 {
			start = first
		}
	}
	if opt.Parts {
		p.Channels = append(p.Channels, "level", "season")
	}
	set := Setting{Length: opt.Length, Season: float64(p.Season()), Parts: opt.Parts}
	if len(opt.Seasons) > 0 {
		set.Season = opt.Seasons[0]
	}
	if len(opt.Seasons) > 1 {
		set.Second = opt.Seasons[1]
	}
	origin := p.Coordinate(start)
	for k := range opt.Number {
		x := m.Make(opt.Seed, uint64(k), set)
		s := &series.Series{ID: fmt.Sprintf("%s-%d", x.Kind, k+1)}
		x.leaveOut(rand.New(rand.NewPCG(scramble(opt.Seed^1), uint64(k))), opt.Missing)
		for i, y := range x.History {
			s.Times = append(s.Times, p.TimeAt(origin+float64(i)))
			if s.Values = append(s.Values, y); opt.Parts && x.Level != nil {
				s.Values = append(s.Values, x.Level[i], x.Season[i])
			} else if opt.Parts {
				s.Values = append(s.Values, math.NaN(), math.NaN())
			}
		}
		p.Series = append(p.Series, s)
	}
	return p, p.Validate()
}

// leaveOut takes a share of the values out of the history, but not the first and the last.
func (x *Series) leaveOut(rng *rand.Rand, share float64) {
	if share == 0 {
		return
	}
	for i := 1; i < len(x.History)-1; i++ {
		if rng.Float64() < share {
			x.History[i] = math.NaN()
		}
	}
}
