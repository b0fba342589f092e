// Package shards says which series are worked on together, on one machine and on many.
//
// Many machines share the series of a table by a hash of their keys ([Of]), as many shards as its
// bytes make ([Count]), and what learns from all series learns from a sample of them by the same
// hash ([Sample]). Each machine goes through the series that it has a run of neighbours at a time ([Runs]).
package shards

import (
	"hash/fnv"
	"iter"
	"math"
	"slices"
)

// Series is the number of series that are worked on at a time where what becomes of each depends on
// it alone, so that no more than what they come to is held of all.
const Series = 512

// Runs returns the bounds of runs of that many of n series, from the first of each to before the last.
func Runs(n int) iter.Seq2[int, int] {
	return func(yield func(from, to int) bool) {
		for from := 0; from < n; from += Series {
			if !yield(from, min(from+Series, n)) {
				return
			}
		}
	}
}

// Count returns the number of shards of so many bytes of a whole, one at least.
func Count(whole, each int64) int { return max(1, int((whole+each-1)/each)) }

// Of returns the shard of a series, 0 to n-1, which its key alone decides.
func Of(key string, n int) int { return int(hash(key) % uint64(n)) }

// hash spreads keys evenly: FNV-1a, whose high bits are poor, and the finaliser of MurmurHash3.
func hash(key string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(key))
	x := h.Sum64()
	x = (x ^ x>>33) * 0xff51afd7ed558ccd
	x = (x ^ x>>33) * 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}

// A Sample is of the series whose keys have the least hashes, so that it depends on neither their order
// nor where they are met.
type Sample struct {
	size  int
	least []uint64 // hashes: the least when some were last left out, and those of keys admitted since
	most  uint64   // greatest that a hash in the sample can have
}

// NewSample returns a sample of so many series, of all for 0. It takes some 16 bytes for each.
func NewSample(size int) *Sample { return &Sample{size: size, most: math.MaxUint64} }

// Admit takes a key, and reports whether its series may be in the sample, as far as the keys that it
// was given tell. One in the sample of all keys is admitted whenever it comes.
func (s *Sample) Admit(key string) bool {
	if s.size == 0 {
		return true
	}
	h := hash(key)
	if h > s.most {
		return false
	}
	if s.least = append(s.least, h); len(s.least) >= 2*s.size {
		s.Close()
	}
	return true
}

// Close makes the sample that of the keys given so far, and no more.
func (s *Sample) Close() {
	slices.Sort(s.least)
	if s.least = slices.Compact(s.least); s.size > 0 && len(s.least) > s.size {
		s.least = s.least[:s.size]
		s.most = s.least[s.size-1]
	}
}

// Bound returns what falls whenever keys that were admitted are so no more.
func (s *Sample) Bound() uint64 { return s.most }

// Has reports whether the series of a key that was admitted is still in the sample.
func (s *Sample) Has(key string) bool { return s.most == math.MaxUint64 || hash(key) <= s.most }
