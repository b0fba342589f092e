package series

import (
	"math"
	"slices"

	"tsgen/internal/moments"
)

// A Summary is what a panel holds, at a glance.
type Summary struct {
	Series       int     `json:"series"`
	Observations int     `json:"observations"` // times
	First        float64 `json:"first"`        // time of all series
	Last         float64 `json:"last"`

	// Shortest, Median and Longest are numbers of observation times of the series.
	Shortest int `json:"shortest"`
	Median   int `json:"median"`
	Longest  int `json:"longest"`

	Channels []ChannelSummary `json:"channels"`
}

// A ChannelSummary is what the values of one channel are like. Of a channel without values
// all numbers but Missing are zero.
type ChannelSummary struct {
	Name    string  `json:"name"`
	Values  int     `json:"values"`
	Missing int     `json:"missing"`
	Least   float64 `json:"least"`
	Median  float64 `json:"median"`
	Mean    float64 `json:"mean"`
	Most    float64 `json:"most"`
	SD      float64 `json:"sd"`
	Zeros   int     `json:"zeros"`
	Whole   bool    `json:"whole"` // all values are whole numbers

	// Trend is the slope of the straight line through each series, by least squares, in a
	// step of the panel (in the unit of the coordinate where times are irregular), and
	// Explained the share of the variance within the series that the lines explain.
	Trend     float64 `json:"trend"`
	Explained float64 `json:"explained"`
}

// Summarize returns the summary of a valid panel.
func Summarize(p *Panel) Summary {
	s := Summary{Series: len(p.Series), First: math.Inf(1), Last: math.Inf(-1)}
	var lengths []int
	for _, x := range p.Series {
		n := x.Len()
		lengths = append(lengths, n)
		s.Observations += n
		if n > 0 {
			s.First, s.Last = math.Min(s.First, x.Times[0]), math.Max(s.Last, x.Times[n-1])
		}
	}
	if slices.Sort(lengths); len(lengths) > 0 {
		s.Shortest, s.Median, s.Longest = lengths[0], lengths[(len(lengths)-1)/2], lengths[len(lengths)-1]
	}
	for c := range p.Channels {
		s.Channels = append(s.Channels, p.summarize(c))
	}
	return s
}

func (p *Panel) summarize(c int) ChannelSummary {
	x := ChannelSummary{Name: p.Channels[c], Whole: true}
	var total moments.Moments
	x.Least, x.Most = math.Inf(1), math.Inf(-1)
	var within, cross, spread float64 // of values, of values with times, of times, about the means of their series
	for _, s := range p.Series {
		var line moments.Line
		for i, t := range s.Times {
			v := s.Row(i)[c]
			if math.IsNaN(v) {
				x.Missing++
				continue
			}
			x.Values++
			x.Least, x.Most = math.Min(x.Least, v), math.Max(x.Most, v)
			total.Add(v)
			line.Add(p.Coordinate(t), v)
			if v == 0 {
				x.Zeros++
			}
			x.Whole = x.Whole && v == math.Trunc(v)
		}
		within, cross, spread = within+line.X.Square, cross+line.Cross, spread+line.U.Square
	}
	if x.Values == 0 {
		x.Whole, x.Least, x.Most = false, 0, 0
		return x
	}
	x.Median = p.ranked(c, (x.Values-1)/2)
	x.Mean, x.SD = total.Mean, math.Sqrt(total.Variance())
	if spread > 0 {
		x.Trend = cross / spread
	}
	if within > 0 {
		x.Explained = x.Trend * cross / within
	}
	return x
}

// ranked returns the value of channel c that has k lesser ones, found a quarter of its bits at a time, so that the
// values, which may be more than memory holds, need not be sorted.
func (p *Panel) ranked(c, k int) float64 {
	const digit, sign = 16, 1 << 63
	key := uint64(0) // of numbers in their order; what of it is known
	for shift := 64 - digit; shift >= 0; shift -= digit {
		counts := make([]int, 1<<digit)
		for _, s := range p.Series {
			for i := c; i < len(s.Values); i += len(p.Channels) {
				bits := math.Float64bits(s.Values[i])
				if bits&sign == 0 {
					bits |= sign
				} else {
					bits = ^bits
				}
				if bits>>shift>>digit == key && !math.IsNaN(s.Values[i]) {
					counts[bits>>shift&(1<<digit-1)]++
				}
			}
		}
		next := 0
		for ; k >= counts[next]; next++ {
			k -= counts[next]
		}
		key = key<<digit | uint64(next)
	}
	if key&sign != 0 {
		key ^= sign
	} else {
		key = ^key
	}
	return math.Float64frombits(key) + 0 // of zeros that with the sign that one expects
}
