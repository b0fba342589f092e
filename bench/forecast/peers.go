package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"slices"
	"sync"

	"tsgen/forecast"
	"tsgen/series"
)

// peerNames returns the models of bench/peers/forecast.py, the dearest last.
func peerNames() []string {
	return []string{"AutoETS", "AutoTheta", "MSTL", "LightGBM", "SeasonalNaive", "AutoARIMA"}
}

// A peerProgram is one that forecasts by models of others, at work. It reads requests and
// writes answers, a line of JSON each.
type peerProgram struct {
	mu            sync.Mutex
	in            io.WriteCloser
	out           *json.Decoder
	command       *exec.Cmd
	probabilities []float64
	seconds       float64 // of the processor, of all answers
	log           io.Writer
}

// startPeers starts the program of bench/peers by a Python that has its packages, and logs
// their versions.
func startPeers(python string, log io.Writer) (*peerProgram, error) {
	return startProgram(exec.Command(python, "bench/peers/forecast.py"), log)
}

func startProgram(command *exec.Cmd, log io.Writer) (*peerProgram, error) {
	command.Stderr = os.Stderr
	in, err := command.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	p := &peerProgram{in: in, out: json.NewDecoder(out), command: command, log: log}
	var greeting struct {
		Probabilities []float64
		Versions      string
	}
	if err := p.out.Decode(&greeting); err != nil {
		p.close()
		return nil, fmt.Errorf("%s: %w", command, err)
	}
	fmt.Fprintln(log, greeting.Versions)
	p.probabilities = greeting.Probabilities
	return p, nil
}

// close ends the program.
func (p *peerProgram) close() error {
	p.in.Close()
	return p.command.Wait()
}

// entrants returns the models of the program.
func (p *peerProgram) entrants() []entrant {
	var all []entrant
	for _, name := range peerNames() {
		all = append(all, entrant{name: name, build: func() forecast.Model { return &peer{program: p, name: name} }, trained: true, program: p})
	}
	return all
}

// A peerRequest is what a peer is asked.
type peerRequest struct {
	Model   string       `json:"model"`
	Fit     bool         `json:"fit"`     // learn from the series, and forecast nothing
	Horizon int          `json:"horizon"` // of the task
	Steps   int          `json:"steps"`   // to forecast
	Season  int          `json:"season"`  // of the task
	Seasons []float64    `json:"seasons"` // that were found in what comes before the first origin
	Year    float64      `json:"year"`    // steps in a year, 0 where there is no calendar
	Series  []peerSeries `json:"series"`
}

// A peerSeries is a channel without gaps, from a step of the calendar on.
type peerSeries struct {
	First  int       `json:"first"`
	Values []float64 `json:"values"`
}

// ask returns the quantiles of each series of the request: for each probability those of all steps.
func (p *peerProgram) ask(r peerRequest) ([][][]float64, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := json.NewEncoder(p.in).Encode(r); err != nil {
		return nil, fmt.Errorf("%s: %w", p.command, err)
	}
	var answer struct {
		Quantiles [][][]float64
		Seconds   float64
		Replaced  int
	}
	if err := p.out.Decode(&answer); err != nil {
		return nil, fmt.Errorf("%s: %w", p.command, err)
	}
	p.seconds += answer.Seconds
	if answer.Replaced > 0 {
		fmt.Fprintf(p.log, "%s: %d series of %d by a seasonal naive forecast\n", r.Model, answer.Replaced, len(r.Series))
	}
	if !r.Fit && len(answer.Quantiles) != len(r.Series) {
		return nil, fmt.Errorf("%s: %s of %d series, want %d", p.command, r.Model, len(answer.Quantiles), len(r.Series))
	}
	for _, of := range answer.Quantiles {
		if len(of) != len(p.probabilities) || slices.ContainsFunc(of, func(x []float64) bool { return len(x) != r.Steps }) {
			return nil, fmt.Errorf("%s: %s has not %d steps of %d quantiles", p.command, r.Model, r.Steps, len(p.probabilities))
		}
	}
	return answer.Quantiles, nil
}

// A peer is a model of others.
type peer struct {
	program *peerProgram
	name    string
	horizon int
}

// Name implements forecast.Model.
func (m *peer) Name() string { return m.name }

// Fit implements forecast.Model.
func (m *peer) Fit(_ context.Context, train *series.Panel, opt forecast.FitOptions) error {
	m.horizon = opt.Horizon
	r, err := m.request(train, opt.Season)
	if err != nil {
		return err
	}
	r.Fit = true
	_, err = m.program.ask(r)
	return err
}

// request returns what is asked of a panel, whose channels are series each, with straight lines
// over gaps.
func (m *peer) request(p *series.Panel, season int) (peerRequest, error) {
	r := peerRequest{Model: m.name, Horizon: m.horizon, Season: season, Seasons: p.Seasons}
	if p.Axis.Calendar() {
		r.Year = p.Step.PerYear()
	}
	if r.Seasons == nil {
		r.Seasons = []float64{}
	}
	for _, s := range p.Series {
		grid, _, err := p.Grid(s)
		if err != nil {
			return r, err
		}
		for c := range p.Width() {
			x := peerSeries{First: int(math.Round(p.Coordinate(s.Times[0])))}
			for i := c; i < len(grid); i += p.Width() {
				x.Values = append(x.Values, grid[i])
			}
			bridge(x.Values)
			r.Series = append(r.Series, x)
		}
	}
	return r, nil
}

// bridge puts straight lines over gaps, and the next value where there is one on one side alone.
func bridge(x []float64) {
	last := -1
	for i, v := range x {
		if math.IsNaN(v) {
			continue
		}
		from := v
		if last >= 0 {
			from = x[last]
		}
		for k := last + 1; k < i; k++ {
			x[k] = from + (v-from)*float64(k-last)/float64(i-last)
		}
		last = i
	}
	for k := last + 1; k < len(x) && last >= 0; k++ {
		x[k] = x[last]
	}
}

// Forecast implements forecast.Model.
func (m *peer) Forecast(_ context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	opt, err := opt.Resolve(history)
	if err != nil {
		return nil, err
	}
	r, err := m.request(history, opt.Season)
	if err != nil {
		return nil, err
	}
	leads := make([][]int, len(opt.At))
	for i, times := range opt.At {
		s := history.Series[i]
		for _, t := range times {
			lead := int(math.Round(history.Coordinate(t) - history.Coordinate(s.Times[s.Len()-1])))
			leads[i], r.Steps = append(leads[i], lead), max(r.Steps, lead)
		}
	}
	quantiles, err := m.program.ask(r)
	if err != nil {
		return nil, err
	}
	f := &forecast.Forecast{Model: m.name, Channels: history.Channels}
	width := history.Width()
	for i, s := range history.Series {
		d := &forecast.Distribution{ID: s.ID, Times: opt.At[i], Probs: m.program.probabilities}
		for q := range d.Probs {
			values := make([]float64, 0, len(leads[i])*width)
			for _, lead := range leads[i] {
				for c := range width {
					values = append(values, quantiles[i*width+c][q][lead-1])
				}
			}
			d.Values = append(d.Values, values)
		}
		f.Series = append(f.Series, d)
	}
	return f, nil
}
