//go:build !amd64 || noasm

package kernel

func narrowGroups(dst []float32, x []float64)        { narrowGo(dst, x) }
func addWidenedGroups(dst, a []float64, x []float32) { addWidenedGo(dst, a, x) }

func normalGroups(dst []float32, state *[4 * generators]uint32, groups int) {
	normalsGo(dst, state, groups)
}

func transpose[T Float](dst, x []T, m, n int) { transposeGo(dst, x, m, n) }

func add[T Float](dst, a, b []T)                    { addGo(dst, a, b) }
func sub[T Float](dst, a, b []T)                    { subGo(dst, a, b) }
func mul[T Float](dst, a, b []T)                    { mulGo(dst, a, b) }
func mulAdd[T Float](dst, a, b []T)                 { mulAddGo(dst, a, b) }
func combine(dst, base, c []float64, x [][]float64) { combineGo(dst, base, c, x) }

func toTolerance(dst, x, y, z, atol, rtol []float64) { toToleranceGo(dst, x, y, z, atol, rtol) }

func axpy[T Float](y []T, alpha T, x []T) { axpyGo(y, alpha, x) }
func scale[T Float](x []T, alpha T)       { scaleGo(x, alpha) }
func tanhGrad[T Float](dst, y, dy []T)    { tanhGradGo(dst, y, dy) }
func sigmoidGrad[T Float](dst, y, dy []T) { sigmoidGradGo(dst, y, dy) }

func expAll[T Float](dst, x []T)      { expGo(dst, x) }
func tanhAll[T Float](dst, x []T)     { tanhGo(dst, x) }
func sigmoidAll[T Float](dst, x []T)  { sigmoidGo(dst, x) }
func softplusAll[T Float](dst, x []T) { softplusGo(dst, x) }
func logAll[T Float](dst, x []T)      { logGo(dst, x) }

func dotBlocks(a, b []float64) float64      { return dotBlocksGo(a, b) }
func sumBlocks(x []float64) float64         { return sumBlocksGo(x) }
func sumRows[T Float](dst, x []T, m, n int) { sumRowsGo(dst, x, m, n) }
func adam(p, g, m, v []float64, s adamStep) { adamGo(p, g, m, v, s) }

func gruGates[T Float](hNew, gates, gx, gh, h []T) { gruGatesGo(hNew, gates, gx, gh, h) }

func gruGatesGrad[T Float](dgx, dgh, dh, dhNew, gates, h []T) {
	gruGatesGradGo(dgx, dgh, dh, dhNew, gates, h)
}

func lstmGates[T Float](hNew, cNew, gates, gx, gh, c []T) { lstmGatesGo(hNew, cNew, gates, gx, gh, c) }

func lstmGatesGrad[T Float](dg, dc, dhNew, dcNew, gates, c []T) {
	lstmGatesGradGo(dg, dc, dhNew, dcNew, gates, c)
}
