// Command stream copies memory on one thread until its standard input ends.
package main

import (
	"io"
	"os"
	"sync/atomic"
)

const size = 128 << 20 // bytes, more than any cache holds

func main() {
	var done atomic.Bool
	go func() {
		io.Copy(io.Discard, os.Stdin) //nolint:errcheck // an error ends the input too
		done.Store(true)
	}()
	from, to := make([]byte, size), make([]byte, size)
	for !done.Load() {
		copy(to, from)
		copy(from, to)
	}
}
