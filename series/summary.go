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
	var all []float64
	var total moments.Moments
	var within, cross, spread float64 // of values, of values with times, of times, about the means of their series
	for _, s := range p.Series {
		var line moments.Line
		for i, t := range s.Times {
			v := s.Row(i)[c]
			if math.IsNaN(v) {
				x.Missing++
				continue
			}
			all = append(all, v)
			total.Add(v)
			line.Add(p.Coordinate(t), v)
			if v == 0 {
				x.Zeros++
			}
			x.Whole = x.Whole && v == math.Trunc(v)
		}
		within, cross, spread = within+line.X.Square, cross+line.Cross, spread+line.U.Square
	}
	if x.Values = len(all); x.Values == 0 {
		x.Whole = false
		return x
	}
	slices.Sort(all)
	x.Least, x.Median, x.Most = all[0], all[(len(all)-1)/2], all[len(all)-1]
	x.Mean, x.SD = total.Mean, math.Sqrt(total.Variance())
	if spread > 0 {
		x.Trend = cross / spread
	}
	if within > 0 {
		x.Explained = x.Trend * cross / within
	}
	return x
}
