package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

func normal(n int) []float64 {
	rng := rand.New(rand.NewPCG(5, 6))
	x := make([]float64, n)
	for i := range x {
		x[i] = rng.NormFloat64()
	}
	return x
}

func normals[T Float](n int) []T {
	x := make([]T, n)
	Narrow(x, normal(n))
	return x
}

// BenchmarkProduct reports the rate of 2·m·k·n operations.
func BenchmarkProduct(b *testing.B) { benchmarkProducts[float64](b) }

// BenchmarkProductSingle is BenchmarkProduct in float32.
func BenchmarkProductSingle(b *testing.B) { benchmarkProducts[float32](b) }

func benchmarkProducts[T Float](b *testing.B) {
	for _, kind := range []struct {
		name string
		run  func(c, a, b []T, m, k, n int, add bool)
	}{{"NN", MulNN[T]}, {"NT", MulNT[T]}, {"TN", MulTN[T]}} {
		for _, s := range [][3]int{{32, 64, 64}, {128, 20, 20}, {100, 25, 100}, {32, 64, 192}, {32, 200, 600}, {128, 256, 256}, {1, 64, 64}, {512, 512, 512}} {
			m, k, n := s[0], s[1], s[2]
			b.Run(fmt.Sprintf("%s/%dx%dx%d", kind.name, m, k, n), func(b *testing.B) {
				benchmarkPaths(b, func(b *testing.B) {
					x, y, z := normals[T](m*k), normals[T](k*n), make([]T, m*n)
					for b.Loop() {
						kind.run(z, x, y, m, k, n, false)
					}
					flops := 2 * float64(m) * float64(k) * float64(n)
					b.ReportMetric(flops*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
				})
			})
		}
	}
}

// BenchmarkElements reports the time of one element.
func BenchmarkElements(b *testing.B) {
	benchmarkElements[float64](b)
	z, x, y, w := make([]float64, 10000), normal(10000), normal(10000), make([]float64, 10000)
	benchmarkElement(b, "Dot", len(x), func() { z[0] = Dot(x, y) })
	benchmarkElement(b, "Adam", len(x), func() { Adam(z, x, y, w, 1e-3, 0.9, 0.999, 1e-8, 0.1, 0.001) })
}

// BenchmarkElementsSingle is BenchmarkElements in float32.
func BenchmarkElementsSingle(b *testing.B) { benchmarkElements[float32](b) }

func benchmarkElements[T Float](b *testing.B) {
	normal := normals[T]
	const length, units, rows = 10000, 64, 32
	x, y, z, w := normal(length), normal(length), make([]T, length), make([]T, length)
	source := newNormal(1)
	gates, h, out := normal(5*rows*units), normal(rows*units), make([]T, 9*rows*units)
	for _, c := range []struct {
		name  string
		count int
		run   func()
	}{
		{"Exp", length, func() { Exp(z, x) }},
		{"Tanh", length, func() { Tanh(z, x) }},
		{"Sigmoid", length, func() { Sigmoid(z, x) }},
		{"Softplus", length, func() { Softplus(z, x) }},
		{"Log", length, func() { Log(z, x) }},
		{"Normals", length, func() { Normals(source, z) }},
		{"Tanh64", 64, func() { Tanh(z[:64], x[:64]) }},
		{"Add", length, func() { Add(z, x, y) }},
		{"MulAdd", length, func() { MulAdd(z, x, y) }},
		{"Axpy", length, func() { Axpy(z, 0.5, x) }},
		{"Axpy64", 64, func() { Axpy(z[:64], 0.5, x[:64]) }},
		{"TanhGrad", length, func() { TanhGrad(z, x, y) }},
		{"SigmoidGrad", length, func() { SigmoidGrad(z, x, y) }},
		{"Scale", length, func() { Scale(w, 1) }},
		{"Sum", length, func() { z[0] = T(Sum(x)) }},
		{"SumRows", 6400, func() { SumRows(z[:50], x, 128, 50) }},
		{"LogSumExp", length, func() { z[0] = LogSumExp(x) }},
		{"GRUGates", rows * units, func() { GRUGates(out, out[rows*units:], gates, gates, h, rows, units) }},
		{"GRUGatesGrad", rows * units, func() {
			GRUGatesGrad(out, out[3*rows*units:], out[6*rows*units:], h, gates, h, rows, units)
		}},
		{"LSTMGates", rows * units, func() {
			LSTMGates(out, out[rows*units:], out[2*rows*units:], gates, gates, h, rows, units)
		}},
		{"LSTMGatesGrad", rows * units, func() { LSTMGatesGrad(out, out[4*rows*units:], h, h, gates, h, rows, units) }},
	} {
		benchmarkElement(b, c.name, c.count, c.run)
	}
}

func benchmarkElement(b *testing.B, name string, count int, run func()) {
	b.Run(name, func(b *testing.B) {
		benchmarkPaths(b, func(b *testing.B) {
			for b.Loop() {
				run()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(count), "ns/element")
		})
	})
}
