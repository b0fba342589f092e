package kernel

// The functions of this file handle one row; its blocks follow each other.

func gruGatesGo[T Float](hNew, gates, gx, gh, h []T) {
	n := len(h)
	for j := range n {
		r := sigmoidOf(gx[j] + gh[j])
		u := sigmoidOf(gx[n+j] + gh[n+j])
		c := tanhOf(T(fma(r, gh[2*n+j], gx[2*n+j])))
		gates[j], gates[n+j], gates[2*n+j], gates[3*n+j] = r, u, c, gh[2*n+j]
		hNew[j] = T(fma(u, h[j]-c, c))
	}
}

func gruGatesGradGo[T Float](dgx, dgh, dh, dhNew, gates, h []T) {
	n := len(h)
	for j := range n {
		d := dhNew[j]
		r, u, c, ghc := gates[j], gates[n+j], gates[2*n+j], gates[3*n+j]
		dc := d * (1 - u) * T(fma(-c, c, 1))
		du := d * (h[j] - c) * (u * (1 - u))
		dr := dc * ghc * (r * (1 - r))
		dgx[j], dgx[n+j], dgx[2*n+j] = dr, du, dc
		dgh[j], dgh[n+j], dgh[2*n+j] = dr, du, dc*r
		dh[j] = d * u
	}
}

func lstmGatesGo[T Float](hNew, cNew, gates, gx, gh, c []T) {
	n := len(c)
	for j := range n {
		i := sigmoidOf(gx[j] + gh[j])
		f := sigmoidOf(gx[n+j] + gh[n+j])
		g := tanhOf(gx[2*n+j] + gh[2*n+j])
		o := sigmoidOf(gx[3*n+j] + gh[3*n+j])
		next := T(fma(i, g, f*c[j]))
		t := tanhOf(next)
		gates[j], gates[n+j], gates[2*n+j], gates[3*n+j], gates[4*n+j] = i, f, g, o, t
		cNew[j], hNew[j] = next, o*t
	}
}

func lstmGatesGradGo[T Float](dg, dc, dhNew, dcNew, gates, c []T) {
	n := len(c)
	for j := range n {
		i, f, g, o, t := gates[j], gates[n+j], gates[2*n+j], gates[3*n+j], gates[4*n+j]
		dh := dhNew[j]
		d := T(fma(dh*o, T(fma(-t, t, 1)), dcNew[j]))
		dg[j] = d * g * (i * (1 - i))
		dg[n+j] = d * c[j] * (f * (1 - f))
		dg[2*n+j] = d * i * T(fma(-g, g, 1))
		dg[3*n+j] = dh * t * (o * (1 - o))
		dc[j] = d * f
	}
}
