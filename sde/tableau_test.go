package sde

import (
	"math/big"
	"testing"
)

// rat returns the fraction of a small denominator that x is.
func rat(t *testing.T, x float64) *big.Rat {
	t.Helper()
	r := new(big.Rat)
	for den := int64(1); den <= 24; den++ {
		n := int64(x*float64(den) + 0.5)
		if x < 0 {
			n = int64(x*float64(den) - 0.5)
		}
		if float64(n)/float64(den) == x {
			return r.SetFrac64(n, den)
		}
	}
	t.Fatalf("%v is no fraction", x)
	return nil
}

type vector []*big.Rat

// dot returns Σ a·b·…, componentwise.
func dot(vs ...vector) *big.Rat {
	sum := new(big.Rat)
	for i := range vs[0] {
		p := big.NewRat(1, 1)
		for _, v := range vs {
			p.Mul(p, v[i])
		}
		sum.Add(sum, p)
	}
	return sum
}

// times returns the matrix whose rows are m's times v.
func times(m []vector, v vector) vector {
	var out vector
	for _, row := range m {
		out = append(out, dot(row, v))
	}
	return out
}

// coefficients returns what the last stage takes of each stage, and the
// matrices that the stages take of drifts, and of diffusions for one kind of
// random number.
func coefficients(t *testing.T, tab *tableau, kind int) (alpha, beta vector, a, b []vector) {
	t.Helper()
	n := len(tab.stages) - 1
	row := func(s stage) (ra, rb vector) {
		for j := range n {
			x, y := 0.0, 0.0
			if j < len(s.a) {
				x = s.a[j]
			}
			if j < len(s.b) {
				y = s.b[j][kind]
			}
			ra, rb = append(ra, rat(t, x)), append(rb, rat(t, y))
		}
		return ra, rb
	}
	for _, s := range tab.stages[:n] {
		ra, rb := row(s)
		a, b = append(a, ra), append(b, rb)
	}
	alpha, beta = row(tab.stages[n])
	return alpha, beta, a, b
}

// The coefficients of SRI fulfil the conditions for strong order 1.5 of Rößler
// (2010), theorem 5.1 with its remark for more than one motion, and those of
// SRA the conditions of theorem 4.1, in exact arithmetic.
func TestOrderConditions(t *testing.T) {
	check := func(name string, got *big.Rat, num, den int64) {
		t.Helper()
		if got.Cmp(big.NewRat(num, den)) != 0 {
			t.Errorf("%s is %v, want %d/%d", name, got, num, den)
		}
	}
	ones := func(n int) (e vector) {
		for range n {
			e = append(e, big.NewRat(1, 1))
		}
		return e
	}

	sri := SRI{}.tableau(Ito)
	e := ones(len(sri.stages) - 1)
	alpha, _, a, b0 := coefficients(t, sri, xiArea)
	_, _, _, b1 := coefficients(t, sri, xiRoot)
	a0e, b0e, b1e := times(a, e), times(b0, e), times(b1, e)
	b1b1e := times(b1, b1e)
	check("αe", dot(alpha, e), 1, 1)
	check("αA⁰e", dot(alpha, a0e), 1, 2)
	check("αB⁰e", dot(alpha, b0e), 1, 1)
	check("α(B⁰e)²", dot(alpha, b0e, b0e), 3, 2)
	for i, c := range []struct {
		kind                     int
		e, b1e, a1e, b1e2, b1b1e int64
	}{
		{xiW, 1, 0, 1, 1, 0},
		{xiW2, 0, 1, 0, 0, 0},
		{xiArea, 0, 0, -1, -1, 0},
		{xiW3, 0, 0, 0, 2, 1},
	} {
		_, beta, _, _ := coefficients(t, sri, c.kind)
		name := []string{"β¹", "β²", "β³", "β⁴"}[i]
		check(name+"e", dot(beta, e), c.e, 1)
		check(name+"B¹e", dot(beta, b1e), c.b1e, 1)
		check(name+"A¹e", dot(beta, a0e), c.a1e, 1)
		check(name+"(B¹e)²", dot(beta, b1e, b1e), c.b1e2, 1)
		check(name+"B¹(B¹e)", dot(beta, b1b1e), c.b1b1e, 1)
	}
	_, beta1, _, _ := coefficients(t, sri, xiW)
	_, beta3, _, _ := coefficients(t, sri, xiArea)
	last := dot(beta1, times(a, b0e))
	last.Mul(last, big.NewRat(1, 2))
	third := dot(beta3, times(a, b0e))
	last.Add(last, third.Mul(third, big.NewRat(1, 3)))
	check("β¹A¹(B⁰e)/2 + β³A¹(B⁰e)/3", last, 0, 1)

	sra := SRA{}.tableau(Ito)
	e = ones(len(sra.stages) - 1)
	alpha, betaArea, a, b0 := coefficients(t, sra, xiArea)
	_, betaW, _, _ := coefficients(t, sra, xiW)
	var c vector
	for _, s := range sra.stages[:len(sra.stages)-1] {
		c = append(c, rat(t, s.c))
	}
	check("SRA: αe", dot(alpha, e), 1, 1)
	check("SRA: β¹e", dot(betaW, e), 1, 1)
	check("SRA: β²e", dot(betaArea, e), 0, 1)
	check("SRA: αA⁰e", dot(alpha, times(a, e)), 1, 2)
	check("SRA: αB⁰e", dot(alpha, times(b0, e)), 1, 1)
	check("SRA: α(B⁰e)²", dot(alpha, times(b0, e), times(b0, e)), 3, 2)
	check("SRA: β¹c", dot(betaW, c), 1, 1)
	check("SRA: β²c", dot(betaArea, c), -1, 1)
}

// The times of the stages are those that the drifts before them have taken
// them to, but for SRA's diffusion at the step's end and Milstein's, which take
// no drift; and every method takes a whole step.
func TestStageTimes(t *testing.T) {
	for _, m := range []Method{EulerMaruyama{}, Milstein{}, SRI{}, SRA{}, Heun{}, ReversibleHeun{}} {
		for _, c := range []Calculus{Ito, Stratonovich} {
			tab := m.tableau(c)
			for st, s := range tab.stages {
				sum, want := 0.0, s.c
				for _, a := range s.a {
					sum += a
				}
				if st == len(tab.stages)-1 {
					want = 1
				}
				if tab.name == "SRA" && st == 0 {
					want = 0
				}
				if sum != want {
					t.Errorf("%s: stage %d takes %g of a step, its time is %g", tab.name, st, sum, want)
				}
			}
			if aux := tab.aux; aux > 0 && tab.stages[aux].c != 1 {
				t.Errorf("%s: its second state is not at the step's end", tab.name)
			}
		}
	}
}
