package nn

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"sync"
	"time"

	"tsgen/internal/ad"
	"tsgen/internal/kernel"
	"tsgen/internal/panics"
)

// An Objective is what training makes small.
type Objective interface {
	// Loss records the part of update k's loss that belongs to the given shard
	// and returns it, 1×1; the loss is the sum over the shards. The result
	// depends on nothing but the parameters, k and shard. Loss is called
	// concurrently for different shards. An error that wraps ErrNonFinite has
	// the effect of a loss that is not finite; a panic, that of the error
	// *panics.Error.
	Loss(ctx context.Context, p *Pass, k, shard int) (*ad.Node, error)

	// Validate returns the score of the parameters on what is held back; less
	// is better.
	Validate(ctx context.Context, values []float64) (float64, error)
}

// A Paced objective is one whose updates cost what the data make of them, as where a solver takes the steps that it needs.
type Paced interface {
	// Pace tells before an update by how many the schedule is ahead of those done.
	Pace(ahead int)

	// Cost returns that of the last update, in the unit of Training.Work.
	Cost() float64
}

// ErrNonFinite is the error of a computation that ended in a NaN or an
// infinity, or that could not go on for fear of one.
var ErrNonFinite = errors.New("a value is not finite")

// ErrDiverged is the error of a training that ran into values that are not
// finite again and again, though the learning rate was halved each time.
var ErrDiverged = errors.New("training diverged")

const maxRollbacks = 12

// Training says how to train. Shards and Schedule must be set.
type Training struct {
	Schedule

	// Shards is the number of parts into which an update's loss is cut. It must
	// not depend on the machine: the gradient is summed in the order of the
	// shards.
	Shards int

	// Work, unless it is zero, is what the updates of a Paced objective cost together at most: one that takes the part of it
	// that belongs to several moves the schedule on by as many.
	Work float64

	Clip     float64 // bound on the gradient's norm; 0: none
	Decay    float64 // of the moving average of the parameters, which is what is validated and kept; 0: no averaging
	Every    int     // updates between two validations; 0: none, and the last parameters are taken for the best
	From     int     // update before which no parameters are taken for the best, nor patience lost
	Patience int     // validations without a better score after which training stops; 0: never
	Progress func(Progress)

	// Save, if not nil, is called at points of the curve after which the training would
	// go on from the checkpoint as it does from here.
	Save func(*Checkpoint)

	// Limit, unless it is zero, is the time after which no further update is
	// begun. Training that it ends is not reproducible.
	Limit time.Duration
}

// Progress is the state of a training; see forecast.Progress.
type Progress struct {
	Update, Updates         int
	Loss, Valid, Best, Rate float64
}

// A Checkpoint is all that training needs to go on.
type Checkpoint struct {
	Adam
	Values  []float64 // parameters
	Average []float64 // their moving average
	Damping float64   // product of the rollbacks' halvings of the learning rate
	Spent   float64   // of Training.Work

	Best       []float64 // the best parameters by validation, nil before the first
	BestScore  float64
	BestUpdate int
	Waited     int // validations since the best

	Curve []Point
}

// A Point is one point of a training curve.
type Point struct {
	Update      int
	Loss, Valid float64 // the mean loss since the point before, and the validation score, NaN for none
}

// NewCheckpoint returns the start of a training from the given parameters,
// which it copies.
func NewCheckpoint(values []float64) *Checkpoint {
	return &Checkpoint{
		Adam:    Adam{Mean: make([]float64, len(values)), Square: make([]float64, len(values))},
		Values:  append([]float64(nil), values...),
		Average: append([]float64(nil), values...),
		Damping: 1, BestScore: math.NaN(),
	}
}

func (c *Checkpoint) clone() *Checkpoint {
	d := new(Checkpoint)
	d.become(c)
	return d
}

// become makes d a copy of c in the memory that it has.
func (d *Checkpoint) become(c *Checkpoint) {
	old := *d
	*d = *c
	d.Values = append(old.Values[:0], c.Values...)
	d.Average = append(old.Average[:0], c.Average...)
	d.Mean = append(old.Mean[:0], c.Mean...)
	d.Square = append(old.Square[:0], c.Square...)
}

// Run trains from c on, which it changes, until the updates are done, patience
// or time ends or ctx is done; the last is an error, and c can be run again. Values
// that are not finite send training back to the last validation with half the
// learning rate, and end it with ErrDiverged where that does not help.
func (t *Training) Run(ctx context.Context, c *Checkpoint, o Objective) error {
	r := newRun(t, c, o)
	sum, count, rollbacks := 0.0, 0, 0
	valid := math.NaN()
	start := time.Now()
	paced, _ := o.(Paced)
	for !t.Done(c) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if t.Limit > 0 && time.Since(start) > t.Limit {
			return nil
		}
		place := t.place(c)
		if paced != nil {
			paced.Pace(place - c.Steps)
		}
		if c.Steps < t.WarmUp {
			place = c.Steps
		}
		rate := c.Damping * t.At(place)
		loss, err := r.update(ctx, rate)
		lost := errors.Is(err, ErrNonFinite)
		if err != nil && !lost {
			return err
		}
		if paced != nil && t.Work > 0 {
			c.Spent += paced.Cost()
		}
		if lost {
			if rollbacks++; rollbacks > maxRollbacks {
				return fmt.Errorf("%w at update %d: %w", ErrDiverged, c.Steps, err)
			}
			r.rollBack()
			sum, count = 0, 0
			continue
		}
		sum, count = sum+loss, count+1
		if c.Steps%t.interval() == 0 || t.place(c) >= t.Updates {
			if valid, err = r.examine(ctx, sum/float64(count)); err != nil {
				return err
			}
			sum, count = 0, 0
			if t.Save != nil && r.good.Steps == c.Steps {
				t.Save(c)
			}
		}
		if t.Progress != nil {
			t.Progress(Progress{Update: c.Steps, Updates: t.expected(c), Loss: loss, Valid: valid, Best: c.BestScore, Rate: rate})
		}
	}
	return nil
}

