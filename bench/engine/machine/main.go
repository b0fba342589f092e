// Command machine measures what one core of this machine can do at most, for
// docs/benchmarks/engine.md: its clock, the rate of fused multiply-adds, and the
// bandwidth of reading and of copying vectors that fit its caches or do not.
//
//	go run ./bench/engine/machine
package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"tsgen/internal/kernel"
)

func main() {
	report(os.Stdout, 100, time.Millisecond, []int{16 << 10, 256 << 10, 8 << 20, 256 << 20})
}

// report writes the measurements for vectors of the given numbers of bytes. Each
// is the best of the given number of rounds, which take at least the time at.
func report(w io.Writer, rounds int, at time.Duration, sizes []int) {
	for _, l := range loops() {
		t := seconds(rounds, at, func() { l.run(calls) })
		fmt.Fprintf(w, "%s: %.2f a nanosecond\n", l.what, l.each*calls/t/1e9)
	}
	for _, size := range sizes {
		x, y := make([]float64, size/8), make([]float64, size/16)
		kernel.Exp(x, x)
		read := seconds(rounds, at, func() { kernel.Sum(x) })
		copied := seconds(rounds, at, func() { copy(y, x) })
		fmt.Fprintf(w, "%7d KiB: read %.0f GB/s, copied %.0f GB/s in and as much out\n",
			size>>10, float64(size)/read/1e9, float64(size)/2/copied/1e9)
	}
}

// calls is the number of rounds of a loop's instructions that are timed
// together.
const calls = 10000

// A loop repeats instructions that do not touch memory.
type loop struct {
	what string
	each float64 // what is done in one round
	run  func(rounds int)
}

// seconds returns the least mean time of a call of f over rounds of at least
// the given time.
func seconds(rounds int, at time.Duration, f func()) float64 {
	count, best := 1, 0.0
	for round := 0; round < rounds; {
		start := time.Now()
		for range count {
			f()
		}
		elapsed := time.Since(start)
		if elapsed < at {
			count *= 2
			continue
		}
		if each := elapsed.Seconds() / float64(count); round == 0 || each < best {
			best = each
		}
		round++
	}
	return best
}
