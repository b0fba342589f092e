// Package processor tells the processor time that a benchmark takes, which depends less
// on what else the machine does than the time of the clock.
package processor

import "syscall"

// Seconds returns the processor time of the process so far, in seconds of one core.
func Seconds() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // there is always this process
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}
