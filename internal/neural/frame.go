package neural

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"tsgen/forecast"
	"tsgen/internal/decades"
	"tsgen/internal/extent"
	"tsgen/internal/moments"
	"tsgen/internal/support"
	"tsgen/models/density"
	"tsgen/series"
)

// A Frame is what a model knows of the panel that it was fitted to, beside what
// its family decides.
type Frame struct {
	Channels []string    `json:"channels"`
	Step     series.Step `json:"step"`
	Axis     series.Axis `json:"axis"`
	ID       string      `json:"id,omitempty"`
	Time     string      `json:"time"`
	Start    float64     `json:"start"`  // the first time of all
	Length   int         `json:"length"` // steps or observations of the median series, 0 if that is not known
	Season   int         `json:"season"` // steps, 1 for none

	// Lengths are those of all series where they differ, nil also in files that don't know them.
	Lengths extent.Lengths `json:"lengths,omitempty"`

	// Starts are the coordinates at which series of irregular times begin, where generated ones begin as they do.
	Starts []float64 `json:"starts,omitempty"`

	// Period is that of the season in steps if it is not a whole number, Long that of a
	// longer one beside it; 0 if there is none.
	Period float64 `json:"period,omitempty"`
	Long   float64 `json:"longSeason,omitempty"`

	Horizon int `json:"horizon"`

	// Gap is the median distance between the steps or observations of a series
	// in the coordinate of Coordinate.
	Gap float64 `json:"gap"`

	// Decades, if not nil, is the clock of series whose times are of many magnitudes, by which their
	// coordinates go.
	Decades *decades.Clock `json:"decades,omitempty"`

	// Gaps are distances between observations as they follow each other, from which
	// those of generated series are drawn; nil where steps are regular, and in files that
	// don't know them.
	Gaps []float64 `json:"gaps,omitempty"`

	// Firsts are the places in Gaps where those of a series begin, nil where series are few, and in files
	// that don't know them.
	Firsts []int `json:"gapsFrom,omitempty"`

	// Known names the covariates that are known ahead, KnownScaling brings them
	// to a common level and scale.
	Known        []string        `json:"known,omitempty"`
	KnownScaling *series.Scaling `json:"knownScaling,omitempty"`

	// Effects are those of the scaled known covariates on the values of records,
	// channels×covariates, of families that have a part for them; nil in files that
	// don't know it.
	Effects []float64 `json:"effects,omitempty"`

	// Linear says that there is nothing to the covariates but Effects.
	Linear bool `json:"linear,omitempty"`

	// Log tells the channels that are modelled by their logarithm; the scaling
	// is the panel's mean and deviation per channel after that, Usual the usual
	// deviation of a series from its own mean, nil in files that don't know it.
	Log []bool `json:"log"`
	series.Scaling
	Usual []float64 `json:"usual,omitempty"`

	// Support says which values each channel takes, nil in files that don't know it.
	Support []support.Channel `json:"support,omitempty"`

	// Bank holds the means and scales of training windows, from which those of
	// generated ones are drawn; see FillBank.
	Bank [][]float64 `json:"bank,omitempty"`
	// Levels says how the levels of windows of generated series return to the usual one, nil where that
	// is not known.
	Levels *LevelLaw `json:"levels,omitempty"`
	// Wholes says that many short series were learned from, which tell how series as long go from their
	// beginning to their end.
	Wholes bool `json:"wholes,omitempty"`
}

// A Level is a way to bring values to a common level and scale.
type Level string

// The ways to bring values to a common level and scale.
const (
	LevelAuto   Level = ""
	LevelWindow Level = "window" // each window's own mean and deviation are taken out and put back
	LevelPanel  Level = "panel"  // those of the whole training panel
)

// Check returns an error if l is none.
func (l Level) Check() error {
	switch l {
	case LevelAuto, LevelWindow, LevelPanel:
		return nil
	}
	return fmt.Errorf("option level is %q, want %q or %q", l, LevelWindow, LevelPanel)
}

// A Transform is what is done to values before all else.
type Transform string

// The transforms.
const (
	TransformAuto Transform = "" // the logarithm of positive values where that is likelier to serve
	TransformNone Transform = "none"
	TransformLog  Transform = "log" // of positive values
)

// Check returns an error if t is none.
func (t Transform) Check() error {
	switch t {
	case TransformAuto, TransformNone, TransformLog:
		return nil
	}
	return fmt.Errorf("option transform is %q, want %q or %q", t, TransformNone, TransformLog)
}

