package seasons

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/dsp/fourier"
)

const (
	// searched bounds the steps of a record that periods are searched in, searchedRecords
	// the records.
	searched, searchedRecords = 1 << 15, 24

	// candidates is the number of periods from the data that are tested in a round.
	candidates = 6

	// accident is the probability that noise of one record has a season of its own among
	// its frequencies.
	accident = 0.003

	// leastShort is the share of the variance of the values that a season shorter than those
	// found must explain: effects of the days of trading in a month, of 2.87 months, are none.
	leastShort = 0.1

	// strange is by how much the score of a multiple of a season found must be higher.
	strange = 1

	// apart is how far a frequency must be from the harmonics of a season found, in units
	// of its own, not to count as its trace.
	apart = 0.15
)

// A guess is a period that a record suggests.
type guess struct{ period, weight float64 }

// fromData looks for seasons that no calendar knows.
func (s *search) fromData() {
	bar := scoreOf(accident / (s.longest/2 + 1))
	for len(s.periods) < mostSeasons {
		var tested []Season
		for _, g := range s.guesses() {
			c := Season{Period: s.refine(g.period), Status: Shown}
			if s.known(c.Period) {
				continue
			}
			s.weigh(&c, false)
			if len(s.periods) > 0 && c.Period < slices.Min(s.periods) && c.raw < leastShort {
				continue
			}
			bar := bar
			if s.multiple(c.Period) {
				bar += strange
			}
			if c.Examined > 0 && c.Score >= less(bar, c.Examined) && c.Share >= leastShare {
				tested = append(tested, c)
			}
		}
		if len(tested) == 0 {
			return
		}
		best := fundamental(tested)
		within, shorter := s.within(best.Period)
		s.takeOut(best.Period)
		s.found = append(s.found, best)
		for _, longer := range beyond(best.Period) {
			if len(s.periods) < mostSeasons {
				s.examine(Season{Period: longer}, false)
			}
		}
		if within > 0 && len(s.periods) < mostSeasons && !slices.Contains(s.periods, shorter) {
			s.periods = append(s.periods, shorter)
			s.found = append(s.found, Season{Period: shorter, Status: Shown, Cycles: best.Cycles * best.Period / shorter,
				Score: best.Score, Share: best.Share * within, Series: best.Series, Examined: best.Examined})
		}
	}
}

// fundamental returns of several seasons the one that describes the records best for its
// number of harmonics, or a multiple of it that explains much more of the values. Those
// found in averages come only after the others.
func fundamental(tested []Season) Season {
	best := slices.MinFunc(tested, func(a, b Season) int {
		return cmp.Or(cmp.Compare(a.block, b.block), cmp.Compare(a.bic, b.bic))
	})
	const more = 1.3
	for _, c := range tested {
		if x := c.Period / best.Period; x > 1.5 && math.Abs(x-math.Round(x)) < 0.05 && c.raw > more*best.raw {
			best = c
		}
	}
	return best
}

// beyond returns the seasons that go with one of so many steps if that is a day or a week:
// a week and a year.
func beyond(period float64) []float64 {
	switch period {
	case 7:
		return []float64{365.25}
	case 24, 48, 96, 144, 288, 1440:
		return []float64{7 * period, 365.25 * period}
	}
	return nil
}

// known reports whether a period is one that was examined, a trace of a season found, or too
// long for the records.
func (s *search) known(period float64) bool {
	cycles := s.longest / period
	if period < 2 || cycles < leastOwn {
		return true
	}
	for _, c := range s.found {
		if math.Abs(period-c.Period) < 0.5*c.Period/cycles {
			return true
		}
	}
	for _, p := range s.periods {
		if x := p / period; x > 1-apart && math.Abs(x-math.Round(x)) < apart {
			return true
		}
	}
	return false
}

// multiple reports whether a period is one of a season found.
func (s *search) multiple(period float64) bool {
	for _, p := range s.periods {
		if x := period / p; math.Abs(x-math.Round(x)) < 0.1 {
			return true
		}
	}
	return false
}

// guesses returns the periods that the records suggest, those that most do first.
func (s *search) guesses() []guess {
	var all []guess
	stride := max(1, (len(s.records)+searchedRecords-1)/searchedRecords)
	for i := 0; i < len(s.records); i += stride {
		r := s.records[i]
		all = append(all, r.last(searched).suggest(1)...)
		if b := (len(r.y) + searched - 1) / searched; b > 1 {
			all = append(all, r.blocks(b).suggest(float64(b))...)
		}
	}
	slices.SortStableFunc(all, func(a, b guess) int { return cmp.Compare(b.weight, a.weight) })
	var merged []guess
next:
	for _, g := range all {
		for i, m := range merged {
			if math.Abs(g.period-m.period) < 0.03*m.period {
				merged[i].weight += g.weight
				continue next
			}
		}
		merged = append(merged, g)
	}
	slices.SortStableFunc(merged, func(a, b guess) int { return cmp.Compare(b.weight, a.weight) })
	merged = merged[:min(len(merged), candidates)]
	if len(merged) > 0 { // which may be a harmonic
		merged = append(merged, guess{2 * merged[0].period, 0}, guess{3 * merged[0].period, 0})
	}
	return merged
}

