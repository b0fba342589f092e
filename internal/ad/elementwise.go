package ad

import "tsgen/internal/kernel"

// Add returns A + B, of equal shapes.
func (t *Tape) Add(a, b *Node) *Node {
	sameShape("sum", a, b)
	n := t.record(a.Rows, a.Cols, addBack, a, b)
	kernel.Add(n.Val, a.Val, b.Val)
	return n
}

func addBack(_ *Tape, n *Node) {
	for _, x := range n.in[:2] {
		if x.Grad != nil {
			kernel.Axpy(x.Grad, 1, n.Grad)
		}
	}
}

// Sub returns A - B, of equal shapes.
func (t *Tape) Sub(a, b *Node) *Node {
	sameShape("difference", a, b)
	n := t.record(a.Rows, a.Cols, subBack, a, b)
	kernel.Sub(n.Val, a.Val, b.Val)
	return n
}

func subBack(_ *Tape, n *Node) {
	if a := n.in[0]; a.Grad != nil {
		kernel.Axpy(a.Grad, 1, n.Grad)
	}
	if b := n.in[1]; b.Grad != nil {
		kernel.Axpy(b.Grad, -1, n.Grad)
	}
}

// Mul returns A ⊙ B, the product element by element, of equal shapes.
//
//	dA += dC ⊙ B,  dB += dC ⊙ A
func (t *Tape) Mul(a, b *Node) *Node {
	sameShape("elementwise product", a, b)
	n := t.record(a.Rows, a.Cols, mulBack, a, b)
	kernel.Mul(n.Val, a.Val, b.Val)
	return n
}

func mulBack(_ *Tape, n *Node) {
	a, b := n.in[0], n.in[1]
	if a.Grad != nil {
		kernel.MulAdd(a.Grad, n.Grad, b.Val)
	}
	if b.Grad != nil {
		kernel.MulAdd(b.Grad, n.Grad, a.Val)
	}
}

// Scale returns c·A for a constant c.
func (t *Tape) Scale(c float64, a *Node) *Node {
	n := t.record(a.Rows, a.Cols, scaleBack, a)
	n.scale = c
	for i, v := range a.Val {
		n.Val[i] = c * v
	}
	return n
}

func scaleBack(_ *Tape, n *Node) { kernel.Axpy(n.in[0].Grad, n.scale, n.Grad) }

// Tanh returns the hyperbolic tangent of each element.
//
//	dX += dY ⊙ (1 - Y²)
func (t *Tape) Tanh(x *Node) *Node {
	n := t.record(x.Rows, x.Cols, tanhBack, x)
	kernel.Tanh(n.Val, x.Val)
	return n
}

func tanhBack(_ *Tape, n *Node) {
	kernel.TanhGrad(n.Grad, n.Val, n.Grad)
	kernel.Axpy(n.in[0].Grad, 1, n.Grad)
}

// Sigmoid returns 1/(1+e⁻ˣ) of each element.
//
//	dX += dY ⊙ Y ⊙ (1 - Y)
func (t *Tape) Sigmoid(x *Node) *Node {
	n := t.record(x.Rows, x.Cols, sigmoidBack, x)
	kernel.Sigmoid(n.Val, x.Val)
	return n
}

func sigmoidBack(_ *Tape, n *Node) {
	kernel.SigmoidGrad(n.Grad, n.Val, n.Grad)
	kernel.Axpy(n.in[0].Grad, 1, n.Grad)
}

// Exp returns eˣ of each element.
//
//	dX += dY ⊙ Y
func (t *Tape) Exp(x *Node) *Node {
	n := t.record(x.Rows, x.Cols, expBack, x)
	kernel.Exp(n.Val, x.Val)
	return n
}

func expBack(_ *Tape, n *Node) { kernel.MulAdd(n.in[0].Grad, n.Grad, n.Val) }

// Softplus returns log(1+eˣ) of each element.
//
//	dX += dY ⊙ σ(X)
func (t *Tape) Softplus(x *Node) *Node {
	n := t.record(x.Rows, x.Cols, softplusBack, x)
	kernel.Softplus(n.Val, x.Val)
	return n
}

func softplusBack(t *Tape, n *Node) {
	d := t.workspace(len(n.Val))
	kernel.Sigmoid(d, n.in[0].Val)
	kernel.MulAdd(n.in[0].Grad, n.Grad, d)
}
