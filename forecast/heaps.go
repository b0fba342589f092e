package forecast

import (
	"fmt"
	"hash/fnv"
	"math"

	"tsgen/series"
)

// heaps are the values of a series within a horizon that lie at a bound of their domain, as zeros of demand and of rain do.
// They do not tell how far beyond it they would lie, and hence nothing of how wide a distribution is on that side; on the
// other side it is as wide as it should be if as many values lie farther out as it says, of all.
type heaps struct {
	domains []Domain
	least   []float64 // by channel, the share of values at the lower bound
	most    []float64 // and at the upper one
	of      *gatherer // of the distribution as if there were no bounds
	place   float64   // of the last one in its heap, from 0 to 1
}

// newHeaps returns those of the series that came where d was forecast, which is free but for its bounds.
func newHeaps(d, free *Distribution, actual *series.Series) *heaps {
	if d.Domains == nil || len(d.Times) == 0 {
		return &heaps{}
	}
	width := d.Width()
	h := &heaps{domains: d.Domains, least: make([]float64, width), most: make([]float64, width), of: newGatherer(free)}
	n := make([]float64, width)
	for k, y := range actual.Values {
		c := k % width
		switch {
		case math.IsNaN(y):
			continue
		case y == d.Domains[c].Min:
			h.least[c]++
		case y == d.Domains[c].Max:
			h.most[c]++
		}
		n[c]++
	}
	for c := range n {
		h.least[c] /= n[c]
		h.most[c] /= n[c]
	}
	hash := fnv.New64a() // places of another series or time shall be others
	fmt.Fprint(hash, d.ID, d.Times[0])
	h.place = float64(hash.Sum64()>>11) / (1 << 53)
	return h
}

// free returns where value k would lie if it were y but for the bounds, and whether that is above the median. Those of a
// heap lie evenly in the outer probabilities, as many as it has of the values, but not farther inwards than the heap.
func (h *heaps) free(k int, y, median float64) (value float64, above bool) {
	if h.domains == nil {
		return y, y > median
	}
	c := k % len(h.domains)
	domain := h.domains[c]
	half := domain.Step / 2
	switch y {
	case domain.Min:
		m := h.of.marginal(k)
		p := h.next() * h.least[c]
		return math.Min(y+half, m.quantile(p)), p > 0.5
	case domain.Max:
		m := h.of.marginal(k)
		p := 1 - h.next()*h.most[c]
		return math.Max(y-half, m.quantile(p)), p > 0.5
	}
	return y, y > median
}

// next returns the next of places that are spread evenly from 0 to 1 (by the golden ratio).
func (h *heaps) next() float64 {
	_, h.place = math.Modf(h.place + math.Phi)
	return h.place
}
