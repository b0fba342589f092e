// Package seeds is the flag -seeds of the benchmarks.
package seeds

import (
	"fmt"
	"strconv"
	"strings"
)

// Parse returns the seeds of a list with commas between them. The error names the
// flag.
func Parse(list string) ([]uint64, error) {
	var all []uint64
	for _, s := range strings.Split(list, ",") {
		seed, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("-seeds: %w", err)
		}
		all = append(all, seed)
	}
	return all, nil
}
