//go:build (!amd64 && !arm64) || noasm

package kernel

// Path names the path in use: generic, avx2, avx512 or neon.
func Path() string { return "generic" }

func multiplyAll[T Float](p *product, c, a, b, from []T, fromRow int) {
	multiplyGo(p, c, a, b, from, fromRow)
}
