package mixer

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"

	"tsgen/forecast"
	"tsgen/internal/ad"
	"tsgen/internal/nn"
	"tsgen/series"
)

const (
	shards       = 4
	every        = 50
	clip         = 1
	decay        = 0.98
	warmUp       = 20
	floor        = 0.05
	maxValid     = 64
	validOrigins = 4
)

type Model struct {
	Options Options
	*fitted
}

type fitted struct {
	plan    *plan
	params  *nn.Params
	members []*network
}

func (m *Model) Name() string { return "mixer" }

type objective struct {
	*fitted
	seed    uint64
	records []record
	valid   []window
	shards  []*shard
	weight  float64
}

type shard struct {
	batch
	source rand.PCG
	rng    *rand.Rand
	drawn  []window
}

func (m *Model) Fit(ctx context.Context, train *series.Panel, opt forecast.FitOptions) error {
	p, records, err := newPlan(m.Options, train, opt)
	if err != nil {
		return err
	}
	if os.Getenv("MIXER_LOG") != "" {
		fmt.Fprintf(os.Stderr, "%+v season %d long %d horizon %d hold series %v log %v\n", p.Options, p.Season, p.Long, p.Horizon, p.HoldSeries, p.Log)
	}
	f := &fitted{plan: p, params: &nn.Params{}}
	rng := rand.New(rand.NewPCG(opt.Seed, 0))
	for i := range int(p.Options.x("members", 4)) {
		f.members = append(f.members, newNetwork(f.params, p, fmt.Sprintf("member%d.", i), rng))
	}
	o := &objective{fitted: f, seed: opt.Seed, records: records}
	o.holdBack()
	ok := false
	for i := range records {
		records[i].units(p)
		ok = ok || records[i].limit > o.least()
	}
	if !ok {
		return fmt.Errorf("mixer: %w", forecast.ErrTooShort)
	}
	for range shards {
		s := &shard{batch: batch{plan: p}}
		s.batch.rng = rand.New(&s.source)
		s.rng = s.batch.rng
		s.thinned = s.rng
		o.shards = append(o.shards, s)
	}
	t := nn.Training{
		Schedule: nn.Schedule{Rate: p.Options.Rate, Floor: floor, WarmUp: warmUp, Updates: p.Options.Updates},
		Shards:   shards, Clip: clip, Decay: p.Options.x("decay", decay), Limit: opt.TimeLimit,
	}
	if len(o.valid) > 0 {
		t.Every, t.From, t.Patience = every, int(float64(t.Updates)*p.Options.x("from", 0.5)), p.Options.Patience
	}
	c := nn.NewCheckpoint(f.params.Values)
	err = t.Run(ctx, c, o)
	if os.Getenv("MIXER_LOG") != "" {
		for _, p := range c.Curve {
			if p.Update%200 == 0 {
				fmt.Fprintf(os.Stderr, "%d %.4f %.4f\n", p.Update, p.Loss, p.Valid)
			}
		}
		fmt.Fprintf(os.Stderr, "best %d %.4f of %d, %d weights\n", c.BestUpdate, c.BestScore, c.Steps, len(c.Values))
	}
	usable := err == nil || ctx.Err() != nil && errors.Is(err, ctx.Err()) || errors.Is(err, nn.ErrDiverged)
	if !usable || c.Steps == 0 {
		return err
	}
	best := c.Best
	if best == nil {
		best = c.Average
	}
	copy(f.params.Values, best)
	m.fitted = f
	return err
}

func (o *objective) least() int {
	return max(2, int(float64(o.plan.Options.Context)*o.plan.Options.x("least", 0.5)))
}

func (o *objective) holdBack() {
	h := o.plan.Horizon
	part := max(5, (len(o.records)+maxValid-1)/maxValid)
	for i := range o.records {
		r := &o.records[i]
		n := len(r.u)
		if o.plan.HoldSeries {
			if i%part == part-1 {
				r.limit = 0
				o.addValid(r, max(o.least(), n-h))
			}
			continue
		}
		if n-h <= o.least() {
			continue
		}
		r.limit = n - h
		for k := range validOrigins {
			if origin := n - h + k*h/validOrigins; k == 0 || origin > n-h+(k-1)*h/validOrigins {
				o.addValid(r, origin)
			}
		}
	}
	if n := len(o.valid); n > maxValid {
		for i := range maxValid {
			o.valid[i] = o.valid[i*n/maxValid]
		}
		o.valid = o.valid[:maxValid]
	}
}

