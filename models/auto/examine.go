package auto

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"tsgen/forecast"
	"tsgen/series"
)

// choosing is a choice under way.
type choosing struct {
	panel         *series.Panel
	opt           Options
	candidates    []Candidate
	deadline      time.Time // zero for none
	windows, step int

	seen    *series.Panel // what is examined
	tried   []tried       // by candidate
	spent   float64
	started int // examinations
}

// tried is what is known of a candidate.
type tried struct {
	name     string
	updates  int
	rows     int // of the end of a series that it sees; zero for all
	medianOf []string
	report   *forecast.Report // of the forecasts as they are, of this candidate alone
	tested   forecast.Tested  // with calibrated forecasts
	late     []float64        // losses from the late origins
	err      error
	first    float64 // loss at a first look
}

// cost returns the cost of a candidate on a panel, of which it sees as many rows as it is to.
func (c *choosing) cost(i int, p *series.Panel) Cost {
	if c.candidates[i].Cost == nil {
		return Cost{}
	}
	return c.candidates[i].Cost(ends(p, c.tried[i].rows), c.opt.Horizon)
}

// total returns the cost of the examinations of some candidates.
func (c *choosing) total(of []int, p *series.Panel, windows int) float64 {
	sum := 0.0
	for _, i := range of {
		sum += c.cost(i, p).examination(windows)
	}
	return sum
}

// dismiss passes over the candidates that cost too much on the whole panel.
func (c *choosing) dismiss() {
	whole, least := make([]float64, len(c.candidates)), math.Inf(1)
	for i, one := range c.candidates {
		cost := c.cost(i, c.panel)
		if whole[i] = cost.Forecast; !one.Trained {
			whole[i] += cost.Fit
		}
		if one.MedianOf == nil {
			least = min(least, whole[i])
		}
	}
	most := max(wholeWork*c.opt.Work, wholeSpread*least)
	for i, one := range c.candidates {
		if one.MedianOf == nil && whole[i] > most {
			c.out(i, fmt.Sprintf("on the whole panel it would cost %.0f s, where %.0f are the most", whole[i], most))
		}
	}
}

// cheap reports whether an examination of a candidate is worth no thought.
func (c *choosing) cheap(i int, p *series.Panel) bool {
	return !c.candidates[i].Trained && c.cost(i, p).examination(c.windows) <= cheapShare*c.opt.Work
}

// examineClosed examines the candidates that are not trained.
func (c *choosing) examineClosed(ctx context.Context) error {
	var closed []int
	for i := range c.candidates {
		if !c.candidates[i].Trained && c.candidates[i].MedianOf == nil && c.tried[i].err == nil {
			closed = append(closed, i)
		}
	}
	most := closedShare * c.opt.Work
	c.seen = c.panel
	if c.total(closed, c.seen, c.windows) > most {
		c.allot(closed, most)
	}
	if c.total(closed, c.seen, c.windows) > most {
		var err error
		if closed, err = c.firstLook(ctx, closed, most/4); err != nil {
			return err
		}
		most -= most / 4
		n := len(c.seen.Series)
		for len(closed) > 1 {
			whole := c.total(closed, c.seen, c.windows)
			n = max(min(fewestSeries, len(c.seen.Series)), int(float64(len(c.seen.Series))*min(1, most/whole)))
			last := closed[len(closed)-1]
			if whole*float64(n)/float64(len(c.seen.Series)) <= most || c.cheap(last, c.seen) {
				break
			}
			c.out(last, "it would cost more than there is to spend, and is not among the first")
			closed = closed[:len(closed)-1]
		}
		c.seen = c.seen.Spread(n)
		slices.Sort(closed)
	}
	for k, i := range closed {
		if err := c.examine(ctx, i, c.seen, len(closed)-k); err != nil {
			return err
		}
	}
	return c.examineMedian()
}

// examineMedian examines the candidate that is the median of others.
func (c *choosing) examineMedian() error {
	i := slices.IndexFunc(c.candidates, func(one Candidate) bool { return one.MedianOf != nil })
	if i < 0 {
		return nil
	}
	least := math.Inf(1)
	for k := range c.tried {
		if c.tried[k].report != nil {
			least = min(least, loss(c.tried[k].tested.Scores))
		}
	}
	var members []string
	var of *forecast.Report
	for k, t := range c.tried {
		if !slices.Contains(c.candidates[i].MedianOf, t.name) || t.report == nil || !(loss(t.tested.Scores) <= hopeless*least) {
			continue
		}
		members = append(members, c.candidates[k].Name)
		if of == nil {
			one := *t.report
			one.Models = nil
			of = &one
		}
		of.Models = append(of.Models, t.report.Models[0])
	}
	if len(members) < 2 {
		c.out(i, "fewer than two of its members are any good")
		return nil
	}
	median, err := of.Blended(c.candidates[i].Name, nil)
	if err != nil {
		return err
	}
	of.Models = []forecast.Tested{median}
	c.tried[i].medianOf = members
	return c.take(i, of)
}

