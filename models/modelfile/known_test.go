package modelfile

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/safetensors"
	"tsgen/series"
)

// Known covariates come back with the history, and a file that
// lacks a tensor of them is damaged.
func TestKnownCovariates(t *testing.T) {
	f := &File{
		State: forecast.State{Kind: "ar"}, Season: 1, Horizon: 4,
		History: &series.Panel{Channels: []string{"y"}, Known: []string{"price", "holiday"}, IDColumn: "id", Series: []*series.Series{
			{ID: "a", Times: []float64{1}, Values: []float64{2}, Known: series.Track{Times: []float64{1, 2}, Values: []float64{3, 0, 4, 1}}},
			{ID: "b", Times: []float64{1, 2}, Values: []float64{2, 5}, Known: series.Track{Times: []float64{0.5, 3}, Values: []float64{8, 0, 7, 1}}},
		}},
	}
	file := encode(t, f)
	got, err := Read(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got.History, f.History) {
		t.Errorf("history %+v, want %+v", got.History, f.History)
	}

	metadata, tensors, err := safetensors.Read(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	for i, tensor := range tensors {
		if !strings.HasPrefix(tensor.Name, "history.known") {
			continue
		}
		less := append(append([]safetensors.Tensor(nil), tensors[:i]...), tensors[i+1:]...)
		if _, err := Read(bytes.NewReader(sealed(t, metadata, less))); !errors.Is(err, ErrDamaged) {
			t.Errorf("without %s: error %v", tensor.Name, err)
		}
	}
}
