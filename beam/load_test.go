package beamtsgen

import (
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/gcs"
	"google.golang.org/api/bigquery/v2"
)

// A warehouse takes tables as BigQuery does, by datasets.get, jobs.insert and jobs.get, as
// https://cloud.google.com/bigquery/docs/reference/rest/v2 has them, and reads objects at gs:// from a store.
type warehouse struct {
	objects map[string]string // of the store, by name
	jobs    map[string]*bigquery.Job
	table   string // CSV without the headers
	loads   int
	lose    bool   // the answer to the next job
	fail    string // what is wrong with the next job
}

const loaded = "bq://shop.com:main.sales.forecast"

// warehouseFor starts a warehouse.
func warehouseFor(t *testing.T) *warehouse {
	t.Helper()
	b := &warehouse{jobs: make(map[string]*bigquery.Job)}
	server := httptest.NewServer(b)
	t.Cleanup(server.Close)
	t.Setenv("BIGQUERY_EMULATOR_HOST", server.URL)
	t.Setenv("STORAGE_EMULATOR_HOST", server.URL)
	return b
}

// ServeHTTP answers as the services do.
func (b *warehouse) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	const project = "/bigquery/v2/projects/shop.com:main"
	say := func(answer any) { json.NewEncoder(w).Encode(answer) }
	refuse := func(code int) {
		w.WriteHeader(code)
		say(map[string]any{"error": map[string]any{"code": code, "message": http.StatusText(code)}})
	}
	name, isObject := strings.CutPrefix(r.URL.Path, "/bucket/")
	id, isJob := strings.CutPrefix(r.URL.Path, project+"/jobs/")
	switch {
	case r.URL.Path == project+"/datasets/sales":
		say(bigquery.Dataset{Location: "EU"})
	case isJob && r.URL.Query().Get("location") == "EU" && b.jobs[id] != nil:
		say(b.jobs[id])
	case r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, project+"/jobs"):
		job, text, err := b.asked(r)
		switch {
		case err != nil:
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		case b.jobs[job.JobReference.JobId] != nil:
			refuse(http.StatusConflict)
			return
		}
		job.Status = &bigquery.JobStatus{State: "DONE"}
		b.jobs[job.JobReference.JobId] = job
		if b.fail != "" {
			job.Status.ErrorResult = &bigquery.ErrorProto{Message: b.fail}
		} else {
			b.table = text
			b.loads++
		}
		if b.lose {
			b.lose = false
			refuse(http.StatusServiceUnavailable)
			return
		}
		say(job)
	case strings.HasSuffix(r.URL.Path, "/b/bucket/o"):
		items := []any{}
		for name := range b.objects {
			items = append(items, map[string]any{"name": name, "bucket": "bucket"})
		}
		say(map[string]any{"items": items})
	case isObject && b.objects[name] != "":
		io.WriteString(w, b.objects[name])
	default:
		refuse(http.StatusNotFound)
	}
}

// asked returns the job of a request and the rows that it is to load.
func (b *warehouse) asked(r *http.Request) (job *bigquery.Job, text string, err error) {
	kind, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return nil, "", err
	}
	if kind != "multipart/related" {
		if err := json.NewDecoder(r.Body).Decode(&job); err != nil {
			return nil, "", err
		}
		for _, name := range job.Configuration.Load.SourceUris {
			first, last, _ := strings.Cut(strings.TrimPrefix(name, "gs://bucket/"), "*")
			for object, own := range b.objects {
				if strings.HasPrefix(object, first) && strings.HasSuffix(object, last) {
					text += headless(own)
				}
			}
		}
		return job, text, nil
	}
	parts := multipart.NewReader(r.Body, parameters["boundary"])
	part, err := parts.NextPart()
	if err == nil {
		err = json.NewDecoder(part).Decode(&job)
	}
	if err == nil {
		part, err = parts.NextPart()
	}
	if err != nil {
		return nil, "", err
	}
	own, err := io.ReadAll(part)
	return job, headless(string(own)), err
}

