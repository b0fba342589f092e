package modelfile

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"tsgen/forecast"
	"tsgen/internal/strictjson"
	"tsgen/series"
)

// Format is the newest version of the format, which Write writes where the one before
// has no room: a file of many series.
const Format = 3

// A File is the content of a model file.
type File struct {
	// State is the fitted model. Its options are a JSON document or nil, its
	// tensors finite and not named "history.…".
	forecast.State

	// Format is the version of the format. Read sets it; Write ignores it.
	Format int

	Version string // the tsgen that fitted the model
	Seed    uint64 // of the fit

	// Season and Horizon are those of the fit in steps, 1 to 2^24. Zeros are
	// written as what a fit to the history takes them for: the usual season of its
	// step, and forecast.DefaultHorizon.
	Season, Horizon int

	// Outliers says what becomes of outliers before the model sees series, in its fit
	// and in its forecasts.
	Outliers forecast.Outliers

	// Domains are those of the channels, to which forecasts are confined; nil if they are to
	// be seen in the series.
	Domains []forecast.Domain

	// Fingerprint is that of the series that the model was fitted to (see
	// series.Panel.Fingerprint).
	Fingerprint string

	// History holds the series that are continued when no others are given:
	// at least one, each with at least one time.
	History *series.Panel

	// Scores are the results of the examination that the model passed through,
	// its own and those of the models that it was compared with.
	Scores []ModelScore

	// Calibration corrects the forecasts; nil if there is none.
	Calibration *forecast.Calibration

	// Training says what a fit was in the middle of whose training, which State
	// holds, has not come to its end; else it is nil.
	Training *Training
}

// A Training is what it takes to go on with a fit, beside the state of the model
// in training.
type Training struct {
	Phase string            `json:"phase"`         // which of the trainings of the fit it is
	Set   map[string]string `json:"set,omitempty"` // options of the model that were named

	// Refit and Calibrate are the choices of the fit of these names.
	Refit     bool `json:"refit,omitempty"`
	Calibrate bool `json:"calibrate,omitempty"`

	From string `json:"from,omitempty"` // model file with whose weights it began, if with one's
}

// A ModelScore holds the scores of one model by name. Scores that are not
// defined are NaN.
type ModelScore struct {
	Model  string
	Scores map[string]float64
}

// maxSteps bounds seasons and horizons.
const maxSteps = 1 << 24

// The arrays of the history.
const (
	historyPrefix = "history."
	historySeries = historyPrefix + "series"
	historyTimes  = historyPrefix + "times"
	historyValues = historyPrefix + "values"
	knownTimes    = historyPrefix + "known.times"
	knownValues   = historyPrefix + "known.values"
)

// check says what a file, read or to be written, lacks.
func (f *File) check() error {
	switch {
	case f.Kind == "":
		return errors.New("the model has no kind")
	case f.Options != nil && strictjson.Check(f.Options) != nil:
		return fmt.Errorf("the model's options are not JSON: %w", strictjson.Check(f.Options))
	case f.Season < 1 || f.Season > maxSteps:
		return fmt.Errorf("season is %d, want 1 to %d", f.Season, maxSteps)
	case f.Horizon < 1 || f.Horizon > maxSteps:
		return fmt.Errorf("horizon is %d, want 1 to %d", f.Horizon, maxSteps)
	case f.Outliers != forecast.LimitOutliers && f.Outliers != forecast.KeepOutliers:
		return fmt.Errorf("outliers are to be %q, want %q or nothing said", f.Outliers, forecast.KeepOutliers)
	case f.History == nil || len(f.History.Series) == 0:
		return errors.New("no history")
	}
	if f.Domains != nil && len(f.Domains) != f.History.Width() {
		return fmt.Errorf("domains of %d channels, of which there are %d", len(f.Domains), f.History.Width())
	}
	for _, d := range f.Domains {
		if err := d.Validate(); err != nil {
			return err
		}
	}
	if f.Calibration != nil {
		if err := f.Calibration.Validate(); err != nil {
			return err
		}
	}
	for _, t := range f.Tensors {
		if strings.HasPrefix(t.Name, historyPrefix) {
			return fmt.Errorf("tensor %q: names with %q are those of the history", t.Name, historyPrefix)
		}
		for i, v := range t.Data {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Errorf("tensor %q: value %d is %v", t.Name, i, v)
			}
		}
	}
	return checkHistory(f.History)
}

