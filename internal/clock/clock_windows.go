package clock

import (
	"syscall"
	"time"
)

// Processor returns the processor time that this process has used, that of the system
// on its behalf included.
func Processor() time.Duration {
	self, err := syscall.GetCurrentProcess()
	var created, exited, kernel, user syscall.Filetime
	if err == nil {
		err = syscall.GetProcessTimes(self, &created, &exited, &kernel, &user)
	}
	if err != nil {
		panic(err) // only arguments that are no process make it fail
	}
	return spent(kernel) + spent(user)
}

// spent returns a duration, which Windows counts in units of 100 ns.
func spent(t syscall.Filetime) time.Duration {
	return time.Duration(int64(t.HighDateTime)<<32|int64(t.LowDateTime)) * 100
}
