//go:build !linux && !darwin

package scratch

import "errors"

const mappable = false

type file struct{}

func create(string) (file, error)              { return file{}, errors.ErrUnsupported }
func (file) extend(int64, int) ([]byte, error) { return nil, errors.ErrUnsupported }
func (file) close([][]byte) error              { return nil }
func release([]byte)                           {}
func protect([]byte)                           {}
