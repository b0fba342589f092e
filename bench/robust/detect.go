package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"strconv"

	"tsgen/forecast"
	"tsgen/forecast/anomaly"
	"tsgen/models"
	"tsgen/series"
)

// Sizes of the task of anomalies.
const (
	detectNumber, detectLength = 10, 400 // series of each kind, and values of each
	plantedEach                = 6
	plantedLeast, plantedMost  = 5.0, 12.0 // deviations of the noise
	plantedApart               = 4         // rows
)

// A planted panel has anomalies of known place.
type planted struct {
	name, kind    string // kind is that of the model by which the command detects
	clean, marred *series.Panel
	at            []map[int]bool // rows, by series
}

// plantedPanels returns those of the courses, of noise with heavy tails, and of irregular times.
func plantedPanels(seed uint64) []planted {
	var all []planted
	for _, c := range courses() {
		c.n, c.horizon = detectLength, 1
		var drawn []simulated
		for i := range detectNumber {
			drawn = append(drawn, c.draw(seed*1000+uint64(i), breakage{}))
		}
		p := panel(drawn)
		p.Seasons = []float64{float64(c.season)}
		all = append(all, plant(c.name, "ar", p, drawn, seed))
	}
	c := courses()[0]
	c.n, c.horizon = detectLength, 1
	var heavy []simulated
	for i := range detectNumber {
		rng := rand.New(rand.NewPCG(seed, uint64(500+i)))
		x := c.draw(seed*2000+uint64(i), breakage{})
		for t := range x.past { // Student's t of four degrees of freedom instead
			v := 0.0
			for range 4 {
				z := rng.NormFloat64()
				v += z * z / 4
			}
			x.past[t] = 200 + 20*math.Sin(2*math.Pi*float64(t)/7) + 9*rng.NormFloat64()/math.Sqrt(v)
		}
		heavy = append(heavy, x)
	}
	p := panel(heavy)
	p.Seasons = []float64{7}
	all = append(all, plant("daily, heavy tails", "ar", p, heavy, seed))
	return append(all, irregular(seed))
}

// irregular returns autoregressions in continuous time that are observed at random times.
func irregular(seed uint64) planted {
	const length = 200
	p := &series.Panel{Channels: []string{"y"}, IDColumn: "id", TimeColumn: "ds"}
	var drawn []simulated
	for i := range detectNumber {
		rng := rand.New(rand.NewPCG(seed, uint64(700+i)))
		s := &series.Series{ID: strconv.Itoa(i + 1)}
		t, x := 0.0, 0.0
		for range length {
			gap := rng.ExpFloat64() + 0.05
			t += gap
			keep := math.Exp(-gap / 4)
			x = keep*x + math.Sqrt(1-keep*keep)*rng.NormFloat64()
			s.Times, s.Values = append(s.Times, t), append(s.Values, 10+2*x+0.5*rng.NormFloat64())
		}
		drawn = append(drawn, simulated{past: s.Values, season: 1, sd: 1.5})
		p.Series = append(p.Series, s)
	}
	return plant("irregular times", "lgssm", p, drawn, seed)
}

// plant adds anomalies to a copy of a panel, beyond the values that are not judged.
func plant(name, kind string, p *series.Panel, drawn []simulated, seed uint64) planted {
	out := planted{name: name, kind: kind, clean: p}
	var all []*series.Series
	for i, s := range p.Series {
		rng := rand.New(rand.NewPCG(seed, uint64(9000+i)))
		own := *s
		own.Values = append([]float64(nil), s.Values...)
		at := make(map[int]bool)
		first := 3*drawn[i].season + 10
		for len(at) < plantedEach {
			row := first + rng.IntN(s.Len()-first)
			near := false
			for k := range at {
				near = near || max(k, row)-min(k, row) < plantedApart
			}
			if near {
				continue
			}
			size := (plantedLeast + (plantedMost-plantedLeast)*rng.Float64()) * drawn[i].sd
			if rng.IntN(2) == 0 {
				size = -size
			}
			at[row] = true
			own.Values[row] += size
		}
		all, out.at = append(all, &own), append(out.at, at)
	}
	out.marred = p.With(all)
	return out
}

// writeDetection writes what is found in clean and in marred panels, at a rate of false alarms.
func writeDetection(w io.Writer, panels []planted, rate float64) error {
	fmt.Fprintf(w, "| series | found where nothing is wrong, of %g | precision | recall |\n|---|---|---|---|\n", rate)
	for _, x := range panels {
		clean, err := detect(x, x.clean, rate)
		if err != nil {
			return err
		}
		marred, err := detect(x, x.marred, rate)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "| %s | %.4f | %.2f | %.2f |\n", x.name, float64(clean.found)/float64(clean.judged),
			float64(marred.right)/math.Max(1, float64(marred.found)), float64(marred.right)/float64(len(x.at)*plantedEach))
	}
	return nil
}

// findings counts values.
type findings struct{ judged, found, right int }

// detect detects in the panel as the command does.
func detect(x planted, p *series.Panel, rate float64) (f findings, err error) {
	m, err := models.New(x.kind, nil)
	if err != nil {
		return f, err
	}
	ctx := context.Background()
	if err := m.Fit(ctx, p, forecast.FitOptions{Horizon: 1, Season: p.Season(), Seed: 1}); err != nil {
		return f, err
	}
	all, err := anomaly.Detect(ctx, m, p, anomaly.Options{Rate: rate, Season: p.Season(), Samples: 500, Seed: 1, Keep: models.Keep})
	if err != nil {
		return f, err
	}
	for i, one := range all {
		for row, pv := range one.P {
			if math.IsNaN(pv) {
				continue
			}
			f.judged++
			if one.Anomaly[row] {
				f.found++
				if x.at[i][row] {
					f.right++
				}
			}
		}
	}
	return f, nil
}

// saveDetection writes the panels as CSV for bench/peers/detect.py: kind, whether anomalies are planted,
// series, row, time, season, value, and 1 for an anomaly.
func saveDetection(path string, panels []planted) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	out := csv.NewWriter(file)
	out.Write([]string{"kind", "marred", "unique_id", "row", "season", "y", "anomaly"})
	for _, x := range panels {
		if x.clean.Step.Regular() {
			for m, p := range []*series.Panel{x.clean, x.marred} {
				for i, s := range p.Series {
					for row, y := range s.Values {
						mark := "0"
						if m == 1 && x.at[i][row] {
							mark = "1"
						}
						out.Write([]string{x.name, strconv.Itoa(m), s.ID, strconv.Itoa(row), strconv.Itoa(p.Season()), strconv.FormatFloat(y, 'g', -1, 64), mark})
					}
				}
			}
		}
	}
	out.Flush()
	return out.Error()
}
