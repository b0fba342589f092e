package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tsgen/series"
)

// A task is a set of series to be forecast from one or several origins.
type task struct {
	name    string
	title   string
	files   []string // one after the other, the header of the first standing for all
	targets []string // columns of values; nil for those that are found
	rows    int      // of the file that are used, 0 for all
	odd     bool     // of its series, every second one
	drop    int      // steps at the end of each series that are left out

	horizon, season int
	windows, stride int // origins, and steps from one to the next
}

// tasks returns the protocol.
func tasks() []task {
	one := func(name, title, file string, horizon, season, windows, stride int) task {
		return task{name: name, title: title, files: []string{file}, horizon: horizon, season: season, windows: windows, stride: stride}
	}
	panel := func(name, title string, horizon, season int) task {
		return task{name: name, title: title, files: []string{name + "_train.csv", name + "_test.csv"}, horizon: horizon, season: season, windows: 1}
	}
	etth1 := one("etth1", "ETTh1, 7 channels", "ETTh1.csv", 24, 24, 10, 288)
	etth1.rows = 14400
	electricity := one("vic_elec", "Victoria's demand for electricity", "vic_elec_2014.csv", 48, 48, 20, 336)
	electricity.targets = []string{"demand"}
	return []task{
		panel("m4_hourly", "M4 hourly, 100 series", 48, 24),
		panel("m3_monthly", "M3 monthly, 100 series", 18, 12),
		panel("nn5_daily", "NN5 daily with gaps, 30 series", 56, 7),
		etth1,
		one("exchange", "exchange rates, 8 channels", "exchange_rate.csv", 30, 5, 5, 30),
		electricity,
		one("airpassengers", "AirPassengers", "airpassengers.csv", 24, 12, 3, 12),
		one("sunspots", "sunspots, monthly", "sunspots_monthly.csv", 120, 12, 10, 60),
		one("co2_weekly", "CO2, weekly with gaps", "co2_weekly.csv", 104, 52, 5, 52),
		one("nile", "flow of the Nile, yearly", "nile.csv", 20, 1, 1, 0),
	}
}

// otherTasks returns tasks of the same data at other origins, and of data that the protocol does
// not use. They tell whether what was chosen on the protocol holds elsewhere.
func otherTasks() []task {
	// before is the protocol's task of a name with the last steps, horizon and more, left out.
	before := func(name, title string, drop int) task {
		all := tasks()
		t := all[slices.IndexFunc(all, func(t task) bool { return t.name == name })]
		t.name, t.title, t.drop = name+"_before", title, drop
		return t
	}
	part := func(t task, rows, windows int) task {
		t.rows, t.windows, t.drop = rows, windows, 0
		return t
	}
	odd := func(t task, name, title string, drop int) task {
		t.name, t.title, t.drop, t.odd = name, title, drop, true
		return t
	}
	single := func(name, title, file string, horizon, season, windows, stride int) task {
		return task{name: name, title: title, files: []string{file}, horizon: horizon, season: season, windows: windows, stride: stride}
	}
	m4 := before("m4_hourly", "M4 hourly, two days earlier", 48)
	m3 := before("m3_monthly", "M3 monthly, 18 months earlier", 18)
	etth1 := part(before("etth1", "ETTh1, its end", 0), 0, 10)
	etth1.name = "etth1_after"
	return []task{
		m4,
		odd(m4, "m4_hourly_week", "M4 hourly, a week earlier, every second series", 168),
		m3,
		odd(m3, "m3_monthly_years", "M3 monthly, three years earlier, every second series", 36),
		before("nn5_daily", "NN5 daily, eight weeks earlier", 56),
		etth1,
		part(before("exchange", "exchange rates, the first 4000 days", 0), 4000, 5),
		part(before("vic_elec", "Victoria's demand, the first half year", 0), 8736, 10),
		part(before("airpassengers", "AirPassengers, the first eight years", 0), 96, 2),
		part(before("sunspots", "sunspots, the first 125 years", 0), 1500, 5),
		part(before("co2_weekly", "CO2, the first 23 years", 0), 1200, 4),
		single("nyc_taxi", "New York's taxis, half-hourly", "nyc_taxi.csv", 48, 48, 10, 336),
		single("lynx", "lynx, yearly", "lynx.csv", 10, 1, 4, 5),
		single("stock", "a stock, 6 channels", "google_stock.csv", 24, 1, 10, 60),
	}
}

// chooseTasks returns the tasks with the given names, those of the protocol, or the others, if
// there are no names.
func chooseTasks(names []string, others bool) ([]task, error) {
	all := tasks()
	switch {
	case len(names) == 0 && others:
		return otherTasks(), nil
	case len(names) == 0:
		return all, nil
	}
	all = append(all, otherTasks()...)
	var chosen []task
	for _, name := range names {
		i := slices.IndexFunc(all, func(t task) bool { return t.name == name })
		if i < 0 {
			return nil, fmt.Errorf("there is no task %q", name)
		}
		chosen = append(chosen, all[i])
	}
	return chosen, nil
}

// read reads the series of the task from the directory.
func (t task) read(dir string) (*series.Panel, error) {
	var text bytes.Buffer
	for i, name := range t.files {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		lines := strings.SplitAfter(string(b), "\n")
		if i > 0 {
			lines = lines[1:]
		}
		if t.rows > 0 {
			lines = lines[:t.rows+1]
		}
		for _, l := range lines {
			text.WriteString(l)
		}
	}
	p, _, err := series.ReadCSV(&text, series.ReadOptions{Name: t.files[0], Targets: t.targets})
	if err != nil {
		return nil, err
	}
	return t.cut(p), nil
}

// cut leaves out the series and the steps that are not of the task.
func (t task) cut(p *series.Panel) *series.Panel {
	var kept []*series.Series
	for i, s := range p.Series {
		if t.odd && i%2 == 0 {
			continue
		}
		n := s.Len()
		for n > 0 && p.Coordinate(s.Times[n-1]) > p.Coordinate(s.Times[s.Len()-1])-float64(t.drop)+0.5 {
			n--
		}
		kept = append(kept, s.Slice(0, n))
	}
	return p.With(kept)
}
