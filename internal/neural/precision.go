package neural

import "runtime"

// A Precision is the width of the numbers in which a network is computed. Parameters, their
// updates and likelihoods are float64 with either.
type Precision string

// The precisions.
const (
	Float64 Precision = "float64"
	Float32 Precision = "float32"
)

// DefaultPrecision returns the precision that is the quicker. It is that of the architecture and
// does not ask which kernels run: they all give the same bytes.
func DefaultPrecision() Precision {
	if runtime.GOARCH == "amd64" {
		return Float32
	}
	return Float64
}
