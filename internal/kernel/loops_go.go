package kernel

import "math"

// The elementwise kernels and reductions in Go. Callers have checked lengths.

func addGo[T Float](dst, a, b []T) {
	for i := range dst {
		dst[i] = a[i] + b[i]
	}
}

func subGo[T Float](dst, a, b []T) {
	for i := range dst {
		dst[i] = a[i] - b[i]
	}
}

func mulGo[T Float](dst, a, b []T) {
	for i := range dst {
		dst[i] = a[i] * b[i]
	}
}

func mulAddGo[T Float](dst, a, b []T) {
	for i := range dst {
		dst[i] = T(fma(a[i], b[i], dst[i]))
	}
}

func axpyGo[T Float](y []T, alpha T, x []T) {
	for i := range y {
		y[i] = T(fma(alpha, x[i], y[i]))
	}
}

func combineGo(dst, base, c []float64, x [][]float64) {
	for i := range dst {
		sum := c[0] * x[0][i]
		for k, v := range x[1:] {
			sum = math.FMA(c[k+1], v[i], sum)
		}
		dst[i] = base[i] + sum
	}
}

func toToleranceGo(dst, x, y, z, atol, rtol []float64) {
	for i := range dst {
		largest := math.Abs(z[i])
		if m := math.Abs(y[i]); m > largest {
			largest = m
		}
		tol := float64(rtol[i]*largest) + atol[i]
		dst[i] = x[i]/tol + float64(tol*0)
	}
}

func scaleGo[T Float](x []T, alpha T) {
	for i := range x {
		x[i] *= alpha
	}
}

func tanhGradGo[T Float](dst, y, dy []T) {
	for i := range dst {
		dst[i] = dy[i] * T(fma(-y[i], y[i], 1))
	}
}

func sigmoidGradGo[T Float](dst, y, dy []T) {
	for i := range dst {
		dst[i] = dy[i] * (y[i] * (1 - y[i]))
	}
}

func expGo[T Float](dst, x []T) {
	for i := range dst {
		dst[i] = expOf(x[i])
	}
}

func tanhGo[T Float](dst, x []T) {
	for i := range dst {
		dst[i] = tanhOf(x[i])
	}
}

func sigmoidGo[T Float](dst, x []T) {
	for i := range dst {
		dst[i] = sigmoidOf(x[i])
	}
}

func softplusGo[T Float](dst, x []T) {
	for i := range dst {
		dst[i] = softplusOf(x[i])
	}
}

func logGo[T Float](dst, x []T) {
	for i := range dst {
		dst[i] = logOf(x[i])
	}
}

// dotBlocksGo wants a multiple of eight elements.
func dotBlocksGo(a, b []float64) float64 {
	var part [lanes]float64
	for len(a) > 0 {
		w := min(lanes, len(a))
		for l := range w {
			part[l] = math.FMA(a[l], b[l], part[l])
		}
		a, b = a[w:], b[w:]
	}
	return fold(&part)
}

// sumBlocksGo wants a multiple of eight elements.
func sumBlocksGo(x []float64) float64 {
	var part [lanes]float64
	for len(x) > 0 {
		w := min(lanes, len(x))
		for l := range w {
			part[l] += x[l]
		}
		x = x[w:]
	}
	return fold(&part)
}

func fold(part *[lanes]float64) float64 {
	for l := range 8 {
		part[l] = (part[l] + part[l+8]) + (part[l+16] + part[l+24])
	}
	for l := range 4 {
		part[l] += part[l+4]
	}
	return (part[0] + part[2]) + (part[1] + part[3])
}

func sumRowsGo[T Float](dst, x []T, m, n int) {
	for i := range m {
		row := x[i*n : (i+1)*n]
		for j := range dst {
			dst[j] += row[j]
		}
	}
}
