package latentode

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/neural"
	"tsgen/internal/seriestest"
	"tsgen/series"
)

// TestImpute takes values out of series that the model learned and demands that
// they are found between their neighbours much better than by the mean.
func TestImpute(t *testing.T) {
	seriestest.Long(t)
	if testing.Short() || raceDetector {
		t.Skip("trains for some seconds")
	}
	panel := oscillators(30, 60, 0.05, 4)
	m := fit(t, Options{Hidden: 24, Updates: 400, Level: LevelPanel}, panel, forecast.FitOptions{Horizon: 10, Season: 1, Seed: 1})
	var removed [][]float64
	gappy := panel.With(nil)
	at := make([][]float64, len(panel.Series))
	for i, s := range panel.Series {
		// From 20 to 24 nothing is seen.
		g := &series.Series{ID: s.ID}
		var gone []float64
		for k, u := range s.Times {
			if row := s.Values[2*k : 2*k+2]; k < 20 || k >= 25 {
				g.Times, g.Values = append(g.Times, u), append(g.Values, row...)
			} else {
				at[i], gone = append(at[i], u), append(gone, row...)
			}
		}
		gappy.Series, removed = append(gappy.Series, g), append(removed, gone)
	}
	f, err := m.Impute(context.Background(), gappy, forecast.Options{At: at, Samples: 100})
	if err != nil {
		t.Fatal(err)
	}
	signal, err := m.Impute(context.Background(), gappy, forecast.Options{At: at, Samples: 100, Signal: true})
	if err != nil {
		t.Fatal(err)
	}
	errs, all, inside, n := 0.0, 0.0, 0, 0
	for i, d := range f.Series {
		mean := d.MeanTo(nil)
		low, high := d.Interval(nil, nil, 95)
		quiet, loud := signal.Series[i].Interval(nil, nil, 95)
		for k, x := range removed[i] {
			if math.IsNaN(x) {
				continue
			}
			errs, all, n = errs+(mean[k]-x)*(mean[k]-x), all+x*x, n+1
			if low[k] <= x && x <= high[k] {
				inside++
			}
			if loud[k]-quiet[k] > high[k]-low[k] {
				t.Errorf("series %d, value %d: the signal's interval is wider than the observation's", i, k)
			}
		}
	}
	if !(errs < 0.1*all) {
		t.Errorf("mean square error %.4f, the values' mean square is %.4f", errs/float64(n), all/float64(n))
	}
	if share := float64(inside) / float64(n); share < 0.85 {
		t.Errorf("%.2f of the values within the 95 %% interval", share)
	}
	z, err := m.Encode(context.Background(), gappy, forecast.Options{At: at, Samples: 20})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"z1", "z2"}; !slices.Equal(z.Channels, want) || z.Validate() != nil {
		t.Errorf("latent channels %v, want %v; %v", z.Channels, want, z.Validate())
	}
	// What comes before the first observation is found by going backwards.
	late := panel.With(nil)
	at, removed = nil, nil
	for _, s := range panel.Series {
		late.Series, at, removed = append(late.Series, s.Slice(3, s.Len())), append(at, s.Times[:3]), append(removed, s.Values[:6])
	}
	before, err := m.Impute(context.Background(), late, forecast.Options{At: at})
	if err != nil {
		t.Fatal(err)
	}
	errs, all = 0, 0
	for i, d := range before.Series {
		for k, x := range d.MeanTo(nil) {
			if want := removed[i][k]; !math.IsNaN(want) {
				errs, all = errs+(x-want)*(x-want), all+want*want
			}
		}
	}
	if !(errs < 0.2*all) {
		t.Errorf("sum of square errors before the first observation %.4f, of the values' squares %.4f", errs, all)
	}
	if _, err := new(Model).Encode(context.Background(), gappy, forecast.Options{At: at}); !errors.Is(err, forecast.ErrNotFitted) {
		t.Errorf("a model that is not fitted encodes: %v", err)
	}
}

// TestCover demands that every time belongs to one window that holds it.
func TestCover(t *testing.T) {
	r := &neural.Record{}
	for i := range 50 {
		r.U = append(r.U, float64(i))
	}
	var asked []float64
	for u := 0.25; u < 60; u += 0.5 {
		asked = append(asked, u)
	}
	for _, reach := range []int{2, 3, 10, 49, 50, 80} {
		var got []float64
		for _, w := range cover(r, reach, asked) {
			got = append(got, w.asked...)
			if w.asked[0] < r.U[w.From] || w.Origin-w.From > reach ||
				w.Origin < len(r.U) && w.asked[len(w.asked)-1] > r.U[w.Origin-1] {
				t.Errorf("reach %d: times %v to %v in a window from %d to %d", reach, w.asked[0], w.asked[len(w.asked)-1], w.From, w.Origin)
			}
		}
		if !slices.Equal(got, asked) {
			t.Errorf("reach %d: %d of %d times", reach, len(got), len(asked))
		}
	}
}

// TestEncodeSaysWhatItDoesNotKnow demands a note where the posterior is the prior, and none where it
// is not.
func TestEncodeSaysWhatItDoesNotKnow(t *testing.T) {
	m := still(t)
	panel := oscillators(4, 20, 0.1, 1)
	notes := func() []string {
		f, err := m.Encode(context.Background(), panel, forecast.Options{Horizon: 1, Samples: 3})
		if err != nil {
			t.Fatal(err)
		}
		return f.Notes
	}
	w, b := m.network.head.W.In(m.Params.Values), m.network.head.B.In(m.Params.Values)
	clear(w)
	for i := range b {
		b[i] = 0
		if i >= len(b)/2 {
			b[i] = math.Log(math.E - 1) // a deviation of 1
		}
	}
	if got := notes(); len(got) != 1 || !strings.Contains(got[0], "of 4 of 4 series the posterior") {
		t.Errorf("notes %q", got)
	}
	b[0] = 2
	if got := notes(); len(got) != 0 {
		t.Errorf("notes %q of a posterior that is not the prior", got)
	}
}
