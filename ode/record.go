package ode

// record keeps slot i's accepted step for the gradient. Its first output is
// the trajectory's time number first.
func (b *Batch) record(i, first int) {
	s, d := &b.slots[i], b.field.Dim
	tr := &b.traj[s.row]
	n := b.scheme.s
	if s.inside > 0 {
		n = len(b.scheme.c)
	}
	at := len(b.steps)
	b.steps = append(b.steps, step{
		t: s.t, h: s.try, end: s.end, prev: tr.last, next: -1,
		out: first, inside: s.inside, atEnd: s.next - first - s.inside,
		data: len(b.data), jump: s.jump,
	})
	if tr.last >= 0 {
		b.steps[tr.last].next = at
	} else {
		tr.first = at
	}
	tr.last = at
	for st := range n {
		b.data = append(b.data, b.y[st][i*d:(i+1)*d]...)
	}
}
