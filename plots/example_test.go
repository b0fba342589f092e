package plots_test

import (
	"bytes"
	"log"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"tsgen/forecast"
	"tsgen/plots"
	"tsgen/series"
)

// save writes the picture to testdata.
func save(f *plots.Figure, name string) {
	format, err := plots.Format(name)
	if err != nil {
		log.Panic(err)
	}
	var b bytes.Buffer
	if err := f.Save(&b, format); err != nil {
		log.Panic(err)
	}
	if err := os.WriteFile(filepath.Join("testdata", name), b.Bytes(), 0o644); err != nil {
		log.Panic(err)
	}
}

// A forecast of the last two years of AirPassengers: last year's month grown by
// 12 % a year, with a standard deviation that grows with the square root of
// time.
func ExampleFan() {
	all, _, err := series.ReadFile("../testdata/airpassengers.csv", series.ReadOptions{})
	if err != nil {
		log.Panic(err)
	}
	history, actual, err := all.SplitLast(24)
	if err != nil {
		log.Panic(err)
	}
	past := history.Series[0]
	d := &forecast.Distribution{Times: history.Future(past, 24)}
	for h := range d.Times {
		years := 1 + h/12
		mean := past.Values[past.Len()-12+h%12] * math.Pow(1.12, float64(years))
		d.Mean = append(d.Mean, mean)
		d.SD = append(d.SD, 0.02*mean*math.Sqrt(float64(h+1)))
	}
	fig, err := plots.Fan(history, &forecast.Forecast{Model: "grown-naive", Channels: history.Channels,
		Series: []*forecast.Distribution{d}}, plots.FanOptions{
		Actual: actual,
		Labels: []string{"passengers, thousands"},
	})
	if err != nil {
		log.Panic(err)
	}
	save(fig, "fan.png")
}

// Two channels by the hour in a zone that changes its clocks, with a gap in the
// one and missing values in the other; the forecast is sample paths.
func ExampleFan_channels() {
	start := time.Date(2014, 4, 3, 13, 0, 0, 0, time.UTC).Unix()
	change := float64(time.Date(2014, 4, 5, 16, 0, 0, 0, time.UTC).Unix()) // 3 a.m. in Melbourne
	history := &series.Panel{
		Channels:   []string{"Demand", "Temperature"},
		TimeColumn: "Time",
		Axis: series.Axis{Layout: "2006-01-02T15:04:05-0700", Offset: 36000,
			Earlier: []series.Zone{{Until: change, Offset: 39600}}},
		Step: series.Step{Width: 3600},
	}
	day := func(t float64, phase float64) float64 { return math.Sin(2*math.Pi*(t/86400) - phase) }
	s := &series.Series{}
	for h := range 96 {
		if h >= 30 && h < 37 {
			continue
		}
		t := float64(start + 3600*int64(h))
		temperature := 16 + 5*day(t, 4)
		if h%17 == 3 {
			temperature = math.NaN()
		}
		s.Times = append(s.Times, t)
		s.Values = append(s.Values, 4.6e6+8e5*day(t, 3)+3e5*day(2*t, 1), temperature)
	}
	history.Series = []*series.Series{s}
	d := &forecast.Distribution{Times: history.Future(s, 36)}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var values []float64
		demand, temperature := 0.0, 0.0
		for _, t := range d.Times {
			demand = 0.95*demand + 5e4*rng.NormFloat64()
			temperature = 0.95*temperature + 0.4*rng.NormFloat64()
			values = append(values, 4.6e6+8e5*day(t, 3)+3e5*day(2*t, 1)+demand, 16+5*day(t, 4)+temperature)
		}
		d.Paths = append(d.Paths, values)
	}
	fig, err := plots.Fan(history, &forecast.Forecast{Model: "latent-ode", Channels: history.Channels,
		Series: []*forecast.Distribution{d}}, plots.FanOptions{Labels: []string{"demand, W", "temperature, °C"}})
	if err != nil {
		log.Panic(err)
	}
	save(fig, "channels.png")
}

// spirals returns spirals with unevenly spaced times, and a forecast that goes
// on turning and shrinking.
func spirals() (*series.Panel, *forecast.Forecast) {
	history, _, err := series.ReadFile("../testdata/spirals.csv", series.ReadOptions{})
	if err != nil {
		log.Panic(err)
	}
	f := &forecast.Forecast{Model: "latent-ode", Channels: history.Channels}
	rng := rand.New(rand.NewPCG(1, 2))
	for _, s := range history.Series {
		last := s.Row(s.Len() - 1)
		before := s.Row(s.Len() - 3)
		turn := 1.0
		if before[0]*last[1]-before[1]*last[0] < 0 {
			turn = -1
		}
		d := &forecast.Distribution{ID: s.ID, Times: history.Future(s, 20)}
		origin := s.Times[s.Len()-1]
		for range 60 {
			speed := turn * (1 + 0.08*rng.NormFloat64())
			var values []float64
			for _, t := range d.Times {
				sin, cos := math.Sincos(speed * (t - origin))
				shrink := math.Exp(-0.15 * (t - origin))
				values = append(values, shrink*(cos*last[0]-sin*last[1]), shrink*(sin*last[0]+cos*last[1]))
			}
			d.Paths = append(d.Paths, values)
		}
		f.Series = append(f.Series, d)
	}
	return history, f
}

// Forecasts of several series, a panel each.
func ExampleFan_series() {
	history, f := spirals()
	fig, err := plots.Fan(history, f, plots.FanOptions{Options: plots.Options{Context: 30}})
	if err != nil {
		log.Panic(err)
	}
	save(fig, "series.png")
}

// Two series with a value that is marked.
func ExampleHistory() {
	history, _ := spirals()
	s := history.Series[1]
	fig, err := plots.History(history, plots.HistoryOptions{Series: 2, Meaning: "to be looked at",
		Marks: []plots.Mark{{Series: 1, Channel: 1, Time: s.Times[20], Value: s.Row(20)[1]}}})
	if err != nil {
		log.Panic(err)
	}
	save(fig, "history.png")
}

// Paths in the plane of two channels.
func ExamplePhase() {
	history, f := spirals()
	fig, err := plots.Phase(history, f, plots.FanOptions{Options: plots.Options{Context: 30}})
	if err != nil {
		log.Panic(err)
	}
	save(fig, "phase.png")
}

// The loss and the validations of a training.
func ExampleTraining() {
	var curve []forecast.Point
	rng := rand.New(rand.NewPCG(1, 2))
	for u := 10; u <= 2000; u += 10 {
		x := float64(u)
		pt := forecast.Point{Update: u, Loss: 1.4*math.Exp(-x/200) - 0.6 + 0.03*rng.NormFloat64(), Valid: math.NaN()}
		if u%50 == 0 {
			pt.Valid = 0.9*math.Exp(-x/250) + 0.55 + 6e-8*(x-1300)*(x-1300) + 0.01*rng.NormFloat64()
		}
		curve = append(curve, pt)
	}
	fig, err := plots.Training(curve, plots.Options{Title: "Training of latent-ode on AirPassengers"})
	if err != nil {
		log.Panic(err)
	}
	save(fig, "training.png")
}