func (o *objective) addValid(r *record, origin int) {
	w := window{record: r, from: max(0, origin-o.plan.Options.Context), origin: origin, to: len(r.u)}
	if origin < w.to && w.seen(w.from, origin, o.plan) && w.seen(origin, w.to, o.plan) {
		o.valid = append(o.valid, w)
	}
}

func (w *window) seen(i, j int, p *plan) bool {
	c := len(p.Channels)
	for _, x := range w.x[i*c : j*c] {
		if !math.IsNaN(x) {
			return true
		}
	}
	return false
}

func (o *objective) draw(rng *rand.Rand) window {
	for {
		r := &o.records[rng.IntN(len(o.records))]
		least := o.least()
		if r.limit <= least {
			continue
		}
		origin := least + rng.IntN(r.limit-least)
		length := o.plan.Options.Context
		if rng.Float64() < o.plan.Options.x("short", 0.3) {
			length = least + rng.IntN(o.plan.Options.Context-least+1)
		}
		return window{record: r, from: max(0, origin-length), origin: origin, to: min(origin+o.plan.Horizon, r.limit)}
	}
}

func (o *objective) Loss(_ context.Context, p *nn.Pass, k, shard int) (*ad.Node, error) {
	s := o.shards[shard]
	s.source.Seed(o.seed, uint64(1+k*len(o.shards)+shard))
	s.drawn = s.drawn[:0]
	n := max(1, o.plan.Options.Batch/shards/len(o.plan.Channels))
	for range n {
		w := o.draw(s.rng)
		x := o.plan.Options.x
		if t := x("tilt", 0); t > 0 {
			w.tilt = t * s.rng.NormFloat64() / float64(o.plan.Options.Context)
		}
		if s.rng.Float64() < x("mixup", 0) {
			v := o.draw(s.rng)
			w.share = 0.5 + 0.5*s.rng.Float64()
			w.to = min(w.to, w.origin+v.to-v.origin)
			w.from = max(w.from, w.origin-v.origin+v.from)
			if w.unit[0] > 0 && v.unit[0] > 0 {
				w.other = &v
			}
		}
		if s.rng.Float64() < x("flip", 0) {
			w.sign = -1
		}
		s.drawn = append(s.drawn, w)
	}
	s.fill(s.drawn)
	q := o.members[shard%len(o.members)].quantiles(p, &s.batch)
	loss := p.QuantileLoss(s.target, q, probs)
	return p.Scale(1/float64(shards*len(s.target)), p.Sum(loss)), nil
}

func (o *objective) Validate(_ context.Context, values []float64) (float64, error) {
	b := &batch{plan: o.plan}
	p := &nn.Pass{Values: values}
	b.fill(o.valid)
	loss := p.QuantileLoss(b.target, o.average(p, b), probs)
	n := 0
	for _, x := range b.target {
		if !math.IsNaN(x) {
			n++
		}
	}
	return p.Sum(loss).Val[0] / float64(n), nil
}

func (m *Model) Forecast(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	if err := m.plan.accepts(history); err != nil {
		return nil, err
	}
	f := &forecast.Forecast{Model: m.Name(), Channels: slices.Clone(history.Channels)}
	b := &batch{plan: m.plan}
	p := &nn.Pass{Values: m.params.Values}
	c := len(m.plan.Channels)
	for i, h := range history.Series {
		r, err := m.plan.record(history, h)
		if err != nil {
			return nil, err
		}
		n := len(r.u)
		r.units(m.plan)
		wanted, err := m.plan.steps(history, &r, opt.At[i])
		if err == nil {
			err = m.plan.know(history, h, &r)
		}
		if err != nil {
			return nil, err
		}
		w := window{record: &r, from: max(0, n-m.plan.Options.Context), origin: n, to: n}
		b.fill([]window{w})
		p.Reset()
		q := m.average(p, b)
		d := &forecast.Distribution{ID: h.ID, Times: slices.Clone(opt.At[i]), Probs: probs, Values: make([][]float64, len(probs))}
		for t, want := range wanted {
			if !want {
				continue
			}
			for j := range c {
				row := j*m.plan.Horizon + t
				for k := range probs {
					d.Values[k] = append(d.Values[k], m.plan.restore(j, b.base[row]+b.unit[j]*q.Val[row*len(probs)+k]))
				}
			}
		}
		f.Series = append(f.Series, d)
	}
	return f, nil
}
