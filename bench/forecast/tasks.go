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

// chooseTasks returns the tasks with the given names, all of them if there are
// no names.
func chooseTasks(names []string) ([]task, error) {
	all := tasks()
	if len(names) == 0 {
		return all, nil
	}
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
	return p, err
}
