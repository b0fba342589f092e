package kernel

// Narrow sets dst to x, rounded to float32.
func Narrow(dst []float32, x []float64) {
	sameLength("Narrow", "x", len(x), len(dst))
	n := len(x) &^ 7
	narrowGroups(dst[:n], x[:n])
	narrowGo(dst[n:], x[n:])
}

// AddWidened sets dst to a + x, with one rounding to float64. dst may be a.
func AddWidened(dst, a []float64, x []float32) {
	sameLength("AddWidened", "a", len(a), len(dst))
	sameLength("AddWidened", "x", len(x), len(dst))
	n := len(x) &^ 7
	addWidenedGroups(dst[:n], a[:n], x[:n])
	addWidenedGo(dst[n:], a[n:], x[n:])
}

func narrowGo(dst []float32, x []float64) {
	for i, v := range x {
		dst[i] = float32(v)
	}
}

func addWidenedGo(dst, a []float64, x []float32) {
	for i, v := range x {
		dst[i] = a[i] + float64(v)
	}
}
