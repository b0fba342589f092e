package main

import (
	"strings"
	"testing"
	"time"
)

// The report has a line for each loop and each size, and every rate in it is finite.
func TestReport(t *testing.T) {
	var b strings.Builder
	report(&b, 1, time.Microsecond, []int{1 << 10})
	if got, want := strings.Count(b.String(), "\n"), len(loops())+1; got != want {
		t.Errorf("%d lines, want %d:\n%s", got, want, b.String())
	}
	if strings.Contains(b.String(), "Inf") || strings.Contains(b.String(), "NaN") {
		t.Errorf("a rate is not finite:\n%s", b.String())
	}
}

// The time reported of a call is no less than what the call takes.
func TestSeconds(t *testing.T) {
	const each = 2 * time.Millisecond
	if got := seconds(3, each, func() { time.Sleep(each) }); got < each.Seconds() {
		t.Errorf("%v s for a call of %v", got, each)
	}
}
