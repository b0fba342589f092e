package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"tsgen/forecast"
)

// writeTask writes the results as a Markdown table, best first.
func writeTask(w io.Writer, t task, results []timed) error {
	slices.SortStableFunc(results, func(a, b timed) int { return forecast.CompareScores(a.Scores, b.Scores) })
	var b strings.Builder
	origins := "1 origin"
	if t.windows > 1 {
		origins = fmt.Sprintf("%d origins", t.windows)
	}
	fmt.Fprintf(&b, "**%s, %s, horizon %d, season %d**\n\n", t.title, origins, t.horizon, t.season)
	b.WriteString("| model | SQL | MASE | sMAPE | WQL | MSIS | cov 80 | cov 95 | seconds |\n|---|---|---|---|---|---|---|---|---|\n")
	for _, r := range results {
		s := r.Scores
		fmt.Fprintf(&b, "| %s | %.3f | %.3f | %.2f | %s | %.2f | %.3f | %.3f | %.1f |\n",
			r.Model, s.SQL, s.MASE, s.SMAPE, significant(s.WQL), s.MSIS, s.Coverage80, s.Coverage95, r.took.Seconds())
	}
	b.WriteByte('\n')
	_, err := io.WriteString(w, b.String())
	return err
}

// significant writes three digits of x.
func significant(x float64) string {
	decimals := 3
	if x > 0 {
		decimals = max(0, 2-int(math.Floor(math.Log10(x))))
	}
	return fmt.Sprintf("%.*f", decimals, x)
}
