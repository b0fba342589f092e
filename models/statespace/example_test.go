package statespace_test

import (
	"fmt"
	"log"
	"math"

	"gonum.org/v1/gonum/mat"

	"tsgen/models/statespace"
)

// A level that wanders, seen through noise, with a gap.
func ExampleSystem_Filter() {
	s := &statespace.System{
		A: mat.NewDense(1, 1, []float64{1}), C: mat.NewDense(1, 1, []float64{1}),
		Q: mat.NewSymDense(1, []float64{0.1}), R: mat.NewSymDense(1, []float64{1}),
		Mean: mat.NewVecDense(1, nil), Cov: mat.NewSymDense(1, []float64{4}),
	}
	f, err := s.Filter(mat.NewDense(4, 1, []float64{1.2, 0.8, math.NaN(), 1.1}))
	if err != nil {
		log.Fatal(err)
	}
	last := f.Updated[3]
	fmt.Printf("log-likelihood %.4f, level %.4f ± %.4f\n", f.LogLikelihood, last.Mean.AtVec(0), math.Sqrt(last.Cov.At(0, 0)))
	next := s.Observation(s.Forecast(last, 1)[0])
	fmt.Printf("the next observation: %.4f ± %.4f\n", next.Mean.AtVec(0), math.Sqrt(next.Cov.At(0, 0)))
	// Output:
	// log-likelihood -4.3046, level 0.9711 ± 0.6344
	// the next observation: 0.9711 ± 1.2258
}
