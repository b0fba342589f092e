package modal

import "math"

// A record is a series in the model's units.
type record struct {
	t []float64 // since the start, in units of the panel's time
	y []float64 // len(t) x channels, NaN where missing
}

// head returns the observations before part of the times have passed, and the number of them.
func (r *record) head(part float64) (*record, int) {
	n := len(r.t)
	if n == 0 {
		return r, 0
	}
	end := r.t[0] + part*(r.t[n-1]-r.t[0])
	k := 0
	for k < n && r.t[k] <= end {
		k++
	}
	c := len(r.y) / n
	return &record{r.t[:k], r.y[:k*c]}, k
}

// A prior is what the series of a panel have in common.
type prior struct {
	// Frequency and Damping are the means of the logarithms of each mode's, per unit of time, with
	// the deviations FrequencySD and DampingSD.
	Frequency   []float64 `json:"frequency"`
	FrequencySD []float64 `json:"frequencySD"`
	Damping     []float64 `json:"damping"`
	DampingSD   []float64 `json:"dampingSD"`

	// Loading holds for each channel the deviation of the offset and of each mode's amplitudes.
	Loading [][]float64 `json:"loading"`

	Noise []float64 `json:"noise"` // deviation in each channel
}

// modes returns the number of modes.
func (p *prior) modes() int { return len(p.Frequency) }

// width returns the number of coefficients of a channel.
func (p *prior) width() int { return 1 + 2*p.modes() }

// loading returns the deviation of coefficient k of channel j.
func (p *prior) loading(j, k int) float64 { return p.Loading[j][(k+1)/2] }

// center sets dst to the means of a series' parameters: logarithms of frequency and damping by
// turns.
func (p *prior) center(dst []float64) {
	for k := range p.modes() {
		dst[2*k], dst[2*k+1] = p.Frequency[k], p.Damping[k]
	}
}

// deviation returns that of parameter i.
func (p *prior) deviation(i int) float64 {
	if i%2 == 0 {
		return p.FrequencySD[i/2]
	}
	return p.DampingSD[i/2]
}

// mean returns the mean of parameter i.
func (p *prior) mean(i int) float64 {
	if i%2 == 0 {
		return p.Frequency[i/2]
	}
	return p.Damping[i/2]
}

// most bounds the logarithms of frequencies and dampings about their means, so that none
// overflows.
const most = 12

// basis sets dst, one value a coefficient, to what they are multiplied by at time t.
func basis(dst, params []float64, t float64) {
	dst[0] = 1
	for k := range len(params) / 2 {
		oscillate(dst[1+2*k:], math.Exp(-math.Exp(params[2*k+1])*t), math.Exp(params[2*k])*t)
	}
}

// oscillate sets the first two of dst to those of a mode of the amplitude e at an angle.
func oscillate(dst []float64, e, angle float64) {
	sin, cos := math.Sincos(angle)
	dst[0], dst[1] = e*cos, e*sin
}
