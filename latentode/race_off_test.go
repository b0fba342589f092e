//go:build !race

package latentode

const raceDetector = false