// loss returns what models are compared by: the SQL, or the CRPS where that is undefined.
func loss(s forecast.Scores) float64 {
	if math.IsNaN(s.SQL) {
		return s.CRPS
	}
	return s.SQL
}

// firstLook examines candidates on few series and origins, within a budget, and returns
// those that go on, best first.
func (c *choosing) firstLook(ctx context.Context, closed []int, most float64) ([]int, error) {
	few := c.seen.Spread(firstSeries)
	windows := min(c.windows, firstOrigins)
	step := c.step
	if windows > 1 {
		step = max(1, c.step*(c.windows-1)/(windows-1))
	}
	var remain []int
	for k, i := range closed {
		own := c.cost(i, few).examination(windows)
		if own > most/2 && !c.cheap(i, c.seen) {
			c.out(i, fmt.Sprintf("a look at it would cost %.0f s of %.0f", own, c.opt.Work))
			continue
		}
		report, err := c.backtest(ctx, i, few, windows, step, len(closed)-k)
		switch {
		case err != nil:
			return nil, err
		case report == nil:
			continue
		}
		c.tried[i].first = loss(report.Models[0].Scores)
		remain = append(remain, i)
	}
	slices.SortStableFunc(remain, func(a, b int) int { return cmp.Compare(c.tried[a].first, c.tried[b].first) })
	var kept []int
	for rank, i := range remain {
		first, least := c.tried[i].first, c.tried[remain[0]].first
		if (rank < mostRemaining && first <= hopeless*least) || c.cheap(i, c.seen) {
			kept = append(kept, i)
			continue
		}
		c.out(i, fmt.Sprintf("its loss at a first look is %.3g, the least %.3g", first, least))
	}
	return kept, nil
}

// out passes over a candidate.
func (c *choosing) out(i int, why string) {
	c.tried[i].err = &OutError{Candidate: c.candidates[i].Name, Why: why}
}

// examineTrained examines the candidates that are trained, if the panel has enough for
// them: the cheapest first, each with an even part of what is left.
func (c *choosing) examineTrained(ctx context.Context) error {
	var trained []int
	for i := range c.candidates {
		if c.candidates[i].Trained && c.tried[i].err == nil {
			trained = append(trained, i)
		}
	}
	if len(trained) == 0 {
		return nil
	}
	trained = slices.DeleteFunc(trained, func(i int) bool {
		worth := c.worthTraining(i)
		if !worth {
			c.out(i, "the series are too few or too short to train it")
		}
		return !worth
	})
	if len(trained) == 0 {
		return nil
	}
	origins, err := forecast.RollingOrigins(c.panel, c.opt.Horizon, c.windows, c.step)
	if err != nil {
		return err
	}
	slices.SortStableFunc(trained, func(a, b int) int {
		return cmp.Compare(c.cost(a, c.panel).examination(c.windows), c.cost(b, c.panel).examination(c.windows))
	})
	for k, i := range trained {
		cost := c.cost(i, c.panel)
		cost.Forecast *= float64(len(c.seen.Series)) / float64(len(c.panel.Series))
		left := (examinedShare*c.opt.Work - c.spent) / float64(len(trained)-k)
		updates := cost.Updates
		if needed := cost.examination(c.windows); needed > left {
			updates = int((left - cost.Fit - float64(c.windows)*cost.Forecast) / cost.Update)
			if float64(updates) < leastUpdates*float64(cost.Updates) {
				c.out(i, fmt.Sprintf("its training would cost %.0f s where %.0f are left for it", needed, max(0, left)))
				continue
			}
			c.tried[i].updates = updates
		}
		if err := c.train(ctx, i, origins[0].History, len(trained)-k); err != nil {
			return err
		}
		c.spent += cost.Fit + float64(updates)*cost.Update + float64(c.windows)*cost.Forecast
	}
	return nil
}

// train trains a candidate on what comes before the first origin, and examines it; it is
// one of as many left.
func (c *choosing) train(ctx context.Context, i int, history *series.Panel, left int) error {
	candidate := c.candidates[i]
	m := candidate.New()
	if n := c.tried[i].updates; n > 0 {
		m = candidate.Brief(n)
	}
	opt := forecast.FitOptions{Horizon: c.opt.Horizon, Season: c.opt.Season, Outliers: forecast.KeepOutliers, Seed: c.opt.Seed}
	if !c.deadline.IsZero() {
		remaining := time.Until(c.deadline)
		if remaining <= 0 {
			c.cut(i)
			return nil
		}
		opt.TimeLimit = max(remaining/time.Duration(2*left), 1) // the rest is for what follows
	}
	c.begin(i, left)
	bounded, cancel := c.within(ctx, 1)
	defer cancel()
	if stop, err := c.passed(ctx, i, m.Fit(bounded, history, opt)); stop {
		return err
	}
	candidate.Fitted = m
	return c.conclude(ctx, bounded, i, candidate, c.seen)
}

// begin tells of an examination.
func (c *choosing) begin(i, left int) {
	c.started++
	if c.opt.Progress != nil {
		c.opt.Progress(Step{c.candidates[i].Name, c.started, c.started + left - 1})
	}
}

