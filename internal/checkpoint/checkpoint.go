// Package checkpoint keeps trainings that have not come to their end in the
// states of models, for them to go on later as if they had never stopped.
package checkpoint

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"tsgen/forecast"
	"tsgen/internal/nn"
)

// Of a training with n parameters the tensors are
//
//	training.values, training.average, training.mean, training.square   n
//	training.best      n, once there is a best
//	training.progress  steps, damping, update and score of the best, waited, spent (not in early files)
//	training.curve     points × (update, loss, score, whether there is a score)
const (
	prefix   = "training."
	best     = prefix + "best"
	progress = prefix + "progress"
	curve    = prefix + "curve"
)

// arrays returns those of c that have a value for each parameter.
func arrays(c *nn.Checkpoint) map[string]*[]float64 {
	return map[string]*[]float64{
		prefix + "values": &c.Values, prefix + "average": &c.Average,
		prefix + "mean": &c.Mean, prefix + "square": &c.Square,
	}
}

// Tensors returns c as tensors of a model's state, in the order of their names.
func Tensors(c *nn.Checkpoint) []forecast.Tensor {
	var all []forecast.Tensor
	add := func(name string, data []float64, shape ...int) {
		all = append(all, forecast.Tensor{Name: name, Shape: shape, Data: data})
	}
	for name, data := range arrays(c) {
		add(name, slices.Clone(*data), len(*data))
	}
	score, _ := known(c.BestScore)
	add(progress, []float64{float64(c.Steps), c.Damping, float64(c.BestUpdate), score, float64(c.Waited), c.Spent}, 6)
	if c.Best != nil {
		add(best, slices.Clone(c.Best), len(c.Best))
	}
	points := make([]float64, 0, 4*len(c.Curve))
	for _, p := range c.Curve {
		score, there := known(p.Valid)
		points = append(points, float64(p.Update), p.Loss, score, there)
	}
	add(curve, points, len(c.Curve), 4)
	slices.SortFunc(all, func(a, b forecast.Tensor) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// known returns a score as a number that a file may hold, and 1 if it is one.
func known(score float64) (value, there float64) {
	if math.IsNaN(score - score) {
		return 0, 0
	}
	return score, 1
}

// Split returns the tensors that are a model's weights and those of a training,
// if there is one among them.
func Split(tensors []forecast.Tensor) (weights, training []forecast.Tensor) {
	for _, t := range tensors {
		if strings.HasPrefix(t.Name, prefix) {
			training = append(training, t)
		} else {
			weights = append(weights, t)
		}
	}
	return weights, training
}

// Check says what is wrong with the training that a state holds, if it holds one.
func Check(s *forecast.State) error {
	for _, t := range s.Tensors {
		if t.Name == prefix+"values" {
			_, err := Take(s, len(t.Data))
			return err
		}
	}
	if _, training := Split(s.Tensors); training != nil {
		return fmt.Errorf("%w: the training has no %svalues", forecast.ErrMismatch, prefix)
	}
	return nil
}

// Take returns the training of n parameters that a state holds. The error wraps
// forecast.ErrMismatch if it holds none, or another.
func Take(s *forecast.State, n int) (*nn.Checkpoint, error) {
	_, training := Split(s.Tensors)
	if training == nil {
		return nil, fmt.Errorf("%w: there is no training to go on with", forecast.ErrMismatch)
	}
	c := &nn.Checkpoint{BestScore: math.NaN()}
	want := arrays(c)
	want[best] = &c.Best
	var numbers, points []float64
	want[progress], want[curve] = &numbers, &points
	for _, t := range training {
		data, ok := want[t.Name]
		if !ok || *data != nil {
			return nil, fmt.Errorf("%w: a tensor %s, which no training has, or twice", forecast.ErrMismatch, t.Name)
		}
		*data = slices.Clone(t.Data)
	}
	for name, data := range want {
		switch {
		case name == progress && len(*data) != 5 && len(*data) != 6,
			name == curve && len(*data)%4 != 0,
			name == best && *data != nil && len(*data) != n,
			name != progress && name != curve && name != best && len(*data) != n:
			return nil, fmt.Errorf("%w: the training has %d values in %s, the model has %d weights", forecast.ErrMismatch, len(*data), name, n)
		}
	}
	c.Steps, c.Damping, c.BestUpdate, c.Waited = int(numbers[0]), numbers[1], int(numbers[2]), int(numbers[4])
	if len(numbers) > 5 {
		c.Spent = numbers[5]
	}
	if c.Best != nil {
		c.BestScore = numbers[3]
	}
	for p := range slices.Chunk(points, 4) {
		point := nn.Point{Update: int(p[0]), Loss: p[1], Valid: p[2]}
		if p[3] == 0 {
			point.Valid = math.NaN()
		}
		c.Curve = append(c.Curve, point)
	}
	if c.Steps < 0 || !(c.Damping > 0 && c.Damping <= 1) || !(c.Spent >= 0) || slices.ContainsFunc(c.Square, func(x float64) bool { return !(x >= 0) }) {
		return nil, fmt.Errorf("%w: the training is damaged: %d updates, damping %v", forecast.ErrMismatch, c.Steps, c.Damping)
	}
	return c, nil
}
