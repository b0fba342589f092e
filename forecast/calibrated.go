package forecast

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"tsgen/series"
)

// Calibrated is a model whose forecasts are corrected by what it would have
// forecast in the past of the panel that it is fitted to. Fit examines the model
// from several origins there and learns a Calibration, then fits the model to
// everything.
type Calibrated struct {
	// New returns the model to fit. It must be set.
	New func() Model

	// Refit has the model fitted again for every origin, as in
	// BacktestOptions.
	Refit bool

	// Alone, if not nil, reports whether what the model forecasts of each series of a panel depends
	// on that series alone, and its Fit learns nothing. Past forecasts of many such are made some series at a
	// time, without Refit, and what they say is all that is held of them.
	Alone func(history *series.Panel) bool

	model       Model
	calibration *Calibration
}

// Name returns the name of the model.
func (m *Calibrated) Name() string {
	if m.model != nil {
		return m.model.Name()
	}
	return m.New().Name()
}

// Fit implements Model. Where the panel is too short to look back, its intervals are as wide as its
// series go together (Calibration.Laws), if they are many; else the forecasts stay as they are.
func (m *Calibrated) Fit(ctx context.Context, train *series.Panel, opt FitOptions) error {
	// What past forecasts were off by is learned as models see the past: an absurd
	// value or a break that is over says nothing of what comes.
	train, _ = opt.Outliers.Seen(train, opt.Season)
	opt.Outliers = KeepOutliers
	calibration, err := m.learn(ctx, train, opt)
	if err != nil {
		return err
	}
	model := m.New()
	if err := model.Fit(ctx, train, opt); err != nil {
		return err
	}
	m.model, m.calibration = model, calibration
	return nil
}

func (m *Calibrated) learn(ctx context.Context, train *series.Panel, opt FitOptions) (*Calibration, error) {
	season := cmp.Or(opt.Season, train.Season())
	c, err := m.learnBack(ctx, train, opt, season)
	if err != nil || opt.Horizon < 1 {
		return c, err
	}
	return c.WithLaws(train, opt.Horizon, season), nil
}

// learnBack returns what past forecasts say, nil if the panel is too short.
func (m *Calibrated) learnBack(ctx context.Context, train *series.Panel, opt FitOptions, season int) (*Calibration, error) {
	windows, step, ahead := CalibrationWindows(train, opt.Horizon, season)
	if windows == 0 {
		return nil, nil
	}
	begun, windows := Begun(train, ahead, windows, step, season)
	width := train.Width()
	train = train.WithChannels(begun)
	b := &backtest{unscored: true, opt: BacktestOptions{
		Horizon: ahead, Refit: m.Refit,
		Season: season, Outliers: KeepOutliers, Samples: 300, Seed: opt.Seed, TimeLimit: opt.TimeLimit,
	}}
	room := opt.Scratch.Beside()
	defer room.Close() // of a file that has no name any more
	var seen []originResiduals
	var apart float64
	var err error
	if parts := m.parts(train, ahead, windows, step); parts != nil {
		seen, apart, err = m.learnInParts(ctx, parts, b, opt, room)
	} else {
		if b.origins, err = RollingOrigins(train, ahead, windows, step); err != nil {
			return nil, nil // too short
		}
		b.candidates = []Candidate{{Name: "model", New: m.New}}
		var report *Report
		if report, err = b.run(ctx); err == nil {
			seen, apart, err = report.Models[0].residuals(b.origins, scalesOf(b.origins)), Apart(b.origins), report.Models[0].Err
		}
	}
	if cannot(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("calibration: %w", err)
	}
	c := calibrate(seen, apart)
	if c != nil && ahead < opt.Horizon {
		c.Bounds = nil // which are of fewer steps
	}
	return c.ForChannels(begun, width), nil
}

// Forecast implements Model.
func (m *Calibrated) Forecast(ctx context.Context, history *series.Panel, opt Options) (*Forecast, error) {
	if m.model == nil {
		return nil, ErrNotFitted
	}
	seen, _ := opt.Outliers.Seen(history, opt.Season)
	opt.Outliers = KeepOutliers
	f, err := continueFree(ctx, m.model, seen, opt)
	if err != nil {
		return nil, err
	}
	if len(f.Series) != len(history.Series) {
		return nil, errors.New("forecast: the model forecast another number of series")
	}
	return Confine(m.calibration.Apply(f, seen), history, opt.Domains), nil
}

// Unwrap returns the model that was fitted, nil before Fit.
func (m *Calibrated) Unwrap() Model { return m.model }

// Calibration returns what was learned, nil if the panel was too short.
func (m *Calibrated) Calibration() *Calibration { return m.calibration }

// CalibrationWindows returns how many origins a calibration for the given
// horizon looks back to, how many steps apart, and how many steps ahead: the more origins the fewer
// series there are, from 4 to 10 unless the series are short, and half a horizon apart, or a whole one where that is a season
// and there is room for as many, so that they are at the step of the season at which the series end.
// Series of the median length keep half of their times, and two seasons, before
// the first of them. Where there is no room for that, but many series, it looks fewer steps
// ahead, at least half the horizon if that leaves two seasons before, or else one, and as few as
// four if neither does. The number is zero if there is room for none, or for a horizon of zero.
func CalibrationWindows(p *series.Panel, horizon, season int) (windows, step, ahead int) {
	if horizon < 1 || len(p.Series) == 0 {
		return 0, 0, 0
	}
	step = (horizon + 1) / 2
	records := len(p.Series) * p.Width()
	if room := roomToLookBack(p, horizon, season); room >= 0 {
		const all = 40
		windows = min(max(4, min(10, all/records)), 1+room/step)
		if season == horizon && (windows-1)*season <= room {
			step = season
		}
		return windows, step, horizon
	}
	if records < manyRecords {
		return 0, step, horizon
	}
	n := medianLength(p)
	for _, least := range []int{(horizon + 1) / 2, leastAhead} {
		for _, seen := range []int{2*season + 1, season + 1} {
			seen = max(seen, leastSeen)
			if ahead = min(horizon, n-seen); ahead >= max(least, leastAhead) {
				step = (ahead + 1) / 2
				return min(4, 1+(n-seen-ahead)/step), step, ahead
			}
		}
	}
	return 0, step, horizon
}

// roomToLookBack returns how many steps are left, if any, when series of the median length keep half of their times, and
// two seasons, before a horizon.
func roomToLookBack(p *series.Panel, horizon, season int) int {
	n := medianLength(p)
	return n - max(n/2, 2*season+1) - horizon
}

const (
	manyRecords = 20 // that tell of short series what one by itself does not
	leastSeen   = 12 // times before the first origin; how wide models are of fewer says little of how wide they are of more
	leastAhead  = 4  // steps that are looked ahead from where as many seasons were seen
)
