package kernel

import "math"

// The elementwise kernels and reductions in Go. Callers have checked lengths.

func addGo(dst, a, b []float64) {
	for i := range dst {
		dst[i] = a[i] + b[i]
	}
}

func subGo(dst, a, b []float64) {
	for i := range dst {
		dst[i] = a[i] - b[i]
	}
}

func mulGo(dst, a, b []float64) {
	for i := range dst {
		dst[i] = a[i] * b[i]
	}
}

func mulAddGo(dst, a, b []float64) {
	for i := range dst {
		dst[i] = math.FMA(a[i], b[i], dst[i])
	}
}

func axpyGo(y []float64, alpha float64, x []float64) {
	for i := range y {
		y[i] = math.FMA(alpha, x[i], y[i])
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

func scaleGo(x []float64, alpha float64) {
	for i := range x {
		x[i] *= alpha
	}
}

func tanhGradGo(dst, y, dy []float64) {
	for i := range dst {
		dst[i] = dy[i] * math.FMA(-y[i], y[i], 1)
	}
}

func sigmoidGradGo(dst, y, dy []float64) {
	for i := range dst {
		dst[i] = dy[i] * (y[i] * (1 - y[i]))
	}
}

func expGo(dst, x []float64) {
	for i := range dst {
		dst[i] = exp(x[i])
	}
}

func tanhGo(dst, x []float64) {
	for i := range dst {
		dst[i] = tanh(x[i])
	}
}

func sigmoidGo(dst, x []float64) {
	for i := range dst {
		dst[i] = sigmoid(x[i])
	}
}

func softplusGo(dst, x []float64) {
	for i := range dst {
		dst[i] = softplus(x[i])
	}
}

func logGo(dst, x []float64) {
	for i := range dst {
		dst[i] = log(x[i])
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

func sumRowsGo(dst, x []float64, m, n int) {
	for i := range m {
		row := x[i*n : (i+1)*n]
		for j := range dst {
			dst[j] += row[j]
		}
	}
}
