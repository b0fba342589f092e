package ode

import (
	"math"
	"testing"
)

// A detest is a problem of Hull, Enright, Fellen and Sedgwick (SIAM J. Numer.
// Anal. 9, 1972), on [0, 20].
type detest struct {
	name string
	y0   []float64
	f    func(dst []float64, t float64, y []float64)

	// From SciPy: y[0] at the end by DOP853 at 1e-13, and the evaluations and
	// the error of RK45 (an I controller) at 1e-3, 1e-6 and 1e-9.
	end   float64
	calls [3]int
	err   [3]float64
}

func unit(n int) []float64 {
	y := make([]float64, n)
	y[0] = 1
	return y
}

func chain(dst []float64, _ float64, y []float64) {
	for i := range y {
		dst[i] = -2 * y[i]
		if i > 0 {
			dst[i] += y[i-1]
		}
		if i+1 < len(y) {
			dst[i] += y[i+1]
		}
	}
}

func orbit(dst []float64, _ float64, y []float64) {
	r := math.Hypot(y[0], y[1])
	dst[0], dst[1] = y[2], y[3]
	dst[2], dst[3] = -y[0]/(r*r*r), -y[1]/(r*r*r)
}

// planets are the five outer planets.
func planets(dst []float64, _ float64, y []float64) {
	const k2, m0 = 2.95912208286, 1.00000597682
	m := [5]float64{0.000954786104043, 0.000285583733151, 0.0000437273164546, 0.0000517759138449, 0.00000277777777778}
	copy(dst[:15], y[15:])
	var r3 [5]float64
	for j := range r3 {
		r := math.Sqrt(inner(y[3*j:3*j+3], y[3*j:3*j+3]))
		r3[j] = r * r * r
	}
	for j := range r3 {
		for i := range 3 {
			a := -(m0 + m[j]) * y[3*j+i] / r3[j]
			for k := range r3 {
				if k == j {
					continue
				}
				var d2 float64
				for l := range 3 {
					d := y[3*k+l] - y[3*j+l]
					d2 += d * d
				}
				a += m[k] * ((y[3*k+i]-y[3*j+i])/(d2*math.Sqrt(d2)) - y[3*k+i]/r3[k])
			}
			dst[15+3*j+i] = k2 * a
		}
	}
}

