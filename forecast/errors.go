package forecast

import "errors"

// Errors that a caller tells apart with errors.Is.
var (
	// ErrMismatch is the error of a model that does not fit the data: channels
	// or steps other than those that it learned, or data of a kind that it
	// cannot treat.
	ErrMismatch = errors.New("the model does not fit the data")

	// ErrTooShort is the error of series with too few observations for what is
	// asked of them.
	ErrTooShort = errors.New("too few observations")

	// ErrNotFitted is the error of a model that is used before it is fitted.
	ErrNotFitted = errors.New("the model is not fitted")
)
