package ad

import "tsgen/internal/kernel"

// Add returns A + B, of equal shapes.
func (t *TapeOf[T]) Add(a, b *NodeOf[T]) *NodeOf[T] {
	sameShape("sum", a, b)
	n := t.record(a.Rows, a.Cols, addBack[T]{}, a, b)
	kernel.Add(n.Val, a.Val, b.Val)
	return n
}

type addBack[T Float] struct{}

func (addBack[T]) run(_ *TapeOf[T], n *NodeOf[T]) {
	for _, x := range n.in[:2] {
		if x.Grad != nil {
			kernel.Axpy(x.Grad, 1, n.Grad)
		}
	}
}

// Sub returns A - B, of equal shapes.
func (t *TapeOf[T]) Sub(a, b *NodeOf[T]) *NodeOf[T] {
	sameShape("difference", a, b)
	n := t.record(a.Rows, a.Cols, subBack[T]{}, a, b)
	kernel.Sub(n.Val, a.Val, b.Val)
	return n
}

type subBack[T Float] struct{}

func (subBack[T]) run(_ *TapeOf[T], n *NodeOf[T]) {
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
func (t *TapeOf[T]) Mul(a, b *NodeOf[T]) *NodeOf[T] {
	sameShape("elementwise product", a, b)
	n := t.record(a.Rows, a.Cols, mulBack[T]{}, a, b)
	kernel.Mul(n.Val, a.Val, b.Val)
	return n
}

type mulBack[T Float] struct{}

func (mulBack[T]) run(_ *TapeOf[T], n *NodeOf[T]) {
	a, b := n.in[0], n.in[1]
	if a.Grad != nil {
		kernel.MulAdd(a.Grad, n.Grad, b.Val)
	}
	if b.Grad != nil {
		kernel.MulAdd(b.Grad, n.Grad, a.Val)
	}
}

// Scale returns c·A for a constant c.
func (t *TapeOf[T]) Scale(c T, a *NodeOf[T]) *NodeOf[T] {
	n := t.record(a.Rows, a.Cols, scaleBack[T]{}, a)
	n.scale = c
	for i, v := range a.Val {
		n.Val[i] = c * v
	}
	return n
}

type scaleBack[T Float] struct{}

func (scaleBack[T]) run(_ *TapeOf[T], n *NodeOf[T]) { kernel.Axpy(n.in[0].Grad, n.scale, n.Grad) }

// Tanh returns the hyperbolic tangent of each element.
//
//	dX += dY ⊙ (1 - Y²)
func (t *TapeOf[T]) Tanh(x *NodeOf[T]) *NodeOf[T] {
	n := t.record(x.Rows, x.Cols, tanhBack[T]{}, x)
	kernel.Tanh(n.Val, x.Val)
	return n
}

type tanhBack[T Float] struct{}

func (tanhBack[T]) run(_ *TapeOf[T], n *NodeOf[T]) {
	kernel.TanhGrad(n.Grad, n.Val, n.Grad)
	kernel.Axpy(n.in[0].Grad, 1, n.Grad)
}

// Sigmoid returns 1/(1+e⁻ˣ) of each element.
//
//	dX += dY ⊙ Y ⊙ (1 - Y)
func (t *TapeOf[T]) Sigmoid(x *NodeOf[T]) *NodeOf[T] {
	n := t.record(x.Rows, x.Cols, sigmoidBack[T]{}, x)
	kernel.Sigmoid(n.Val, x.Val)
	return n
}

type sigmoidBack[T Float] struct{}

func (sigmoidBack[T]) run(_ *TapeOf[T], n *NodeOf[T]) {
	kernel.SigmoidGrad(n.Grad, n.Val, n.Grad)
	kernel.Axpy(n.in[0].Grad, 1, n.Grad)
}

// Exp returns eˣ of each element.
//
//	dX += dY ⊙ Y
func (t *TapeOf[T]) Exp(x *NodeOf[T]) *NodeOf[T] {
	n := t.record(x.Rows, x.Cols, expBack[T]{}, x)
	kernel.Exp(n.Val, x.Val)
	return n
}

type expBack[T Float] struct{}

func (expBack[T]) run(_ *TapeOf[T], n *NodeOf[T]) { kernel.MulAdd(n.in[0].Grad, n.Grad, n.Val) }

// Softplus returns log(1+eˣ) of each element.
//
//	dX += dY ⊙ σ(X)
func (t *TapeOf[T]) Softplus(x *NodeOf[T]) *NodeOf[T] {
	n := t.record(x.Rows, x.Cols, softplusBack[T]{}, x)
	kernel.Softplus(n.Val, x.Val)
	return n
}

type softplusBack[T Float] struct{}

func (softplusBack[T]) run(t *TapeOf[T], n *NodeOf[T]) {
	d := t.workspace(len(n.Val))
	kernel.Sigmoid(d, n.in[0].Val)
	kernel.MulAdd(n.in[0].Grad, n.Grad, d)
}
