package network

import (
	"math"

	"tsgen/internal/kernel"
)

// Bounds of the simple forecasts.
const (
	simpleLimit  = 1e4 // of values, in units of the scale
	mostOrder    = 26  // of the autoregressions
	smoothedLast = 300 // steps that exponential smoothing is chosen by
)

// simple makes forecasts in closed form, which the network weighs, and says how well each
// of them fits the history: a line with a season, with and without what its remainder
// forgets; an autoregression of seasonal differences; and exponential smoothing without
// and with a trend. Values are those above the last one in units of the scale.
type simple struct {
	v           *View
	z, rest     []float64 // the values, and what line and season leave
	order       int       // of the autoregressions at most
	slope       float64   // of the line, for one step
	place, far  []float64 // the season and the longer one, at the places of steps 0, 1, ...
	remainder   *recursion
	differences *recursion
	slow        *recursion // of means of several steps of what the line leaves
	width       int        // so many that cycleSteps of them reach back to the first one
	flat, trend smoothed
	lineSD      float64 // of the remainder
	straight    float64 // share of the line in what the season leaves

	// By the lead, as far as they were asked for: forecasts by the differences, the
	// response of the values to one of their innovations, and the sums of the squares of
	// it and of that of the remainder.
	apart, response          []float64
	damped                   []float64 // sums of the powers of the damping of the trend
	differentSum, forgetting []float64
}

// newSimple fits the line, the season and the autoregression of what these leave.
func newSimple(v *View) *simple {
	s := &simple{v: v, z: v.room.take(len(v.y))}
	for i, x := range v.y {
		s.z[i] = (x - v.last) / v.Scale
		if !math.IsNaN(s.z[i]) {
			s.z[i] = max(-simpleLimit, min(simpleLimit, s.z[i]))
		}
	}
	rest, seen := s.line(s.z)
	s.rest, s.order = rest, min(mostOrder, seen/4)
	s.remainder = autoregress(v.room, s.rest, 0, s.order, MostLead(v.season))
	return s
}

// complete fits all other forecasts, once.
func (s *simple) complete() {
	if s.differences != nil {
		return
	}
	v, n := s.v, len(s.v.y)
	for _, x := range []*[]float64{&s.apart, &s.response, &s.damped, &s.differentSum, &s.forgetting} {
		*x = v.room.take(MostLead(v.season))[:0]
	}
	s.trend, s.flat = smooth(v.room, s.rest, s.slope)
	s.slow, s.width = s.remainder, (n+cycleSteps-1)/cycleSteps
	if s.width > 1 {
		s.slow = inBlocks(v.room, s.rest, s.width, s.order)
	}
	apart := v.room.take(n - min(v.season, n))
	for i := range apart {
		apart[i] = max(-20, min(20, s.z[i+v.season]-s.z[i]))
	}
	s.differences = autoregress(v.room, apart, max(-20, min(20, v.meanDiff/v.Scale)), s.order, MostLead(v.season))
}

// line fits a line and a season by least squares, and then the longer season if it was
// given and is seen twice. It returns what they leave, and the number of values.
func (s *simple) line(z []float64) (rest []float64, seen int) {
	n, m := len(z), min(s.v.season, len(z))
	end := float64(n - 1)
	room := s.v.room
	s.place = room.take(m)
	times, count := room.take(m), room.take(m)
	mean := 0.0
	for i, x := range z {
		if !math.IsNaN(x) {
			s.place[i%m] += x
			times[i%m] += float64(i) - end
			count[i%m]++
			mean += x
			seen++
		}
	}
	mean /= float64(seen)
	var across, along, square float64
	for i, x := range z {
		if j := i % m; !math.IsNaN(x) {
			d, t := x-s.place[j]/count[j], float64(i)-end-times[j]/count[j]
			across, along, square = across+d*t, along+t*t, square+d*d
		}
	}
	if along > 0 {
		s.slope = across / along
		s.straight = across * s.slope / (square + 1e-9)
	}
	for j := range s.place {
		if count[j] == 0 {
			s.place[j] = mean
		} else {
			s.place[j] = (s.place[j] - s.slope*times[j]) / count[j]
		}
	}
	rest = room.take(n)
	for i, x := range z {
		rest[i] = x - s.slope*(float64(i)-end) - s.place[i%m]
	}
	if far := s.v.second; far > 0 && s.v.found == 0 && n >= 2*far {
		s.longer(rest, far)
	}
	for _, x := range rest {
		if !math.IsNaN(x) {
			s.lineSD += x * x
		}
	}
	s.lineSD = math.Sqrt(s.lineSD / float64(seen))
	return rest, seen
}

// longer takes the means by the place in the longer season off what is left, as if each
// had one value of zero more.
func (s *simple) longer(rest []float64, period int) {
	s.far = s.v.room.take(period)
	count := s.v.room.take(period)
	for i, x := range rest {
		if !math.IsNaN(x) {
			s.far[i%period] += x
			count[i%period]++
		}
	}
	for j := range s.far {
		s.far[j] /= count[j] + 1
	}
	for i := range rest {
		rest[i] -= s.far[i%period]
	}
}