// within returns a context that ends with a part of the time that is left.
func (c *choosing) within(ctx context.Context, part float64) (context.Context, context.CancelFunc) {
	if c.deadline.IsZero() {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, time.Duration(part*float64(time.Until(c.deadline))))
}

// cut passes over a candidate for want of time.
func (c *choosing) cut(i int) {
	c.tried[i].err = &OutError{Candidate: c.candidates[i].Name, Why: "it takes longer than there is time", Clock: true}
}

// passed deals with what ended the work on a candidate, and reports whether anything did.
func (c *choosing) passed(ctx context.Context, i int, err error) (stop bool, failure error) {
	switch {
	case err == nil:
		return false, nil
	case ctx.Err() != nil:
		return true, ctx.Err()
	case errors.Is(err, context.DeadlineExceeded):
		c.cut(i)
	case refusal(err):
		c.tried[i].err = err
	default:
		return true, err
	}
	return true, nil
}

// refusal reports whether err says that a model cannot treat the data.
func refusal(err error) bool {
	return errors.Is(err, forecast.ErrTooShort) || errors.Is(err, forecast.ErrMismatch)
}

// worthTraining reports whether the panel has enough for a model that is trained: less for
// one that costs little.
func (c *choosing) worthTraining(i int) bool {
	observed, median := 0, medianLength(c.panel)
	for _, s := range c.panel.Series {
		observed += s.Observed()
	}
	if observed >= leastObserved && median >= leastHorizons*c.opt.Horizon {
		return true
	}
	return observed >= briefObserved && median >= briefHorizons*c.opt.Horizon &&
		c.cost(i, c.panel).examination(c.windows) <= briefShare*c.opt.Work
}

// backtest examines a candidate, one of as many left. The report is nil if the candidate
// cannot treat the panel, or for want of time.
func (c *choosing) backtest(ctx context.Context, i int, p *series.Panel, windows, step, left int) (*forecast.Report, error) {
	c.begin(i, left)
	c.spent += c.cost(i, p).examination(windows)
	bounded, cancel := ctx, context.CancelFunc(func() {})
	if !c.cheap(i, p) {
		if !c.deadline.IsZero() && time.Until(c.deadline) <= 0 {
			c.cut(i)
			return nil, nil
		}
		bounded, cancel = c.within(ctx, 0.5)
	}
	defer cancel()
	return c.report(ctx, bounded, i, c.lately(i), p, windows, step)
}

func (c *choosing) report(ctx, bounded context.Context, i int, candidate Candidate, p *series.Panel, windows, step int) (*forecast.Report, error) {
	report, err := forecast.Backtest(bounded, p, []forecast.Candidate{candidate.Candidate}, forecast.BacktestOptions{
		Horizon: c.opt.Horizon, Windows: windows, Step: step, Season: c.opt.Season, Seed: c.opt.Seed, Samples: 300,
		Outliers: forecast.KeepOutliers, Domains: c.opt.Domains,
	})
	if stop, err := c.passed(ctx, i, err); stop {
		return nil, err
	}
	if err := report.Models[0].Err; err != nil {
		c.tried[i].err = err
		return nil, nil
	}
	if n, of := unsupported(report); !supports(n, of) {
		c.tried[i].err = fmt.Errorf("%s: %w: %d of its %d forecasts leave what the past of their series supports",
			candidate.Name, forecast.ErrMismatch, n, of)
		return nil, nil
	}
	return report, nil
}

// examine examines a candidate, one of as many left.
func (c *choosing) examine(ctx context.Context, i int, p *series.Panel, left int) error {
	report, err := c.backtest(ctx, i, p, c.windows, c.step, left)
	if err != nil || report == nil {
		return err
	}
	if err := c.examineLate(ctx, i, c.lately(i), report); err != nil {
		return err
	}
	return c.take(i, report)
}

// conclude examines a candidate that is fitted.
func (c *choosing) conclude(ctx, bounded context.Context, i int, candidate Candidate, p *series.Panel) error {
	report, err := c.report(ctx, bounded, i, candidate, p, c.windows, c.step)
	if err != nil || report == nil {
		return err
	}
	if err := c.examineLate(ctx, i, candidate, report); err != nil {
		return err
	}
	return c.take(i, report)
}

// take keeps an examination. Forecasts are calibrated once a model is chosen, so that is
// how models are compared.
func (c *choosing) take(i int, report *forecast.Report) error {
	calibrated, err := report.CrossCalibrated()
	if err != nil {
		return err
	}
	c.tried[i].report, c.tried[i].tested = report, calibrated.Models[0]
	return nil
}

// supports reports whether a model is examined of which n of so many forecasts leave what the past of their series supports.
func supports(n, of int) bool {
	return float64(n) <= tolerated*float64(of) || n == 1 && of >= onceTolerated
}

// unsupported returns how many forecasts of the first model leave what the past of their
// series supports, and how many there are.
func unsupported(r *forecast.Report) (n, of int) {
	for o, f := range r.Models[0].Forecasts {
		n += len(forecast.Unsupported(f, r.Origins[o].History))
		of += len(f.Series)
	}
	return n, of
}