// A Reading says how series are made records.
type Reading struct {
	// Family is the distribution of the observations, whose domain values must
	// lie in.
	Family density.Family

	// Logarithm has every channel modelled by its logarithm.
	Logarithm bool

	// Followed has a clock of decades go as time does for as long as a solver can follow it.
	Followed bool

	// Grid has records hold all steps of a regular panel's grid, and not the
	// observations alone.
	Grid bool

	// Effects has the effects of known covariates learned, and Less has records without
	// them.
	Effects, Less bool
}

// LeastLength is the number of steps or observations that a series must have to
// be learned from, MaxLength the most that are generated or forecast.
const (
	LeastLength = 4
	MaxLength   = 100_000
)

// ManySeries is the number of series from which on a panel tells what is common
// to all, so that whole series may be held back.
const ManySeries = 20

// ShortSeries is the number of steps up to which each of many series may be learned as a whole.
const ShortSeries = 128

// NewFrame returns the frame of a panel and the series that a model can learn
// from. The options decide the horizon and the season where they name them.
//
// The error wraps forecast.ErrTooShort if no series is long enough, and
// forecast.ErrMismatch if times are off the grid or the distribution does not
// treat a value.
func NewFrame(train *series.Panel, opt forecast.FitOptions, how Reading, transform Transform) (*Frame, []Record, error) {
	if train == nil || train.Width() == 0 || len(train.Series) == 0 {
		return nil, nil, fmt.Errorf("%w: the panel has no series or no channel", forecast.ErrTooShort)
	}
	if opt.Horizon < 0 || opt.Season < 0 {
		return nil, nil, fmt.Errorf("horizon %d and season %d must not be negative", opt.Horizon, opt.Season)
	}
	f := &Frame{
		Channels: slices.Clone(train.Channels), Step: train.Step, Axis: train.Axis,
		ID: train.IDColumn, Time: train.TimeColumn, Start: math.Inf(1),
		Season: max(1, cmp.Or(opt.Season, train.Season())),
		Known:  slices.Clone(train.Known), KnownScaling: train.KnownScaling(), Decades: decades.New(train),
	}
	if how.Followed && f.Decades != nil {
		f.Decades.Slow(train)
	}
	if how.Grid && !f.Step.Regular() {
		f.Season = 1 // it is counted in steps
	}
	f.chooseSeasons(train.SeasonsBeside(opt.Season))
	f.chooseLogarithms(train, how, transform)
	var records []Record
	var gaps []float64
	var each [][]float64
	var lengths []int
	for _, s := range train.Series {
		if s.Len() > 0 {
			f.Start = min(f.Start, s.Times[0])
		}
		if s.Len() < LeastLength || s.Observed() == 0 {
			continue
		}
		r, err := f.Record(train, s, how)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", forecast.Describe(s.ID), err)
		}
		from := len(gaps)
		for j := 1; j < len(r.U); j++ {
			gaps = append(gaps, r.U[j]-r.U[j-1])
		}
		each = append(each, gaps[from:])
		records, lengths = append(records, r), append(lengths, len(r.U))
	}
	if len(records) == 0 {
		return nil, nil, fmt.Errorf("%w: no series has %d observation times and a value", forecast.ErrTooShort, LeastLength)
	}
	f.learnGaps(each)
	f.learnStarts(records)
	gaps = slices.Sorted(slices.Values(gaps))
	slices.Sort(lengths)
	if f.Gap = gaps[len(gaps)/2]; how.Grid && f.Step.Regular() {
		f.Gap = 1
	}
	median := lengths[len(lengths)/2]
	f.Length = min(median, MaxLength)
	f.Lengths = extent.Of(train, MaxLength)
	f.Wholes = len(records) >= ManySeries && f.Length <= ShortSeries
	f.Horizon = cmp.Or(opt.Horizon, forecast.UsualHorizon(median, f.Season, f.Step.Regular()))
	if how.Effects && how.Family.Domain() == density.Real {
		f.learnEffects(records)
		for i := range records {
			f.prepare(&records[i], how)
		}
	}
	f.measure(records, how)
	return f, records, nil
}

// chooseSeasons keeps of the periods of a panel's seasons what the number of steps in the
// shortest does not say.
func (f *Frame) chooseSeasons(periods []float64) {
	if f.Season < 2 {
		return
	}
	if len(periods) > 0 && periods[0] != math.Trunc(periods[0]) {
		f.Period = periods[0]
	}
	if len(periods) > 1 && periods[1] <= MaxSeason {
		f.Long = periods[1]
	}
}

