package main

import (
	"bufio"
	"bytes"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"tsgen/internal/kernel"
)

// A result holds seconds by the name of the case, and whose they are.
type result struct {
	version string
	seconds map[string]float64
}

// least returns the less of each time of r and s.
func (r result) least(s result) result {
	for name, t := range r.seconds {
		if u, ok := s.seconds[name]; !ok || t < u {
			s.seconds[name] = t
		}
	}
	return s
}

// A contestant is who is timed.
type contestant interface {
	name() string

	// width is the place of the width of its numbers in widths.
	width() int

	// measure takes a turn and returns the best of all turns so far.
	measure() (result, error)
}

// goEngine runs this repository's benchmarks of one width, compiled once.
type goEngine struct {
	folder string // of the compiled tests
	of     int    // the width
	at     time.Duration
	taken  map[string]*taken
}

// A taken is the processor time of processes that run a case some and three
// times as many times, the least of all turns.
type taken struct {
	runs      int
	few, many time.Duration
}

// compile compiles the tests that hold the benchmarks and returns their folder.
func compile() (folder string, err error) {
	if folder, err = os.MkdirTemp("", "engine"); err != nil {
		return "", err
	}
	for _, m := range table {
		binary := binary(folder, m.dir)
		if _, err := os.Stat(binary); err == nil {
			continue
		}
		if out, err := exec.Command("go", "test", "-c", "-o", binary, "./"+m.dir).CombinedOutput(); err != nil {
			os.RemoveAll(folder)
			return "", fmt.Errorf("compiling the benchmarks of %s: %w\n%s", m.dir, err, out)
		}
	}
	return folder, nil
}

func binary(folder, dir string) string { return filepath.Join(folder, filepath.Base(dir)+".test") }

func (g *goEngine) name() string { return "tsgen " + widths[g.of] }

func (g *goEngine) width() int { return g.of }

func (g *goEngine) measure() (result, error) {
	r := result{kernel.Path(), map[string]float64{}}
	for _, m := range table {
		seconds, err := g.processorTime(m)
		if err != nil {
			return r, fmt.Errorf("%s: %w", m.name, err)
		}
		r.seconds[m.name] = seconds
	}
	return r, nil
}

// processorTime returns the processor time of one run of a benchmark: what a
// process that runs it three times as often takes more, so that starting and
// preparing do not count. Of the differences of single turns the least would be
// too small: one in which the shorter process was disturbed.
func (g *goEngine) processorTime(m measured) (float64, error) {
	t, ok := g.taken[m.name]
	if !ok {
		_, out, err := g.run(m, g.at.String())
		if err != nil {
			return 0, err
		}
		once, err := timeOfRun(out)
		if err != nil {
			return 0, err
		}
		t = &taken{runs: max(3, int(g.at.Seconds()/once)), few: math.MaxInt64, many: math.MaxInt64}
		g.taken[m.name] = t
	}
	few, _, err := g.run(m, fmt.Sprintf("%dx", t.runs))
	if err != nil {
		return 0, err
	}
	many, _, err := g.run(m, fmt.Sprintf("%dx", 3*t.runs))
	t.few, t.many = min(t.few, few), min(t.many, many)
	return (t.many - t.few).Seconds() / float64(2*t.runs), err
}

// run runs a benchmark on one thread and returns the processor time of its
// process and its output.
func (g *goEngine) run(m measured, benchtime string) (time.Duration, []byte, error) {
	pattern := "^Benchmark" + strings.ReplaceAll(strings.ReplaceAll(m.benchmark[g.of], "PATH", kernel.Path()), "/", "$/^") + "$"
	cmd := exec.Command(binary(g.folder, m.dir), "-test.run=^$", "-test.cpu=1", "-test.benchtime="+benchtime, "-test.bench="+pattern)
	cmd.Dir = m.dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		return 0, out, fmt.Errorf("%w\n%s", err, out)
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), out, nil
}

var benchmarkLine = regexp.MustCompile(`(?m)^Benchmark\S+\s+\d+\s+([0-9.]+) ns/op`)

// timeOfRun returns the seconds of one run that a benchmark has printed.
func timeOfRun(out []byte) (float64, error) {
	m := benchmarkLine.FindSubmatch(out)
	if m == nil {
		return 0, fmt.Errorf("no benchmark of that name in\n%s", out)
	}
	ns, err := strconv.ParseFloat(string(m[1]), 64)
	if err == nil && ns <= 0 {
		err = fmt.Errorf("a benchmark took no time:\n%s", out)
	}
	return ns / 1e9, err
}

// A peer runs a program of bench/peers.
type peer struct {
	called  string
	of      int // the width
	command []string
	at      time.Duration
	best    result
}

func (t *peer) name() string { return t.called }

func (t *peer) width() int { return t.of }

func (t *peer) measure() (result, error) {
	r := result{seconds: map[string]float64{}}
	cmd := exec.Command(t.command[0], slices.Concat(t.command[1:], []string{"--seconds", strconv.FormatFloat(t.at.Seconds(), 'g', -1, 64)})...)
	cmd.Env = append(os.Environ(), "OMP_NUM_THREADS=1", "MKL_NUM_THREADS=1")
	var problems bytes.Buffer
	cmd.Stderr = &problems
	out, err := cmd.Output()
	if err != nil {
		return r, fmt.Errorf("%w\n%s", err, problems.Bytes())
	}
	for s := bufio.NewScanner(bytes.NewReader(out)); s.Scan(); {
		name, value, _ := strings.Cut(s.Text(), "\t")
		if name == "version" {
			r.version = value
			continue
		}
		if r.seconds[name], err = strconv.ParseFloat(value, 64); err != nil {
			return r, fmt.Errorf("line %q: %w", s.Text(), err)
		}
	}
	t.best = t.best.least(r)
	return t.best, nil
}
