package main

import (
	. "github.com/mmcloughlin/avo/build"
)

func (s set) adam() {
	s.text("adam", "p, grad, m, v *float64, n int, beta1, rest1, beta2, rest2, rate, scale2, eps float64", "takes the step that Adam describes.")
	p, g, m, v, n := pointer("p"), pointer("grad"), pointer("m"), pointer("v"), pointer("n")
	beta1, rest1, beta2, rest2 := s.broadcast("beta1"), s.broadcast("rest1"), s.broadcast("beta2"), s.broadcast("rest2")
	rate, scale2, eps := s.broadcast("rate"), s.broadcast("scale2"), s.broadcast("eps")
	s.over("loop", n, []ptr{p, g, m, v}, func(lanes mask) {
		d := s.load(at(g), lanes)
		mean := s.mul(d, rest1)
		s.multiplyAdd(s.load(at(m), lanes), beta1, mean)
		s.store(mean, at(m), lanes)
		square := s.mul(s.mul(d, rest2), d)
		s.multiplyAdd(s.load(at(v), lanes), beta2, square)
		s.store(square, at(v), lanes)
		root := s.mul(square, scale2)
		VSQRTPD(root, root)
		step := s.div(mean, s.add(root, eps))
		value := s.load(at(p), lanes)
		s.multiplyAdd(step, rate, value)
		s.store(value, at(p), lanes)
	})
	end()
}
