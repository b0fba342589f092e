//go:build race

package latentode

// raceDetector: under it the tests that train for long, in which nothing runs at
// once that does not in others, take minutes.
const raceDetector = true
