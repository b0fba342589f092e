package outlier

import (
	"math"
	"slices"
	"sort"

	"tsgen/series"
	"tsgen/series/internal/robust"
)

const (
	// Spikes are rare that are one of rareEach values and one more, but no more than mostRare.
	rareEach, mostRare = 100, 10

	// sameStep is how many ways spikes could have stood at steps of the season for each in which all stand at the same
	// one, from which on that is a habit.
	sameStep = 10

	// Occasions are regular if the distances between neighbours differ by less than regular of their mean, or, of three
	// occasions, which chance has so more often, by less than regularThree.
	regular, regularThree = 0.25, 0.05

	// year is its length in seconds, and sameDays how many days apart are the same time of the year.
	year, sameDays = 365.25 * 86400, 3.7
)

// occasions returns the first of each run of some places in order, of values of which none is more than near values from the next.
func occasions(places []int) []int {
	var all []int
	for k, i := range places {
		if k == 0 || i-places[k-1] > near {
			all = append(all, i)
		}
	}
	return all
}

// rare reports whether so many spikes are few of all values.
func (x *channel) rare(spikes int) bool {
	return spikes <= min(mostRare, 1+len(x.values)/rareEach)
}

// togetherApart reports whether the first j places in an order by how far values are off, few or all of the same value, are of more
// occasions than the tail of the others, as heavy as the farthest of those have it (Hill 1975), lets one expect so far out.
func (x *channel) togetherApart(off []float64, order []int, j int) bool {
	times := len(occasions(slices.Sorted(slices.Values(order[:j]))))
	end := j + max(few, (len(order)-j)/20) // of the tail
	if times < 2 || !x.rare(j) && !x.same(order[:j]) || end > len(order) {
		return false
	}
	tail := order[j:end]
	least, mean := off[tail[len(tail)-1]], 0.0
	for _, i := range tail {
		mean += math.Log(off[i]/least) / float64(len(tail)-1)
	}
	return math.Log(off[order[j-1]]/off[tail[0]])*float64(times) > -math.Log(tailChance)*mean
}

// returning returns which of some places, in order, have others like them on other occasions, often or by habit. What is
// often the same to all digits is a code.
func (x *channel) returning(places []int) []bool {
	all := make([]bool, len(places))
	var like, last []int
	for k, i := range places {
		like = like[:0]
		for _, j := range places {
			if alike(x.values[i]-x.usual[i], x.values[j]-x.usual[j]) {
				like = append(like, j)
			}
		}
		if k > 0 && slices.Equal(like, last) {
			all[k] = all[k-1]
			continue
		}
		all[k] = len(occasions(like)) > 1 && (!x.rare(len(like)) && !x.same(like) || x.byHabit(like))
		last = append(last[:0], like...)
	}
	return all
}

// same reports whether all values at some places are.
func (x *channel) same(places []int) bool {
	return !slices.ContainsFunc(places, func(i int) bool { return x.values[i] != x.values[places[0]] })
}

// byHabit reports whether what comes on several occasions, at places in order, does so as the calendar has it: at one step of the
// season, in equal distances, at a time of the year, or when the covariates say so.
func (x *channel) byHabit(places []int) bool {
	times := occasions(places)
	return x.meansAll || x.atOneStep(places) || x.inEqualDistances(times) || x.yearly(times) || x.announced(times)
}

// atOneStep reports whether places are all at the same step of the season, which chance seldom has.
func (x *channel) atOneStep(places []int) bool {
	for _, i := range places {
		if (x.steps[x.rows[i]]-x.steps[x.rows[places[0]]])%x.season != 0 {
			return false
		}
	}
	return math.Pow(float64(x.season), float64(len(places)-1)) >= sameStep
}

// inEqualDistances reports whether three occasions or more are evenly apart.
func (x *channel) inEqualDistances(times []int) bool {
	if len(times) < 3 {
		return false
	}
	least, most, mean := math.Inf(1), 0.0, 0.0
	for k := 1; k < len(times); k++ {
		d := float64(x.steps[x.rows[times[k]]] - x.steps[x.rows[times[k-1]]])
		least, most, mean = min(least, d), max(most, d), mean+d/float64(len(times)-1)
	}
	if len(times) == 3 {
		return most-least < regularThree*mean
	}
	return most-least < regular*mean
}

// yearly reports whether most occasions have another at the same time of another year.
func (x *channel) yearly(times []int) bool {
	if x.dates == nil {
		return false
	}
	again := 0
	for _, i := range times {
		if slices.ContainsFunc(times, func(j int) bool {
			years := math.Abs(x.dates[x.rows[i]]-x.dates[x.rows[j]]) / year
			whole := math.Round(years)
			return whole > 0 && math.Abs(years-whole)*year < sameDays*86400
		}) {
			again++
		}
	}
	return 2*again > len(times)
}

// announced reports whether on most occasions a covariate that is known ahead has a value that it seldom has.
func (x *channel) announced(times []int) bool {
	if x.unusual == nil {
		return false
	}
	unusual, told := x.unusual(), 0
	for _, i := range times {
		if unusual(x.rows[i]) {
			told++
		}
	}
	return 2*told > len(times)
}

// seldom is the part of the times at which a covariate has values that it seldom has, those farthest from its median.
const seldom = 0.1

// unusualIn returns at which rows of a series a covariate that is known ahead has a value that it seldom has.
func unusualIn(p *series.Panel, s *series.Series) func(row int) bool {
	k := len(p.Known)
	var off [][]float64 // of each covariate from its median
	var bounds []float64
	for l := len(p.Static); l < k; l++ {
		d := series.Column(s.Known.Values, l, k)
		m := robust.Median(d)
		for t, v := range d {
			d[t] = math.Abs(v - m)
		}
		sorted := slices.Clone(d)
		slices.Sort(sorted)
		off, bounds = append(off, d), append(bounds, sorted[int((1-seldom)*float64(len(d)-1))])
	}
	return func(row int) bool {
		t := sort.SearchFloat64s(s.Known.Times, s.Times[row])
		if t == len(s.Known.Times) || s.Known.Times[t] > s.Times[row] {
			t--
		}
		for l, d := range off {
			if t >= 0 && d[t] > bounds[l] {
				return true
			}
		}
		return false
	}
}