// checkHistory says what is wrong with the panel beyond what its own Validate
// would see: what its texts, its axis and its step must be for others to rely
// on them.
func checkHistory(p *series.Panel) error {
	if err := p.Validate(); err != nil {
		return fmt.Errorf("history: %w", err)
	}
	named := func(s string) error {
		if !utf8.ValidString(s) {
			return fmt.Errorf("history: the name %q is not UTF-8 text", s)
		}
		return nil
	}
	for _, s := range p.Series {
		if s.Len() == 0 {
			return fmt.Errorf("history: series %q has no times", s.ID)
		}
		if err := named(s.ID); err != nil {
			return err
		}
		if err := checkStep(s.Step, p.Axis.Calendar()); err != nil {
			return fmt.Errorf("history: series %q: %w", s.ID, err)
		}
	}
	for _, s := range slices.Concat([]string{p.IDColumn, p.TimeColumn, p.Axis.Layout}, p.Channels, p.Known) {
		if err := named(s); err != nil {
			return err
		}
	}
	if err := checkAxis(p.Axis); err != nil {
		return fmt.Errorf("history: %w", err)
	}
	if err := checkLayout(p.Axis); err != nil {
		return fmt.Errorf("history: %w", err)
	}
	if err := checkStep(p.Step, p.Axis.Calendar()); err != nil {
		return fmt.Errorf("history: %w", err)
	}
	return nil
}

const day = 86400 // seconds

func checkAxis(a series.Axis) error {
	possible := func(offset int) bool { return -day < offset && offset < day }
	if !possible(a.Offset) {
		return fmt.Errorf("a zone of %d seconds", a.Offset)
	}
	for i, z := range a.Earlier {
		switch {
		case !possible(z.Offset):
			return fmt.Errorf("a zone of %d seconds", z.Offset)
		case math.IsNaN(z.Until) || math.IsInf(z.Until, 0), i > 0 && z.Until <= a.Earlier[i-1].Until:
			return fmt.Errorf("zone %d until %v, out of order", i, z.Until)
		}
	}
	return nil
}

// checkLayout says so if stamps on the axis do not tell years apart, or have control
// characters other than the tabs between the columns of a stamp.
func checkLayout(a series.Axis) error {
	const earlier, later = 915148800, 978307200 // the beginnings of 1999 and 2001
	control := func(r rune) bool { return r != '\t' && unicode.IsControl(r) }
	if a.Stamp(earlier) == a.Stamp(later) || strings.ContainsFunc(a.Layout, control) {
		return fmt.Errorf("the layout %q does not write times that can be read", a.Layout)
	}
	return nil
}

func checkStep(s series.Step, calendar bool) error {
	if !s.Regular() {
		return nil
	}
	units, ofCalendar := 0, 0
	if s.Width != 0 {
		units++
	}
	for _, set := range []bool{s.Days != 0, s.Months != 0, s.MonthDays != 0, s.Fiscal, s.Close == 0 && (s.BusinessDay || s.Weekdays != 0)} {
		if set {
			units++
			ofCalendar++
		}
	}
	if s.Close != 0 {
		ofCalendar++
	}
	switch {
	case units != 1:
		return fmt.Errorf("the step %+v is set in %d ways, want one", s, units)
	case ofCalendar > 0 && !calendar:
		return fmt.Errorf("the step %+v is one of the calendar, but the times are not", s)
	case s.Width < 0 || math.IsNaN(s.Width) || math.IsInf(s.Width, 0),
		s.Days < 0 || s.Days > maxSteps, s.Months < 0 || s.Months > maxSteps:
		return fmt.Errorf("the step %+v is out of range", s)
	case s.BusinessDay && s.Weekdays != 0, s.Weekdays >= 1<<7, s.MonthDays >= 1<<31, s.Workday < -1 || s.Workday > 1:
		return fmt.Errorf("the step %+v has no such days", s)
	case s.Close != 0 && !(s.Anchor < s.Close && s.Close < day && s.Width > 0 && s.Width <= s.Close-s.Anchor):
		return fmt.Errorf("the step %+v has no such part of the day", s)
	case s.Fiscal && s.Anchor >= 0 && s.Anchor < 91*day: // of 13 weeks
	case !(s.Anchor >= 0 && s.Anchor < 31*day):
		return fmt.Errorf("the step's anchor is %v, want 0 to 31 days in seconds", s.Anchor)
	}
	return nil
}
