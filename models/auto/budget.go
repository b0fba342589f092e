package auto

// A Cost is an estimate of the work of a model on a panel, in seconds of one core of a
// server of 2020. It is counted by the size of the data, so that it is the same on
// every machine; bench/effort holds it against the clock.
type Cost struct {
	Fit      float64 // of the fit, but for the updates
	Forecast float64 // of all series, from one origin
	Update   float64 // of one update; zero of models that are not trained step by step
	Updates  int     // that the model makes at most by itself
}

// examination returns the cost of an examination from so many origins, with as many
// updates as the model makes by itself.
func (c Cost) examination(windows int) float64 {
	return c.Fit + float64(c.Updates)*c.Update + float64(windows)*c.Forecast
}

// Work of a choice and the fit that follows.
const (
	LowWork    = 10.
	NormalWork = 100.
	HighWork   = 500.
)

// How the work is shared out: what examinations of models in closed form may cost, and
// what all of them may; the rest is for the fit of the choice. What is cheap is examined
// whatever else is.
const (
	closedShare   = 0.4
	examinedShare = 0.75
	cheapShare    = 0.01
)

// What is chosen is fitted to all series, and forecasts them. A candidate may cost wholeWork times the work
// there, or wholeSpread times as much as the cheapest does.
const wholeWork, wholeSpread = 3, 50

// What is examined of what is too much.
const (
	// Origins are so many that records times the series are, and a number of half
	// horizons apart at most.
	fewestOrigins, mostOrigins = 4, 10
	records, farthest          = 80, 7

	// leastPart is the part of the time before the last origin of an irregular series that it has before the first, at least.
	leastPart = 0.5

	// early is the part of the time in which half of the observations come at least unless they thin out.
	early = 1. / 3

	// stretches is the number of parts of the horizon: of few series the first one, two, ... of
	// them are forecast, too, from as far before the end.
	stretches = 4

	// firstOrigins and firstSeries are those of a first look, fewestSeries of those that
	// remain.
	firstOrigins = 2
	firstSeries  = 16
	fewestSeries = 24

	// hopeless is how many times the least loss a model may have at most to go on, and to
	// be part of a blend.
	hopeless = 1.6

	// mostRemaining is the number of models that go on from it at most.
	mostRemaining = 8

	// leastRows is what is seen at least of a series of which not all is, which is also so
	// many horizons or longest seasons.
	leastRows   = 1500
	rowHorizons = 12
	rowSeasons  = 3
)

// tolerated is the part of a model's forecasts that may leave what the past of their series
// supports: a blend goes without it in such series. One of onceTolerated may, for its loss tells.
const tolerated, onceTolerated = 0.01, 20

// leastSeen is the number of values of a channel without which nothing is chosen.
const leastSeen = 4

// leastBefore is the number of times before the first origin without which forecasts from there
// tell nothing of how wide those of the whole past should be, where laws do (forecast.Calibration.Laws).
const leastBefore = 12

// When models are trained.
const (
	// leastObserved is the number of observations that a panel must have for
	// models that are trained, and leastHorizons the median length of its
	// series in horizons. From briefObserved and briefHorizons on those are that cost no more
	// than briefShare of the work.
	leastObserved, briefObserved = 100, 60
	leastHorizons, briefHorizons = 5, 4
	briefShare                   = 0.2

	// leastUpdates is the part of its updates without which a model is not trained.
	leastUpdates = 0.1

	// mostTrainings is how many times a model is trained that was chosen for few series, where one training says more
	// of its seed.
	mostTrainings = 3
)
