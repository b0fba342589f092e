package kernel

import "fmt"

// sameLength panics unless a slice of length got can pair with the
// destination's want elements.
func sameLength(op, name string, got, want int) {
	if got != want {
		panic(fmt.Sprintf("kernel: %s: %s has %d elements, want %d", op, name, got, want))
	}
}

// holds panics unless a slice of length got can hold a rows×cols matrix.
func holds(op, name string, got, rows, cols int) {
	if rows < 0 || cols < 0 {
		panic(fmt.Sprintf("kernel: %s: %s is %d×%d", op, name, rows, cols))
	}
	if got < rows*cols {
		panic(fmt.Sprintf("kernel: %s: %s has %d elements, want %d×%d", op, name, got, rows, cols))
	}
}
