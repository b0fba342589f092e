package mixer

import (
	"cmp"
	"fmt"
)

type Options struct {
	Hidden    int                `json:"hidden"`
	Blocks    int                `json:"blocks"`
	Context   int                `json:"context"`
	Transform Transform          `json:"transform"`
	Updates   int                `json:"updates"`
	Batch     int                `json:"batch"`
	Rate      float64            `json:"rate"`
	Patience  int                `json:"patience"`
	Dropout   float64            `json:"dropout"`
	X         map[string]float64 // experiments
}

func (o Options) x(k string, d float64) float64 {
	if v, ok := o.X[k]; ok {
		return v
	}
	return d
}

type Transform string

// The transforms.
const (
	TransformAuto Transform = ""
	TransformNone Transform = "none"
	TransformLog  Transform = "log"
)

func (o Options) Validate() error {
	if o.Hidden < 0 {
		return fmt.Errorf("mixer: hidden")
	}
	return nil
}

func (o *Options) setDefaults(values int) {
	if o.Hidden == 0 {
		o.Hidden = 128
		for _, few := range []int{20_000, 2000} {
			if values < few {
				o.Hidden /= 2
			}
		}
	}
	o.Blocks = cmp.Or(o.Blocks, 2)
	o.Updates = cmp.Or(o.Updates, 2000)
	o.Batch = cmp.Or(o.Batch, 128)
	o.Rate = cmp.Or(o.Rate, 0.002)
	o.Patience = cmp.Or(o.Patience, 10)
	if o.Dropout == 0 {
		o.Dropout = 0.1
	}
}
