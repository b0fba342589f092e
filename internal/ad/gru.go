package ad

import (
	"fmt"

	"tsgen/internal/kernel"
)

// GRU runs a gated recurrent unit (Cho et al. 2014, with the reset gate behind
// the recurrent product) over a batch of sequences of unequal lengths.
//
// Sequences lie in the rows of a packed matrix, step by step: first the
// active[0] sequences' first steps, then the active[1] second steps, and so
// on. active does not rise, so sequence i of the batch is row i of every step
// that it has. gx, Σactive×3h, holds the input's share of the gates
// X·Wx + bx (blocks reset, update, candidate); wh is h×3h and bh 1×3h. The
// state starts at zero. The result holds the state after every step, packed
// like gx, Σactive×h.
//
//	r = σ(gx_r + h·Wh_r + bh_r),  u = σ(gx_u + h·Wh_u + bh_u)
//	c = tanh(gx_c + r ⊙ (h·Wh_c + bh_c)),  h' = (1-u) ⊙ c + u ⊙ h
func (t *Tape) GRU(gx, wh, bh *Node, active []int) *Node {
	h := wh.Rows
	total := 0
	for k, a := range active {
		if a < 1 || k > 0 && a > active[k-1] {
			panic(fmt.Sprintf("ad: %d sequences active at step %d", a, k))
		}
		total += a
	}
	if gx.Cols != 3*h || wh.Cols != 3*h || bh.Cols != 3*h || bh.Rows != 1 || gx.Rows != total {
		panic(fmt.Sprintf("ad: GRU over %d steps with %d×%d inputs, %d×%d weights and a %d×%d bias",
			total, gx.Rows, gx.Cols, wh.Rows, wh.Cols, bh.Rows, bh.Cols))
	}
	n := t.record(total, h, gruBack, gx, wh, bh)
	n.index = t.copyInts(active)
	// Kept for the way back: gates, the recurrent share and the state before
	// each step; behind them room for the gradients of the two shares and of
	// the state.
	n.saved = t.Buffer(total*(3*h+3*h+h) + total*3*h*2 + 2*h*maxInt(active))
	gates, gh, prev := n.saved[:total*3*h], n.saved[total*3*h:total*6*h], n.saved[total*6*h:total*7*h]
	at := 0
	for k, a := range active {
		p := prev[at*h : (at+a)*h]
		if k > 0 {
			from := at - active[k-1]
			copy(p, n.Val[from*h:(from+a)*h])
		}
		g := gh[at*3*h : (at+a)*3*h]
		kernel.Affine(g, p, wh.Val, bh.Val, a, h, 3*h)
		kernel.GRUGates(n.Val[at*h:(at+a)*h], gates[at*3*h:(at+a)*3*h], gx.Val[at*3*h:(at+a)*3*h], g, p, a, h)
		at += a
	}
	return n
}

func gruBack(n *Node) {
	gx, wh, bh := n.in[0], n.in[1], n.in[2]
	h, total, active := n.Cols, n.Rows, n.index
	s := n.saved
	gates, gh, prev := s[:total*3*h], s[total*3*h:total*6*h], s[total*6*h:total*7*h]
	s = s[total*7*h:]
	dgx, dgh := s[:total*3*h], s[total*3*h:total*6*h]
	s = s[total*6*h:]
	carry, dh := s[:len(s)/2], s[len(s)/2:]
	at := total
	for k := len(active) - 1; k >= 0; k-- {
		a := active[k]
		at -= a
		d := dh[:a*h]
		copy(d, n.Grad[at*h:(at+a)*h])
		if k+1 < len(active) {
			b := active[k+1]
			kernel.Axpy(d[:b*h], 1, carry[:b*h])
		}
		c := carry[:a*h]
		g := dgh[at*3*h : (at+a)*3*h]
		kernel.GRUGatesGrad(dgx[at*3*h:(at+a)*3*h], g, c, d, gates[at*3*h:(at+a)*3*h], gh[at*3*h:(at+a)*3*h], prev[at*h:(at+a)*h], a, h)
		if k > 0 {
			kernel.MulNT(c, g, wh.Val, a, 3*h, h, true)
		}
	}
	if gx.Grad != nil {
		kernel.Axpy(gx.Grad, 1, dgx)
	}
	if wh.Grad != nil {
		kernel.MulTN(wh.Grad, prev, dgh, h, total, 3*h, true)
	}
	if bh.Grad != nil {
		kernel.SumRows(bh.Grad, dgh, total, 3*h)
	}
}

func maxInt(x []int) int {
	m := 0
	for _, v := range x {
		m = max(m, v)
	}
	return m
}
