package latentode

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"tsgen/forecast"
	"tsgen/internal/ad"
	"tsgen/internal/moments"
	"tsgen/internal/nn"
	"tsgen/internal/variational"
)

const (
	validDraws   = 8       // latent draws a window in validation
	validOrigins = 4       // origins in a series' held-back end
	maxValid     = 128     // windows in validation
	maxRows      = 100_000 // observations that are decoded at once
	tilt         = 1.5     // deviation of the trends added, in deviations over a context
)

// An objective is the negative evidence lower bound of random windows: the
// encoder sees the context alone, and the context and the future are to be
// explained, so that extrapolation is trained as such.
type objective struct {
	*fitted
	seed    uint64
	records []record
	valid   []window // what is held back
	shards  []*shard
	judge   *shard
	pass    nn.Pass // of validation
	anneal  variational.Annealing
	weight  float64 // usual number of values of an update
}

func newObjective(f *fitted, records []record, seed uint64) (*objective, error) {
	o := &objective{
		fitted: f, seed: seed, records: records,
		weight: float64(f.plan.Options.Batch * (f.plan.Options.Context + f.plan.Horizon) * len(f.plan.Channels)),
	}
	for i := range records {
		records[i].limit = len(records[i].u)
	}
	o.holdBack()
	for range shards {
		s, err := f.network.newShard()
		if err != nil {
			return nil, err
		}
		o.shards = append(o.shards, s)
	}
	var err error
	if o.judge, err = f.network.newShard(); err != nil {
		return nil, err
	}
	for i := range records {
		if records[i].limit > o.least() {
			return o, nil
		}
	}
	return nil, fmt.Errorf("latentode: %w: no series has the %d observations that a horizon of %d and what is held back ask for",
		forecast.ErrTooShort, o.least()+1, f.plan.Horizon)
}

// least returns the fewest observations of a context in training.
func (o *objective) least() int { return max(2, o.plan.Options.Context/2) }

// holdBack sets apart what is validated on: the last horizon of every series,
// from several origins, or, if the plan says so, the ends of every fifth
// series, of fewer where there are more than validation takes.
func (o *objective) holdBack() {
	part := max(5, (len(o.records)+maxValid-1)/maxValid)
	h := o.plan.Horizon
	for i := range o.records {
		r := &o.records[i]
		n := len(r.u)
		if o.plan.HoldSeries {
			if i%part == part-1 {
				r.limit = 0
				o.addValid(i, max(o.least(), n-h), n)
			}
			continue
		}
		if n-h <= o.least() {
			continue
		}
		r.limit = n - h
		for k := range validOrigins {
			if origin := n - h + k*h/validOrigins; k == 0 || origin > n-h+(k-1)*h/validOrigins {
				o.addValid(i, origin, n)
			}
		}
	}
	most := min(maxValid, 1+maxRows/(validDraws*(o.plan.Options.Context+h)))
	if n := len(o.valid); n > most {
		for i := range most {
			o.valid[i] = o.valid[i*n/most]
		}
		o.valid = o.valid[:most]
	}
}

// addValid adds the window with the given origin and all that follows of
// record i up to end, if there is something to see in both parts.
func (o *objective) addValid(i, origin, end int) {
	w := window{record: &o.records[i], from: max(0, origin-o.plan.Options.Context), origin: origin, to: end}
	if origin < end && w.seen(w.from, origin) && w.seen(origin, end) {
		o.valid = append(o.valid, w)
	}
}

// growth returns the part of the context and of the horizon that update k is
// trained on. Where series share a phase space, windows are short at first:
// dynamics that are learned from long trajectories at once tend to get stuck
// where the trajectories of one region are taken for those of another.
func (o *objective) growth(k int) float64 {
	const first, grown = 0.15, 0.25
	if o.plan.Options.Level != LevelPanel {
		return 1
	}
	return min(1, first+(1-first)*float64(k)/(grown*float64(o.plan.Options.Updates)))
}

// draw returns a random window of a random series for update k.
func (o *objective) draw(k int, rng *rand.Rand) window {
	for {
		r := &o.records[rng.IntN(len(o.records))]
		least := o.least()
		if r.limit <= least {
			continue
		}
		origin := least + rng.IntN(r.limit-least)
		length := least + rng.IntN(o.plan.Options.Context-least+1)
		length = max(min(2, length), int(o.growth(k)*float64(length)))
		return o.ahead(k, window{record: r, from: max(0, origin-length), origin: origin})
	}
}

// ahead gives w the future that update k is trained on.
func (o *objective) ahead(k int, w window) window {
	end := w.u[w.origin-1] + (math.Ceil(o.growth(k)*float64(o.plan.Horizon))+0.5)*o.plan.Gap
	for w.to = w.origin + 1; w.to < w.limit && w.u[w.to] < end; w.to++ {
	}
	return w
}

// tilt gives each channel of w a random trend: over the longest context a
// normal multiple of the channel's deviation from a line in w's context. Few
// series show many trends, and a model that has seen but one takes it for a
// law; one that has seen the same series tilted has to read the trend off the
// context.
func (s *shard) tilt(w *window, rng *rand.Rand) {
	c := len(s.Channels)
	at := len(s.tilts)
	for j := range c {
		var l moments.Line
		for i := w.from; i < w.origin; i++ {
			l.Add(w.u[i], w.x[i*c+j])
		}
		s.tilts = append(s.tilts, tilt*rng.NormFloat64()*l.Deviation()/(s.Gap*float64(s.Options.Context)))
	}
	w.tilt = s.tilts[at:len(s.tilts):len(s.tilts)]
}

// seen reports whether a value of the observations i to j (exclusive) is there.
func (w window) seen(i, j int) bool {
	c := len(w.x) / len(w.u)
	for _, x := range w.x[i*c : j*c] {
		if !math.IsNaN(x) {
			return true
		}
	}
	return false
}

// Loss implements nn.Objective.
func (o *objective) Loss(ctx context.Context, p *nn.Pass, k, shard int) (*ad.Node, error) {
	s := o.shards[shard]
	s.source.Seed(o.seed, uint64(1+k*len(o.shards)+shard))
	s.drawn, s.tilts, s.starts = s.drawn[:0], s.tilts[:0], s.starts[:0]
	for i := shard; i < o.plan.Options.Batch; i += len(o.shards) {
		w := o.draw(k, s.rng)
		switch {
		case o.plan.Options.Level == LevelWindow:
			s.tilt(&w, s.rng)
		case len(s.drawn)%2 == 1 && o.plan.Options.Draws <= 1:
			w = o.within(s, k, w)
		}
		s.drawn = append(s.drawn, w)
	}
	s.fill(s.drawn)
	q := o.network.encode(p, &s.batch)
	if o.plan.Options.Draws > 1 {
		return o.importance(ctx, p, s, q)
	}
	return o.evidence(ctx, p, s, q, k)
}

// evaluations returns the calls of the dynamics per trajectory of the last
// update, on average.
func (o *objective) evaluations() int {
	calls, rows := 0, 0
	for _, s := range o.shards {
		for i := range s.windows {
			calls += s.flow.solver.Stats(i).Calls
			rows++
		}
	}
	return calls / max(1, rows)
}
