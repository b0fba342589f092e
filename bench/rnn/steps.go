package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"tsgen/bench/internal/neighbour"
)

// cases are those of the benchmark Update of package rnn that are timed, and how
// many steps of them a turn takes.
var cases = []struct {
	name  string
	steps int
}{{"vrnn/series", 40}, {"srnn/series", 40}, {"vrnn/chorales", 8}, {"srnn/chorales", 8}}

// A side is who is timed, and in which width. ours is the place among the sides of that of
// this repository in the same width.
type side struct {
	name    string
	ours    int
	measure func() (times, error)
}

// A contest says which peers the steps are timed beside, and how.
type contest struct {
	torch, jax          string // interpreters; empty: without
	compiled, contended bool   // PyTorch behind torch.compile too; beside a process that copies memory
	rounds              int
}

func (c contest) table() string {
	if c.contended {
		return "steps-contended"
	}
	return "steps"
}

// ourSides are the sides of this repository, the first of all.
var ourSides = []string{"float64", "float32"}

// run times training steps of this repository and, of the interpreters that are named,
// of bench/peers/rnn.py (PyTorch) and rnn_jax.py, in turns so that all meet the same load,
// and writes a table.
func (c contest) run(w io.Writer) error {
	if c.rounds < 1 {
		return fmt.Errorf("-rounds is %d, want at least 1", c.rounds)
	}
	folder, err := os.MkdirTemp("", "rnn")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	binary := filepath.Join(folder, "rnn.test")
	if _, _, err := run("go", "test", "-c", "-o", binary, "./rnn"); err != nil {
		return err
	}
	stop, err := neighbour.Start(c.contended)
	if err != nil {
		return err
	}
	defer stop()
	var sides []side
	for i, precision := range ourSides {
		sides = append(sides, side{"tsgen, " + precision, i, func() (times, error) { return ourTimes(binary, precision) }})
	}
	if c.torch != "" {
		for i, dtype := range ourSides {
			sides = append(sides, side{"PyTorch " + dtype, i, func() (times, error) { return peerTimes(c.torch, "rnn.py", "--dtype", dtype) }})
		}
	}
	if c.torch != "" && c.compiled {
		sides = append(sides, side{"PyTorch float32, compiled", 1, func() (times, error) {
			return peerTimes(c.torch, "rnn.py", "--dtype", "float32", "--compile")
		}})
	}
	if c.jax != "" {
		sides = append(sides, side{"JAX float32", 1, func() (times, error) { return peerTimes(c.jax, "rnn_jax.py") }})
	}
	turns := make([][]times, len(sides))
	for range c.rounds {
		for i, s := range sides {
			t, err := s.measure()
			if err != nil {
				return err
			}
			turns[i] = append(turns[i], t)
		}
	}
	return stepTable(w, sides, turns)
}

// times holds the processor seconds of a step by case.
type times map[string]float64

// run runs a command on one thread and returns its standard output and its
// processor seconds.
func run(name string, args ...string) (out []byte, seconds float64, err error) {
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1", "OMP_NUM_THREADS=1", "MKL_NUM_THREADS=1")
	out, err = cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			err = fmt.Errorf("%w\n%s", err, exit.Stderr)
		}
		return nil, 0, fmt.Errorf("%s %s: %w", name, strings.Join(args, " "), err)
	}
	return out, (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds(), nil
}

// ourTimes takes the difference of a long run and a short one, so that what goes
// before the first step does not count.
func ourTimes(binary, precision string) (times, error) {
	t := times{}
	for _, c := range cases {
		var seconds [2]float64
		for i, part := range []int{c.steps / 4, c.steps/4 + c.steps} {
			var err error
			if _, seconds[i], err = run(binary, "-test.run=^$", "-test.bench=^BenchmarkUpdate$/^"+strings.ReplaceAll(c.name+"/"+precision, "/", "$/^")+"$",
				fmt.Sprintf("-test.benchtime=%dx", part)); err != nil {
				return nil, err
			}
		}
		t[c.name] = (seconds[1] - seconds[0]) / float64(c.steps)
	}
	return t, nil
}

func peerTimes(python, program string, args ...string) (times, error) {
	out, _, err := run(python, append([]string{"bench/peers/" + program}, args...)...)
	if err != nil {
		return nil, err
	}
	return readTimes(out)
}

// readTimes reads lines of a case and its seconds, a tab between them.
func readTimes(out []byte) (times, error) {
	t := times{}
	for s := bufio.NewScanner(bytes.NewReader(out)); s.Scan(); {
		name, seconds, _ := strings.Cut(s.Text(), "\t")
		x, err := strconv.ParseFloat(seconds, 64)
		if err != nil {
			return nil, fmt.Errorf("line %q: %w", s.Text(), err)
		}
		t[name] = x
	}
	return t, nil
}

// stepTable writes a line for each case: the least time of every side over its turns, and for
// peers the median over the turns of the ratio to ours of the same width.
func stepTable(w io.Writer, sides []side, turns [][]times) error {
	head, rule := "| step |", "|---|"
	for i, s := range sides {
		head, rule = head+" "+s.name+" |", rule+"---|"
		if i >= len(ourSides) {
			head, rule = head+" ratio |", rule+"---|"
		}
	}
	fmt.Fprintf(w, "%s\n%s\n", head, rule)
	for _, c := range cases {
		line := "| " + c.name + " |"
		for i, s := range sides {
			least, ratios := math.Inf(1), []float64(nil)
			for k, t := range turns[i] {
				x, ok := t[c.name]
				if !ok || x <= 0 {
					return fmt.Errorf("no time for %s of %s", c.name, s.name)
				}
				least, ratios = min(least, x), append(ratios, x/turns[s.ours][k][c.name])
			}
			line += fmt.Sprintf(" %.3g ms |", 1e3*least)
			if i >= len(ourSides) {
				line += fmt.Sprintf(" %.2f |", median(ratios))
			}
		}
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}

// median sorts x, which has an element at least.
func median(x []float64) float64 {
	slices.Sort(x)
	n := len(x)
	return (x[(n-1)/2] + x[n/2]) / 2
}