// headless returns the rows of a table.
func headless(table string) string {
	_, rows, _ := strings.Cut(table, "\n")
	return rows
}

// load loads the tables of forecasts of a folder.
func load(t *testing.T, folder string) error {
	t.Helper()
	l, err := NewLoader(t.Context(), loaded)
	if err != nil {
		t.Fatal(err)
	}
	return l.Load(t.Context(), folder, "forecast", []string{"id"})
}

// The tables of a folder replace the rows of a table of BigQuery once, even if the answer to the request is
// lost and it is sent again, and as often as they are loaded. A job that fails changes nothing and is said.
func TestLoad(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "forecast-00000-of-00002.csv"), []string{"id", "ds", "ar", "ar-lo-80", "note"},
		[][]string{{"007", "2024-01-01", "1.5", "", "so"}, {hostile, "2024-01-02 03:00:00", "2", "NaN", ""}})
	write(t, filepath.Join(dir, "forecast-00001-of-00002.csv"), []string{"id", "ds", "ar", "ar-lo-80", "note"}, [][]string{{"a\nb", "2024-01-01", "3", "1", ""}})
	write(t, filepath.Join(dir, "dead.csv"), []string{"file"}, [][]string{{"x"}})
	want := ""
	for _, table := range read(t, filepath.Join(dir, "forecast-*.csv")) {
		want += headless(table)
	}
	b := warehouseFor(t)
	b.lose = true
	for loads := range 2 {
		b.table = "of another"
		if err := load(t, dir); err != nil || b.loads != loads+1 || b.table != want {
			t.Fatalf("%v; %d loads, %q, want %q", err, b.loads, b.table, want)
		}
	}
	for _, job := range b.jobs {
		l := job.Configuration.Load
		var types []string
		for _, f := range l.Schema.Fields {
			types = append(types, f.Name+" "+f.Type)
		}
		if fmt.Sprint(types) != "[id STRING ds TIMESTAMP ar FLOAT ar-lo-80 FLOAT note STRING]" || l.SkipLeadingRows != 1 || !l.AllowQuotedNewlines ||
			l.WriteDisposition != "WRITE_TRUNCATE" || l.DestinationTable.ProjectId != "shop.com:main" || l.DestinationTable.DatasetId != "sales" || l.DestinationTable.TableId != "forecast" {
			t.Errorf("%v, %+v", types, l)
		}
	}
	b.fail = "no room"
	if err := load(t, dir); err == nil || !strings.Contains(err.Error(), loaded) || !strings.Contains(err.Error(), "no room") {
		t.Errorf("%v", err)
	}
	if err := load(t, t.TempDir()); err == nil || !strings.Contains(err.Error(), "no table") {
		t.Errorf("an empty folder: %v", err)
	}
	if _, err := NewLoader(t.Context(), "bq://shop.com:main.none.forecast"); err == nil || !strings.Contains(err.Error(), "Not Found") {
		t.Errorf("no dataset: %v", err)
	}
}

// Tables at gs:// are read by the service, by one name.
func TestLoadObjects(t *testing.T) {
	b := warehouseFor(t)
	b.objects = map[string]string{
		"out/forecast-00000-of-00002.csv": "id,ds,ar\na,2024-01-01,1\n",
		"out/forecast-00001-of-00002.csv": "id,ds,ar\nb,2024-01-01,2\n",
		"out/dead.csv":                    "file\nx\n",
	}
	if err := load(t, "gs://bucket/out"); err != nil {
		t.Fatal(err)
	}
	rows := strings.Split(strings.TrimSuffix(b.table, "\n"), "\n")
	slices.Sort(rows)
	if !slices.Equal(rows, []string{"a,2024-01-01,1", "b,2024-01-01,2"}) {
		t.Errorf("%q", rows)
	}
	for _, job := range b.jobs {
		if uris := job.Configuration.Load.SourceUris; !slices.Equal(uris, []string{"gs://bucket/out/forecast-*-of-00002.csv"}) {
			t.Errorf("%q", uris)
		}
	}
}
