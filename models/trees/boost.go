package trees

import (
	"cmp"
	"context"
	"fmt"

	"tsgen/forecast"
)

// A Loss is what boosting makes small.
type Loss int

// The losses.
const (
	Squared  Loss = iota // the mean
	Logistic             // the logit of the probability of 1, of targets 0 and 1
	Quantile             // the quantile that BoostOptions.Level names
)

// BoostOptions are the choices of gradient boosting. A zero field stands for the
// default in its comment.
type BoostOptions struct {
	Loss     Loss
	Level    float64 // of the quantile, between 0 and 1: 0.5
	Trees    int     // 150
	Leaves   int     // of a tree at most: 31
	LeastRow int     // rows in a leaf at least: 20
	Rate     float64 // by which a tree counts: 0.1
	Ridge    float64 // added to the curvature of a leaf's loss: 0
	Bins     int     // of a feature at most, up to 255: 255

	// Part is the part of the rows that a tree is learned from, drawn anew for each by
	// Seed (Friedman 2002), and FeaturePart that of the features: 1.
	Part, FeaturePart float64
	Seed              uint64
}

// withDefaults returns o complete, or an error if it is out of range.
func (o BoostOptions) withDefaults() (BoostOptions, error) {
	if o.Trees < 0 || o.Leaves < 0 || o.LeastRow < 0 || !(o.Rate >= 0) || !(o.Ridge >= 0) || o.Bins < 0 || o.Bins > 255 ||
		!(o.Part >= 0 && o.Part <= 1 && o.FeaturePart >= 0 && o.FeaturePart <= 1) || !(o.Level >= 0 && o.Level < 1) || o.Loss < Squared || o.Loss > Quantile {
		return o, fmt.Errorf("%w: %+v", errOption, o)
	}
	o.Trees, o.Leaves = cmp.Or(o.Trees, 150), cmp.Or(o.Leaves, 31)
	o.LeastRow, o.Bins = cmp.Or(o.LeastRow, 20), cmp.Or(o.Bins, 255)
	o.Rate, o.Level = cmp.Or(o.Rate, 0.1), cmp.Or(o.Level, 0.5)
	o.Part, o.FeaturePart = cmp.Or(o.Part, 1), cmp.Or(o.FeaturePart, 1)
	return o, nil
}

// A Boosted is a sum of trees.
type Boosted struct {
	base  float64
	trees []tree
}

// Predict returns what the trees say of a row of features: the mean, the logit or the
// quantile.
func (b *Boosted) Predict(row []float64) float64 {
	sum := b.base
	for _, t := range b.trees {
		sum += t.at(row)
	}
	return sum
}

// FitBoosted learns trees one after the other, each along the gradient of the loss that
// those before it leave: leaf by leaf, the split that gains most first, the gain being
// that of a step of Newton's method.
func FitBoosted(ctx context.Context, t Table, o BoostOptions) (*Boosted, error) {
	all, err := fitBoosted(ctx, t, o, []float64{o.Level})
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// FitQuantiles learns a quantile for each of the levels, on all processors. Nothing keeps
// those of a row in order.
func FitQuantiles(ctx context.Context, t Table, levels []float64, o BoostOptions) ([]*Boosted, error) {
	if len(levels) == 0 {
		return nil, fmt.Errorf("%w: no levels", errOption)
	}
	o.Loss = Quantile
	return fitBoosted(ctx, t, o, levels)
}

// fitBoosted learns a sum of trees for each of the levels, which only a quantile heeds.
func fitBoosted(ctx context.Context, t Table, o BoostOptions, levels []float64) ([]*Boosted, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	var options []BoostOptions
	for _, l := range levels {
		o.Level = l
		own, err := o.withDefaults()
		if err != nil {
			return nil, err
		}
		options = append(options, own)
	}
	b := newBinned(t, options[0].Bins)
	all := make([]*Boosted, len(levels))
	err := forecast.EachSeries(ctx, len(levels), func(i int) (err error) {
		all[i], err = boost(ctx, b, options[i])
		return err
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}
