package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
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

type contestant interface {
	name() string
	measure() (result, error)
}

// goEngine runs this repository's benchmarks, compiled once.
type goEngine struct {
	folder string // of the compiled tests
	at     time.Duration
}

func newGo(at time.Duration) (*goEngine, error) {
	folder, err := os.MkdirTemp("", "engine")
	if err != nil {
		return nil, err
	}
	g := &goEngine{folder, at}
	for _, s := range suites {
		if out, err := exec.Command("go", "test", "-c", "-o", g.binary(s.dir), "./"+s.dir).CombinedOutput(); err != nil {
			g.close()
			return nil, fmt.Errorf("compiling the benchmarks of %s: %w\n%s", s.dir, err, out)
		}
	}
	return g, nil
}

func (g *goEngine) binary(dir string) string {
	return filepath.Join(g.folder, filepath.Base(dir)+".test")
}

func (g *goEngine) close() { os.RemoveAll(g.folder) }

func (g *goEngine) name() string { return "tsgen" }

var benchmarkLine = regexp.MustCompile(`(?m)^Benchmark(\S+)\s+\d+\s+([0-9.]+) ns/op`)

func (g *goEngine) measure() (result, error) {
	path := kernel.Path()
	names := map[string]string{}
	for _, m := range table {
		names[strings.ReplaceAll(m.benchmark, "PATH", path)] = m.name
	}
	r := result{path, map[string]float64{}}
	for _, s := range suites {
		cmd := exec.Command(g.binary(s.dir), "-test.run=^$", "-test.cpu=1",
			"-test.benchtime="+g.at.String(), "-test.bench="+strings.ReplaceAll(s.pattern, "PATH", path))
		cmd.Dir = s.dir
		out, err := cmd.CombinedOutput()
		if err != nil {
			return r, fmt.Errorf("benchmarks of %s: %w\n%s", s.dir, err, out)
		}
		for _, m := range benchmarkLine.FindAllSubmatch(out, -1) {
			ns, err := strconv.ParseFloat(string(m[2]), 64)
			if err != nil {
				return r, err
			}
			if name, ok := names[string(m[1])]; ok {
				r.seconds[name] = ns / 1e9
			}
		}
	}
	return r, nil
}

// torch runs bench/peers/engine.py.
type torch struct {
	python, dtype string
	at            time.Duration
}

func (t torch) name() string { return "PyTorch " + t.dtype }

func (t torch) measure() (result, error) {
	r := result{seconds: map[string]float64{}}
	cmd := exec.Command(t.python, "bench/peers/engine.py", "--dtype", t.dtype,
		"--seconds", strconv.FormatFloat(t.at.Seconds(), 'g', -1, 64))
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
	return r, nil
}
