package ode

import "fmt"

// A Field is the right-hand side of y' = f(t, y; θ) for one trajectory.
type Field struct {
	// Dim is the length of a state, Params that of θ.
	Dim, Params int

	// Theta is θ itself if Func reads it from there, or nil. The check of VJP
	// ([Options.TrustVJP]) then covers θ, and [Differences] needs it. Both
	// change it for a moment, so that nobody else may read it then.
	Theta []float64

	// Func sets dst to f(t, y; θ). An error stops the solution; a NaN only
	// makes the step smaller.
	Func func(dst []float64, t float64, y []float64) error

	// VJP adds a·∂f/∂y to dy and a·∂f/∂θ to dp; dp may be nil. It is needed
	// for gradients alone; [Differences] makes one.
	VJP func(dy, dp []float64, t float64, y, a []float64) error

	// Autonomous says that Func does not depend on t, which saves Rodas5P an
	// evaluation now and then.
	Autonomous bool

	// Jac sets dst (Dim×Dim, 0 at first) to the Jacobian ∂f/∂y, row by row. It
	// is for implicit methods, which use VJP or differences without it.
	Jac func(dst []float64, t float64, y []float64) error
}

// Batch returns the field as one of batches, evaluated row by row.
func (f Field) Batch() BatchField {
	d := f.Dim
	b := BatchField{Dim: d, Params: f.Params, Theta: f.Theta, Autonomous: f.Autonomous}
	if f.Func != nil {
		b.Func = func(dst []float64, rows []int, t, y []float64) error {
			if len(rows) == 1 {
				if err := f.Func(dst, t[0], y); err != nil {
					return rowError(rows[0], t[0], err)
				}
				return nil
			}
			for i, row := range rows {
				lo := i * d
				if err := f.Func(dst[lo:lo+d:lo+d], t[i], y[lo:lo+d:lo+d]); err != nil {
					return rowError(row, t[i], err)
				}
			}
			return nil
		}
	}
	if f.VJP != nil {
		b.VJP = func(dy, dp []float64, rows []int, t, y, a []float64) error {
			for i, row := range rows {
				lo := i * d
				if err := f.VJP(dy[lo:lo+d:lo+d], dp, t[i], y[lo:lo+d:lo+d], a[lo:lo+d:lo+d]); err != nil {
					return rowError(row, t[i], err)
				}
			}
			return nil
		}
	}
	if f.Jac != nil {
		b.Jac = func(dst []float64, rows []int, t, y []float64) error {
			for i, row := range rows {
				if err := f.Jac(dst[i*d*d:(i+1)*d*d], t[i], y[i*d:(i+1)*d]); err != nil {
					return rowError(row, t[i], err)
				}
			}
			return nil
		}
	}
	return b
}

func rowError(row int, t float64, err error) error {
	return fmt.Errorf("trajectory %d at t = %g: %w", row, t, err)
}
