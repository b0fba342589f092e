package command

import (
	"io"
	"runtime"
	"strings"
	"testing"
)

// TestRunsLeaveNothing has runs of the command within one program leave no memory behind, as those
// of a service would add up.
func TestRunsLeaveNothing(t *testing.T) {
	held := func() uint64 {
		for range 50 {
			Run(t.Context(), []string{"forecast", "--horizon", "x"}, strings.NewReader(""), io.Discard, io.Discard)
		}
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := held()
	held()
	if after := held(); after > before+100*2000 {
		t.Errorf("a run leaves %d bytes", (after-before)/100)
	}
}