// suggest returns periods at which the autocorrelation or the periodogram of a record peaks,
// in units of its steps.
func (r record) suggest(step float64) []guess {
	n := len(r.y)
	if n < 2*leastRecord {
		return nil
	}
	x := r.straightened()
	size := 1
	for size < 2*n {
		size *= 2
	}
	fft := fourier.NewFFT(size)
	padded := make([]float64, size)
	copy(padded, x)
	c := fft.Coefficients(nil, padded)
	for i, v := range c {
		c[i] = complex(real(v)*real(v)+imag(v)*imag(v), 0)
	}
	acf := fft.Sequence(padded, c)[:n/3+1]
	out := peaks(acf)
	// The periodogram of first differences, over its own level.
	d := make([]float64, size)
	for t := 1; t < n; t++ {
		d[t] = x[t] - x[t-1]
	}
	c = fft.Coefficients(c, d)
	out = append(out, lines(c, size, n)...)
	for i := range out {
		out[i].period *= step
	}
	return out
}

// straightened returns the values about their straight line, outliers drawn in, 0 in gaps.
func (r record) straightened() []float64 {
	n := len(r.y)
	var st, sy, stt, sty, count float64
	for t, v := range r.y {
		if r.seen[t] {
			u := line(t, n)
			st, sy, stt, sty, count = st+u, sy+v, stt+u*u, sty+u*v, count+1
		}
	}
	slope := (sty - st*sy/count) / (stt - st*st/count)
	level := (sy - slope*st) / count
	x := make([]float64, n)
	sizes := make([]float64, 0, n)
	for t, v := range r.y {
		if r.seen[t] {
			x[t] = v - level - slope*line(t, n)
			sizes = append(sizes, math.Abs(x[t]))
		}
	}
	slices.Sort(sizes)
	if bound := 2 * outlying * sizes[len(sizes)/2]; bound > 0 {
		for t, v := range x {
			x[t] = math.Max(-bound, math.Min(bound, v))
		}
	}
	return x
}

// peaks returns the first lag at which an autocorrelation, which may be of any scale, is about
// as high as it gets after it has been low.
func peaks(acf []float64) []guess {
	from := 1
	for from < len(acf) && acf[from] > 0.2*acf[0] && acf[from] >= acf[min(from+1, len(acf)-1)] {
		from++
	}
	most := 0.0
	for l := from; l < len(acf)-1; l++ {
		if acf[l] >= acf[l-1] && acf[l] >= acf[l+1] {
			most = math.Max(most, acf[l])
		}
	}
	if !(most > 0.05*acf[0]) {
		return nil
	}
	for l := max(2, from); l < len(acf)-1; l++ {
		if acf[l] >= acf[l-1] && acf[l] >= acf[l+1] && acf[l] >= 0.85*most {
			return []guess{{vertex(acf, l), 4 * acf[l] / acf[0]}}
		}
	}
	return nil
}

// vertex returns where the parabola through a peak and its neighbours has its top.
func vertex(x []float64, i int) float64 {
	if i < 1 || i >= len(x)-1 {
		return float64(i)
	}
	bend := x[i-1] - 2*x[i] + x[i+1]
	if bend >= 0 {
		return float64(i)
	}
	return float64(i) + 0.5*(x[i-1]-x[i+1])/bend
}

// lines returns the periods of the three highest peaks of a periodogram, of a number of
// values padded to size, over the median around them.
func lines(c []complex128, size, n int) []guess {
	m := len(c)
	p := make([]float64, m)
	for i, v := range c {
		p[i] = real(v)*real(v) + imag(v)*imag(v)
	}
	// Medians of stretches that grow with the frequency.
	level := make([]float64, m)
	var sorted []float64
	for from := 1; from < m; {
		to := min(m, from+max(size/n*12, from/2))
		sorted = append(sorted[:0], p[from:to]...)
		slices.Sort(sorted)
		for i := from; i < to; i++ {
			level[i] = sorted[len(sorted)/2]
		}
		from = to
	}
	var all []guess
	for i := max(1, 3*size/n); i < m-1; i++ {
		if p[i] >= p[i-1] && p[i] > p[i+1] && level[i] > 0 {
			all = append(all, guess{float64(size) / vertex(p, i), math.Min(1, p[i]/level[i]/50)})
		}
	}
	slices.SortStableFunc(all, func(a, b guess) int { return cmp.Compare(b.weight, a.weight) })
	return all[:min(3, len(all))]
}

const (
	// refined is the number of harmonics by which a period is refined, refinedRows the
	// steps of all records for it, refinedRecords the records that regressions are of.
	refined, refinedRows, refinedRecords = 4, 1 << 14, 8

	// drift is by how much of a cycle a whole period may be off over a record to be
	// taken for the period.
	drift = 0.2
)

