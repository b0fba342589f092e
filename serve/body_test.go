package serve

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// zeros is a reader of so many zero bytes.
func zeros(n int64) io.Reader { return io.LimitReader(zero{}, n) }

type zero struct{}

func (zero) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// TestHostileBodies sends what is meant to exhaust the service: each is refused with a status of
// the client's fault, and takes no more memory than the limits allow.
func TestHostileBodies(t *testing.T) {
	_, url := newTest(t, func(_ context.Context, c Call) (int, error) {
		_, err := io.Copy(io.Discard, c.Stdin)
		return 0, err
	}, func(c *Config) { c.Body, c.Memory, c.Rows = 4<<20, 8<<20, 100_000 })
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	if _, err := io.Copy(z, zeros(32<<20)); err != nil {
		t.Fatal(err)
	}
	z.Close()
	var small bytes.Buffer
	z = gzip.NewWriter(&small)
	fmt.Fprint(z, "ds,y\n1,2\n")
	z.Close()
	deep := strings.Repeat("[", 1<<18)
	for _, test := range []struct {
		name, kind string
		body       io.Reader
		headers    []string
		want       int
	}{
		{"a bomb", "text/csv", &bomb, []string{"Content-Encoding", "gzip"}, 413},
		{"packed", "text/csv", &small, []string{"Content-Encoding", "gzip"}, 200},
		{"no gzip", "text/csv", strings.NewReader("ds,y"), []string{"Content-Encoding", "gzip"}, 400},
		{"another packing", "text/csv", strings.NewReader("ds,y"), []string{"Content-Encoding", "br"}, 415},
		{"too long", "text/csv", zeros(5 << 20), nil, 413},
		{"too many rows", "text/csv", strings.NewReader(strings.Repeat("\n", 100_001)), nil, 413},
		{"a million tiny series", "application/json", strings.NewReader(`{"history":[` + strings.Repeat(`{"a":1},`, 100_001) + `{"a":1}]}`), nil, 413},
		{"deep JSON", "application/json", strings.NewReader(`{"history":` + deep), nil, 400},
		{"deep cells", "application/json", strings.NewReader(`{"history":[{"a":` + deep), nil, 400},
		{"NaN", "application/json", strings.NewReader(`{"history":[{"a":NaN}]}`), nil, 400},
		{"half a document", "application/json", strings.NewReader(`{"history":[{"a":1}`), nil, 400},
		{"two documents", "application/json", strings.NewReader(`{}{}`), nil, 400},
		{"ragged columns", "application/json", strings.NewReader(`{"history":{"a":[1,2],"b":[1]}}`), nil, 400},
		{"another type", "application/x-hdf", strings.NewReader("x"), nil, 415},
		{"no Arrow", "application/vnd.apache.arrow.stream", strings.NewReader("ds,y\n1,2\n"), nil, 400},
		{"Parquet", "application/octet-stream", strings.NewReader("PAR1...PAR1"), nil, 415},
		{"no type", ";;", strings.NewReader("x"), nil, 415},
		{"a picture that there is none of", "text/csv", strings.NewReader("x"), []string{"Accept", "video/mp4"}, 406},
	} {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		status, body, h := send(t, "POST", url+"/v1/models/m/forecast", test.kind, test.body, test.headers...)
		runtime.ReadMemStats(&after)
		if status != test.want {
			t.Errorf("%s: status %d, want %d: %.300s", test.name, status, test.want, body)
		}
		if status != 200 && (h.Get("Content-Type") != "application/problem+json" || !json.Valid([]byte(body))) {
			t.Errorf("%s: the answer is no problem: %s %.200s", test.name, h.Get("Content-Type"), body)
		}
		if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 200<<20 {
			t.Errorf("%s: the heap grew by %d MB", test.name, grown>>20)
		}
	}
}

// TestSlowClient ends a connection whose body does not come.
func TestSlowClient(t *testing.T) {
	_, url := newTest(t, echo, func(c *Config) { c.Read = 100 * time.Millisecond })
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "POST /v1/models/m/forecast HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\nContent-Length: 1000\r\n\r\nds")
	if err := conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 408") {
		t.Errorf("%v: %.200s", err, answer)
	}
}

// TestBudget has the bodies of all requests together be bounded, and given back.
func TestBudget(t *testing.T) {
	b := &budget{most: 1 << 20}
	_, release, err := b.take(zeros(600<<10), 10<<20)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := b.take(zeros(600<<10), 10<<20); err == nil {
		t.Error("a second body fits, too")
	}
	release()
	if held := b.held.Load(); held != 0 {
		t.Errorf("%d bytes are held", held)
	}
}

