package baseline

// Marginals give the mean and the standard deviation of the value at a lead, in
// the coordinate of the panel (steps, or the unit of irregular times) after
// the last time of the history, for leads of zero or more.
type marginals interface {
	At(lead float64) (mean, sd float64)
}