// LongLag returns the whole number of steps in the longer season, 0 if there is none.
func (f *Frame) LongLag() int { return int(math.Round(f.Long)) }

// chooseLogarithms says for each channel whether its logarithm is modelled: if
// all values are positive and, unless the logarithm was asked for, that is
// likelier than not to serve.
func (f *Frame) chooseLogarithms(train *series.Panel, how Reading, transform Transform) {
	f.Log = slices.Repeat([]bool{how.Logarithm}, train.Width())
	if how.Logarithm || transform == TransformNone || how.Family.Domain() != density.Real {
		return
	}
	lag := 1
	if f.Step.Regular() {
		lag = f.Season
	}
	for j := range f.Log {
		positive, likelier := train.LogarithmFits(j, lag)
		f.Log[j] = positive && (likelier || transform == TransformLog)
	}
}

// measure sets the panel's mean and deviation: of positive values the latter
// alone, and of counts and binary values neither.
func (f *Frame) measure(records []Record, how Reading) {
	var values []float64
	var each [][]float64
	for _, r := range records {
		values, each = append(values, r.X...), append(each, r.X)
	}
	c := len(f.Channels)
	f.Usual = moments.Usual(each, c)
	f.Scaling = series.FitScaling(values, c, 0)
	domain := how.Family.Domain()
	if how.Logarithm || domain == density.Real {
		return
	}
	for j := range c {
		f.Center[j] = 0
		if domain != density.Positive {
			f.Scale[j] = 1
		}
	}
}

// LearnSupport learns which values the channels of a panel take, for those families
// that generate.
func (f *Frame) LearnSupport(train *series.Panel) { f.Support = support.Of(train) }

// usual returns the usual deviation of channel j, 0 if it is not known.
func (f *Frame) usual(j int) float64 {
	if f.Usual == nil {
		return 0
	}
	return f.Usual[j]
}

// Three seasons are the usual context up to longContext steps, one of a longer season, and
// longestContext whatever the season.
const longContext, longestContext = 336, 1024

// Context returns how many steps or observations of a number of series a model
// is told at most, and whether whole series are to be held back, given what the
// user asks for, 0 for three seasons, one of a long season, or two horizons, whichever is
// longer.
//
// Series must have room for a context, some origins and two horizons, one to
// train on and one to hold back; short ones of many have it if others are held
// back, and so are those for which series says so.
func (f *Frame) Context(asked, count int, series bool) (context int, holdSeries bool) {
	usual := min(3*f.Season, max(f.Season, longContext), longestContext)
	context = cmp.Or(asked, max(2*f.Horizon, usual))
	room := f.Length - 2*f.Horizon - max(1, f.Length/8)
	if holdSeries = series || count >= ManySeries && room < context; holdSeries {
		room = f.Length - f.Horizon
	}
	return max(2, min(context, room)), holdSeries
}

// Accepts says why a model of the frame cannot treat the panel: the error wraps
// forecast.ErrMismatch.
func (f *Frame) Accepts(panel *series.Panel) error {
	switch {
	case panel == nil:
		return fmt.Errorf("%w: there is no panel", forecast.ErrMismatch)
	case !slices.Equal(panel.Channels, f.Channels):
		return fmt.Errorf("%w: it learned the channels %v, the data have %v", forecast.ErrMismatch, f.Channels, panel.Channels)
	case !slices.Equal(panel.Known, f.Known):
		return fmt.Errorf("%w: it learned the known covariates %q, the data have %q", forecast.ErrMismatch, f.Known, panel.Known)
	case !panel.Step.Same(f.Step) || panel.Axis.Calendar() != f.Axis.Calendar():
		return fmt.Errorf("%w: it learned times that are %s, those of the data are %s",
			forecast.ErrMismatch, f.Step.Describe(f.Axis.Calendar()), panel.Step.Describe(panel.Axis.Calendar()))
	}
	return nil
}

// Coordinate returns that of a time, see series.Panel, or what the clock of decades shows then.
func (f *Frame) Coordinate(p *series.Panel, t float64) float64 { return f.Decades.At(p.Coordinate(t)) }

// TimeAt is the inverse of Coordinate.
func (f *Frame) TimeAt(p *series.Panel, u float64) float64 { return p.TimeAt(f.Decades.Time(u)) }

// Restore undoes the transform of a value of channel j.
func (f *Frame) Restore(j int, x float64) float64 {
	if f.Log[j] {
		return math.Exp(x)
	}
	return x
}

