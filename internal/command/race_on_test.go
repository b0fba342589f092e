//go:build race

package command

// raceDetector says that the tests run with the race detector, under which those
// that only hold results to what they were take minutes.
const raceDetector = true
