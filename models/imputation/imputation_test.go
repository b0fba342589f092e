package imputation_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"tsgen/models"
	"tsgen/models/imputation"
	"tsgen/series"
)

// seasonal returns series of two channels with a season of 12 and noise.
func seasonal(count, n int) *series.Panel {
	p := &series.Panel{Channels: []string{"a", "b"}, IDColumn: "id", Step: series.Step{Width: 1}, Seasons: []float64{12},
		Axis: series.Axis{Layout: series.LayoutNumber}}
	for k := range count {
		rng := rand.New(rand.NewPCG(uint64(k), 1))
		s := &series.Series{ID: fmt.Sprint(k)}
		for t := range n {
			s.Times = append(s.Times, float64(t))
			for c := range 2 {
				s.Values = append(s.Values, 10+3*math.Sin(2*math.Pi*float64(t)/12+float64(c))+rng.NormFloat64())
			}
		}
		p.Series = append(p.Series, s)
	}
	return p
}

// Hidden values are those of the panel, at most a tenth of each channel, in stretches as long as the gaps
// and between values that are seen; nothing else is changed.
func TestHide(t *testing.T) {
	p := seasonal(4, 200)
	for _, s := range p.Series { // gaps of three values of channel b, and of four rows
		for r := 60; r < 63; r++ {
			s.Values[2*r+1] = math.NaN()
		}
		s.Times, s.Values = slices.Delete(s.Times, 120, 124), slices.Delete(s.Values, 240, 248)
	}
	seen, hidden := imputation.Hide(p, 7)
	again, _ := imputation.Hide(p, 7)
	if seen.Fingerprint() != again.Fingerprint() {
		t.Error("the same seed hides other values")
	}
	if other, _ := imputation.Hide(p, 8); other.Fingerprint() == seen.Fingerprint() {
		t.Error("another seed hides the same values")
	}
	lengths := make(map[int]int)
	for i, s := range p.Series {
		h := hidden.Series[i]
		for c := range 2 {
			run, count := 0, 0
			for r, at := range s.Times {
				was, is := s.Row(r)[c], seen.Series[i].Row(r)[c]
				k, row := slices.BinarySearch(h.Times, at)
				held := math.NaN()
				if row {
					held = h.Row(k)[c]
				}
				switch {
				case math.IsNaN(was) != (math.IsNaN(is) && math.IsNaN(held)):
					t.Fatalf("series %d, row %d: %v is %v and %v", i, r, was, is, held)
				case !math.IsNaN(held):
					if held != was || !math.IsNaN(is) {
						t.Fatalf("series %d, row %d: %v is hidden as %v", i, r, was, held)
					}
					run, count = run+1, count+1
					if r == 0 || r == s.Len()-1 {
						t.Errorf("series %d: the value of row %d has none beside it", i, r)
					}
				default:
					if run > 0 {
						lengths[run]++
					}
					run = 0
				}
			}
			if count == 0 || count > 20 {
				t.Errorf("series %d, channel %d: %d of 200 values are hidden", i, c, count)
			}
		}
	}
	if lengths[3]+lengths[4] < 4*lengths[1] {
		t.Errorf("stretches of %v", lengths)
	}
}

// The choice knows the season where there is one, and the joint model where channels tell of each
// other; it is the same however often it is made.
func TestChoose(t *testing.T) {
	ctx := context.Background()
	p := seasonal(2, 120)
	choice, err := imputation.Choose(ctx, p, models.Imputers(p), imputation.Options{Horizon: 12, Season: 12, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if choice.Name == "pooled-gp" || len(choice.Losses()) != 5 { // which has no season
		t.Errorf("%s is chosen for a season of 12: %v", choice.Name, choice.Losses())
	}
	again, err := imputation.Choose(ctx, p, models.Imputers(p), imputation.Options{Horizon: 12, Season: 12, Seed: 1})
	if err != nil || !slices.Equal(again.Losses(), choice.Losses()) {
		t.Errorf("%v, then %v", choice.Losses(), again.Losses())
	}
	for _, s := range p.Series { // what b is, a was
		rng := rand.New(rand.NewPCG(3, 3))
		for r := range s.Times {
			s.Values[2*r] = 20 * rng.NormFloat64()
			s.Values[2*r+1] = s.Values[2*r] + 0.1*rng.NormFloat64()
			if r%9 == 4 {
				s.Values[2*r+1] = math.NaN()
			}
		}
	}
	p.Seasons = []float64{}
	if choice, err = imputation.Choose(ctx, p, models.Imputers(p), imputation.Options{Horizon: 12, Season: 1, Seed: 1}); err != nil || choice.Name != "gauss" {
		t.Errorf("%+v is chosen for channels that are the same, error %v", choice, err)
	}
}

// Of too few values the first model that can be fitted is chosen.
func TestChooseOfLittle(t *testing.T) {
	p := seasonal(1, 8)
	choice, err := imputation.Choose(context.Background(), p, models.Imputers(p), imputation.Options{Horizon: 1, Season: 1})
	if err != nil || choice.Scored() || choice.Name != "lgssm" {
		t.Errorf("%+v, error %v", choice, err)
	}
}
