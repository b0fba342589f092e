package main

import (
	"math"
	"math/rand/v2"

	"tsgen/models/zeroshot/internal/network"
	"tsgen/series/simulate"
)

const (
	leads   = 8 // steps of the horizon of a sample that are learned from
	futures = 3 // of the same history
)

// A rhythm is a class of series by the season that their users know.
type rhythm struct {
	name              string
	weight            float64
	walks             float64 // share of random walks beside those among all kinds
	season, second    float64
	secondShare       float64
	shortest, longest int // history
	horizon           int // at most
}

// rhythms are the classes that samples are drawn from.
func rhythms() []rhythm {
	return []rhythm{
		{"none", 0.13, 0.05, 1, 0, 0, 5, 140, 40},
		{"long", 0.04, 0, 1, 0, 0, 150, 650, 140},
		{"quarters", 0.11, 0, 4, 0, 0, 8, 140, 20},
		{"months", 0.22, 0, 12, 0, 0, 15, 260, 48},
		{"days", 0.12, 0, 7, 30.4, 0.15, 12, 380, 63},
		{"days of years", 0.02, 0, 7, 365.25, 0.7, 390, 1000, 63},
		{"hours", 0.15, 0, 24, 168, 0.7, 36, 720, 72},
		{"weeks", 0.06, 0, 52, 0, 0, 60, 420, 104},
		{"half-hours", 0.03, 0, 48, 336, 0.6, 80, 760, 96},
		{"business days", 0.04, 0.4, 5, 0, 0, 10, 300, 40},
		{"others", 0.09, 0, 0, 0, 0, 0, 0, 0},
	}
}

// A sample is a history with its futures, and what its user says of its seasons.
type sample struct {
	rhythm         int
	history        []float64
	season, second int
	futures        [][]float64
}

// A sampler draws samples: the same for the same seed and number.
type sampler struct {
	seed    uint64
	rhythms []rhythm
	weights []float64
	maker   *simulate.Maker
	walker  *simulate.Maker // of random walks alone
}

func newSampler(seed uint64) (*sampler, error) {
	m, err := simulate.NewMaker()
	if err != nil {
		return nil, err
	}
	w, err := simulate.NewMaker("walk")
	s := &sampler{seed: seed, maker: m, walker: w, rhythms: rhythms()}
	for _, r := range s.rhythms {
		s.weights = append(s.weights, r.weight)
	}
	return s, err
}

// draw returns sample k.
func (s *sampler) draw(k uint64) sample {
	rng := rand.New(rand.NewPCG(s.seed^0x5851f42d4c957f2d, k*0x9e3779b97f4a7c15+s.seed))
	u := rng.Float64()
	i := 0
	for u -= s.weights[0]; u >= 0 && i < len(s.weights)-1; u -= s.weights[i] {
		i++
	}
	r := s.rhythms[i]
	if r.season == 0 { // any other
		r.season = math.Exp(rng.Float64() * math.Log(150))
		if rng.Float64() < 0.7 {
			r.season = math.Max(2, math.Round(r.season))
		}
		r.season = math.Max(2, r.season)
		r.shortest, r.longest = int(1.3*r.season)+3, int(10*r.season)+50
		r.horizon = int(3*r.season) + 3
	}
	set := simulate.Setting{Season: r.season, Futures: futures}
	if rng.Float64() < r.secondShare {
		set.Second = r.second
	}
	set.Length = between(rng, r.shortest, r.longest)
	if rng.Float64() < 0.3 {
		set.Length = between(rng, (r.shortest+r.longest)/2, r.longest)
	}
	if rng.Float64() < 0.12 {
		r.horizon = max(r.horizon, min(5*r.horizon, 130))
	}
	set.Horizon = between(rng, max(1, r.horizon/6), r.horizon)
	x := sample{rhythm: i, season: int(math.Round(r.season)), second: int(math.Round(set.Second))}
	switch u := rng.Float64(); { // what is said may be wrong
	case u < 0.05:
		set.Season = math.Max(1, r.season+float64(1-2*rng.IntN(2)))
	case u < 0.08:
		set.Season = math.Max(1, math.Round(r.season/2))
	case u < 0.11:
		set.Season = 1 + rng.Float64()*2*r.season
	case u < 0.13 && x.season > 1 && x.season < 13:
		x.season = 1
	}
	if x.second > 0 && rng.Float64() < 0.12 {
		x.second = 0
	} else if x.second == 0 && r.second > 0 && rng.Float64() < 0.3 {
		x.second = int(math.Round(r.second))
	}
	maker := s.maker
	if rng.Float64() < r.walks {
		maker = s.walker
	}
	made := maker.Make(s.seed, k, set)
	x.history, x.futures = made.History, made.Futures
	hide(rng, x.history)
	return x
}

// between is uniform on a to b in its logarithm.
func between(rng *rand.Rand, a, b int) int {
	return min(b, int(float64(a)*math.Pow(float64(b+1)/float64(a), rng.Float64())))
}

// hide takes values out of some histories, one by one and in gaps, but for the last one.
func hide(rng *rand.Rand, y []float64) {
	if rng.Float64() > 0.12 {
		return
	}
	last := y[len(y)-1]
	share := math.Exp(math.Log(0.01) + rng.Float64()*math.Log(30))
	for i := range y {
		if rng.Float64() < share {
			y[i] = math.NaN()
		}
	}
	if rng.Float64() < 0.3 {
		n := 1 + rng.IntN(1+len(y)/5)
		from := rng.IntN(len(y) - n + 1)
		for i := range n {
			y[from+i] = math.NaN()
		}
	}
	y[len(y)-1] = last
}

// A batch is a number of samples in the form in which the network takes them.
type batch struct {
	network.Batch
	rhythm []int // of each sample
}

// fill makes the batch of n samples from the first on. Those whose futures go so far
// that nothing in the history tells of it are left out, the next ones taken.
func (b *batch) fill(s *sampler, first uint64, n int) {
	b.Reset()
	b.rhythm = b.rhythm[:0]
	for i := range n {
		for try := uint64(0); !b.add(s.draw(first+uint64(i)+try<<40), i); try++ {
		}
	}
}

// add adds a sample unless it is one to be left out.
func (b *batch) add(x sample, i int) bool {
	h := len(x.futures[0])
	var lead [leads]int
	for j := range lead {
		lead[j] = 1 + j*h/leads + (i*7+j*3)%max(1, h/leads)
	}
	if !b.Add(network.NewView(x.history, x.season, x.second), lead[:], x.futures...) {
		return false
	}
	b.rhythm = append(b.rhythm, x.rhythm)
	return true
}
