package packed

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
)

// Texts of every kind come back as they were, in whichever way their blocks are kept.
func TestColumn(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for name, text := range map[string]func(i int) string{
		"dates":              func(i int) string { return fmt.Sprintf("%04d-%02d-%02d", 1990+i/372, 1+i/31%12, 1+i%31) },
		"numbers":            func(int) string { return strconv.FormatFloat(1000*rnd.NormFloat64(), 'f', rnd.IntN(4), 64) },
		"long numbers":       func(int) string { return strconv.FormatFloat(rnd.NormFloat64(), 'f', -1, 64) },
		"names in runs":      func(i int) string { return fmt.Sprintf("item %03d", i/300) },
		"names by turns":     func(i int) string { return "ABC"[i%3 : i%3+1] },
		"one":                func(int) string { return "the same" },
		"empty":              func(int) string { return "" },
		"free text":          func(int) string { return strconv.FormatUint(rnd.Uint64(), 36) + "é" },
		"free text, at last": func(i int) string { return "n" + strconv.FormatUint(uint64(i)*uint64(min(1, i/3000))*rnd.Uint64(), 36) },
		"text and numbers":   func(i int) string { return strconv.FormatUint(uint64(i/2000%3)*rnd.Uint64(), 36) },
		"many digits":        func(i int) string { return fmt.Sprintf("2020-01-01T00:00:00.%09d+01:%02d", 7919*i, i%60) },
		"leading zeros":      func(i int) string { return fmt.Sprintf("%0*d", 1+i%20, i%10) },
		"odd":                func(i int) string { return []string{"-", ".", "-.5", "5.", "1e5", "+3", "--1", "1.2.3", "-0.0"}[i%9] },
		"some large numbers": func(i int) string { return strconv.Itoa(i * max(1, i%1000/999*9999999999)) },
	} {
		var c Column
		var want []string
		for i := range 20_000 {
			s := text(i)
			want = append(want, s)
			c.Append([]byte(s))
		}
		check := func(n int) {
			t.Helper()
			if c.Len() != n {
				t.Fatalf("%s: %d rows, want %d", name, c.Len(), n)
			}
			for i, s := range want[:n] {
				if got := c.Text(i); got != s {
					t.Fatalf("%s: row %d is %q, want %q", name, i, got, s)
				}
			}
		}
		check(20_000)
		if got := c.Constant(); got != (name == "one" || name == "empty") {
			t.Errorf("%s: constant is %v", name, got)
		}
		c.Truncate(19_000)
		check(19_000)
		keys := make(map[Key]string)
		k := c.Keys()
		for i, s := range want[:c.Len()] {
			key := k.At(i)
			if other, ok := keys[key]; ok && other != s {
				t.Fatalf("%s: %q and %q have the same key", name, s, other)
			}
			keys[key] = s
		}
		distinct := make(map[string]bool)
		for _, s := range want[:c.Len()] {
			distinct[s] = true
		}
		if len(distinct) != len(keys) {
			t.Errorf("%s: %d keys for %d texts", name, len(keys), len(distinct))
		}
		rows := make(map[int]int)
		for i := range c.Len() {
			s, _ := c.At(i)
			rows[s]++
		}
		for k, s := range c.Shapes() {
			if s.Rows != rows[k] {
				t.Errorf("%s: shape %q has %d rows, want %d", name, s.Text, s.Rows, rows[k])
			}
		}
		if c.Plain() != (rows[Raw] == 0) {
			t.Errorf("%s: %d rows without a shape", name, rows[Raw])
		}
	}
}

// A number of digits and decimals is the float64 that strconv reads, to the last bit.
func TestScaled(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	check := func(digits uint64, decimals int) {
		want, err := strconv.ParseFloat(strconv.FormatUint(digits, 10)+"e-"+strconv.Itoa(decimals), 64)
		if got := Scaled(digits, decimals); err != nil || got != want {
			t.Fatalf("%d / 10^%d is %v, want %v", digits, decimals, got, want)
		}
	}
	for decimals := range mostDigits + 1 {
		for range 20_000 {
			check(rnd.Uint64()%10_000_000_000_000_000_000>>rnd.IntN(64), decimals)
		}
		for k := range uint64(200) { // halfway between two floats, and near
			for shift := range 10 {
				check(1<<(54+shift)-1<<shift+k, decimals)
				check((1<<53+2*k+1)<<shift, decimals)
			}
		}
		for _, d := range []uint64{0, 1, 1<<53 - 1, 1 << 53, 1<<53 + 1, 9_999_999_999_999_999_999, 5_000_000_000_000_000_000} {
			check(d, decimals)
		}
	}
}
