package shards

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestRuns holds that runs cover all series once, in order.
func TestRuns(t *testing.T) {
	for _, n := range []int{0, 1, Series, Series + 1, 3 * Series} {
		next := 0
		for from, to := range Runs(n) {
			if from != next || to <= from || to-from > Series || to-from < Series && to < n {
				t.Fatalf("of %d: %d to %d after %d", n, from, to, next)
			}
			next = to
		}
		if next != n {
			t.Errorf("of %d: %d", n, next)
		}
	}
}

// TestCount holds that shards have no more bytes than they may.
func TestCount(t *testing.T) {
	for _, test := range []struct {
		whole, each int64
		want        int
	}{{0, 10, 1}, {1, 10, 1}, {10, 10, 1}, {11, 10, 2}, {1 << 40, 1 << 20, 1 << 20}} {
		if got := Count(test.whole, test.each); got != test.want {
			t.Errorf("%d of %d: %d, want %d", test.whole, test.each, got, test.want)
		}
	}
}

// TestOf holds that keys are spread evenly over shards, so that none is much larger than the others.
func TestOf(t *testing.T) {
	counts := make([]int, 50)
	for k := range 50000 {
		counts[Of(fmt.Sprintf("store-%d", k), 50)]++
	}
	for i, n := range counts {
		if n < 850 || n > 1150 { // 1000, 4.7 standard deviations
			t.Errorf("shard %d of 50 has %d of 50000 keys", i, n)
		}
	}
}

// TestSample holds that a sample is of the keys with the least hashes, whatever their order and however
// often they come, that two workers which each see some of them admit all of it, and few others.
func TestSample(t *testing.T) {
	const size, n = 50, 20000
	keys := make([]string, n)
	for i := range keys {
		keys[i] = fmt.Sprintf("store-%d", i)
	}
	want := slices.Clone(keys)
	slices.SortFunc(want, func(a, b string) int {
		if hash(a) < hash(b) {
			return -1
		}
		return 1
	})
	want = want[:size]
	slices.Sort(want)
	for seed := range uint64(3) {
		r := rand.New(rand.NewPCG(seed, 22))
		all := slices.Concat(keys, keys[:n/2])
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		var admitted []string
		for _, some := range [][]string{all[:len(all)/3], all[len(all)/3:]} {
			worker := NewSample(size)
			for _, k := range some {
				if worker.Admit(k) {
					admitted = append(admitted, k)
				}
			}
		}
		if len(admitted) > n/10 {
			t.Errorf("%d keys of %d were admitted for %d", len(admitted), len(all), size)
		}
		s := NewSample(size)
		for _, k := range admitted {
			s.Admit(k)
		}
		s.Close()
		got := slices.DeleteFunc(admitted, func(k string) bool { return !s.Has(k) })
		slices.Sort(got)
		if got = slices.Compact(got); !slices.Equal(got, want) {
			t.Errorf("%d keys %q, want %d %q", len(got), got, size, want)
		}
	}
	few := NewSample(10)
	for _, k := range slices.Concat(keys[:7], keys[:7], keys[:7], keys[:7]) {
		if !few.Admit(k) {
			t.Errorf("%s of 7 keys is left out of 10", k)
		}
	}
	if few.Close(); !few.Has(keys[0]) || few.Bound() != NewSample(0).Bound() || !NewSample(0).Admit(keys[0]) {
		t.Error("a sample that has room for all leaves some out")
	}
}
