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

// writeSummary writes the SQL of each model on each task as a Markdown table: a
// row for each task, the best model of it bold, or with the coverage of the
// intervals of 80 and 95 % behind it.
func writeSummary(w io.Writer, outcomes []outcome, coverage bool) error {
	var models []string
	for _, o := range outcomes {
		for _, r := range o.results {
			if !slices.Contains(models, r.Model) {
				models = append(models, r.Model)
			}
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "| task (origins × horizon, season) | %s |\n|---|%s\n", strings.Join(models, " | "), strings.Repeat("---|", len(models)))
	for _, o := range outcomes {
		t, cells := o.task, make([]string, len(models))
		for i := range cells {
			cells[i] = "-"
		}
		best := 0
		for i, r := range o.results {
			if forecast.CompareScores(r.Scores, o.results[best].Scores) < 0 {
				best = i
			}
		}
		for i, r := range o.results {
			s := r.Scores
			cell := fmt.Sprintf("%.3f", s.SQL)
			switch {
			case coverage:
				cell += fmt.Sprintf(" (%.3f, %.3f)", s.Coverage80, s.Coverage95)
			case i == best:
				cell = "**" + cell + "**"
			}
			cells[slices.Index(models, r.Model)] = cell
		}
		fmt.Fprintf(&b, "| %s (%d × %d, %d) | %s |\n", t.title, t.windows, t.horizon, t.season, strings.Join(cells, " | "))
	}
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
