package zeroshot

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/seriestest"
	"tsgen/models/zeroshot/internal/network"
	"tsgen/series"
)

// maps returns series that no one takes for predictable who has not seen others: each value
// follows from the one before, by a parabola.
func maps(number, length int, seed uint64) *series.Panel {
	p := &series.Panel{IDColumn: "unique_id", TimeColumn: "ds", Channels: []string{"y"}, Step: series.Step{Width: 1}}
	rng := rand.New(rand.NewPCG(seed, 0))
	for i := range number {
		s := &series.Series{ID: fmt.Sprint(i)}
		x := 0.1 + 0.8*rng.Float64()
		for k := range length {
			s.Times, s.Values = append(s.Times, float64(k)), append(s.Values, x)
			x = 3.9 * x * (1 - x)
		}
		p.Series = append(p.Series, s)
	}
	return p
}

// tuned returns a model that is tuned to the panel in a few updates.
func tuned(t *testing.T, p *series.Panel, updates int) *Model {
	t.Helper()
	m := &Model{Options: Options{Tune: true}}
	if err := m.tune(t.Context(), p, forecast.FitOptions{Horizon: 1, Season: 1, Seed: 3}, updates); err != nil {
		t.Fatal(err)
	}
	return m
}

// What the simulator does not make is learned from a panel, and is of use for other series
// of its kind.
func TestTune(t *testing.T) {
	seriestest.Long(t)
	m := tuned(t, maps(30, 60, 1), 300)
	if o := m.Outcome(); !o.Kept || !(o.After < 0.85*o.Before) {
		t.Fatalf("outcome %+v", *o)
	}
	fresh := maps(40, 41, 2)
	loss := func(m *Model) float64 {
		history := fresh.With(nil)
		for _, s := range fresh.Series {
			history.Series = append(history.Series, s.Slice(0, 40))
		}
		f, err := m.Forecast(t.Context(), history, forecast.Options{Horizon: 1, Season: 1})
		if err != nil {
			t.Fatal(err)
		}
		sum := 0.0
		for i, d := range f.Series {
			q := make([]float64, len(d.Probs))
			for j := range q {
				q[j] = d.Values[j][0]
			}
			sum += pretrained().Output().MeanLoss(fresh.Series[i].Values[40:], q)
		}
		return sum
	}
	if before, after := loss(&Model{}), loss(m); !(after < 0.9*before) {
		t.Errorf("loss %v of fresh series, %v before the tuning", after, before)
	}
}

// Tuned weights are the same on any number of processors and come back from the state of the
// model; a state that does not fit together is refused.
func TestTunedState(t *testing.T) {
	p := maps(8, 40, 1)
	m := tuned(t, p, 4)
	old := runtime.GOMAXPROCS(1)
	again := tuned(t, p, 4)
	runtime.GOMAXPROCS(old)
	if !reflect.DeepEqual(m.outcome.After, again.outcome.After) {
		t.Errorf("loss %v, on one processor %v", m.outcome.After, again.outcome.After)
	}
	net := network.New(rand.New(rand.NewPCG(5, 6)))
	m.outcome.Kept = true
	m.use(net.Params.Values)
	s, err := m.State()
	if err != nil {
		t.Fatal(err)
	}
	back, err := FromState(s)
	if err != nil {
		t.Fatal(err)
	}
	want, err := m.Forecast(t.Context(), p, forecast.Options{Horizon: 3})
	if err != nil {
		t.Fatal(err)
	}
	got, err := back.Forecast(t.Context(), p, forecast.Options{Horizon: 3})
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("the stored model forecasts otherwise, error %v", err)
	}
	s.Tensors[0].Data, s.Tensors[0].Shape = s.Tensors[0].Data[1:], []int{len(s.Tensors[0].Data) - 1}
	if _, err := FromState(s); !errors.Is(err, forecast.ErrMismatch) {
		t.Errorf("weights of another network: %v", err)
	}
	s.Tensors = nil
	if _, err := FromState(s); err == nil {
		t.Error("a tuned model without weights is taken")
	}
	if _, err := (&Model{Options: Options{Tune: true}}).Forecast(t.Context(), p, forecast.Options{Horizon: 3}); !errors.Is(err, forecast.ErrNotFitted) {
		t.Errorf("not tuned yet: %v", err)
	}
}

// Series too short to be tuned to are forecast as without.
func TestTuneShort(t *testing.T) {
	p := maps(3, 12, 1)
	m := &Model{Options: Options{Tune: true}}
	if err := m.Fit(t.Context(), p, forecast.FitOptions{Horizon: 6, Season: 1}); err != nil {
		t.Fatal(err)
	}
	f, err := m.Forecast(t.Context(), p, forecast.Options{Horizon: 6, Season: 1})
	if err != nil {
		t.Fatal(err)
	}
	want, err := (&Model{}).Forecast(t.Context(), p, forecast.Options{Horizon: 6, Season: 1})
	if err != nil || !reflect.DeepEqual(f.Series, want.Series) {
		t.Errorf("they are forecast otherwise, error %v", err)
	}
	if len(f.Notes) == 0 || !strings.Contains(f.Notes[0], "too few or too short") {
		t.Errorf("notes %q", f.Notes)
	}
}

// A file of a program with other weights says so.
func TestForeignWeights(t *testing.T) {
	m, err := FromState(&forecast.State{Kind: Name, Options: json.RawMessage(`{"Season":12}`)})
	if err != nil {
		t.Fatal(err)
	}
	f, err := m.Forecast(t.Context(), panel(t, 1, 40), forecast.Options{Horizon: 3})
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Notes) != 1 || !strings.Contains(f.Notes[0], "other weights") {
		t.Errorf("notes %q", f.Notes)
	}
	s, err := m.State()
	if err != nil {
		t.Fatal(err)
	}
	if m, err = FromState(s); err != nil || m.foreign {
		t.Errorf("stored again it is of other weights still, error %v", err)
	}
}
