package stamp

import (
	"testing"
	"time"
)

// TestMonths holds months and their first days, whether they are looked up or reckoned, against package time.
func TestMonths(t *testing.T) {
	for at := time.Date(1898, 11, 1, 0, 0, 0, 0, time.UTC); at.Year() < 2103; at = at.AddDate(0, 0, 1) {
		n := int(at.Unix()) / 86400
		month := 12*at.Year() + int(at.Month()) - 1
		if got := Month(n); got != month {
			t.Fatalf("%v is in month %d, want %d", at, got, month)
		}
		if got := FirstOfMonth(month); got != n-at.Day()+1 {
			t.Fatalf("the month of %v begins on day %d, want %d", at, got, n-at.Day()+1)
		}
	}
}
