package command

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"tsgen/internal/seriestest"
)

// TestJSONOfEveryVerb holds every verb to a --json that writes one document, and to one for its
// errors, whose status is that of the command.
func TestJSONOfEveryVerb(t *testing.T) {
	seriestest.Long(t)
	dir := t.TempDir()
	model := small(t, dir)
	out := func(name string) string { return filepath.Join(dir, name) }
	forecasts := out("f.csv")
	mustRun(t, "forecast", "--model", model, "-o", forecasts)
	for _, args := range [][]string{
		{"describe", airpassengers},
		{"fit", airpassengers, "-m", "drift", "-o", out("d.tsgen")},
		{"forecast", "--model", model},
		{"forecast", "--compare", model, out("d.tsgen")},
		{"update", model, airpassengers},
		{"future", "--model", model},
		{"backtest", airpassengers, "-m", "drift", "--windows", "1", "--horizon", "3"},
		{"score", forecasts, airpassengers, "--bad-flag"},
		{"detect", airpassengers},
		{"components", airpassengers},
		{"impute", "--model", model},
		{"generate", "--model", model},
		{"simulate", "--length", "12"},
		{"encode", "--model", model},
		{"likelihood", "--model", model},
		{"plot", airpassengers, "-o", out("p.png")},
		{"report", model, "--quick", "-o", out("r.html")},
		{"info", model},
		{"models"},
		{"version"},
		{"config", "show"},
		{"forecast", "--model", out("none.tsgen")},
		{"describe", write(t, out("bad.csv"), "ds,y\n2020-01-01,1\n2020-01-02,x12\n2020-01-03,3\n")},
		{"forecast", "--horizon", "0"},
	} {
		r := tsgen(append(args, "--json")...)
		var document any
		if err := json.Unmarshal([]byte(r.stdout), &document); err != nil {
			t.Errorf("%v: %v in %.200q", args, err, r.stdout)
			continue
		}
		object, _ := document.(map[string]any)
		failed, is := object["error"].(map[string]any)
		if is != (r.status != exitDone) {
			t.Errorf("%v: status %d, %.200s", args, r.status, r.stdout)
		}
		if !is {
			continue
		}
		if int(failed["status"].(float64)) != r.status || failed["code"] == "" || !strings.Contains(r.stderr, failed["message"].(string)) {
			t.Errorf("%v: %v, status %d, %s", args, failed, r.status, r.stderr)
		}
	}
	var bad failure
	r := tsgen("describe", out("bad.csv"), "--json")
	if err := json.Unmarshal([]byte(r.stdout), &bad); err != nil || bad.Error.Code != "data" || bad.Error.Line != 3 || bad.Error.Value != "x12" || bad.Error.Column != "y" {
		t.Errorf("%v: %s", err, r.stdout)
	}
}

// TestRows holds the rows of a table to the types of their cells: names of series and stamps are
// text, even where they look like numbers, and empty cells null.
func TestRows(t *testing.T) {
	dir := t.TempDir()
	path := write(t, filepath.Join(dir, "s.csv"), "store,year,y\n007,2001,1\n007,2002,\n007,2003,3\n007,2004,4\n007,2005,2\n007,2006,2.5\n")
	r := mustRun(t, "components", path, "--id", "store", "--by", "lgssm", "--json")
	var table struct {
		Columns []string
		Rows    []map[string]any
	}
	if err := json.Unmarshal([]byte(r.stdout), &table); err != nil {
		t.Fatal(err)
	}
	first, second := table.Rows[0], table.Rows[1]
	if first["store"] != "007" || first["year"] != "2001" || first["y"] != 1.0 && first["value"] != 1.0 {
		t.Errorf("the first row is %v", first)
	}
	null := false
	for _, v := range second {
		null = null || v == nil
	}
	if !null || len(table.Columns) != len(first) {
		t.Errorf("the second row is %v of the columns %v", second, table.Columns)
	}
}
