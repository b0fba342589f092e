// Package panics makes errors of panics, so that work in a goroutine that panics
// does not end the process.
package panics

import (
	"fmt"
	"runtime/debug"
)

// An Error is the error of work that panicked.
type Error struct {
	Value any    // of the panic
	Stack []byte // of the goroutine, as debug.Stack gives it
}

// Error returns the value of the panic and the stack.
func (e *Error) Error() string { return fmt.Sprintf("panic: %v\n\n%s", e.Value, e.Stack) }

// Unwrap returns the value of the panic if it is an error, and nil otherwise.
func (e *Error) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// Catch ends a panic and sets *err to an *Error of it; without a panic it does
// nothing. It is to be deferred as it is, not called by what is deferred.
func Catch(err *error) {
	if v := recover(); v != nil {
		*err = &Error{v, debug.Stack()}
	}
}
