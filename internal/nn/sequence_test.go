package nn

import (
	"context"
	"math"
	"testing"
)

// TestSequencesLearn trains the benchmarks' models, small, on a few sequences of
// noise and expects a bound that is better by a tenth of a nat a step.
func TestSequencesLearn(t *testing.T) {
	for _, binary := range []bool{false, true} {
		size := sequenceSize{"small", 7, 4, 2, 8, 3, binary}
		for name, model := range map[string]func(sequenceSize, int) (Objective, *sequences, *Params){"VRNN": newVRNN, "SRNN": newSRNN} {
			o, _, s := model(size, 2)
			training := Training{Schedule: Schedule{Rate: 1e-2, Updates: 150}, Shards: 2, Clip: 1}
			c := NewCheckpoint(s.Values)
			if err := training.Run(context.Background(), c, o); err != nil {
				t.Fatal(err)
			}
			first, last := c.Curve[0].Loss, c.Curve[len(c.Curve)-1].Loss
			if !(last < first-0.1) || math.IsInf(last, 0) {
				t.Errorf("%s, binary %v: the loss of the first updates is %v, of the last %v", name, binary, first, last)
			}
		}
	}
}
