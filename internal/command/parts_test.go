package command

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
)

// Scores by channel and by series are those of the channel or the series alone, the worst
// comes first, and the relative score is the geometric mean of what each model's CRPS is as
// a multiple of the first's. What Prophet writes beside its forecast is no model.
func TestScoreBy(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "actual.csv", "id,ds,y\na,1,10\na,2,12\na,3,11\na,4,13\na,5,12\nb,1,1000\nb,2,1200\nb,3,1100\nb,4,1300\nb,5,1200\n")
	write(t, "f.csv", "id,ds,m,n\na,4,14,14\na,5,13,13\nb,4,1290,1320\nb,5,1190,1220\n")
	table := mustRun(t, "score", "f.csv", "actual.csv", "--by", "series", "--id", "id").stdout
	_, parts, _ := strings.Cut(table, "\n\n")
	lines := strings.Split(strings.TrimSpace(parts), "\n")
	if len(lines) != 6 || !strings.HasPrefix(lines[1], "a ") || !strings.HasPrefix(lines[3], "b ") || strings.Fields(lines[3])[1] != "m" {
		t.Errorf("parts\n%s", parts)
	}
	if !strings.Contains(lines[5], "m 1.000") || !strings.Contains(lines[5], "n 1.414") { // of 1 and 2
		t.Errorf("relative scores %q", lines[5])
	}
	var r scoreReport
	if err := json.Unmarshal([]byte(mustRun(t, "score", "f.csv", "actual.csv", "--by", "series", "--id", "id", "--json").stdout), &r); err != nil {
		t.Fatal(err)
	}
	if r.By == nil || r.By.Parts[1].Name != "b" || r.By.Parts[1].Models[1].Scores["CRPS"] != 20 || math.Abs(float64(r.By.Relative["n"])-math.Sqrt2) > 1e-12 {
		t.Errorf("JSON: %+v", r.By)
	}
	write(t, "prophet.csv", "ds,trend,yhat_lower,yhat_upper,trend_lower,trend_upper,additive_terms,additive_terms_lower,additive_terms_upper,weekly,weekly_lower,weekly_upper,yearly,yearly_lower,yearly_upper,multiplicative_terms,yhat\n"+
		"4,12,10,14,12,12,1,1,1,1,1,1,0,0,0,0,13\n5,12,10,14,12,12,1,1,1,1,1,1,0,0,0,0,12\n")
	write(t, "one.csv", "ds,y\n1,10\n2,12\n3,11\n4,13\n5,12\n")
	if table := mustRun(t, "score", "prophet.csv", "one.csv", "--by", "step").stdout; strings.Contains(table, "trend") || strings.Contains(table, "yearly") || strings.Count(table, "yhat") != 3 {
		t.Errorf("Prophet's parts are scored:\n%s", table)
	}
	wantExit(t, exitUsage, "score", "f.csv", "actual.csv", "--by", "shop")
	data := write(t, "a.csv", shopsCSV(40, "north", "west"))
	for by, want := range map[string]string{"series": "north ", "channel": "y ", "step": "3 "} {
		table := mustRun(t, "backtest", data, "--models", "naive,seasonal-naive", "--horizon", "3", "--windows", "2", "--by", by).stdout
		if !strings.Contains(table, "\n"+want) || !strings.Contains(table, "rel") {
			t.Errorf("--by %s:\n%s", by, table)
		}
	}
}
