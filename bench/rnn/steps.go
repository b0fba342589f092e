package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// cases are those of the benchmark Update of package rnn that are timed, and how
// many steps of them a turn takes.
var cases = []struct {
	name  string
	steps int
}{{"vrnn/series", 40}, {"srnn/series", 40}, {"vrnn/chorales", 8}, {"srnn/chorales", 8}}

// widths are those of the numbers in which steps are timed.
var widths = []string{"float64", "float32"}

// stepTimes times training steps of this repository and, if an interpreter is
// named, of bench/peers/rnn.py, in turns so that all meet the same load, and
// writes a table of the least processor times.
func stepTimes(w io.Writer, python string, rounds int) error {
	if rounds < 1 {
		return fmt.Errorf("-rounds is %d, want at least 1", rounds)
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
	var sides []func() (times, error)
	for _, precision := range widths {
		sides = append(sides, func() (times, error) { return ourTimes(binary, precision) })
	}
	if python != "" {
		for _, dtype := range widths {
			sides = append(sides, func() (times, error) { return peerTimes(python, dtype) })
		}
	}
	least := make([]times, len(sides))
	for range rounds {
		for i, measure := range sides {
			t, err := measure()
			if err != nil {
				return err
			}
			least[i] = t.least(least[i])
		}
	}
	return stepTable(w, least)
}

// times holds the processor seconds of a step by case.
type times map[string]float64

// least returns the lesser of each time of t and u.
func (t times) least(u times) times {
	for name, x := range u {
		if y, ok := t[name]; !ok || x < y {
			t[name] = x
		}
	}
	return t
}

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

func peerTimes(python, dtype string) (times, error) {
	out, _, err := run(python, "bench/peers/rnn.py", "--dtype", dtype)
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

// stepTable writes a line for each case: the times of this repository in both
// widths, then those of the peer, each with its ratio to ours of the same width.
func stepTable(w io.Writer, least []times) error {
	head, rule := "| step | tsgen, float64 | tsgen, float32 |", "|---|---|---|"
	if len(least) > len(widths) {
		head, rule = head+" PyTorch float64 | ratio | PyTorch float32 | ratio |", rule+"---|---|---|---|"
	}
	fmt.Fprintf(w, "%s\n%s\n", head, rule)
	for _, c := range cases {
		line := "| " + c.name + " |"
		for i, side := range least {
			x, ok := side[c.name]
			if !ok || x <= 0 {
				return fmt.Errorf("no time for %s", c.name)
			}
			line += fmt.Sprintf(" %.3g ms |", 1e3*x)
			if i >= len(widths) {
				line += fmt.Sprintf(" %.2f |", x/least[i-len(widths)][c.name])
			}
		}
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}
