package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"tsgen/forecast"
	"tsgen/models"
	"tsgen/models/modelfile"
	"tsgen/series"
)

// waves returns a panel of noisy waves.
func waves() *series.Panel {
	p := &series.Panel{IDColumn: "unique_id", TimeColumn: "ds", Channels: []string{"y"}, Step: series.Step{Width: 1}}
	rng := rand.New(rand.NewPCG(3, 1))
	for i := range 3 {
		s := &series.Series{ID: fmt.Sprintf("s%d", i)}
		for k := range 60 {
			s.Times = append(s.Times, float64(k))
			s.Values = append(s.Values, 20+float64(5*i)+3*math.Sin(float64(k)*math.Pi/3)+0.3*rng.NormFloat64())
		}
		p.Series = append(p.Series, s)
	}
	return p
}

// What becomes of a model file that was changed.
type outcomes struct{ refused, forecast, failed, broken int }

// tamper changes the model files of all kinds, writes them with good digests, and counts
// those that break a promise: a panic, or a forecast that is not finite.
func tamper(changes int, seed uint64) (broken int, err error) {
	p := waves()
	fit := forecast.FitOptions{Horizon: 4, Season: 6, Seed: 1}
	for _, k := range models.Kinds() {
		if k.Blend {
			continue
		}
		options := map[string]string{}
		if k.Trained() {
			options = map[string]string{"hidden": "4", "updates": "2", "batch": "4"}
		}
		m, err := k.New(options)
		if err != nil {
			return broken, err
		}
		if err := m.Fit(context.Background(), p, fit); err != nil {
			return broken, fmt.Errorf("%s: %w", k.Name, err)
		}
		var file bytes.Buffer
		if err := models.Write(&file, m, p, fit); err != nil {
			return broken, fmt.Errorf("%s: %w", k.Name, err)
		}
		rng := rand.New(rand.NewPCG(seed, 2))
		var o outcomes
		for range changes {
			if err := o.try(file.Bytes(), rng); err != nil {
				fmt.Printf("  %s: %v\n", k.Name, err)
			}
		}
		fmt.Printf("model files, %-15s %d changes: %d refused, %d forecast, %d without a forecast, %d broke a promise\n",
			k.Name+":", changes, o.refused, o.forecast, o.failed, o.broken)
		broken += o.broken
	}
	return broken, nil
}

// try changes a model file and sees what becomes of it.
func (o *outcomes) try(file []byte, rng *rand.Rand) error {
	content, err := modelfile.Read(bytes.NewReader(file))
	if err != nil {
		return err
	}
	change(content, rng)
	var changed bytes.Buffer
	if err := modelfile.Write(&changed, content); err != nil {
		o.refused++
		return nil
	}
	m, content, err := models.Read(&changed)
	var bug *forecast.PanicError
	if err != nil {
		if errors.As(err, &bug) {
			o.broken++
			return err
		}
		o.refused++
		return nil
	}
	f, err := forecast.Continue(context.Background(), m, content.History, forecast.Options{Horizon: 3, Samples: 5, Season: content.Season, Seed: 1})
	if errors.As(err, &bug) {
		o.broken++
		return err
	}
	if err != nil {
		o.failed++
		return nil
	}
	if err := f.Validate(); err != nil {
		o.broken++
		return err
	}
	o.forecast++
	return nil
}

// change changes a number of a tensor, a byte of the options, the season or the history.
func change(f *modelfile.File, rng *rand.Rand) {
	factor := []float64{-1, 0, 0.5, 2, 10, 1e6, 1e300, 1e-300}[rng.IntN(8)]
	where := rng.IntN(10)
	switch {
	case where < 6 && len(f.Tensors) > 0:
		t := f.Tensors[rng.IntN(len(f.Tensors))]
		if len(t.Data) > 0 {
			t.Data[rng.IntN(len(t.Data))] *= factor
		}
	case where < 8 && len(f.Options) > 2:
		f.Options[rng.IntN(len(f.Options))] = byte("0123456789-.e{}[],:\"truefalsn"[rng.IntN(29)])
	case where == 8:
		f.Season = 1 + rng.IntN(40)
	default:
		s := f.History.Series[rng.IntN(len(f.History.Series))]
		s.Values[rng.IntN(len(s.Values))] *= factor
	}
}
