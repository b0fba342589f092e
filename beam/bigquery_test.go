package beamtsgen

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
)

// A service is a table of BigQuery behind the part of its interface that is used: tables.get and
// tabledata.list, as https://cloud.google.com/bigquery/docs/reference/rest/v2 has them.
type service struct {
	about  map[string]any
	rows   [][]any // of all columns
	page   int     // rows of an answer at most
	asked  atomic.Int64
	grows  bool // by a row after each answer
	refuse int64
}

// ServeHTTP answers as the service does; to every so many requests it says that it is busy.
func (b *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n := b.asked.Add(1)
	if b.refuse > 0 && n%b.refuse == 0 {
		http.Error(w, "busy", http.StatusServiceUnavailable)
		return
	}
	const table = "/bigquery/v2/projects/shop.com:main/datasets/sales/tables/daily"
	answer := b.about
	switch r.URL.Path {
	case table:
		size := int64(len(b.rows))
		if b.grows {
			size += n
		}
		answer["numRows"], answer["lastModifiedTime"] = strconv.FormatInt(size, 10), strconv.FormatInt(1e12+size, 10)
	case table + "/data":
		q := r.URL.Query()
		from, _ := strconv.Atoi(q.Get("startIndex"))
		most, _ := strconv.Atoi(q.Get("maxResults"))
		rows := []any{}
		for _, row := range b.rows[from:min(from+min(most, b.page), len(b.rows))] {
			cells := []any{}
			for i, f := range b.about["schema"].(map[string]any)["fields"].([]any) {
				if slices.Contains(strings.Split(q.Get("selectedFields"), ","), f.(map[string]any)["name"].(string)) {
					cells = append(cells, map[string]any{"v": row[i]})
				}
			}
			rows = append(rows, map[string]any{"f": cells})
		}
		answer = map[string]any{"totalRows": strconv.Itoa(len(b.rows)), "rows": rows}
		if q.Get("formatOptions.useInt64Timestamp") != "true" {
			http.Error(w, "stamps as numbers with decimals lose digits", http.StatusBadRequest)
			return
		}
	default:
		http.Error(w, `{"error": {"code": 404, "message": "Not found: Table `+r.URL.Path+`"}}`, http.StatusNotFound)
		return
	}
	json.NewEncoder(w).Encode(answer)
}

const bigName = "bq://shop.com:main.sales.daily"

// bigService starts a service whose table has the rows of a panel, days as time stamps, and a column
// of lists.
func bigService(t *testing.T, rows [][]string) *service {
	t.Helper()
	field := func(name, kind, mode string) any { return map[string]any{"name": name, "type": kind, "mode": mode} }
	b := &service{page: 300, about: map[string]any{
		"type": "TABLE", "numBytes": "1",
		"schema": map[string]any{"fields": []any{
			field("unique_id", "STRING", "NULLABLE"), field("tags", "STRING", "REPEATED"), field("ds", "TIMESTAMP", "REQUIRED"), field("y", "STRING", "NULLABLE"),
		}},
	}}
	for _, r := range rows {
		day, err := time.Parse(time.DateOnly, r[1])
		if err != nil {
			t.Fatal(err)
		}
		var y any
		if r[2] != "" {
			y = r[2]
		}
		b.rows = append(b.rows, []any{r[0], []any{map[string]any{"v": "a"}}, strconv.FormatInt(day.UnixMicro(), 10), y})
	}
	server := httptest.NewServer(b)
	t.Cleanup(server.Close)
	t.Setenv("BIGQUERY_EMULATOR_HOST", server.URL)
	return b
}

// Rows of a table of BigQuery, read in spans and pages by a service that is busy at times, make the
// forecasts that they make as a file; one that cannot be read is dead with its number.
func TestBigQuery(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	rows := panel(30)
	rows[40][2] = "" // NULL
	var stamped [][]string
	for _, r := range rows {
		stamped = append(stamped, []string{r[0], r[1] + "T00:00:00Z", r[2]})
	}
	write(t, in("all.csv"), []string{"unique_id", "ds", "y"}, stamped)
	tsgen(t, "fit", in("all.csv"), "-m", "theta", "--horizon", "5", "-o", in("m.tsgen"), "-q")
	wantHeader, want := lines(t, tsgen(t, "forecast", in("all.csv"), "--model", in("m.tsgen"), "-q"))
	model, err := os.ReadFile(in("m.tsgen"))
	if err != nil {
		t.Fatal(err)
	}
	b := bigService(t, slices.Insert(slices.Clone(rows), 1000, []string{"s001", "2023-12-31", "much"}))
	b.refuse = 7
	counts := do(t, bigName, model, task{Job: Job{Verb: "forecast", Shards: 3}, output: in("out"), span: 700})
	if counts["rows"] != int64(len(rows)+1) || counts["dead_rows"] != 1 || counts["series"] != 30 {
		t.Errorf("counts %v, want %d rows, a dead one, and 30 series", counts, len(rows)+1)
	}
	header, got := lines(t, read(t, in("out/forecast-*.csv"))...)
	if header != wantHeader || !slices.Equal(got, want) {
		t.Errorf("%q and %d rows such as %q, of the file %q, %d and %q", header, len(got), got[0], wantHeader, len(want), want[0])
	}
	if dead := read(t, in("out/dead.csv"))[0]; !strings.Contains(dead, bigName+",1001,s001,") || !strings.Contains(dead, "much") {
		t.Errorf("dead letters:\n%s", dead)
	}
}

// A table that changes while it is read fails the job, for rows would be twice or not at all.
func TestBigQueryChanges(t *testing.T) {
	b := bigService(t, panel(3))
	b.grows = true
	table, err := Sniff(t.Context(), bigName, "", "")
	if err != nil {
		t.Fatal(err)
	}
	table.Version.Rows = uint64(len(b.rows))
	p, s := beam.NewPipelineWithRoot()
	Read(s, bigName, table)
	if _, err := beam.Run(t.Context(), "prism", p); err == nil || !strings.Contains(err.Error(), "has changed while it was read") {
		t.Errorf("%v", err)
	}
}

// What is no table of rows that stand still is said, and so is a name that is none.
func TestBigQueryRefusals(t *testing.T) {
	b := bigService(t, panel(2))
	for _, c := range []struct{ name, key, say string }{
		{"bq://sales.daily", "", "want bq://PROJECT.DATASET.TABLE"},
		{"bq://shop.com:main.sales.weekly", "", "Not found"},
		{bigName, "streamingBuffer", "streaming buffer"},
		{bigName, "type", "is a view"},
		{bigName, "schema", "has no row"},
	} {
		switch c.key {
		case "streamingBuffer":
			b.about[c.key] = map[string]any{"estimatedRows": "3"}
		case "type":
			b.about[c.key] = "VIEW"
		case "schema":
			b.about["type"] = "TABLE"
			delete(b.about, "streamingBuffer")
			delete(b.about, c.key)
		}
		if _, err := Sniff(t.Context(), c.name, "", ""); err == nil || !strings.Contains(err.Error(), c.say) {
			t.Errorf("%s, %s: %v, want %q", c.name, c.key, err, c.say)
		}
	}
}
