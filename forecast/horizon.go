package forecast

// DefaultHorizon is the number of steps ahead for which a model is fitted if
// nothing is said: two seasons if there is a season and the series, of the given
// median length, allow, else a tenth of that length, but at least one step.
func DefaultHorizon(median, season int) int {
	if season > 1 && 6*season <= median {
		return 2 * season
	}
	return max(1, median/10)
}
