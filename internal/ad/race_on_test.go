//go:build race

package ad

// raceDetector: under it a sync.Pool, which the kernels use, drops items at
// random.
const raceDetector = true
