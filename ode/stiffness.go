package ode

import "math"

// Hairer, Nørsett and Wanner's dopri5 calls a problem stiff after 15 steps
// with h|λ| above the bound, and mild again after 6 below it.
const (
	stiffSeen  = 15
	mildSeen   = 6
	stiffAuto  = 0.6 // of the bound is enough where there is an implicit method
	stiffEvery = 16  // a trajectory without suspicion is looked at this often
)

// watchStiffness estimates h|λ| of slot i's accepted step (Hairer and Wanner
// 1996, IV.2).
func (b *Batch) watchStiffness(i int) {
	s := &b.slots[i]
	st := &b.traj[s.row].stats
	bound, every := b.scheme.bound, stiffEvery
	if len(b.kinds) > 1 {
		// The control holds the step now above and now below the bound.
		bound, every = stiffAuto*bound, 1
	}
	if bound == 0 || s.stiff == 0 && st.Accepted%every != 0 || s.jump&jumpEnd != 0 {
		return // before a jump, stage s may not have been evaluated
	}
	d, p, q := b.field.Dim, b.scheme.stiff, b.scheme.s
	lo, hi := i*d, i*d+d
	kq, kp, yq, yp := b.k[q][lo:hi], b.k[p][lo:hi], b.y[q][lo:hi], b.y[p][lo:hi]
	num, den := 0.0, 0.0
	for j, k := range kq {
		dk, dy := k-kp[j], yq[j]-yp[j]
		num += dk * dk
		den += dy * dy
	}
	if den == 0 {
		return
	}
	hl := math.Abs(s.try) * math.Sqrt(num/den)
	st.Stiffness = max(st.Stiffness, hl)
	if hl > bound {
		s.mild = 0
		s.stiff++
		return
	}
	if s.mild++; s.mild == mildSeen {
		s.stiff, s.mild = 0, 0
	}
}
