package main

import (
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"

	"tsgen/models/density"
	"tsgen/rnn"
	"tsgen/series"
)

// oscillator is a noisy linear-Gaussian oscillator of period 12,
//
//	z' = 0.97 R(2π/12) z + N(0, diag(0.05, 0.02)),  x = [1 0.3] z + N(0, 0.1),
//
// 576 series to learn from and 128 for the test, of 72 steps of which the last
// 12 are forecast.
func oscillator() task {
	rng := rand.New(rand.NewPCG(12, 72))
	draw := func(n int) *series.Panel {
		p := &series.Panel{Channels: []string{"x"}, IDColumn: "series", TimeColumn: "t", Step: series.Step{Width: 1}}
		sin, cos := math.Sincos(2 * math.Pi / 12)
		for i := range n {
			s := &series.Series{ID: strconv.Itoa(i)}
			a, b := rng.NormFloat64(), rng.NormFloat64()
			for t := -200; t < 72; t++ {
				a, b = damping*(cos*a-sin*b)+math.Sqrt(0.05)*rng.NormFloat64(), damping*(sin*a+cos*b)+math.Sqrt(0.02)*rng.NormFloat64()
				if t >= 0 {
					s.Times = append(s.Times, float64(t))
					s.Values = append(s.Values, a+0.3*b+math.Sqrt(0.1)*rng.NormFloat64())
				}
			}
			p.Series = append(p.Series, s)
		}
		return p
	}
	t := task{
		train: draw(576), test: draw(128), horizon: 12, ahead: 12,
		options: rnn.Options{Level: rnn.LevelPanel, Context: 60, Updates: 2000},
	}
	nats, crps := filter(t.test, t.ahead)
	t.exact = fmt.Sprintf("on the oscillator; the exact filter: %.4f nats a step, CRPS %.4f over 12 steps", nats, crps)
	return t
}

const lowest, notes = 21, 88 // of the piano

// music reads polyphonic music, rows split, seq, t, notes with MIDI numbers
// separated by blanks: training and validation pieces to learn from.
func music(path string) (task, error) {
	// Measured on the JSB chorales, one seed: without dropout SRNN has 7.51 (ELBO)
	// and 7.32 (FIVO) nats a step; with 0.3 and 64 units 7.18 and 6.83, with 128
	// units 7.15 and 6.75, VRNN 7.14 and 6.75 (residual 7.15 and 6.63).
	t := task{horizon: 1, options: rnn.Options{
		Likelihood: density.Bernoulli, Hidden: 128, Latent: 32, Dropout: 0.3, Batch: 16, Updates: 3000, Rate: 0.002, Context: 100,
	}, exact: "on " + path}
	f, err := os.Open(path)
	if err != nil {
		return t, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return t, fmt.Errorf("%s: %w", path, err)
	}
	rows, err := csv.NewReader(z).ReadAll()
	if err != nil {
		return t, fmt.Errorf("%s: %w", path, err)
	}
	panel := func() *series.Panel {
		p := &series.Panel{IDColumn: "piece", TimeColumn: "t", Step: series.Step{Width: 1}}
		for n := range notes {
			p.Channels = append(p.Channels, strconv.Itoa(lowest+n))
		}
		return p
	}
	t.train, t.test = panel(), panel()
	for _, r := range rows[1:] {
		p, id := t.train, r[0]+" "+r[1]
		if r[0] == "test" {
			p = t.test
		}
		if n := len(p.Series); n == 0 || p.Series[n-1].ID != id {
			p.Series = append(p.Series, &series.Series{ID: id})
		}
		s := p.Series[len(p.Series)-1]
		frame := make([]float64, notes)
		for _, note := range strings.Fields(r[3]) {
			k, err := strconv.Atoi(note)
			if err != nil || k < lowest || k >= lowest+notes {
				return t, fmt.Errorf("%s: note %q of %s", path, note, id)
			}
			frame[k-lowest] = 1
		}
		s.Times, s.Values = append(s.Times, float64(len(s.Times))), append(s.Values, frame...)
	}
	return t, nil
}
