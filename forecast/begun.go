package forecast

import (
	"slices"

	"tsgen/series"
)

// leastBegun is the number of values of a channel from which it is forecast in an examination.
const leastBegun = 4

// Begun returns the channels of a panel, by number, that have begun early enough to be examined at origins as those of
// RollingOrigins, and at how many of the last of these: half of the windows or more. A channel has begun where some series has
// four values of it and a season, or half as many as of the channel of which there are most; and one of rare values where
// half of those have come that of the others had. What has a single value in each series counts as begun, and all
// channels do if none has.
func Begun(p *series.Panel, horizon, windows, step, season int) (channels []int, last int) {
	every := make([]int, p.Width())
	for c := range every {
		every[c] = c
	}
	if len(every) < 2 {
		return every, windows
	}
	whole := mostValues(p)
	origins := slices.DeleteFunc(windowsOf(p, horizon, windows, step), func(o Origin) bool { return len(o.Leads) == 0 })
	late := make([]int, len(every)) // origins before a channel has begun
	for _, o := range origins {
		n := mostValues(o.History)
		of, most := slices.Max(whole), slices.Max(n)
		for c := range late {
			many := n[c] >= max(leastBegun, min(season+1, most/2))
			spread := n[c] > 1 && 2*n[c]*of >= whole[c]*most
			if whole[c] > 1 && !many && !spread {
				late[c]++
			}
		}
	}
	first := 0
	for c, n := range late {
		if 2*n <= len(origins) {
			channels, first = append(channels, c), max(first, n)
		}
	}
	switch {
	case len(channels) == 0:
		return every, windows
	case first == 0:
		return channels, windows
	}
	return channels, len(origins) - first
}

// mostValues returns for each channel how many values the series has that has most of them.
func mostValues(p *series.Panel) []int {
	most := make([]int, p.Width())
	for _, s := range p.Series {
		for c, x := range spansOf(s, len(most)) {
			most[c] = max(most[c], x.values)
		}
	}
	return most
}

// SomeDomains returns the domains of some channels, by number, of those of all, which may be nil.
func SomeDomains(all []Domain, channels []int) []Domain {
	if all == nil {
		return nil
	}
	some := make([]Domain, len(channels))
	for k, c := range channels {
		some[k] = all[c]
	}
	return some
}

// ForChannels returns what c, learned of some channels of a panel, says of all of so many: of the others what it says of
// those together. c may be nil.
func (c *Calibration) ForChannels(channels []int, of int) *Calibration {
	if c == nil || c.Channels == nil || len(channels) == of {
		return c
	}
	wide := *c
	wide.Channels = make([][]float64, of)
	for i := range wide.Channels {
		wide.Channels[i] = slices.Repeat([]float64{1}, len(c.Levels))
	}
	for k, i := range channels {
		wide.Channels[i] = c.Channels[k]
	}
	return &wide
}
