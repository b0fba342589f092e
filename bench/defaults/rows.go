package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tsgen/forecast"
	"tsgen/series"
)

// A row is a file that is forecast with no option given.
type row struct {
	name, title string
	files       []string // one after the other, the header of the first standing for all
	target      string   // column of values; empty for those that are found

	windows, horizon int // origins
	stride           int // steps from one to the next, 0 for the horizon
	lag              int // of the naive forecast that scales errors

	score string  // one of those of figure
	right float64 // what was reached with the right seasons said
	peer  string  // another program and its figure
	least float64 // the target
}

// ownRows are of the benchmark of forecasts and of simulated files.
func ownRows() []row {
	return []row{
		{name: "m4_hourly", title: "M4 hourly, 100 series, times 1, 2, 3", files: []string{"m4_hourly_train.csv", "m4_hourly_test.csv"},
			windows: 1, horizon: 48, lag: 24, score: "SQL", right: 0.690, peer: "MSTL 0.588", least: 0.62},
		{name: "hourly2", title: "hourly with day and week", files: []string{"hourly2.csv"},
			windows: 1, horizon: 168, lag: 24, score: "MAE", right: 2.4, peer: "MSTL 1.68", least: 1.7},
		{name: "daily_year", title: "daily with week and year", files: []string{"daily_year.csv"},
			windows: 1, horizon: 365, lag: 7, score: "MAE", right: 2.3, peer: "MSTL 1.88", least: 1.9},
		{name: "co2_weekly", title: "CO2, weekly with gaps", files: []string{"co2_weekly.csv"},
			windows: 5, horizon: 104, stride: 52, lag: 52, score: "SQL"},
	}
}

// publicRows are files of other projects' repositories.
func publicRows() []row {
	return []row{
		{name: "seattle", title: "Seattle's highest temperatures", files: []string{"seattle-weather.csv"}, target: "temp_max",
			windows: 4, horizon: 90, lag: 7, score: "WQL", right: 0.128, peer: "Prophet 0.139", least: 0.128},
		{name: "ercot", title: "ERCOT, 8 series, hourly", files: []string{"ercot_multiple_ts.csv"},
			windows: 3, horizon: 24, lag: 24, score: "WQL", right: 0.0282, peer: "MSTL 0.0305", least: 0.0282},
		{name: "peyton", title: "Peyton Manning's page views", files: []string{"example_wp_log_peyton_manning.csv"},
			windows: 1, horizon: 365, lag: 7, score: "CRPS", right: 0.299, peer: "Prophet 0.291", least: 0.291},
	}
}

// figure returns the score by which a row is judged.
func (t row) figure(s forecast.Scores) float64 {
	switch t.score {
	case "SQL":
		return s.SQL
	case "WQL":
		return s.WQL
	case "CRPS":
		return s.CRPS
	}
	return s.MAE
}

// read reads the files from the first of the directories that has them, with no option but
// the column of values. Times of M4 that are plain numbers are as they are in its files.
func (t row) read(dirs []string) (*series.Panel, error) {
	var text bytes.Buffer
	for i, name := range t.files {
		at := slices.IndexFunc(dirs, func(dir string) bool {
			_, err := os.Stat(filepath.Join(dir, name))
			return err == nil
		})
		if at < 0 {
			return nil, fmt.Errorf("no %s in %s", name, strings.Join(dirs, ", "))
		}
		b, err := os.ReadFile(filepath.Join(dirs[at], name))
		if err != nil {
			return nil, err
		}
		if i > 0 {
			_, b, _ = bytes.Cut(b, []byte("\n"))
		}
		text.Write(b)
	}
	opt := series.ReadOptions{Name: t.files[0]}
	if t.target != "" {
		opt.Targets = []string{t.target}
	}
	p, _, err := series.ReadCSV(&text, opt)
	return p, err
}

// label is what a row begins with.
func (t row) label() string {
	return fmt.Sprintf("| %s, %d × %d, %s |", t.title, t.windows, t.horizon, t.score)
}

// written returns the line of a document that begins as the row does, or nothing.
func (t row) written(document string) string {
	for line := range strings.Lines(document) {
		if strings.HasPrefix(line, t.label()) {
			return line
		}
	}
	return ""
}
