package sde

// A term is a stage with a coefficient; a noiseTerm is one whose diffusion is
// weighted by a sum of random numbers.
type (
	term struct {
		j int
		c float64
	}
	noiseTerm struct {
		j int
		w []term // j is the kind of random number
	}
)

// newTerms returns the coefficients that are not 0.
func newTerms(a []float64) []term {
	var t []term
	for j, c := range a {
		if c != 0 {
			t = append(t, term{j, c})
		}
	}
	return t
}

func newNoiseTerms(b []weights) []noiseTerm {
	var t []noiseTerm
	for j, w := range b {
		if u := newTerms(w[:]); u != nil {
			t = append(t, noiseTerm{j, u})
		}
	}
	return t
}

// A scheme is a tableau by rows, for the way forward, and by columns, for the
// way back: row s is what goes into stage s, column s what comes from it.
type scheme struct {
	drift, driftTo []([]term)
	noise, noiseTo []([]noiseTerm)

	errDrift []term
	errNoise []noiseTerm
}

func newScheme(t *tableau) scheme {
	n := len(t.stages)
	var s scheme
	for _, st := range t.stages {
		s.drift, s.noise = append(s.drift, newTerms(st.a)), append(s.noise, newNoiseTerms(st.b))
	}
	for j := range n - 1 {
		a, b := make([]float64, n), make([]weights, n)
		for st, x := range t.stages {
			if j < len(x.a) {
				a[st] = x.a[j]
			}
			if j < len(x.b) {
				b[st] = x.b[j]
			}
		}
		s.driftTo, s.noiseTo = append(s.driftTo, newTerms(a)), append(s.noiseTo, newNoiseTerms(b))
	}
	s.errDrift, s.errNoise = newTerms(t.errDrift), newNoiseTerms(t.errNoise)
	return s
}

// mixXi sets q to the weights of the motions in row i of xi.
func (b *Batch) mixXi(q []float64, w []term, i int) {
	m := len(q)
	x, c := b.xi[w[0].j][i*m:(i+1)*m], w[0].c
	for k := range q {
		q[k] = c * x[k]
	}
	for _, u := range w[1:] {
		x, c := b.xi[u.j][i*m:(i+1)*m], u.c
		for k := range q {
			q[k] += c * x[k]
		}
	}
}

// addNoise adds to dst the diffusion g times the motions' weights q.
func (b *Batch) addNoise(dst, g, q []float64) {
	if b.sys.Noise == Diagonal {
		for k, x := range q {
			dst[k] += g[k] * x
		}
		return
	}
	m := len(q)
	for r := range dst {
		row := g[r*m : (r+1)*m]
		s := 0.0
		for k, x := range q {
			s += row[k] * x
		}
		dst[r] += s
	}
}

// pullNoise adds to kap, the adjoint of a diffusion, that of addNoise's dst.
func (b *Batch) pullNoise(kap, adj, q []float64) {
	if b.sys.Noise == Diagonal {
		for k, x := range q {
			kap[k] += adj[k] * x
		}
		return
	}
	m := len(q)
	for r, a := range adj {
		row := kap[r*m : (r+1)*m]
		for k, x := range q {
			row[k] += a * x
		}
	}
}
