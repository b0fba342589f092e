package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"tsgen/forecast"
	"tsgen/series"
)

// asPeer is the variable of the environment with which this test is a program that answers.
const asPeer = "TSGEN_TEST_PEER"

// TestMain is the test, or a program that forecasts the last value and as many more as there
// are steps, one below and one above it, and takes half a second for each request.
func TestMain(m *testing.M) {
	switch os.Getenv(asPeer) {
	case "":
		os.Exit(m.Run())
	case "silent":
		return
	}
	fmt.Println(`{"probabilities": [0.1, 0.5, 0.9], "versions": "none 1.0"}`)
	requests, answers := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		var r peerRequest
		if requests.Decode(&r) != nil {
			return
		}
		var all [][][]float64
		for _, s := range r.Series {
			of := make([][]float64, 3)
			for q := range of {
				for step := 1; step <= r.Steps && r.Model != "short"; step++ {
					of[q] = append(of[q], s.Values[len(s.Values)-1]+float64(step+q-1))
				}
			}
			all = append(all, of)
		}
		if r.Fit {
			all = nil
		}
		if answers.Encode(map[string]any{"quantiles": all, "seconds": 0.5, "replaced": 0}) != nil {
			return
		}
	}
}

func startTestPeer(t *testing.T) *peerProgram {
	t.Helper()
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), asPeer+"=naive")
	p, err := startProgram(command, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// What a peer says of each channel stands at its place and at the steps that are asked for,
// counted from the last time, and its time is what it says.
func TestPeer(t *testing.T) {
	program := startTestPeer(t)
	p := &series.Panel{Channels: []string{"a", "b"}, Step: series.Step{Width: 1}, Series: []*series.Series{
		{ID: "x", Times: []float64{0, 1, 2, 4}, Values: []float64{1, 10, 2, 20, 3, 30, 5, math.NaN()}},
		{ID: "y", Times: []float64{0, 1, 2, 3}, Values: []float64{7, 1, 7, 1, 7, 1, 8, 1}},
	}}
	m := &peer{program: program, name: "last"}
	if err := m.Fit(t.Context(), p, forecast.FitOptions{Horizon: 2}); err != nil {
		t.Fatal(err)
	}
	f, err := m.Forecast(t.Context(), p, forecast.Options{At: [][]float64{{5, 7}, {4}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Validate(); err != nil {
		t.Fatal(err)
	}
	if got, want := f.Series[0].Values[1], []float64{6, 31, 8, 33}; !slices.Equal(got, want) {
		t.Errorf("medians of the first series %v, want %v", got, want)
	}
	if got, want := f.Series[1].Values[2], []float64{10, 3}; !slices.Equal(got, want) {
		t.Errorf("upper quantiles of the second series %v, want %v", got, want)
	}
	if program.seconds != 1 {
		t.Errorf("%v seconds of two answers of half a one", program.seconds)
	}
	if _, err := (&peer{program: program, name: "short"}).Forecast(t.Context(), p, forecast.Options{Horizon: 2}); err == nil || !strings.Contains(err.Error(), "steps") {
		t.Errorf("an answer without steps: %v", err)
	}
}

// Gaps are bridged by straight lines, ends by the next value.
func TestBridge(t *testing.T) {
	gap := math.NaN()
	x := []float64{gap, 1, gap, gap, 4, gap}
	bridge(x)
	if want := []float64{1, 1, 2, 3, 4, 4}; !slices.Equal(x, want) {
		t.Errorf("%v, want %v", x, want)
	}
}

// A program that says nothing is an error that names it.
func TestSilentPeer(t *testing.T) {
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), asPeer+"=silent")
	if _, err := startProgram(command, io.Discard); err == nil || !strings.Contains(err.Error(), os.Args[0]) {
		t.Errorf("error %v", err)
	}
}

// The seconds of each model stand in its column, with a dash where it has no result, and add up.
func TestWriteSeconds(t *testing.T) {
	result := func(model string, took float64) timed {
		return timed{Result: forecast.Result{Model: model}, took: took}
	}
	var b strings.Builder
	outcomes := []outcome{
		{task{title: "T"}, []timed{result("a", 2), result("b", 1)}},
		{task{title: "U"}, []timed{result("b", 3.25)}},
	}
	if err := writeSeconds(&b, outcomes); err != nil {
		t.Fatal(err)
	}
	if want := "\n| seconds of a core | a | b |\n|---|---|---|\n| T | 2.0 | 1.0 |\n| U | - | 3.2 |\n| sum | 2.0 | 4.2 |\n"; b.String() != want {
		t.Errorf("got\n%s", b.String())
	}
}
