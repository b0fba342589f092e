package latentode

import (
	"context"
	"math"
	"math/rand/v2"
	"sort"

	"tsgen/internal/ad"
	"tsgen/internal/neural"
	"tsgen/internal/nn"
	"tsgen/internal/variational"
	"tsgen/series"
)

const (
	validDraws = 8       // latent draws a window in validation
	maxValid   = 128     // windows in validation
	maxRows    = 100_000 // rows that are decoded at once, each with a value of every channel
	maxValues  = 1 << 19 // values that are

	validValues = 1 << 20 // values of windows that are decoded at once in validation, of all draws
)

// An objective is the negative evidence lower bound of random windows: the
// encoder sees the context alone, and the context and the future are to be
// explained, so that extrapolation is trained as such. Where dynamics have noise it sees
// both: a single path that did not know the future would have to be without noise to explain it.
type objective struct {
	*fitted
	seed       uint64
	train      *series.Panel
	records    []neural.Record
	valid      []window // what is held back
	workspaces []*workspace
	judge      *workspace
	pass       nn.Pass // of validation
	anneal     variational.Annealing
	weight     float64       // usual number of values of an update
	paced      int           // updates by which the schedule is ahead of those done
	draws      int           // of each window in validation
	modes      map[span]mode // of windows, under the weights that training ended with
}

func newObjective(f *fitted, train *series.Panel, records []neural.Record, seed uint64) (*objective, error) {
	o := &objective{
		fitted: f, seed: seed, train: train, records: records, draws: validDraws,
		weight: float64(f.config.Options.Batch * (f.config.Options.Context + f.config.Horizon) * len(f.config.Channels)),
	}
	held, err := f.config.split().HoldBack(records)
	if err != nil {
		return nil, err
	}
	for _, w := range neural.Spread(held, min(maxValid, 1+maxRows/(validDraws*(f.config.Options.Context+f.config.Horizon)))) {
		o.valid = append(o.valid, window{Window: w})
	}
	for range shards {
		s, err := f.network.newWorkspace(f.config.Options.Tolerance, purpose{learning: true, narrow: f.config.Options.Precision == Float32})
		if err != nil {
			return nil, err
		}
		o.workspaces = append(o.workspaces, s)
	}
	o.judge, err = f.network.newWorkspace(f.config.Options.Tolerance, purpose{})
	return o, err
}

// together returns how many of the first windows are decoded at once with so many draws of each:
// as many as have validValues values, those of the search for modes included, and one at least.
func (c *config) together(windows []window, draws int) int {
	rows, most := 0, validValues/len(c.Channels)
	for i, w := range windows {
		own := draws * (w.To - w.From)
		if c.Refine {
			own = max(own, probes(c.Options.State+c.static())*(w.Origin-w.From))
		}
		if rows += own; i > 0 && rows > most {
			return i
		}
	}
	return len(windows)
}

// growth returns the part of the context and of the horizon that update k is
// trained on. Where series share a phase space, windows are short at first:
// dynamics that are learned from long trajectories at once tend to get stuck
// where the trajectories of one region are taken for those of another.
func (o *objective) growth(k int) float64 {
	const first, grown = 0.15, 0.25
	if o.config.Options.Level != LevelPanel {
		return 1
	}
	return min(1, first+(1-first)*float64(k+o.paced)/(grown*float64(o.config.Options.Updates)))
}

// draw returns a random window of a random series for update k.
func (o *objective) draw(k int, rng *rand.Rand) window {
	r, origin, length := o.config.split().Draw(o.records, rng)
	length = max(min(2, length), int(o.growth(k)*float64(length)))
	w := o.ahead(k, window{Window: neural.Window{Record: r, From: max(0, origin-length), Origin: origin}})
	if o.config.stochastic() {
		w.read, w.From = w.To, max(w.From, w.To-o.config.sight())
	}
	return w
}

// ahead gives w the future that update k is trained on.
func (o *objective) ahead(k int, w window) window {
	end := w.U[w.Origin-1] + (math.Ceil(o.growth(k)*float64(o.config.Horizon))+0.5)*o.config.Gap
	from := min(w.Origin+1, w.Limit)
	w.To = max(w.Origin+1, from+sort.SearchFloat64s(w.U[from:w.Limit], end))
	return w
}

// Loss implements nn.Objective.
func (o *objective) Loss(ctx context.Context, p *nn.Pass, k, shard int) (*ad.Node, error) {
	s := o.workspaces[shard]
	s.source.Seed(o.seed, uint64(1+k*len(o.workspaces)+shard))
	s.drawn, s.tilts, s.starts = s.drawn[:0], s.tilts[:0], s.starts[:0]
	for i := shard; i < o.config.Options.Batch; i += len(o.workspaces) {
		w := o.draw(k, s.rng)
		switch {
		case o.config.stochastic():
		case o.config.Options.Level == LevelWindow:
			s.tilts = w.TiltAtRandom(s.tilts, o.config.Gap*float64(o.config.Options.Context), s.rng)
		case len(s.drawn)%2 == 1 && o.config.Options.Draws <= 1:
			w = o.within(s, k, w)
		}
		s.drawn = append(s.drawn, w)
	}
	s.fill(s.drawn)
	q := o.network.inferred(p, s)
	if o.config.Options.Draws > 1 {
		return o.importance(ctx, p, s, q)
	}
	return o.evidence(ctx, p, s, q, k)
}

// evaluations returns the calls of the dynamics per trajectory of the last
// update, on average.
func (o *objective) evaluations() int {
	calls, rows := o.calls()
	return calls / max(1, rows)
}

// calls returns the calls of the dynamics in the last update, and its trajectories.
func (o *objective) calls() (calls, rows int) {
	for _, s := range o.workspaces {
		for i := range s.windows {
			if s.diffusion != nil {
				calls += s.diffusion.solver.Stats(i).Drifts
			} else {
				calls += s.flow.solver.Stats(i).Calls
			}
			rows++
		}
	}
	return calls, rows
}

// Pace implements nn.Paced.
func (o *objective) Pace(ahead int) { o.paced = ahead }

// Cost implements nn.Paced: the calls of the dynamics in the last update.
func (o *objective) Cost() float64 {
	calls, _ := o.calls()
	return float64(calls)
}
