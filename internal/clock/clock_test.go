package clock

import (
	"testing"
	"time"
)

// TestProcessor protects that the clock runs while the process works, in the unit
// that it says: 50 ms of it take neither ten seconds nor less than a 64th of that.
func TestProcessor(t *testing.T) {
	started, before := time.Now(), Processor()
	x := 1.0
	for Processor()-before < 50*time.Millisecond {
		for range 1_000_000 {
			x += 1 / x
		}
		if time.Since(started) > 10*time.Second {
			t.Fatalf("%v of processor time in 10 s of work (%v)", Processor()-before, x)
		}
	}
	if wall := time.Since(started); wall < 50*time.Millisecond/64 {
		t.Errorf("50 ms of processor time in %v", wall)
	}
}
