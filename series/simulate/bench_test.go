package simulate

import (
	"testing"

	"tsgen/internal/clock"
)

// BenchmarkMake measures how many series of each kind a second of the processor makes.
func BenchmarkMake(b *testing.B) {
	names, _ := Kinds()
	for _, name := range names {
		m, err := NewMaker(name)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			from := clock.Processor()
			for k := range b.N {
				m.Make(1, uint64(k), Setting{Season: 12, Length: 300})
			}
			b.ReportMetric(float64(b.N)/(clock.Processor()-from).Seconds(), "series/cpu-s")
		})
	}
}