// FuzzParseBody parses any document: there is an error, or a table of CSV whose rows are as long
// as its header.
func FuzzParseBody(f *testing.F) {
	for _, seed := range []string{`{}`, `{"history":[{"a":1,"b":"x"},{"b":null}],"horizon":3}`, `{"history":{"a":[1,2],"b":["x","y"]}}`, `{"history":"a,b\n"}`,
		`{"level":[1,2]}`, `{"history":[`, `{"history":[{}]}`, `{"history":{"a":[[1]]}}`, "\x00", `{"history":[{"\n":"\""}]}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := parseBody(data, []string{"history", "at"}, []string{"horizon", "level"}, 1000)
		if err != nil {
			return
		}
		var text struct{ History, At any }
		if json.Unmarshal(data, &text) != nil {
			return // nothing but white space, or names that differ in case
		}
		for name, table := range b.tables {
			if _, is := map[string]any{"history": text.History, "at": text.At}[name].(string); is {
				continue
			}
			r := csv.NewReader(bytes.NewReader(table))
			if _, err := r.ReadAll(); err != nil {
				t.Errorf("%s of %q is %q: %v", name, data, table, err)
			}
		}
	})
}

// FuzzAccepted negotiates any header: what is chosen is among what there is.
func FuzzAccepted(f *testing.F) {
	f.Add("text/csv;q=0.5, application/json")
	f.Add("*/*;q=x")
	f.Fuzz(func(t *testing.T, header string) {
		switch got := accepted(header, []string{typeJSON, typeCSV}); got {
		case "", typeJSON, typeCSV:
		default:
			t.Errorf("%q gives %q", header, got)
		}
	})
}

// FuzzRequest sends any body and parameters to every endpoint, by one who may do all: the answer
// is an answer or a problem of the client's.
func FuzzRequest(f *testing.F) {
	token, text := NewToken()
	s, _ := newTest(f, echo, func(c *Config) { c.Body, c.Model, c.Tokens = 1<<16, 1<<16, []Token{token} })
	model, err := os.ReadFile(filepath.Join(s.Dir, "m.tsgen"))
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range endpoints(f, s) {
		f.Add("POST", path, "", "text/csv", []byte("ds,y\n1,2\n"))
	}
	f.Add("POST", "/v1/models/m/forecast", "horizon=3", "text/csv", []byte("ds,y\n1,2\n"))
	f.Add("POST", "/v1/models/m/score", "by=lead", "application/json", []byte(`{"actual":[{"a":1}]}`))
	f.Add("POST", "/v1/models/m/generate", "number=2&length=3", "", []byte(nil))
	f.Add("POST", "/v1/models/m/detect", "", "application/vnd.apache.arrow.stream", []byte("\xff\xff\xff\xff\x10\x00\x00\x00"))
	f.Add("POST", "/v1/fit", "name=n&time-limit=1s&set=a=b", "text/csv", []byte("ds,y\n1,2\n"))
	f.Add("POST", "/v1/fit", "resume=m", "", []byte(nil))
	f.Add("PUT", "/v1/models/n", "", "", model)
	f.Add("GET", "/v1/models/m/history", "series=x&names=true", "", []byte(nil))
	f.Add("DELETE", "/v1/models/n", "", "", []byte(nil))
	f.Fuzz(func(t *testing.T, method, path, query, kind string, body []byte) {
		if method == "DELETE" && path == "/v1/models/m" {
			return // the others ask it
		}
		status := serveOnce(s, method, path, query, kind, text, body)
		if status >= 500 || status == 0 {
			t.Errorf("%q %q %q %q %q: status %d", method, path, query, kind, body, status)
		}
	})
}

// endpoints returns the paths of the API, of the model m and of a job.
func endpoints(t testing.TB, s *Server) (all []string) {
	t.Helper()
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest("GET", "/openapi.json", nil))
	var described struct{ Paths map[string]any }
	if err := json.Unmarshal(w.Body.Bytes(), &described); err != nil || len(described.Paths) < 15 {
		t.Fatalf("%v: %d paths are described", err, len(described.Paths))
	}
	for path := range described.Paths {
		all = append(all, strings.NewReplacer("{name}", "m", "{id}", "x").Replace(path))
	}
	return all
}
