//go:build (amd64 || arm64) && !noasm

package kernel

import "unsafe"

// first returns the address of a slice's first element, double and single that of a
// slice of which it is known that the elements are float64 or float32.
func first[T Float](x []T) *T        { return unsafe.SliceData(x) }
func double[T Float](x []T) *float64 { return (*float64)(unsafe.Pointer(unsafe.SliceData(x))) }
func single[T Float](x []T) *float32 { return (*float32)(unsafe.Pointer(unsafe.SliceData(x))) }
