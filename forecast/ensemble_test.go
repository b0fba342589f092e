package forecast_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"tsgen/forecast"
	"tsgen/series"
)

// shifted is an overconfident model with another median.
type shifted struct {
	overconfident
	by  float64
	err error
}

func (m shifted) Forecast(ctx context.Context, h *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	f, err := m.overconfident.Forecast(ctx, h, opt)
	if err != nil {
		return nil, err
	}
	for _, d := range f.Series {
		for k := range d.Mean {
			d.Mean[k] += m.by
		}
	}
	return f, m.err
}

func TestEnsemble(t *testing.T) {
	at := func(by, sd float64) shifted { return shifted{overconfident: overconfident{sd: sd}, by: by} }
	refusing := shifted{overconfident: overconfident{sd: 1}, err: forecast.ErrMismatch}
	const z = 1.2815515655446004 // 0.9-quantile of the standard normal law
	history := noise(2, 10)
	opt := forecast.Options{At: [][]float64{{10, 11}, {10}}}
	for _, tt := range []struct {
		members    []forecast.Model
		median, p9 float64
		note       string
	}{
		{[]forecast.Model{at(0, 1)}, 0, z, ""},
		{[]forecast.Model{at(0, 1), at(4, 1)}, 2, 2 + z, ""},
		{[]forecast.Model{at(0, 1), at(1, 1), at(50, 1)}, 1, 1 + z, ""},
		// At the 0.9-quantile the members are z, 3z and 1: the middle is z.
		{[]forecast.Model{at(0, 1), at(0, 3), at(1, 0)}, 0, z, ""},
		{[]forecast.Model{refusing, at(1, 1)}, 1, 1 + z, "without overconfident"},
	} {
		m := &forecast.Ensemble{Members: tt.members}
		if err := m.Fit(t.Context(), history, forecast.FitOptions{}); err != nil {
			t.Fatal(err)
		}
		f, err := m.Forecast(t.Context(), history, opt)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Validate(); err != nil {
			t.Fatal(err)
		}
		q := f.Series[0].Quantiles(0.5, 0.9)
		if math.Abs(q[0][1]-tt.median) > 1e-12 || math.Abs(q[1][1]-tt.p9) > 1e-12 {
			t.Errorf("quantiles %v and %v, want %v and %v", q[0][1], q[1][1], tt.median, tt.p9)
		}
		if notes := strings.Join(f.Notes, "\n"); !strings.Contains(notes, tt.note) {
			t.Errorf("notes %q, want %q", notes, tt.note)
		}
	}
	m := &forecast.Ensemble{Members: []forecast.Model{refusing, refusing}}
	if _, err := m.Forecast(t.Context(), history, opt); !errors.Is(err, forecast.ErrMismatch) {
		t.Errorf("of members that all refuse: %v", err)
	}
	broken := errors.New("broken")
	m = &forecast.Ensemble{Members: []forecast.Model{at(0, 1), shifted{err: broken}}}
	if _, err := m.Forecast(t.Context(), history, opt); !errors.Is(err, broken) {
		t.Errorf("of a member that breaks: %v", err)
	}
}