func detests() []detest {
	return []detest{
		{"A1", []float64{1}, func(dst []float64, _ float64, y []float64) { dst[0] = -y[0] }, 2.0611536437453673e-09, [3]int{74, 164, 530}, [3]float64{1.5e-04, 4.3e-08, 6.7e-11}},
		{"A2", []float64{1}, func(dst []float64, _ float64, y []float64) { dst[0] = -y[0] * y[0] * y[0] / 2 }, 0.21821789023599286, [3]int{44, 98, 302}, [3]float64{7.3e-04, 7.3e-07, 3.8e-10}},
		{"A3", []float64{1}, func(dst []float64, t float64, y []float64) { dst[0] = y[0] * math.Cos(t) }, 2.4916502718510296, [3]int{128, 482, 1502}, [3]float64{5.9e-03, 3.1e-06, 4.1e-09}},
		{"A4", []float64{1}, func(dst []float64, _ float64, y []float64) { dst[0] = y[0] / 4 * (1 - y[0]/20) }, 17.730166481314786, [3]int{32, 98, 308}, [3]float64{3.2e-04, 1.3e-07, 1.3e-11}},
		{"A5", []float64{4}, func(dst []float64, t float64, y []float64) { dst[0] = (y[0] - t) / (y[0] + t) }, -0.788782668895812, [3]int{32, 86, 266}, [3]float64{2.6e-03, 7.6e-06, 7.1e-09}},
		{"B1", []float64{1, 3}, func(dst []float64, _ float64, y []float64) {
			dst[0], dst[1] = 2*(y[0]-y[0]*y[1]), -(y[1] - y[0]*y[1])
		}, 0.6761876008575904, [3]int{284, 866, 2768}, [3]float64{9.0e-02, 1.7e-05, 1.3e-08}},
		{"B2", []float64{2, 0, 1}, func(dst []float64, _ float64, y []float64) {
			dst[0], dst[1], dst[2] = -y[0]+y[1], y[0]-2*y[1]+y[2], y[1]-y[2]
		}, 1.0000000010305772, [3]int{140, 230, 608}, [3]float64{1.9e-04, 8.8e-07, 7.7e-11}},
		{"B3", []float64{1, 0, 0}, func(dst []float64, _ float64, y []float64) {
			dst[0], dst[1], dst[2] = -y[0], y[0]-y[1]*y[1], y[1]*y[1]
		}, 2.0611537535835863e-09, [3]int{86, 176, 578}, [3]float64{3.7e-04, 2.3e-07, 3.7e-10}},
		{"B4", []float64{3, 0, 0}, func(dst []float64, _ float64, y []float64) {
			r := math.Hypot(y[0], y[1])
			dst[0], dst[1], dst[2] = -y[1]-y[0]*y[2]/r, y[0]-y[1]*y[2]/r, y[0]/r
		}, 0.9826950927984917, [3]int{170, 542, 2102}, [3]float64{1.9e-02, 7.2e-06, 2.9e-09}},
		{"B5", []float64{0, 1, 1}, func(dst []float64, _ float64, y []float64) {
			dst[0], dst[1], dst[2] = y[1]*y[2], -y[0]*y[2], -0.51*y[0]*y[1]
		}, -0.9396570798728757, [3]int{158, 482, 1484}, [3]float64{6.8e-02, 2.0e-05, 1.5e-08}},
		{"C1", unit(10), func(dst []float64, _ float64, y []float64) {
			dst[0] = -y[0]
			for i := 1; i < 9; i++ {
				dst[i] = y[i-1] - y[i]
			}
			dst[9] = y[8]
		}, 2.06115362274959e-09, [3]int{92, 206, 722}, [3]float64{7.5e-04, 2.6e-07, 4.5e-10}},
		{"C2", unit(10), func(dst []float64, _ float64, y []float64) {
			dst[0] = -y[0]
			for i := 1; i < 9; i++ {
				dst[i] = float64(i)*y[i-1] - float64(i+1)*y[i]
			}
			dst[9] = 9 * y[8]
		}, 2.0611536388236257e-09, [3]int{356, 416, 788}, [3]float64{6.5e-04, 4.6e-07, 1.9e-10}},
		{"C3", unit(10), chain, 0.002948119211022802, [3]int{188, 242, 590}, [3]float64{2.4e-04, 2.1e-07, 2.1e-10}},
		{"C4", unit(51), chain, 0.0031241114537223706, [3]int{164, 224, 506}, [3]float64{2.9e-04, 2.7e-07, 4.9e-10}},
		{"C5", []float64{
			3.42947415189, 3.35386959711, 1.35494901715, 6.64145542550, 5.97156957878, 2.18231499728,
			11.2630437207, 14.6952576794, 6.27960525067, -30.1552268759, 1.65699966404, 1.43785752721,
			-21.1238353380, 28.4465098142, 15.3882659679, -0.557160570446, 0.505696783289, 0.230578543901,
			-0.415570776342, 0.365682722812, 0.169143213293, -0.325325669158, 0.189706021964, 0.0877265322780,
			-0.0240476254170, -0.287659532608, -0.117219543175, -0.176860753121, -0.216393453025, -0.0148647893090,
		}, planets, -4.792730224324702, [3]int{32, 74, 248}, [3]float64{1.4e-01, 5.6e-05, 2.1e-08}},
		{"D1", []float64{1 - 0.1, 0, 0, math.Sqrt((1 + 0.1) / (1 - 0.1))}, orbit, 0.21988353520182888, [3]int{188, 428, 1700}, [3]float64{9.9e-01, 7.0e-04, 1.8e-07}},
		{"D2", []float64{1 - 0.3, 0, 0, math.Sqrt((1 + 0.3) / (1 - 0.3))}, orbit, -0.1777027357147732, [3]int{206, 566, 1808}, [3]float64{8.7e-01, 5.8e-04, 2.3e-07}},
		{"D3", []float64{1 - 0.5, 0, 0, math.Sqrt((1 + 0.5) / (1 - 0.5))}, orbit, -0.5780432953015935, [3]int{254, 728, 2126}, [3]float64{4.5e-01, 1.7e-04, 1.7e-07}},
		{"D4", []float64{1 - 0.7, 0, 0, math.Sqrt((1 + 0.7) / (1 - 0.7))}, orbit, -0.953899029338032, [3]int{314, 938, 2624}, [3]float64{1.3e-01, 4.9e-05, 1.3e-07}},
		{"D5", []float64{1 - 0.9, 0, 0, math.Sqrt((1 + 0.9) / (1 - 0.9))}, orbit, -1.295266250979018, [3]int{458, 1352, 3602}, [3]float64{2.7e-01, 1.9e-04, 2.2e-07}},
		{"E1", []float64{0.6713967071418030, 0.09540051444747446}, func(dst []float64, t float64, y []float64) {
			dst[0] = y[1]
			dst[1] = -(y[1]/(t+1) + (1-0.25/((t+1)*(t+1)))*y[0])
		}, 0.1456723600728456, [3]int{98, 368, 1406}, [3]float64{4.7e-03, 3.7e-06, 2.9e-09}},
		{"E2", []float64{2, 0}, func(dst []float64, _ float64, y []float64) {
			dst[0], dst[1] = y[1], (1-y[0]*y[0])*y[1]-y[0]
		}, 2.0081497621749422, [3]int{386, 1142, 3284}, [3]float64{5.7e-02, 2.0e-05, 8.1e-09}},
		{"E3", []float64{0, 0}, func(dst []float64, t float64, y []float64) {
			dst[0], dst[1] = y[1], y[0]*y[0]*y[0]/6-y[0]+2*math.Sin(2.78535*t)
		}, -0.10041788586442835, [3]int{260, 824, 2684}, [3]float64{1.1e-01, 3.9e-05, 1.3e-08}},
		{"E4", []float64{30, 0}, func(dst []float64, _ float64, y []float64) {
			dst[0], dst[1] = y[1], 0.032-0.4*y[1]*y[1]
		}, 33.950914446465546, [3]int{38, 74, 200}, [3]float64{8.8e-05, 1.7e-07, 2.4e-10}},
		{"E5", []float64{0, 0}, func(dst []float64, t float64, y []float64) {
			dst[0], dst[1] = y[1], math.Sqrt(1+y[1]*y[1])/(25-t)
		}, 14.117973905426094, [3]int{56, 110, 260}, [3]float64{5.2e-05, 1.2e-07, 1.6e-10}},
	}
}