// A whitened record is what an autoregression beside a season leaves of it, and the number
// of harmonics that the season has.
type whitened struct {
	values    []float64
	harmonics int
}

// refine returns the period about the given one that the records are likeliest with: first
// by their power beside an autoregression, then by regressions.
func (s *search) refine(period float64) float64 {
	var parts []record
	var white []whitened
	left, longest := refinedRows, 0
	numbers := first(max(1, min(refined, int(period/2))))
	for _, r := range s.records {
		if r = r.last(left); float64(len(r.y)) < leastOwn*period {
			continue
		}
		f := newRegression(r, period, numbers, 0)
		if f == nil {
			continue
		}
		parts, white = append(parts, r), append(white, whitened{f.white(r), f.harmonic})
		left -= len(r.y)
		longest = max(longest, len(r.y))
	}
	if len(parts) == 0 {
		return period
	}
	cycles := float64(longest) / period
	width := math.Min(0.08, 2/cycles+0.3/period)
	period, width = scan(period, width, int(width*cycles*refined), func(p float64) float64 {
		sum := 0.0
		for _, x := range white {
			for k := 1; k <= x.harmonics; k++ {
				sum += power(x.values, float64(k)/p) / float64(len(x.values))
			}
		}
		return sum
	})
	period, _ = scan(period, math.Max(width, 0.6/cycles), 4, func(p float64) float64 {
		sum := 0.0
		for _, r := range parts[:min(len(parts), refinedRecords)] {
			if f := newRegression(r, p, numbers, 0); f != nil {
				sum += f.gain
			}
		}
		return sum
	})
	return tidy(period, cycles, s.periods)
}

// first returns the numbers from 1 to n.
func first(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i + 1
	}
	return all
}

// scan returns the period for which gain is greatest, in a range about the given one as a
// share of it, and then in ever narrower ones, and the share up to which it is known.
func scan(period, width float64, points int, gain func(float64) float64) (best, within float64) {
	points = max(4, min(points, 48))
	best = period
	for range 3 {
		centre, most := best, gain(best)
		for i := -points; i <= points; i++ {
			p := centre * (1 + width*float64(i)/float64(points))
			if p < 2 {
				continue
			}
			if g := gain(p); g > most {
				best, most = p, g
			}
		}
		width, points = width/float64(points), 2
	}
	return best, width
}

// usual are periods that are likelier than those beside them: of the week and the year in
// days, weeks, months and quarters, of the day in hours, halves, quarters and parts of them,
// and of the week in those.
var usual = [...]float64{4, 5, 7, 12, 24, 48, 52, 60, 96, 144, 168, 288, 336, 365.25, 672, 1440, 2016}

// tidy returns a whole period, or a multiple of one found, that so many cycles cannot tell
// from the given one, or the period to as many digits as they can.
func tidy(period, cycles float64, found []float64) float64 {
	near := func(p float64) bool { return p >= 2 && math.Abs(p-period)/period*cycles < drift }
	for _, f := range found {
		if m := f * math.Round(period/f); near(m) {
			return m
		}
	}
	for _, m := range usual {
		if near(m) {
			return m
		}
	}
	if m := math.Round(period); near(m) {
		return m
	}
	digits := math.Pow(10, -math.Floor(math.Log10(period/cycles*drift)))
	return math.Round(period*digits) / digits
}

// within returns a shorter season that makes up most of one of the period, and the share
// of that; 0 if there is none.
func (s *search) within(period float64) (share, shorter float64) {
	if period != math.Trunc(period) {
		return 0, 0
	}
	n := int(period / 2)
	if n > 1<<12 {
		return 0, 0
	}
	energy, total := make([]float64, n+1), 0.0
	for _, r := range s.records[:min(len(s.records), searchedRecords)] {
		r = r.last(int(math.Min(float64(len(r.y)), 1<<13)/period) * int(period))
		if len(r.y) == 0 {
			continue
		}
		profile := make([]float64, int(period))
		x := r.straightened()
		for t, v := range x {
			profile[t%len(profile)] += v / float64(len(x))
		}
		sum := 0.0
		each := make([]float64, n+1)
		for k := 1; k <= n; k++ {
			if each[k] = power(profile, float64(k)/period); 2*k == len(profile) {
				each[k] /= 2 // the others are two frequencies
			}
			sum += each[k]
		}
		if sum > 0 {
			for k := range each {
				energy[k] += each[k] / sum
			}
			total++
		}
	}
	for r := 2; r <= int(period/2); r++ {
		if int(period)%r != 0 {
			continue
		}
		sum := 0.0
		for k := r; k <= n; k += r {
			sum += energy[k] / total
		}
		if sum >= math.Max(0.3, 0.8-0.1*float64(r-2)) {
			return sum, period / float64(r)
		}
	}
	return 0, 0
}
