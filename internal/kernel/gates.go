package kernel

// GRUGates computes a batch of m steps of a gated recurrent unit with n units
// (Cho et al. 2014, the reset gate behind the recurrent product):
//
//	r = σ(gx_r + gh_r),  u = σ(gx_u + gh_u)
//	c = tanh(gx_c + r ⊙ gh_c),  hNew = (1-u) ⊙ c + u ⊙ h = c + u ⊙ (h - c)
//
// gx and gh, m×3n, are the input's and the recurrent shares of the gates, with
// their biases, in blocks reset, update, candidate. hNew and h are m×n; hNew
// may be h. gates, m×4n, keeps r, u, c and gh_c for [GRUGatesGrad]; of 1×4n, it is overwritten
// row by row.
func GRUGates[T Float](hNew, gates, gx, gh, h []T, m, n int) {
	holds("GRUGates", "hNew", len(hNew), m, n)
	apart := keptApart("GRUGates", len(gates), m, 4*n)
	holds("GRUGates", "gx", len(gx), m, 3*n)
	holds("GRUGates", "gh", len(gh), m, 3*n)
	holds("GRUGates", "h", len(h), m, n)
	for i := range m {
		row, wide := i*n, i*3*n
		gruGates(hNew[row:row+n], gates[i*apart:i*apart+4*n], gx[wide:wide+3*n], gh[wide:wide+3*n], h[row:row+n])
	}
}

// GRUGatesGrad goes back through [GRUGates]: from dhNew, m×n, the gates that the
// way forward kept and the states h that it started from, it sets dgx and dgh,
// m×3n, to the gradients of gx and gh, and dh, m×n, to dhNew ⊙ u, the part of
// h's gradient that does not pass through gh. dh may be dhNew.
//
//	dgx_c = dhNew ⊙ (1-u) ⊙ (1-c²),  dgh_c = dgx_c ⊙ r
//	dgx_u = dgh_u = dhNew ⊙ (h-c) ⊙ u ⊙ (1-u)
//	dgx_r = dgh_r = dgx_c ⊙ gh_c ⊙ r ⊙ (1-r)
func GRUGatesGrad[T Float](dgx, dgh, dh, dhNew, gates, h []T, m, n int) {
	holds("GRUGatesGrad", "dgx", len(dgx), m, 3*n)
	holds("GRUGatesGrad", "dgh", len(dgh), m, 3*n)
	holds("GRUGatesGrad", "dh", len(dh), m, n)
	holds("GRUGatesGrad", "dhNew", len(dhNew), m, n)
	holds("GRUGatesGrad", "gates", len(gates), m, 4*n)
	holds("GRUGatesGrad", "h", len(h), m, n)
	for i := range m {
		row, wide := i*n, i*3*n
		gruGatesGrad(dgx[wide:wide+3*n], dgh[wide:wide+3*n], dh[row:row+n], dhNew[row:row+n],
			gates[i*4*n:(i+1)*4*n], h[row:row+n])
	}
}

// LSTMGates computes a batch of m steps of a long short-term memory with n
// units (Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al.
// 2000):
//
//	i = σ(gx_i + gh_i),  f = σ(gx_f + gh_f),  g = tanh(gx_g + gh_g),  o = σ(gx_o + gh_o)
//	cNew = f ⊙ c + i ⊙ g,  hNew = o ⊙ tanh(cNew)
//
// gx and gh, m×4n, are the input's and the recurrent shares of the gates, with
// their biases, in blocks i, f, g, o. hNew, cNew and c are m×n; cNew may be c.
// gates, m×5n, keeps i, f, g, o and tanh(cNew) for [LSTMGatesGrad]; of 1×5n, it is overwritten
// row by row.
func LSTMGates[T Float](hNew, cNew, gates, gx, gh, c []T, m, n int) {
	holds("LSTMGates", "hNew", len(hNew), m, n)
	holds("LSTMGates", "cNew", len(cNew), m, n)
	apart := keptApart("LSTMGates", len(gates), m, 5*n)
	holds("LSTMGates", "gx", len(gx), m, 4*n)
	holds("LSTMGates", "gh", len(gh), m, 4*n)
	holds("LSTMGates", "c", len(c), m, n)
	for i := range m {
		row, wide := i*n, i*4*n
		lstmGates(hNew[row:row+n], cNew[row:row+n], gates[i*apart:i*apart+5*n],
			gx[wide:wide+4*n], gh[wide:wide+4*n], c[row:row+n])
	}
}

// LSTMGatesGrad goes back through [LSTMGates]: from the gradients dhNew and
// dcNew, m×n, it sets dg, m×4n, to the gradient of gx, which is that of gh
// too, and dc, m×n, to that of c. dc may be dcNew.
//
//	d = dcNew + dhNew ⊙ o ⊙ (1 - tanh²(cNew)),  dc = d ⊙ f
//	dg_i = d ⊙ g ⊙ i ⊙ (1-i),  dg_f = d ⊙ c ⊙ f ⊙ (1-f)
//	dg_g = d ⊙ i ⊙ (1-g²),  dg_o = dhNew ⊙ tanh(cNew) ⊙ o ⊙ (1-o)
func LSTMGatesGrad[T Float](dg, dc, dhNew, dcNew, gates, c []T, m, n int) {
	holds("LSTMGatesGrad", "dg", len(dg), m, 4*n)
	holds("LSTMGatesGrad", "dc", len(dc), m, n)
	holds("LSTMGatesGrad", "dhNew", len(dhNew), m, n)
	holds("LSTMGatesGrad", "dcNew", len(dcNew), m, n)
	holds("LSTMGatesGrad", "gates", len(gates), m, 5*n)
	holds("LSTMGatesGrad", "c", len(c), m, n)
	for i := range m {
		row := i * n
		lstmGatesGrad(dg[i*4*n:(i+1)*4*n], dc[row:row+n], dhNew[row:row+n], dcNew[row:row+n],
			gates[i*5*n:(i+1)*5*n], c[row:row+n])
	}
}

// keptApart returns how far apart lie what is kept of the m rows of gates: cols, or 0 if there
// is room for one.
func keptApart(op string, got, m, cols int) int {
	if got == cols {
		return 0
	}
	holds(op, "gates", got, m, cols)
	return cols
}
