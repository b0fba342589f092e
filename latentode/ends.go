package latentode

import (
	"context"
	"errors"
	"time"

	"tsgen/internal/ad"
	"tsgen/internal/nn"
)

// Of short records what is held back is a good part, and the one that is nearest to what comes.
// When it has said what it is for, the network learns it too, by a part of the updates more at a
// part of the rate, from the weights on that did best. A closed form beside it is fitted to all
// likewise, and the network's weight no longer fades: it has learned times as late as that has.
const endUpdates, endRate = 0.25, 0.2

// An ending is the objective of an update after the last.
type ending struct{ *objective }

// Loss implements nn.Objective.
func (e ending) Loss(ctx context.Context, p *nn.Pass, k, shard int) (*ad.Node, error) {
	return e.objective.Loss(ctx, p, e.config.Options.Updates+k, shard)
}

// learnEnds trains on what was held back of short records too, no longer than a part of the limit
// unless that is zero. A training that ctx ends, or that runs into values that are not finite,
// leaves the weights as they were.
func (o *objective) learnEnds(ctx context.Context, limit time.Duration) error {
	if o.config.Least == 0 || o.config.HoldSeries || ctx.Err() != nil {
		return nil
	}
	for i := range o.records {
		o.records[i].Limit = len(o.records[i].U)
	}
	updates := max(1, int(endUpdates*float64(o.config.Options.Updates)))
	t := nn.Training{
		Schedule: nn.Schedule{Rate: endRate * o.config.Options.Rate, WarmUp: min(updates, every), Updates: updates},
		Shards:   shards, Clip: clip, Decay: decay, Work: o.config.work(updates), Limit: time.Duration(endUpdates * float64(limit)),
	}
	c := nn.NewCheckpoint(o.Params.Values)
	switch err := t.Run(ctx, c, ending{o}); {
	case errors.Is(err, nn.ErrDiverged), err != nil && ctx.Err() != nil:
		return nil
	case err != nil:
		return err
	}
	copy(o.Params.Values, c.Average)
	clear(o.modes)
	if beside := o.config.Companion; beside != nil {
		beside.Reach = 0
	}
	return nil
}
