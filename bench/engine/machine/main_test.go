package main

import (
	"strings"
	"testing"
	"time"
)

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

func TestSeconds(t *testing.T) {
	const each = 2 * time.Millisecond
	if got := seconds(3, each, func() { time.Sleep(each) }); got < each.Seconds() {
		t.Errorf("%v s for a call of %v", got, each)
	}
}
