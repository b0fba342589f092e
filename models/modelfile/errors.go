package modelfile

import (
	"errors"

	"tsgen/internal/safetensors"
)

// What a FormatError may wrap, told apart with errors.Is.
var (
	// ErrNotModel is the error of a file of another kind.
	ErrNotModel = errors.New("not a tsgen model file")

	// ErrNewer is the error of a file in a format that this version does not
	// know.
	ErrNewer = errors.New("a model file of a newer tsgen")

	// ErrTruncated is the error of a file that ends too early.
	ErrTruncated = safetensors.ErrTruncated

	// ErrTooLong is the error of a file that declares a length that no model
	// file has.
	ErrTooLong = safetensors.ErrTooLong

	// ErrDamaged is the error of a file whose parts do not fit together.
	ErrDamaged = errors.New("damaged")
)

// A FormatError says what is wrong with a model file, and what to do.
type FormatError struct {
	Path string // of the file; empty if it was read from elsewhere
	Err  error  // wraps one of the package's errors
}

// Error implements error.
func (e *FormatError) Error() string {
	text := "unusable model file"
	if e.Err != nil {
		text = e.Err.Error()
	}
	if e.Path != "" {
		text = e.Path + ": " + text
	}
	return text + e.advice()
}

// advice says what to do about the error.
func (e *FormatError) advice() string {
	switch {
	case errors.Is(e.Err, ErrNotModel):
		return "; give a file that tsgen fit wrote"
	case errors.Is(e.Err, ErrNewer):
		return "; update tsgen, or fit the model again"
	}
	return "; copy it again from where it came, or fit the model again"
}

// Unwrap returns e.Err.
func (e *FormatError) Unwrap() error { return e.Err }
