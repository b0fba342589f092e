package main

import (
	"math"
	"testing"
)

// Stiff panels hold what their laws say: the fast substance is the slow one in the end, what reacts is not lost, and relaxation
// oscillations stay about their cycle.
func TestStiff(t *testing.T) {
	for _, k := range stiffs() {
		task, err := k.task(1)
		if err != nil {
			t.Fatal(err)
		}
		if len(task.train.Series) != k.series {
			t.Errorf("%s: %d series", k.name, len(task.train.Series))
		}
		for i, truth := range task.truth {
			if len(task.times[i]) != k.after {
				t.Errorf("%s: %d times to forecast", k.name, len(task.times[i]))
			}
			for n := 0; n < len(truth); n += len(k.channels) {
				switch row := truth[n : n+len(k.channels)]; {
				case k.name == "two-scales" && math.Abs(row[0]-row[1]) > 0.2,
					k.name == "robertson" && math.Abs(row[0]+row[2]-1) > 0.2,
					k.name == "relaxation" && math.Hypot(row[0]/2, row[1]) > 1.6:
					t.Errorf("%s: %v", k.name, row)
				}
			}
		}
	}
}