// seasons returns the season and the longer one at a lead.
func (s *simple) seasons(lead int) float64 {
	i := len(s.v.y) - 1 + lead
	x := s.place[i%len(s.place)]
	if s.far != nil {
		x += s.far[i%len(s.far)]
	}
	return x
}

// inBlocks returns the autoregression of the means of so many values.
func inBlocks(room *room, rest []float64, width, order int) *recursion {
	n := len(rest)
	means := room.take(n / width)
	for i := range means {
		sum, seen := 0.0, 0.0
		end := n - (len(means)-1-i)*width
		for _, x := range rest[end-width : end] {
			if !math.IsNaN(x) {
				sum, seen = sum+x, seen+1
			}
		}
		means[i] = sum / seen // NaN if there are none
	}
	return autoregress(room, means, 0, min(order, len(means)/4), cycleSteps)
}

// slowly returns the forecast of the autoregression of means at a lead, on the line between
// the middles of two blocks.
func (s *simple) slowly(lead int) float64 {
	at := (float64(lead) - 0.5) / float64(s.width) // blocks after the end of the last one
	j := math.Floor(at + 0.5)
	part := at + 0.5 - j
	return (1-part)*s.slow.at(int(j)) + part*s.slow.at(int(j)+1)
}

// extend goes on to a lead.
func (s *simple) extend(lead int) {
	s.complete()
	m := s.v.season
	damping := 1 - 1/math.Max(8, 2*float64(m))
	for h := len(s.apart) + 1; h <= lead; h++ {
		before := (s.v.Base(h) - s.v.last) / s.v.Scale
		if h > m {
			before = s.apart[h-m-1]
		}
		s.apart = append(s.apart, max(-simpleLimit, min(simpleLimit, before+s.differences.at(h))))
		kept := s.differences.after(h - 1)
		if h > m {
			kept += s.response[h-m-1]
		}
		s.response = append(s.response, kept)
		var forgetting, different, damped float64
		if h > 1 {
			forgetting, different, damped = s.forgetting[h-2], s.differentSum[h-2], s.damped[h-2]
		}
		s.damped = append(s.damped, damping*(1+damped))
		forgotten := s.remainder.sd * s.remainder.after(h-1)
		kept *= s.differences.sd
		s.forgetting = append(s.forgetting, forgetting+forgotten*forgotten)
		s.differentSum = append(s.differentSum, different+kept*kept)
	}
}

// A recursion is an autoregression about a mean, and its forecasts so far.
type recursion struct {
	mean     float64
	weights  []float64 // of the values before, the last one first
	sd       float64   // of the innovations
	values   []float64 // the last values, without the mean, and forecasts of them
	history  int       // how many of the values are observed
	response []float64 // to an innovation, by the steps after it
}

// autoregress fits an autoregression of at most the given order to x, in which what is
// missing is the mean, by Burg's recursion; the order has the least corrected criterion of
// Akaike (Hurvich and Tsai 1989). There is memory for forecasts of so many steps.
func autoregress(room *room, x []float64, mean float64, order, leads int) *recursion {
	n := len(x)
	forward := room.take(n)
	for i, v := range x {
		if !math.IsNaN(v) {
			forward[i] = v - mean
		}
	}
	r := &recursion{mean: mean, response: append(room.take(leads + 1)[:0], 1)}
	r.values = append(room.take(mostOrder + leads)[:0], forward[max(0, n-mostOrder):]...)
	r.history = len(r.values)
	if n < 4 {
		return r
	}
	backward, before := room.take(n), room.take(n)
	copy(backward, forward)
	size := kernel.SumSq(forward)
	spread := size/float64(n) + 1e-12
	size *= 2 // that of both, which is known of their reflection but for what is left out
	weights := room.take(order)[:0]
	r.weights = room.take(order)[:0]
	criterion := func(k int) float64 {
		return float64(n)*math.Log(spread) + 2*float64(k+1)*float64(n)/float64(n-k-2)
	}
	best := criterion(0)
	r.sd = math.Sqrt(spread)
	for k := 1; k <= order && k < n-3; k++ {
		size -= forward[0]*forward[0] + backward[len(backward)-1]*backward[len(backward)-1]
		forward, backward = forward[1:], backward[:len(backward)-1]
		c := 2 * kernel.Dot(forward, backward) / (max(size, 0) + 1e-12)
		c = max(-1, min(1, c))
		size *= 1 - c*c
		before = before[:len(forward)]
		copy(before, forward)
		kernel.Axpy(forward, -c, backward)
		kernel.Axpy(backward, -c, before)
		for i, j := 0, len(weights)-1; i <= j; i, j = i+1, j-1 {
			a, b := weights[i], weights[j]
			weights[i], weights[j] = a-c*b, b-c*a
		}
		weights = append(weights, c)
		spread *= 1 - c*c
		if now := criterion(k); now < best {
			best = now
			r.weights = append(r.weights[:0], weights...)
			r.sd = math.Sqrt(spread)
		}
	}
	return r
}