// AppendWaves appends the place of the coordinate u in the season and in the longer one, if
// there are any: sine and cosine of their harmonics, but of no more than most and longMost.
func (f *Frame) AppendWaves(dst []float64, u float64, most, longMost int) []float64 {
	m := cmp.Or(f.Period, float64(f.Season))
	dst = appendWaves(dst, u, m, min(f.Season/2, most))
	return appendWaves(dst, u, f.Long, min(int(f.Long/2), longMost))
}

// Waves returns the number of values that AppendWaves appends.
func (f *Frame) Waves(most, longMost int) int {
	return 2 * (min(f.Season/2, most) + min(int(f.Long/2), longMost))
}

func appendWaves(dst []float64, u, m float64, harmonics int) []float64 {
	for h := 1; h <= harmonics; h++ {
		s, c := math.Sincos(2 * math.Pi * float64(h) * (u/m - math.Floor(u/m)))
		dst = append(dst, s, c)
	}
	return dst
}

// LogJacobian returns the logarithm of the density of the values of a record in
// the unit of the data over that in units of the panel's scale, and the number of
// the values that are there.
func (f *Frame) LogJacobian(r *Record) (sum float64, values int) {
	for k, v := range r.X {
		if math.IsNaN(v) {
			continue
		}
		values++
		j := k % len(f.Channels)
		sum -= math.Log(f.Scale[j])
		if f.Log[j] {
			sum -= f.whole(r, r.U[k/len(f.Channels)], j, v) // of the logarithm of the value, whose derivative is its inverse
		}
	}
	return sum, values
}

// Bounds of the sizes that a stored model may have.
const (
	MaxWidth  = 1 << 12
	MaxSeason = 1 << 20
)

// Check says what is wrong with a frame that was read.
func (f *Frame) Check() error {
	c := len(f.Channels)
	switch {
	case c == 0 || c > MaxWidth:
		return fmt.Errorf("%d channels", c)
	case f.Horizon < 1 || f.Season < 0 || f.Season > MaxSeason ||
		!(f.Period >= 0 && f.Period <= MaxSeason && f.Long >= 0 && f.Long <= MaxSeason) || f.Length < 0 || f.Length > MaxLength:
		return fmt.Errorf("horizon %d, seasons %d, %v and %v, length %d", f.Horizon, f.Season, f.Period, f.Long, f.Length)
	case (f.KnownScaling != nil) != (len(f.Known) > 0) || len(f.Known) > MaxWidth,
		f.KnownScaling != nil && (len(f.KnownScaling.Center) != len(f.Known) || len(f.KnownScaling.Scale) != len(f.Known)):
		return fmt.Errorf("%d known covariates, but other numbers of entries for them", len(f.Known))
	case f.Linear && f.Effects == nil, f.Effects != nil && len(f.Effects) != c*len(f.Known):
		return fmt.Errorf("%d effects of %d known covariates on %d channels", len(f.Effects), len(f.Known), c)
	case !slices.IsSorted(f.Firsts) || len(f.Firsts) > 0 && (f.Firsts[0] < 0 || f.Firsts[len(f.Firsts)-1] >= len(f.Gaps)):
		return fmt.Errorf("%d series among %d gaps", len(f.Firsts), len(f.Gaps))
	case f.Usual != nil && len(f.Usual) != c:
		return fmt.Errorf("%d channels, but the usual deviations of %d", c, len(f.Usual))
	case len(f.Log) != c || len(f.Center) != c || len(f.Scale) != c:
		return fmt.Errorf("%d channels, but %d, %d and %d entries for them", c, len(f.Log), len(f.Center), len(f.Scale))
	}
	if err := cmp.Or(support.Check(f.Support, c), f.checkBank(), f.Levels.check(c), f.Lengths.Check(MaxLength), f.Decades.Check()); err != nil {
		return err
	}
	known := series.Scaling{}
	if f.KnownScaling != nil {
		known = *f.KnownScaling
	}
	return cmp.Or(
		Positive(slices.Concat([]float64{f.Gap}, f.Gaps, f.Scale, known.Scale)...),
		Finite(slices.Concat([]float64{f.Start}, f.Starts, f.Center, f.Usual, f.Effects, known.Center)...))
}

// Positive returns an error if one of x is not a positive number.
func Positive(x ...float64) error {
	for _, v := range x {
		if !(v > 0) || math.IsInf(v, 1) {
			return fmt.Errorf("%v where a positive number is needed", v)
		}
	}
	return nil
}

// Finite returns an error if one of x is not a number.
func Finite(x ...float64) error {
	for _, v := range x {
		if math.IsNaN(v - v) {
			return fmt.Errorf("%v where a number is needed", v)
		}
	}
	return nil
}
