//go:build !amd64 || noasm

package kernel

// Path names the path in use: generic, avx2 or avx512.
func Path() string { return "generic" }

func multiplyAll[T Float](p *product, c, a, b, from []T, fromRow int) {
	multiplyGo(p, c, a, b, from, fromRow)
}

func narrowGroups(dst []float32, x []float64)       { narrowGo(dst, x) }
func addSingleGroups(dst, a []float64, x []float32) { addSingleGo(dst, a, x) }

func transpose(dst, x []float64, m, n int) { transposeGo(dst, x, m, n) }

func add(dst, a, b []float64)                       { addGo(dst, a, b) }
func sub(dst, a, b []float64)                       { subGo(dst, a, b) }
func mul(dst, a, b []float64)                       { mulGo(dst, a, b) }
func mulAdd(dst, a, b []float64)                    { mulAddGo(dst, a, b) }
func combine(dst, base, c []float64, x [][]float64) { combineGo(dst, base, c, x) }

func toTolerance(dst, x, y, z, atol, rtol []float64) { toToleranceGo(dst, x, y, z, atol, rtol) }

func axpy(y []float64, alpha float64, x []float64) { axpyGo(y, alpha, x) }
func scale(x []float64, alpha float64)             { scaleGo(x, alpha) }
func tanhGrad(dst, y, dy []float64)                { tanhGradGo(dst, y, dy) }
func sigmoidGrad(dst, y, dy []float64)             { sigmoidGradGo(dst, y, dy) }

func expAll(dst, x []float64)      { expGo(dst, x) }
func tanhAll(dst, x []float64)     { tanhGo(dst, x) }
func sigmoidAll(dst, x []float64)  { sigmoidGo(dst, x) }
func softplusAll(dst, x []float64) { softplusGo(dst, x) }
func logAll(dst, x []float64)      { logGo(dst, x) }

func dotBlocks(a, b []float64) float64      { return dotBlocksGo(a, b) }
func sumBlocks(x []float64) float64         { return sumBlocksGo(x) }
func sumRows(dst, x []float64, m, n int)    { sumRowsGo(dst, x, m, n) }
func adam(p, g, m, v []float64, s adamStep) { adamGo(p, g, m, v, s) }

func gruGates(hNew, gates, gx, gh, h []float64) { gruGatesGo(hNew, gates, gx, gh, h) }

func gruGatesGrad(dgx, dgh, dh, dhNew, gates, h []float64) {
	gruGatesGradGo(dgx, dgh, dh, dhNew, gates, h)
}

func lstmGates(hNew, cNew, gates, gx, gh, c []float64) { lstmGatesGo(hNew, cNew, gates, gx, gh, c) }

func lstmGatesGrad(dg, dc, dhNew, dcNew, gates, c []float64) {
	lstmGatesGradGo(dg, dc, dhNew, dcNew, gates, c)
}
