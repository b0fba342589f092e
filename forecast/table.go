package forecast

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// A Measure is a score with its name.
type Measure struct {
	Name  string
	Value float64
}

// Measures returns the scores that a table shows, in its order.
func (s Scores) Measures() []Measure {
	return []Measure{
		{"MASE", s.MASE},
		{"sMAPE", s.SMAPE},
		{"CRPS", s.CRPS},
		{"SQL", s.SQL},
		{"WQL", s.WQL},
		{"MSIS", s.MSIS},
		{"cov 80", s.Coverage80},
		{"cov 95", s.Coverage95},
	}
}

// WriteTable writes the results as an aligned table, best first by SQL, or by
// CRPS where SQL is undefined. A score that is undefined shows as "-". Lines
// below the table say how many series have no scale, and why models could not
// forecast the data.
func WriteTable(w io.Writer, results []Result) error {
	sorted := slices.Clone(results)
	slices.SortStableFunc(sorted, compareResults)

	rows := make([][]Measure, len(sorted))
	unscaled, total := 0, 0
	for i, r := range sorted {
		rows[i] = r.Scores.Measures()
		if r.Err != nil {
			for k := range rows[i] {
				rows[i][k].Value = math.NaN()
			}
			continue
		}
		unscaled, total = max(unscaled, r.Scores.Unscaled), max(total, r.Scores.Series)
	}
	names := []string{"model"}
	for _, r := range sorted {
		names = append(names, r.Model)
	}
	columns := [][]string{names}
	for k, m := range (Scores{}).Measures() {
		values := make([]float64, len(rows))
		for i := range rows {
			values[i] = rows[i][k].Value
		}
		columns = append(columns, append([]string{m.Name}, formatColumn(values)...))
	}

	var b strings.Builder
	writeAligned(&b, columns)
	if unscaled > 0 {
		fmt.Fprintf(&b, "%d of %d forecasts, each of a channel of a series from an origin, have no seasonal error to scale by and are left out of MASE, SQL and MSIS.\n", unscaled, total)
	}
	for _, r := range sorted {
		if r.Err != nil {
			fmt.Fprintln(&b, r.Err)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteSteps writes the SQL of each step of the horizon as an aligned table with
// a column for each model that could forecast the data, or the CRPS if no model
// has an SQL. Of a horizon of more than 24 steps it shows 24 or fewer, evenly
// spread, the last among them.
func (r *Report) WriteSteps(w io.Writer) error {
	name, of := "CRPS", func(s Scores) float64 { return s.CRPS }
	for _, m := range r.Models {
		if m.Err == nil && !math.IsNaN(m.Scores.SQL) {
			name, of = "SQL", func(s Scores) float64 { return s.SQL }
		}
	}
	const most = 24
	stride := (r.Horizon + most - 1) / most
	first := (r.Horizon-1)%stride + 1
	steps := []string{name + " of step"}
	for k := first; k <= r.Horizon; k += stride {
		steps = append(steps, strconv.Itoa(k))
	}
	columns := [][]string{steps}
	for _, m := range r.Models {
		if m.Err != nil {
			continue
		}
		var values []float64
		for k := first; k <= r.Horizon; k += stride {
			values = append(values, of(m.Steps[k-1]))
		}
		columns = append(columns, append([]string{m.Name}, formatColumn(values)...))
	}
	var b strings.Builder
	writeAligned(&b, columns)
	_, err := io.WriteString(w, b.String())
	return err
}

// compareResults orders as CompareScores, errors last.
func compareResults(a, b Result) int {
	if a.Err != nil || b.Err != nil {
		return cmp.Compare(order(a.Err != nil), order(b.Err != nil))
	}
	return CompareScores(a.Scores, b.Scores)
}

// CompareScores orders scores from the best to the worst: by SQL, then by CRPS,
// those without an SQL last.
func CompareScores(a, b Scores) int {
	return cmp.Or(
		cmp.Compare(order(math.IsNaN(a.SQL)), order(math.IsNaN(b.SQL))),
		cmp.Compare(a.SQL, b.SQL),
		cmp.Compare(a.CRPS, b.CRPS),
	)
}

func order(last bool) int {
	if last {
		return 1
	}
	return 0
}

// formatColumn writes numbers with the same number of decimals, as many as
// give the smallest three significant digits; or each for itself if that takes
// more than six.
func formatColumn(values []float64) []string {
	smallest := math.Inf(1)
	for _, v := range values {
		if v != 0 && !isNotFinite(v) {
			smallest = math.Min(smallest, math.Abs(v))
		}
	}
	decimals := 0
	if !math.IsInf(smallest, 1) {
		decimals = max(0, 2-int(math.Floor(math.Log10(smallest))))
	}
	cells := make([]string, len(values))
	for i, v := range values {
		switch {
		case math.IsNaN(v):
			cells[i] = "-"
		case decimals > 6:
			cells[i] = strconv.FormatFloat(v, 'g', 3, 64)
		case math.Abs(v) >= 1e9:
			cells[i] = strconv.FormatFloat(v, 'g', 4, 64)
		default:
			cells[i] = strconv.FormatFloat(v, 'f', decimals, 64)
		}
	}
	return cells
}

// writeAligned writes columns of equal length, the first flush left and the
// others flush right.
func writeAligned(b *strings.Builder, columns [][]string) {
	widths := make([]int, len(columns))
	for k, c := range columns {
		for _, cell := range c {
			widths[k] = max(widths[k], len(cell))
		}
	}
	for i := range columns[0] {
		fmt.Fprintf(b, "%-*s", widths[0], columns[0][i])
		for k := 1; k < len(columns); k++ {
			fmt.Fprintf(b, "  %*s", widths[k], columns[k][i])
		}
		b.WriteByte('\n')
	}
}
