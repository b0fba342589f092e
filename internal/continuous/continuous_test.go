package continuous

import (
	"context"
	"errors"
	"testing"

	"tsgen/forecast"
	"tsgen/series"
)

type options struct{ Size int }

func (o options) Validate() error {
	if o.Size < 0 {
		return errors.New("a negative size")
	}
	return nil
}

type learned struct {
	Frame
	Level float64
}

func (l *learned) check() error {
	if l == nil {
		return errors.New("nothing was learned")
	}
	return nil
}

// TestFrame protects that the unit is the median distance of times, and that other channels
// are refused.
func TestFrame(t *testing.T) {
	p := &series.Panel{Channels: []string{"y"}, Series: []*series.Series{{ID: "a", Times: []float64{0, 1, 3, 9}, Values: []float64{1, 2, 3, 4}}}}
	f := NewFrame(p)
	if f.Unit != 2 {
		t.Errorf("unit %v, want 2", f.Unit)
	}
	one := func(*series.Series, []float64) (*forecast.Distribution, error) {
		return nil, forecast.ErrTooShort
	}
	at := forecast.Options{At: [][]float64{{5}}}
	if _, err := f.Each(context.Background(), "x", p, at, true, one); err == nil || errors.Is(err, forecast.ErrTooShort) {
		t.Errorf("a time among the observed ones: %v", err)
	}
	if _, err := f.Each(context.Background(), "x", p, at, false, one); !errors.Is(err, forecast.ErrTooShort) {
		t.Errorf("the model was not asked: %v", err)
	}
	other := *p
	other.Channels = []string{"z"}
	if err := f.Accepts(&other); !errors.Is(err, forecast.ErrMismatch) {
		t.Errorf("another channel: %v", err)
	}
}

// TestState protects that a state gives back what was stored, and that one of another kind,
// with bad options or with nothing learned is refused.
func TestState(t *testing.T) {
	s, err := State("x", options{3}, &learned{Frame{Unit: 2}, 7})
	if err != nil {
		t.Fatal(err)
	}
	o, l, err := FromState[options](s, "x", (*learned).check)
	if err != nil || o.Size != 3 || l.Level != 7 || l.Unit != 2 {
		t.Errorf("%+v, %+v, %v", o, l, err)
	}
	if _, err := State[options, learned]("x", options{}, nil); !errors.Is(err, forecast.ErrNotFitted) {
		t.Errorf("nothing learned: %v", err)
	}
	for name, bad := range map[string]forecast.State{
		"kind":    {Kind: "y", Options: s.Options},
		"options": {Kind: "x", Options: []byte(`{"options":{"Size":-1},"fit":{}}`)},
		"no fit":  {Kind: "x", Options: []byte(`{"options":{}}`)},
		"tensor":  {Kind: "x", Options: s.Options, Tensors: []forecast.Tensor{{Name: "w"}}},
	} {
		if _, _, err := FromState[options](&bad, "x", (*learned).check); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}
