package seasons

import (
	"fmt"
	"slices"

	"tsgen/series"
)

// A Part is what is known of the seasons of the series of a panel that have one step.
type Part struct {
	Panel  *series.Panel // the first of these series, with their step
	Series int           // how many there are
	Found  Found
}

// Parts are those of all steps that a panel has, that of the panel's own step first.
type Parts []Part

// OfSteps finds the seasons of the series of each step, by that step's calendar.
func OfSteps(p *series.Panel) Parts {
	panels, _ := p.ByStep()
	parts := make(Parts, len(panels))
	for i, q := range panels {
		parts[i] = Part{q.With(slices.Clone(q.Series[:1])), len(q.Series), Find(q)}
	}
	return parts
}

// Give gives the panel, and copies of the series that have a step of their own, the seasons that
// were found.
func (parts Parts) Give(p *series.Panel) {
	p.Seasons = []float64{}
	for _, part := range parts {
		if part.Panel.Step == p.Step {
			p.Seasons = part.Found.Periods()
			continue
		}
		for i, s := range p.Series {
			if s.Step == part.Panel.Step {
				own := *s // which may lie where it cannot be changed
				own.Seasons = part.Found.Periods()
				p.Series[i] = &own
			}
		}
	}
}

// Own returns what is known of the panel's own step.
func (parts Parts) Own() Found {
	if len(parts) == 0 {
		return nil
	}
	return parts[0].Found
}

// A StepReport is what is known of the seasons of series with a step of their own, for JSON.
type StepReport struct {
	Step      string `json:"step"`
	Series    int    `json:"series"`
	LookedFor Found  `json:"lookedFor"`
}

// Others returns what is known of the other steps.
func (parts Parts) Others() []StepReport {
	var all []StepReport
	for _, part := range parts[min(1, len(parts)):] {
		all = append(all, StepReport{part.Panel.Step.Describe(part.Panel.Axis.Calendar()), part.Series, part.Found})
	}
	return all
}

// Words says what was found of each step, as Found.Words does.
func (parts Parts) Words() []string {
	words := make([]string, len(parts))
	for i, part := range parts {
		words[i] = part.Found.Words(part.Panel)
		if len(parts) > 1 {
			words[i] = fmt.Sprintf("%s series: %s", part.Panel.Step.Describe(part.Panel.Axis.Calendar()), words[i])
		}
	}
	return words
}
