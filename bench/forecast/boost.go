package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"

	"tsgen/forecast"
	"tsgen/internal/clock"
	"tsgen/models/boost"
	"tsgen/models/trees"
)

// boostTasks are those on which LightGBM is beside our trees.
func boostTasks() []string { return []string{"nn5_daily", "m3_monthly", "m4_hourly"} }

// A peerScore is how well the quantiles of a horizon were learned, and in what time of a
// processor.
type peerScore struct {
	Loss, Seconds float64
	Version       string
}

// runBoost has our trees and LightGBM learn from the same rows, and writes the mean quantile
// losses of what came to w and the progress to log.
func (r runner) runBoost(w, log io.Writer, python string) error {
	todo, err := chooseTasks(boostTasks(), false)
	if err != nil {
		return err
	}
	fmt.Fprint(w, "| task | rows × features | loss | LightGBM | | CPU s | LightGBM | |\n|---|---|---|---|---|---|---|---|\n")
	for _, t := range todo {
		p, err := r.problem(t, log)
		if err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
		own, err := ourTrees(p)
		if err != nil {
			return err
		}
		peer, err := lightGBM(p, python)
		if err != nil {
			return err
		}
		fmt.Fprintf(log, "%s: LightGBM %s\n", t.name, peer.Version)
		fmt.Fprintf(w, "| %s | %d × %d | %.4f | %.4f | %+.1f %% | %.2f | %.2f | %.2f times |\n", t.title, len(p.Learned.Y), p.Learned.Columns,
			own.Loss, peer.Loss, 100*(own.Loss/peer.Loss-1), own.Seconds, peer.Seconds, own.Seconds/peer.Seconds)
	}
	return nil
}

// problem returns what is learned of a task.
func (r runner) problem(t task, log io.Writer) (*boost.Problem, error) {
	panel, err := t.read(r.data)
	if err != nil {
		return nil, err
	}
	if err := r.setSeasons(t, panel, log); err != nil {
		return nil, err
	}
	origins, err := forecast.RollingOrigins(panel, t.horizon, 1, t.horizon)
	if err != nil {
		return nil, err
	}
	return (&boost.Model{}).NewProblem(origins[0].History, panel, forecast.FitOptions{Horizon: t.horizon, Seed: 1})
}

// ourTrees returns the score of package trees.
func ourTrees(p *boost.Problem) (s peerScore, err error) {
	started := clock.Processor().Seconds()
	all, err := trees.FitQuantiles(context.Background(), p.Learned, p.Levels, p.Options)
	if err != nil {
		return s, err
	}
	s.Seconds = clock.Processor().Seconds() - started
	q := make([]float64, len(all))
	for i, y := range p.Ahead.Y {
		for l, b := range all {
			q[l] = b.Predict(p.Ahead.X[i*p.Ahead.Columns : (i+1)*p.Ahead.Columns])
		}
		slices.Sort(q)
		for l, x := range q {
			d := y - x
			s.Loss += 2 * max(p.Levels[l]*d, (p.Levels[l]-1)*d) / float64(len(q)*len(p.Ahead.Y))
		}
	}
	return s, nil
}

// lightGBM returns the score of the program of bench/peers.
func lightGBM(p *boost.Problem, python string) (s peerScore, err error) {
	dir, err := os.MkdirTemp("", "boost")
	if err != nil {
		return s, err
	}
	defer os.RemoveAll(dir)
	head, err := json.Marshal(map[string]any{"columns": p.Learned.Columns, "learned": len(p.Learned.Y), "ahead": len(p.Ahead.Y),
		"levels": p.Levels, "options": p.Options})
	if err != nil {
		return s, err
	}
	var b bytes.Buffer
	b.Write(append(head, '\n'))
	for _, values := range [][]float64{p.Learned.X, p.Learned.Y, p.Ahead.X, p.Ahead.Y} {
		if err := binary.Write(&b, binary.LittleEndian, values); err != nil {
			return s, err
		}
	}
	path := filepath.Join(dir, "problem")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		return s, err
	}
	command := exec.Command(python, "bench/peers/boost.py", path)
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		return s, fmt.Errorf("%s: %w", command, err)
	}
	return s, json.Unmarshal(out, &s)
}
