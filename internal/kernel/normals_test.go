package kernel

import (
	"encoding/binary"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func newNormal(seed uint64) *Normal { return NewNormal(rand.NewPCG(seed, 1).Uint64) }

// TestNormalQuantile compares the deviates of words with the quantiles of their probabilities.
func TestNormalQuantile(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 3))
	words := []uint32{0, 1, 2, 3, 1 << 30, 1<<31 - 1, 1<<31 - 2, 1<<31 - 1000, 1 << 31, math.MaxUint32}
	for range 100_000 {
		w := rng.Uint32()
		words = append(words, w, w>>rng.IntN(31))
	}
	for _, w := range words {
		p := (float64(float32(w&(1<<31-1))) + 0.5) * 0x1p-32
		want := math.Sqrt2 * math.Erfcinv(2*p)
		if w>>31 == 1 {
			want = -want
		}
		if got := float64(normalSingle(w)); math.Abs(got-want) > 1e-5*math.Abs(want)+1e-7 {
			t.Fatalf("word %#x: %v, want %v", w, got, want)
		}
	}
}

// TestNormals: deviates have the law that they are drawn from, those of neighbours and of one
// generator nothing to do with each other.
func TestNormals(t *testing.T) {
	x := make([]float32, 1<<20)
	Normals(newNormal(5), x)
	n := float64(len(x))
	var moments [5]float64
	for _, v := range x {
		power := 1.0
		for k := range moments {
			moments[k] += power / n
			power *= float64(v)
		}
	}
	for k, want := range []float64{1, 0, 1, 0, 3} {
		// The variance of the k-th power is at most the (2k)-th moment.
		if sd := math.Sqrt([]float64{1, 1, 3, 15, 105}[k] / n); math.Abs(moments[k]-want) > 4*sd {
			t.Errorf("moment %d is %v, want %v", k, moments[k], want)
		}
	}
	for _, lag := range []int{1, 2, generators, 2 * generators} {
		sum := 0.0
		for i := lag; i < len(x); i++ {
			sum += float64(x[i]) * float64(x[i-lag])
		}
		if math.Abs(sum) > 4*math.Sqrt(n) {
			t.Errorf("the correlation at lag %d is %v", lag, sum/n)
		}
	}
	sorted := slices.Clone(x)
	slices.Sort(sorted)
	for i, v := range sorted {
		if f := 0.5 * math.Erfc(-float64(v)/math.Sqrt2); math.Abs(f-(float64(i)+0.5)/n) > 2/math.Sqrt(n) {
			t.Fatalf("%v is the quantile of %v, want %v", v, float64(i)/n, f)
		}
	}
}

// On every path and in both widths a source gives what the Go code does, for lengths that fill
// groups and for others, and leaves the same state.
func TestNormalsSame(t *testing.T) {
	h := fnv.New64a()
	for _, length := range []int{0, 1, 15, 16, 17, 100, 128, 129, 1000} {
		want, source := make([]float32, length+generators), newNormal(uint64(length))
		normalsGo(want, &source.state, (length+generators-1)/generators)
		want = want[:length]
		for _, v := range want {
			h.Write(binary.LittleEndian.AppendUint32(nil, math.Float32bits(v)))
		}
		onEveryPath(t, func(t *testing.T) {
			s, got, double := newNormal(uint64(length)), make([]float32, length+1), make([]float64, length)
			got[length] = 7
			Normals(s, got[:length])
			if !slices.Equal(got[:length], want) || got[length] != 7 || s.state != source.state {
				t.Errorf("%d deviates are not those of the Go code", length)
			}
			Normals(newNormal(uint64(length)), double)
			for i, v := range double {
				if v != float64(want[i]) {
					t.Fatalf("deviate %d of %d is %v in float64, want %v", i, length, v, want[i])
				}
			}
		})
	}
	if got, want := h.Sum64(), uint64(0xaf16f99ff41135e5); got != want {
		t.Errorf("digest %#016x, want %#016x", got, want)
	}
}
