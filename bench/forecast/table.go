package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/stat"

	"tsgen/forecast"

	"tsgen/bench/internal/chosen"
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
			r.Model, s.SQL, s.MASE, s.SMAPE, significant(s.WQL), s.MSIS, s.Coverage80, s.Coverage95, r.took)
	}
	b.WriteByte('\n')
	_, err := io.WriteString(w, b.String())
	return err
}

// writeSummary writes the SQL of each model on each task as a Markdown table: a
// row for each task, the best model of it bold, or with the coverage of the
// intervals of 80 and 95 % behind it. If auto is among the models, the last column says
// how far it is above the best of the others, and the last row that in the mean (of
// logarithms).
func writeSummary(w io.Writer, outcomes []outcome, coverage bool) error {
	models := modelsOf(outcomes)
	var b strings.Builder
	header := models
	if slices.Contains(models, chosen.Name) {
		header = append(slices.Clone(models), "above the best")
	}
	fmt.Fprintf(&b, "| task (origins × horizon, season) | %s |\n|---|%s\n", strings.Join(header, " | "), strings.Repeat("---|", len(header)))
	var regrets []float64
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
		if regret, ok := o.regret(); ok {
			regrets = append(regrets, regret)
			cells = append(cells, percent(regret))
		}
		fmt.Fprintf(&b, "| %s (%d × %d, %d) | %s |\n", t.title, t.windows, t.horizon, t.season, strings.Join(cells, " | "))
	}
	if len(regrets) > 0 {
		fmt.Fprintf(&b, "| mean | %s%s |\n", strings.Repeat("| ", len(models)), percent(stat.Mean(regrets, nil)))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// modelsOf returns the models that have results, in the order of the first.
func modelsOf(outcomes []outcome) []string {
	var models []string
	for _, o := range outcomes {
		for _, r := range o.results {
			if !slices.Contains(models, r.Model) {
				models = append(models, r.Model)
			}
		}
	}
	return models
}

// writeSeconds writes the processor time of each model on each task as a Markdown table
// after another, with the sums last.
func writeSeconds(w io.Writer, outcomes []outcome) error {
	models := modelsOf(outcomes)
	var b strings.Builder
	fmt.Fprintf(&b, "\n| seconds of a core | %s |\n|---|%s\n", strings.Join(models, " | "), strings.Repeat("---|", len(models)))
	sums := make([]float64, len(models))
	row := func(title string, seconds []float64) {
		fmt.Fprintf(&b, "| %s |", title)
		for _, s := range seconds {
			if math.IsNaN(s) {
				b.WriteString(" - |")
			} else {
				fmt.Fprintf(&b, " %.1f |", s)
			}
		}
		b.WriteByte('\n')
	}
	for _, o := range outcomes {
		seconds := slices.Repeat([]float64{math.NaN()}, len(models))
		for _, r := range o.results {
			i := slices.Index(models, r.Model)
			seconds[i] = r.took
			sums[i] += r.took
		}
		row(o.task.title, seconds)
	}
	row("sum", sums)
	_, err := io.WriteString(w, b.String())
	return err
}

// regret returns the logarithm of the ratio of the SQL of auto to the least of the other
// models, if there are both.
func (o outcome) regret() (float64, bool) {
	own, best := math.NaN(), math.Inf(1)
	for _, r := range o.results {
		if r.Model == chosen.Name {
			own = r.Scores.SQL
		} else {
			best = min(best, r.Scores.SQL)
		}
	}
	return math.Log(own / best), !math.IsNaN(own) && !math.IsInf(best, 1)
}

// percent writes the logarithm of a ratio as what is above one.
func percent(logRatio float64) string { return fmt.Sprintf("%+.1f %%", 100*math.Expm1(logRatio)) }

// significant writes three digits of x.
func significant(x float64) string {
	decimals := 3
	if x > 0 {
		decimals = max(0, 2-int(math.Floor(math.Log10(x))))
	}
	return fmt.Sprintf("%.*f", decimals, x)
}
