package ad

import "tsgen/internal/kernel"

const (
	// owedRows is the number of rows of which a product Xᵀ·D is worth its loading and
	// storing of the whole gradient of weights.
	owedRows = 64

	// manyRows is the number of rows from which on they are not kept for others.
	manyRows = owedRows / 2
)

// owing holds what a tape owes to the gradients of weights that the steps of a recurrence
// share: a product of the few rows of each step would spend its time on loading and storing
// the gradient.
type owing[T Float] struct {
	debts []debt[T]
	of    map[place[T]]int // by the gradient
}

// A debt is rows of X and of D whose product Xᵀ·D is to be added to the gradient of w.
type debt[T Float] struct {
	w    *NodeOf[T]
	x, d []T // owedRows × w.Rows, owedRows × w.Cols
	rows int
}

// weightGradient adds Xᵀ·D to the gradient of w, of parameters at the latest when the way
// back ends. The rows of all steps are one chain in the order of the calls, so that a
// product of several steps at a time changes no bit.
func (t *TapeOf[T]) weightGradient(w *NodeOf[T], x, d []T, rows int) {
	switch {
	case !w.varies || len(w.Val) == 0:
		return
	case w.back != nil || w.of != nil: // no parameter
		dw, add := w.target()
		kernel.MulTN(dw, x, d, w.Rows, rows, w.Cols, add)
		return
	}
	key := place[T]{&w.Grad[0], w.Rows, w.Cols}
	i, owed := t.owing.of[key]
	if rows >= manyRows {
		if owed {
			t.owing.debts[i].pay()
		}
		kernel.MulTN(w.Grad, x, d, w.Rows, rows, w.Cols, true)
		return
	}
	if !owed {
		if t.owing.of == nil {
			t.owing.of = map[place[T]]int{}
		}
		i = len(t.owing.debts)
		t.owing.of[key] = i
		t.owing.debts = append(t.owing.debts, debt[T]{w: w, x: t.scratch(owedRows * w.Rows), d: t.scratch(owedRows * w.Cols)})
	}
	t.owing.debts[i].add(x, d, rows)
}

func (o *debt[T]) add(x, d []T, rows int) {
	if o.rows+rows > owedRows {
		o.pay()
	}
	copy(o.x[o.rows*o.w.Rows:], x[:rows*o.w.Rows])
	copy(o.d[o.rows*o.w.Cols:], d[:rows*o.w.Cols])
	o.rows += rows
}

func (o *debt[T]) pay() {
	if o.rows > 0 {
		kernel.MulTN(o.w.Grad, o.x, o.d, o.w.Rows, o.rows, o.w.Cols, true)
		o.rows = 0
	}
}

// settle pays all debts.
func (o *owing[T]) settle() {
	for i := range o.debts {
		o.debts[i].pay()
	}
}

func (o *owing[T]) reset() {
	o.debts = o.debts[:0]
	clear(o.of)
}
