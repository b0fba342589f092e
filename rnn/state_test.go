package rnn

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/seriestest"
)

// A stored model forecasts the same paths, and damaged states are refused.
func TestStateRoundTrip(t *testing.T) {
	for _, a := range architectures {
		panel := seriestest.Monthly(90)
		m := fit(t, a.kind, a.small(), panel, forecast.FitOptions{Horizon: 12, Season: 12})
		s, err := m.State()
		if err != nil {
			t.Fatal(err)
		}
		back, err := FromState(s)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(pathsOf(t, m, panel, 12, 10), pathsOf(t, back, panel, 12, 10)) {
			t.Errorf("%s: a stored model forecasts otherwise", a)
		}
		for name, spoil := range map[string]func(s *forecast.State){
			"kind":             func(s *forecast.State) { s.Kind = "latent-ode" },
			"JSON":             func(s *forecast.State) { s.Options = json.RawMessage("{") },
			"no configuration": func(s *forecast.State) { s.Options = json.RawMessage("{}") },
			"huge sizes": func(s *forecast.State) {
				s.Options = bytes.Replace(s.Options, []byte(`"hidden":6`), []byte(`"hidden":60000`), 1)
			},
			"no gap": func(s *forecast.State) { s.Options = bytes.Replace(s.Options, []byte(`"gap":`), []byte(`"x":`), 1) },
			"no such distribution": func(s *forecast.State) {
				s.Options = bytes.Replace(s.Options, []byte(`"gaussian"`), []byte(`"normal"`), 1)
			},
			"missing tensor": func(s *forecast.State) { s.Tensors = s.Tensors[1:] },
			"other shape":    func(s *forecast.State) { s.Tensors[0].Shape[0]++ },
			"other rank":     func(s *forecast.State) { s.Tensors[0].Shape = s.Tensors[0].Shape[:1] },
			"NaN":            func(s *forecast.State) { s.Tensors[0].Data[0] = math.NaN() },
		} {
			s, err := m.State()
			if err != nil {
				t.Fatal(err)
			}
			spoil(s)
			if _, err := FromState(s); err == nil {
				t.Errorf("%s, %s: no error", a, name)
			}
		}
	}
}

// TestStateWithoutCell: a model stored before there was a choice of recurrent
// units has gated ones.
func TestStateWithoutCell(t *testing.T) {
	for _, a := range architectures {
		panel := waves(4, 40, false, 1)
		m := fit(t, a.kind, a.small(), panel, forecast.FitOptions{Horizon: 5, Season: 1})
		s, err := m.State()
		if err != nil {
			t.Fatal(err)
		}
		s.Options = bytes.Replace(s.Options, fmt.Appendf(nil, `"cell":%q,`, a.cell), nil, 1)
		back, err := FromState(s)
		if a.cell != GRU {
			if err == nil {
				t.Errorf("%v: its weights pass for those of gated units", a)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(pathsOf(t, m, panel, 5, 10), pathsOf(t, back, panel, 5, 10)) {
			t.Errorf("%v: a model stored without its cell forecasts otherwise", a)
		}
	}
}
