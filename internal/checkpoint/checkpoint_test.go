package checkpoint

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/nn"
)

func unfinished() *nn.Checkpoint {
	return &nn.Checkpoint{
		Adam:   nn.Adam{Mean: []float64{1, -2}, Square: []float64{3, 4}, Steps: 70},
		Values: []float64{0.5, 0.25}, Average: []float64{0.1, 0.2}, Damping: 0.5,
		Best: []float64{7, 8}, BestScore: -1.5, BestUpdate: 50, Waited: 3, Spent: 9,
		Curve: []nn.Point{{Update: 25, Loss: 2, Valid: math.NaN()}, {Update: 50, Loss: 1, Valid: -1.5}},
	}
}

// A checkpoint comes back whole from finite tensors of their declared shapes, and its
// weights can be told from the rest.
func TestRoundTrip(t *testing.T) {
	early := unfinished()
	early.Best, early.BestScore, early.BestUpdate, early.Curve = nil, math.NaN(), 0, nil
	for name, c := range map[string]*nn.Checkpoint{"with a best": unfinished(), "before a best": early} {
		weight := forecast.Tensor{Name: "decoder", Shape: []int{1}, Data: []float64{1}}
		s := &forecast.State{Tensors: append(Tensors(c), weight)}
		for _, tensor := range s.Tensors {
			size := 1
			for _, n := range tensor.Shape {
				size *= n
			}
			if size != len(tensor.Data) {
				t.Errorf("%s: %s has the shape %v and %d values", name, tensor.Name, tensor.Shape, len(tensor.Data))
			}
			for _, x := range tensor.Data {
				if math.IsNaN(x - x) {
					t.Errorf("%s: %s has the value %v", name, tensor.Name, x)
				}
			}
		}
		got, err := Take(s, 2)
		if err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(got) != fmt.Sprint(c) { // which takes NaN for NaN
			t.Errorf("%s: %+v, want %+v", name, got, c)
		}
		if weights, training := Split(s.Tensors); len(weights) != 1 || len(training) != len(s.Tensors)-1 {
			t.Errorf("%s: %d weights, %d tensors of the training", name, len(weights), len(training))
		}
	}
}

// Tensors that are missing, double, unknown or impossible are a mismatch, not a
// training that goes on wrongly.
func TestTakeErrors(t *testing.T) {
	for name, damage := range map[string]func(s *forecast.State){
		"none":         func(s *forecast.State) { s.Tensors = nil },
		"one missing":  func(s *forecast.State) { s.Tensors = s.Tensors[1:] },
		"one twice":    func(s *forecast.State) { s.Tensors = append(s.Tensors, s.Tensors[0]) },
		"unknown":      func(s *forecast.State) { s.Tensors[0].Name = "training.more" },
		"cut":          func(s *forecast.State) { s.Tensors[0].Data = s.Tensors[0].Data[1:] },
		"bad damping":  func(s *forecast.State) { s.Tensors[4].Data[1] = 0 },
		"square below": func(s *forecast.State) { s.Tensors[5].Data[1] = -1 },
	} {
		s := &forecast.State{Tensors: Tensors(unfinished())}
		damage(s)
		if _, err := Take(s, 2); !errors.Is(err, forecast.ErrMismatch) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if _, err := Take(&forecast.State{Tensors: Tensors(unfinished())}, 3); !errors.Is(err, forecast.ErrMismatch) {
		t.Errorf("another number of weights: error %v", err)
	}
}