// Done reports whether the updates are done, or their work or patience has ended.
func (t *Training) Done(c *Checkpoint) bool {
	return t.place(c) >= t.Updates || t.Patience > 0 && c.Waited >= t.Patience
}

// place returns the update at which the schedule is.
func (t *Training) place(c *Checkpoint) int {
	if t.Work == 0 {
		return c.Steps
	}
	return max(c.Steps, int(c.Spent/t.Work*float64(t.Updates)))
}

// expected returns the number of updates in all, if they go on to cost what they have.
func (t *Training) expected(c *Checkpoint) int {
	return max(c.Steps, int(float64(t.Updates)*float64(c.Steps)/float64(max(1, t.place(c)))))
}

// interval returns the updates between two points of the curve.
func (t *Training) interval() int {
	if t.Every > 0 {
		return t.Every
	}
	return 25
}

type run struct {
	*Training
	*Checkpoint
	objective Objective
	passes    []Pass
	losses    []float64
	errs      []error
	grad      []float64
	rounded   rounded
	good      *Checkpoint // where to go back to
}

func newRun(t *Training, c *Checkpoint, o Objective) *run {
	r := &run{Training: t, Checkpoint: c, objective: o, passes: make([]Pass, t.Shards)}
	for i := range r.passes {
		r.passes[i].Grad, r.passes[i].rounded = make([]float64, len(c.Values)), &r.rounded
	}
	r.losses, r.errs = make([]float64, t.Shards), make([]error, t.Shards)
	r.grad = make([]float64, len(c.Values))
	r.good = c.clone()
	return r
}

// update makes one step and returns the loss before it.
func (r *run) update(ctx context.Context, rate float64) (float64, error) {
	r.gradients(ctx)
	loss := 0.0
	for i, err := range r.errs {
		if err != nil {
			return 0, err
		}
		loss += r.losses[i]
	}
	r.addUp()
	norm := math.Sqrt(kernel.SumSq(r.grad))
	if math.IsNaN(loss-loss) || math.IsNaN(norm-norm) && !finite(r.grad) {
		return 0, fmt.Errorf("loss %v: %w", loss, ErrNonFinite)
	}
	// The average starts as a plain mean, so that the first parameters do not
	// weigh on it.
	d := min(r.Decay, float64(r.Steps+1)/float64(r.Steps+11))
	r.step(r.Values, r.grad, rate, r.Clip, norm, func(from, to int) {
		var block [blockSize]float64
		now := block[:copy(block[:], r.Values[from:to])]
		kernel.Scale(now, 1-d)
		kernel.Scale(r.Average[from:to], d)
		kernel.Add(r.Average[from:to], r.Average[from:to], now)
	})
	return loss, nil
}

// addUp sets the gradient to the sum of those of the shards, in their order.
func (r *run) addUp() {
	for from := 0; from < len(r.grad); from += blockSize {
		sum := r.grad[from:min(from+blockSize, len(r.grad))]
		clear(sum)
		for i := range r.passes {
			addTo(sum, &r.passes[i], from)
		}
	}
	for i := range r.passes {
		if single := r.passes[i].single; single != nil {
			single.cleared = true
		}
	}
}

// gradients computes the losses of all shards and their gradients.
func (r *run) gradients(ctx context.Context) {
	r.rounded.forget()
	workers := min(runtime.GOMAXPROCS(0), len(r.passes))
	if workers == 1 {
		for s := range r.passes {
			r.gradient(ctx, s)
		}
		return
	}
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for s := w; s < len(r.passes); s += workers {
				r.gradient(ctx, s)
			}
		})
	}
	wg.Wait()
}

func (r *run) gradient(ctx context.Context, shard int) {
	defer panics.Catch(&r.errs[shard])
	p := &r.passes[shard]
	p.begin(r.Values)
	defer p.end()
	loss, err := r.objective.Loss(ctx, p, r.Steps, shard)
	if r.errs[shard] = err; err != nil {
		return
	}
	r.losses[shard] = loss.Val[0]
	p.Backward(loss)
}

// examine adds a point to the curve, keeps the parameters if they are the best
// so far, and takes them for good unless their score is not finite.
func (r *run) examine(ctx context.Context, loss float64) (score float64, err error) {
	score = math.NaN()
	if r.Every > 0 {
		if score, err = r.objective.Validate(ctx, r.Average); errors.Is(err, ErrNonFinite) {
			score, err = math.NaN(), nil
		}
		if err != nil {
			return score, err
		}
	}
	r.Curve = append(r.Curve, Point{r.Steps, loss, score})
	finite := !math.IsNaN(score - score)
	late := r.place(r.Checkpoint) >= r.From
	if late {
		r.Waited++
	}
	if r.Every == 0 || finite && late && !(score >= r.BestScore) {
		r.Best = append(r.Best[:0], r.Average...)
		r.BestScore, r.BestUpdate, r.Waited = score, r.Steps, 0
	}
	if r.Every == 0 || finite {
		r.good.become(r.Checkpoint)
	}
	return score, nil
}

// rollBack returns to the last good state with half the learning rate.
func (r *run) rollBack() {
	damping, waited, spent := r.Damping/2, r.Waited, r.Spent
	g := r.good.clone()
	g.Best, g.BestScore, g.BestUpdate, g.Curve = r.Best, r.BestScore, r.BestUpdate, r.Curve
	g.Damping, g.Waited, g.Spent = damping, waited, spent
	*r.Checkpoint = *g
}
