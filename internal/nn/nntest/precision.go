// Package nntest holds what tests of trained models share.
package nntest

import (
	"context"
	"math"
	"testing"

	"tsgen/internal/nn"
)

// SameGradient fails t unless a shard's loss and gradient by single, an objective that
// computes in float32, are those by double, the same one in float64: the loss within 1e-5
// and the gradient within 1e-4 of its length. They must not be the same to the last bit.
func SameGradient(t *testing.T, double, single nn.Objective, values []float64, k, shard int) {
	t.Helper()
	of := func(o nn.Objective) (loss float64, grad []float64) {
		p := nn.Pass{Values: values, Grad: make([]float64, len(values))}
		l, err := o.Loss(context.Background(), &p, k, shard)
		if err != nil {
			t.Fatal(err)
		}
		p.Backward(l)
		return l.Val[0], p.Grad
	}
	want, gradient := of(double)
	got, rounded := of(single)
	if !(math.Abs(got-want) <= 1e-5*(1+math.Abs(want))) {
		t.Errorf("the loss in float32 is %v, in float64 %v", got, want)
	}
	off, size := 0.0, 0.0
	for i, g := range gradient {
		off, size = math.Hypot(off, rounded[i]-g), math.Hypot(size, g)
	}
	if !(off <= 1e-4*size) || off == 0 {
		t.Errorf("the gradient in float32 is %g off that in float64, of length %g", off, size)
	}
}