// TestDetest solves the problems at three tolerances by every adaptive method,
// and compares evaluations and errors with SciPy's.
func TestDetest(t *testing.T) {
	tols := [...]float64{1e-3, 1e-6, 1e-9}
	solved := func(p detest, m Method, opt Options) (*Batch, []float64) {
		b := newBatch(t, each(len(p.y0), 0, p.f, nil), m, &opt)
		solve(t, b, []float64{0}, p.y0, [][]float64{{20}})
		return b, b.Y(0)
	}
	off := func(y, ref []float64) float64 {
		e := 0.0
		for i := range y {
			e = max(e, math.Abs(y[i]-ref[i])/(1+math.Abs(ref[i])))
		}
		return e
	}
	for k, tol := range tols {
		var calls, errs [3]float64 // logarithms of ratios to SciPy's, by control
		for _, p := range detests() {
			_, ref := solved(p, DOP853{}, Options{RTol: 1e-13, ATol: 1e-15})
			if e := math.Abs(ref[0]-p.end) / (1 + math.Abs(p.end)); e > 1e-10 {
				t.Errorf("%s: DOP853 ends at %v, SciPy's at %v", p.name, ref[0], p.end)
			}
			for c := ControlPI; c <= ControlPID; c++ {
				b, y := solved(p, Dopri5{}, Options{RTol: tol, ATol: tol, Control: c})
				calls[c] += math.Log(float64(b.Stats(0).Calls) / float64(p.calls[k]))
				errs[c] += math.Log((off(y, ref) + 1e-3*tol) / (p.err[k] + 1e-3*tol))
				if n := b.Stats(0).Calls; c == ControlI && (n > p.calls[k] || n < p.calls[k]-12) {
					t.Errorf("%s at %g: %d evaluations, SciPy takes %d", p.name, tol, n, p.calls[k])
				}
			}
			for _, m := range []Method{Tsit5{}, DOP853{}, BogackiShampine{}} {
				if _, y := solved(p, m, Options{RTol: tol, ATol: tol}); off(y, ref) > max(2e4*tol, 4*p.err[k]) {
					t.Errorf("%s at %g by %s: off by %g", p.name, tol, m.tableau().name, off(y, ref))
				}
			}
		}
		for c, name := range []string{"PI", "I", "PID"} {
			n := float64(len(detests()))
			ratio, worse := math.Exp(calls[c]/n), math.Exp(errs[c]/n)
			t.Logf("%g, %s: %.3f of SciPy's evaluations, %.2f of its error", tol, name, ratio, worse)
			limit := 1.05
			if Control(c) == ControlPID {
				limit = 1.1
			}
			if ratio > limit || worse > 1.05 {
				t.Errorf("%g, %s: %.3f of SciPy's evaluations, %.2f of its error", tol, name, ratio, worse)
			}
		}
	}
}