// at returns the forecast at a lead; at 0, the last value.
func (r *recursion) at(lead int) float64 {
	for len(r.values) < r.history+lead {
		r.values = append(r.values, r.next(r.values))
	}
	return r.mean + r.values[r.history+lead-1]
}

// after returns how an innovation is seen so many steps after it.
func (r *recursion) after(steps int) float64 {
	for len(r.response) <= steps {
		r.response = append(r.response, r.next(r.response))
	}
	return r.response[steps]
}

func (r *recursion) next(values []float64) float64 {
	x := 0.0
	for i, w := range r.weights[:min(len(r.weights), len(values))] {
		x += w * values[len(values)-1-i]
	}
	return x
}

// smoothed is the end of an exponential smoothing.
type smoothed struct {
	level, slope float64
	alpha, beta  float64 // by which an error moves them
	sd           float64 // of errors one step ahead
}

// smooth smooths what a line of the given slope and a season leave, that line included,
// with a trend and without one: each with the weights of a few that err least.
func smooth(room *room, rest []float64, slope float64) (trend, flat smoothed) {
	n := len(rest)
	from := max(0, n-smoothedLast)
	x := room.take(n - from)
	for i := range x {
		x[i] = rest[from+i] + slope*float64(from+i-n+1)
	}
	trend.sd, flat.sd = math.Inf(1), math.Inf(1)
	for _, alpha := range [...]float64{0.05, 0.15, 0.35, 0.65, 0.95} {
		some := [...]smoothed{{}, {slope: slope}, {slope: slope, beta: 0.02 * alpha}, {slope: slope, beta: 0.1 * alpha}, {slope: slope, beta: 0.3 * alpha}}
		for i := range some {
			some[i].alpha = alpha
		}
		smoothBy(x, &some)
		if some[0].sd < flat.sd {
			flat = some[0]
		}
		for _, s := range some[1:] {
			if s.sd < trend.sd {
				trend = s
			}
		}
	}
	return trend, flat
}

// smoothBy smooths x by some weights at once.
func smoothBy(x []float64, all *[5]smoothed) {
	first := 0
	for math.IsNaN(x[first]) {
		first++
	}
	for j := range all {
		all[j].level = x[first]
	}
	seen := 1e-9
	for _, v := range x[first+1:] {
		for j := range all {
			s := &all[j]
			s.level += s.slope
			if e := v - s.level; e == e {
				s.sd += e * e
				s.level += s.alpha * e
				s.slope += s.beta * e
			}
		}
		if v == v {
			seen++
		}
	}
	for j := range all {
		all[j].sd = math.Sqrt(all[j].sd / seen)
	}
}

// variance returns the variance of the forecast at a lead for errors of the variance 1.
func (s smoothed) variance(lead int) float64 {
	// The sum of (alpha + beta·j)² over j = 1 ... lead-1.
	n := float64(lead - 1)
	return 1 + n*s.alpha*s.alpha + s.alpha*s.beta*n*(n+1) + s.beta*s.beta*n*(n+1)*(2*n+1)/6
}

// simpleSeries, simpleSteps and simpleAnchors are how many numbers are seen of all.
const (
	simpleSeries  = 9
	simpleSteps   = 12
	simpleAnchors = 8
)

// see appends how well the forecasts fit.
func (s *simple) see(to *sight) {
	s.complete()
	for _, sd := range []float64{s.lineSD, s.remainder.sd, s.differences.sd, s.flat.sd, s.trend.sd} {
		to.log(sd+0.01, 1)
	}
	m := float64(s.v.season)
	to.add(s.straight)
	to.squash(s.slope*m, 1)
	to.squash(s.trend.slope*m, 1)
	to.log(s.slow.sd+0.01, 1)
}

// seeStep appends the forecasts at a lead from the base, in units of the scale, to both, and
// how they spread to the sight. It returns the anchors.
func (s *simple) seeStep(to *sight, anchors []float64, lead int, base float64) []float64 {
	s.extend(lead)
	base = (base - s.v.last) / s.v.Scale
	h, season := float64(lead), s.seasons(lead)
	line := season + s.slope*h
	forecasts := [simpleAnchors]float64{
		line - base, line + s.remainder.at(lead) - base, s.apart[lead-1] - base, season + s.flat.level - base,
		season + s.trend.level + s.trend.slope*h - base, s.trend.slope * s.damped[lead-1], s.slope * h, line + s.slowly(lead) - base,
	}
	for _, x := range forecasts {
		to.squash(x, 1)
		anchors = append(anchors, max(-anchorLimit, min(anchorLimit, x)))
	}
	for _, variance := range [...]float64{s.forgetting[lead-1], s.differentSum[lead-1], s.flat.sd * s.flat.sd * s.flat.variance(lead), s.trend.sd * s.trend.sd * s.trend.variance(lead)} {
		to.log(variance+1e-4, 0.5)
	}
	return anchors
}
