package sde

import (
	"math"
	"math/rand/v2"

	"tsgen/internal/kernel"
)

// A generator draws normal numbers by the ziggurat of Marsaglia and Tsang
// (J. Stat. Softw. 5(8), 2000) with 128 layers.
type generator struct {
	state uint64
	rand  *rand.Rand // draws from the stream of state

	// The layers, of which 0 has the tail and the others go from the highest
	// down: the 24-bit numbers that are certain to be under the curve, the width
	// over 2²⁴, and the curve's height there.
	inside [zigLayers]int32
	width  [zigLayers]float64
	height [zigLayers]float64
}

const (
	zigLayers = 128
	zigTail   = 3.442619855899      // where the lowest layer's tail begins
	zigArea   = 9.91256303526217e-3 // of a layer
)

func newGenerator() *generator {
	g := &generator{}
	g.rand = rand.New(g)
	const scale = 1 << 24
	var v [1]float64
	curve := func(x float64) float64 {
		v[0] = -x * x / 2
		kernel.Exp(v[:], v[:]) // which has the same bits on every machine
		return v[0]
	}
	x := zigTail
	base := zigArea / curve(x)
	g.inside[0], g.width[0], g.height[0] = int32(x/base*scale), base/scale, 1
	for i := zigLayers - 1; i > 0; i-- {
		g.width[i], g.height[i] = x/scale, curve(x)
		if i == 1 {
			break // nothing of the highest layer is certain
		}
		v[0] = zigArea/x + curve(x)
		kernel.Log(v[:], v[:])
		next := math.Sqrt(-2 * v[0])
		g.inside[i] = int32(next / x * scale)
		x = next
	}
	return g
}

// Uint64 returns the next number of the stream (Steele, Lea and Flood, Fast
// splittable pseudorandom number generators, 2014).
func (g *generator) Uint64() uint64 {
	g.state += 0x9e3779b97f4a7c15
	return mix(g.state)
}

// mix is Stafford's thirteenth variant of the mixer of MurmurHash3.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// pair returns two independent normal numbers, always the same of one key.
func (g *generator) pair(key uint64) (a, b float64) {
	u := mix(key)
	i, j := u&127, int32(u)>>7
	k, l := u>>32&127, int32(u>>32)>>7
	a, b = float64(j)*g.width[i], float64(l)*g.width[k]
	if max(j, -j) >= g.inside[i] {
		g.state = key
		a = g.outside(int(i), a)
	}
	if max(l, -l) >= g.inside[k] {
		g.state = ^key
		b = g.outside(int(k), b)
	}
	return a, b
}

// outside completes the draw x in layer i that is not within the layer above.
func (g *generator) outside(i int, x float64) float64 {
	if i == 0 {
		for {
			e := g.rand.ExpFloat64() / zigTail
			if f := g.rand.ExpFloat64(); 2*f > e*e {
				return math.Copysign(zigTail+e, x)
			}
		}
	}
	if g.height[i]+g.rand.Float64()*(g.height[i-1]-g.height[i]) < math.Exp(-x*x/2) {
		return x
	}
	return g.rand.NormFloat64()
}
