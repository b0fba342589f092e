//go:build unix

package clock

import (
	"syscall"
	"time"
)

// Processor returns the processor time that this process has used, that of the system
// on its behalf included.
func Processor() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // only arguments that are no process make it fail
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
