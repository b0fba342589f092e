package serve

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"tsgen/forecast"
	"tsgen/models"
	"tsgen/series"
)

// echo is a command that writes its arguments and what it reads.
func echo(_ context.Context, c Call) (int, error) {
	in, err := io.ReadAll(c.Stdin)
	for _, a := range c.Args[1:] {
		if !strings.HasPrefix(a, "--model=") && !strings.HasPrefix(a, "--max-bytes=") {
			fmt.Fprintln(c.Stdout, a)
		}
	}
	_, _ = c.Stdout.Write(in)
	return 0, err
}

// saved writes a model file that forecasts the level.
func saved(t testing.TB, dir, name string, level float64) {
	t.Helper()
	var b strings.Builder
	b.WriteString("ds,y\n")
	for i := range 20 {
		fmt.Fprintf(&b, "%d,%g\n", i, level)
	}
	panel, _, err := series.ReadCSV(strings.NewReader(b.String()), series.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	m, err := models.New("naive", nil)
	if err != nil {
		t.Fatal(err)
	}
	fit := forecast.FitOptions{Horizon: 2, Season: 1, Seed: 1}
	if err := m.Fit(t.Context(), panel, fit); err != nil {
		t.Fatal(err)
	}
	if err := models.Save(filepath.Join(dir, name+suffix), m, panel, fit); err != nil {
		t.Fatal(err)
	}
}

// newTest returns a server with a model called m, and its address.
func newTest(t testing.TB, run Runner, change func(*Config)) (*Server, string) {
	t.Helper()
	dir := t.TempDir()
	saved(t, dir, "m", 7)
	c := Config{Dir: dir, Run: run, OpenRead: true}
	if change != nil {
		change(&c)
	}
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	ts := httptest.NewServer(s)
	t.Cleanup(func() {
		ts.Close()
		s.Stop(0)
	})
	return s, ts.URL
}

// send sends a request and returns status, body and header.
func send(t testing.TB, method, url, contentType string, body io.Reader, headers ...string) (int, string, http.Header) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
		if headers[i] == "Host" {
			r.Host = headers[i+1]
		}
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text), response.Header
}

// TestRequestsAreCommandLines holds the command lines that requests become: parameters as flags, in
// order, tables as standard input and files, and JSON tables as the CSV of the same cells.
func TestRequestsAreCommandLines(t *testing.T) {
	_, url := newTest(t, echo, nil)
	for _, test := range []struct{ name, path, kind, body, want string }{
		{"CSV", "/v1/models/m/forecast?horizon=3&level=50,80", "text/csv", "ds,y\n1,2\n", "--horizon=3\n--level=50,80\n-\nds,y\n1,2\n"},
		{"rows", "/v1/models/m/forecast", "application/json", `{"horizon": 3, "level": [50, 80], "mean": true, "history": [{"ds":"1","y":1.250},{"y":null,"ds":"2","z":"a,b"}]}`,
			"--horizon=3\n--level=50,80\n--mean=true\n-\nds,y,z\n1,1.250,\n2,,\"a,b\"\n"},
		{"columns", "/v1/models/m/detect", "application/json", `{"history": {"ds":["1","2"],"y":[1e300,-0.0]}}`, "-\nds,y\n1,1e300\n2,-0.0\n"},
		{"text", "/v1/models/m/likelihood?seed=0", "application/json", `{"history": "ds,y\n1,2\n"}`, "--seed=0\n-\nds,y\n1,2\n"},
		{"no body", "/v1/models/m/generate?number=2", "", "", "--number=2\n"},
	} {
		status, got, _ := send(t, "POST", url+test.path, test.kind, strings.NewReader(test.body), "Accept", "text/csv")
		if status != 200 || got != test.want {
			t.Errorf("%s: status %d\n%q, want\n%q", test.name, status, got, test.want)
		}
	}
}

// TestFlagsCannotBeSmuggled protects the files of the machine: nothing that a request says becomes
// another flag, or a name of a file.
func TestFlagsCannotBeSmuggled(t *testing.T) {
	var ran atomic.Int64
	run := func(_ context.Context, c Call) (int, error) { ran.Add(1); return 0, nil }
	_, url := newTest(t, run, nil)
	for _, path := range []string{
		"/v1/models/m/forecast?at=/etc/passwd", "/v1/models/m/forecast?output=x", "/v1/models/m/forecast?plot=x.png", "/v1/models/m/forecast?model=x",
		"/v1/models/..%2fm/forecast", "/v1/models/-m/forecast", "/v1/models/m.tsgen/forecast", "/v1/models/%00/forecast", "/v1/models/m/generate?times=/etc/passwd",
		"/v1/models/m/fit", "/v1/models/m/score?history=/etc/passwd",
	} {
		if status, body, _ := send(t, "POST", url+path, "", nil); status < 400 || status >= 500 {
			t.Errorf("%s: status %d, want 4xx: %s", path, status, body)
		}
	}
	for _, body := range []string{`{"output":"x"}`, `{"plot":"x.png"}`, `{"model":"x"}`, `{"--at":"x"}`} {
		if status, _, _ := send(t, "POST", url+"/v1/models/m/forecast", "application/json", strings.NewReader(body)); status != 400 {
			t.Errorf("%s: status %d, want 400", body, status)
		}
	}
	if ran.Load() != 0 {
		t.Errorf("the command ran %d times", ran.Load())
	}
}

// TestBusy holds the queue to its bounds: what is beyond them is told to come again, and all that
// was let in is answered.
func TestBusy(t *testing.T) {
	hold := make(chan struct{})
	var most, now atomic.Int64
	run := func(ctx context.Context, c Call) (int, error) {
		if n := now.Add(1); n > most.Load() {
			most.Store(n)
		}
		defer now.Add(-1)
		<-hold
		return echo(ctx, c)
	}
	s, url := newTest(t, run, func(c *Config) { c.Workers, c.Queue = 2, 3 })
	var wg sync.WaitGroup
	var mu sync.Mutex
	count := make(map[int]int)
	for range 20 {
		wg.Go(func() {
			status, _, h := send(t, "POST", url+"/v1/models/m/forecast", "", nil)
			mu.Lock()
			defer mu.Unlock()
			count[status]++
			if status == 429 && h.Get("Retry-After") == "" {
				t.Error("status 429 without Retry-After")
			}
		})
	}
	for s.questions.waiting.Load() < 3 || func() int { mu.Lock(); defer mu.Unlock(); return count[429] }() < 15 {
		time.Sleep(time.Millisecond)
	}
	close(hold)
	wg.Wait()
	if count[200] != 5 || count[429] != 15 || most.Load() > 2 {
		t.Errorf("statuses %v, %d at a time; want 5 of 200, 15 of 429, 2 at a time", count, most.Load())
	}
}

// TestDeadline has the context of a run end with the deadline, and the client be told so.
func TestDeadline(t *testing.T) {
	run := func(ctx context.Context, c Call) (int, error) { <-ctx.Done(); return 1, ctx.Err() }
	_, url := newTest(t, run, func(c *Config) { c.Deadline = time.Minute })
	begun := time.Now()
	status, body, _ := send(t, "POST", url+"/v1/models/m/forecast?deadline=0.05", "", nil)
	var p Problem
	if err := json.Unmarshal([]byte(body), &p); err != nil || status != 504 || p.Code != codeDeadline || p.RequestID == "" {
		t.Errorf("status %d, %s", status, body)
	}
	if took := time.Since(begun); took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
}

// TestPanic has a panic of a run answered with status 500 and its text kept from the client.
func TestPanic(t *testing.T) {
	run := func(context.Context, Call) (int, error) { panic("secret") }
	s, url := newTest(t, run, nil)
	for range 2 * cap(s.questions.slots) { // no slot is lost
		if status, body, _ := send(t, "POST", url+"/v1/models/m/forecast", "", nil); status != 500 || strings.Contains(body, "secret") {
			t.Fatalf("status %d, %s", status, body)
		}
	}
}

// TestShutdown ends a service under load: all that was accepted is answered whole, a fit that
// is under way is told to stop, and no goroutine is left.
func TestShutdown(t *testing.T) {
	before := runtime.NumGoroutine()
	var accepted, answered, fitEnded atomic.Int64
	fitting := make(chan struct{})
	run := func(ctx context.Context, c Call) (int, error) {
		if c.Args[0] == "fit" {
			close(fitting)
			<-ctx.Done()
			fitEnded.Add(1)
			return 130, ctx.Err()
		}
		accepted.Add(1)
		time.Sleep(5 * time.Millisecond)
		return echo(ctx, c)
	}
	token, text := NewToken()
	dir := t.TempDir()
	saved(t, dir, "m", 7)
	s, err := New(Config{Dir: dir, Run: run, OpenRead: true, Tokens: []Token{token}, Limits: Limits{Grace: 2 * time.Second, Queue: 1000}})
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + listener.Addr().String()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, listener) }()
	if status, body, _ := send(t, "POST", url+"/v1/fit?name=x", "text/csv", strings.NewReader("ds,y\n1,2\n"), "Authorization", "Bearer "+text); status != 202 {
		t.Fatalf("status %d, %s", status, body)
	}
	<-fitting
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}}
	defer client.CloseIdleConnections()
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for range 400 {
				response, err := client.Post(url+"/v1/models/m/forecast?horizon=1", "text/csv", strings.NewReader("ds,y\n1,2\n"))
				if errors.Is(err, syscall.ECONNREFUSED) {
					return // the service listens no more
				}
				if err != nil {
					t.Error(err)
					return
				}
				body, err := io.ReadAll(response.Body)
				response.Body.Close()
				if err == nil && response.StatusCode == 200 && string(body) == "--horizon=1\n-\nds,y\n1,2\n" {
					answered.Add(1)
				}
			}
		})
	}
	time.Sleep(50 * time.Millisecond)
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	wg.Wait()
	if accepted.Load() == 0 || accepted.Load() != answered.Load() {
		t.Errorf("%d requests were accepted, %d answered", accepted.Load(), answered.Load())
	}
	if fitEnded.Load() != 1 {
		t.Error("the fit was not told to stop")
	}
	http.DefaultClient.CloseIdleConnections()
	client.CloseIdleConnections()
	for range 200 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	stacks := make([]byte, 1<<16)
	t.Errorf("%d goroutines before, %d after\n%s", before, runtime.NumGoroutine(), stacks[:runtime.Stack(stacks, true)])
}

// TestReplaced renames other models to the place of one under load: every answer is of one of
// them, and in the end of the last.
func TestReplaced(t *testing.T) {
	run := func(ctx context.Context, c Call) (int, error) {
		path := ""
		for _, a := range c.Args {
			if p, ok := strings.CutPrefix(a, "--model="); ok {
				path = p
			}
		}
		file, m, err := c.Load(path)
		if err != nil {
			return 4, err
		}
		h := file.History
		f, err := m.Forecast(ctx, h, forecast.Options{At: [][]float64{h.Future(h.Series[0], 1)}})
		if err != nil {
			return 4, err
		}
		fmt.Fprint(c.Stdout, h.Series[0].Values[0], " ", f.Series[0].Quantile(nil, 0.5)[0])
		return 0, nil
	}
	s, url := newTest(t, run, nil)
	var wg sync.WaitGroup
	stop := make(chan struct{})
	for range 4 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				status, body, _ := send(t, "POST", url+"/v1/models/m/forecast", "", nil, "Accept", "text/csv")
				if status != 429 && (status != 200 || body != "7 7" && body != "8 8") {
					t.Errorf("status %d, %s", status, body)
					return
				}
			}
		})
	}
	for i := range 30 {
		saved(t, s.Dir, "m", float64(7+i%2))
	}
	close(stop)
	wg.Wait()
	if _, body, _ := send(t, "POST", url+"/v1/models/m/forecast", "", nil, "Accept", "text/csv"); body != "8 8" {
		t.Errorf("after the last is %s, want 8 8", body)
	}
	if n := s.models.held(); n != 1 {
		t.Errorf("%d models are held, want 1", n)
	}
}

// TestModels uploads, lists, downloads and deletes a model.
func TestModels(t *testing.T) {
	token, text := NewToken()
	s, url := newTest(t, echo, func(c *Config) { c.Tokens = []Token{token} })
	auth := []string{"Authorization", "Bearer " + text}
	data, err := os.ReadFile(filepath.Join(s.Dir, "m.tsgen"))
	if err != nil {
		t.Fatal(err)
	}
	if status, body, _ := send(t, "PUT", url+"/v1/models/n", "", bytes.NewReader(data), auth...); status != 201 {
		t.Fatalf("status %d, %s", status, body)
	}
	damaged := bytes.Clone(data)
	damaged[len(damaged)-3] ^= 1
	for _, bad := range [][]byte{damaged, data[:50], nil} {
		if status, _, _ := send(t, "PUT", url+"/v1/models/n", "", bytes.NewReader(bad), auth...); status != 422 {
			t.Errorf("a damaged file has status %d, want 422", status)
		}
	}
	_, body, _ := send(t, "GET", url+"/v1/models", "", nil)
	var all []Model
	if err := json.Unmarshal([]byte(body), &all); err != nil || len(all) != 2 || all[1].Name != "n" || all[1].Kind != "naive" || all[1].Digest != all[0].Digest {
		t.Errorf("%v: %s", err, body)
	}
	if _, got, _ := send(t, "GET", url+"/v1/models/n/file", "", nil, auth...); got != string(data) {
		t.Error("what is downloaded is not what was uploaded")
	}
	if status, _, _ := send(t, "DELETE", url+"/v1/models/n", "", nil, auth...); status != 204 {
		t.Errorf("status %d", status)
	}
	if status, _, _ := send(t, "GET", url+"/v1/models/n", "", nil); status != 404 {
		t.Errorf("status %d after the deletion", status)
	}
}

// TestJobs follows a fit by its events, from the first and from the middle, and cancels one.
func TestJobs(t *testing.T) {
	going := make(chan struct{})
	run := func(ctx context.Context, c Call) (int, error) {
		fmt.Fprintln(c.Stderr, `{"note":"reading"}`)
		fmt.Fprintln(c.Stderr, `{"phase":"fit","update":1,"updates":2}`)
		if strings.Contains(strings.Join(c.Args, " "), "--horizon=99") {
			close(going)
			<-ctx.Done()
			return 130, ctx.Err()
		}
		if strings.Contains(strings.Join(c.Args, " "), "--horizon=98") {
			return 3, errors.New("the data are wrong")
		}
		fmt.Fprint(c.Stdout, `{"model":"x"}`)
		return 0, nil
	}
	token, text := NewToken()
	_, url := newTest(t, run, func(c *Config) { c.Tokens = []Token{token} })
	auth := []string{"Authorization", "Bearer " + text}
	begin := func(parameters string) Job {
		t.Helper()
		status, body, _ := send(t, "POST", url+"/v1/fit?"+parameters, "text/csv", strings.NewReader("ds,y\n1,2\n"), auth...)
		var j Job
		if err := json.Unmarshal([]byte(body), &j); err != nil || status != 202 {
			t.Fatalf("status %d: %s", status, body)
		}
		return j
	}
	j := begin("name=a")
	_, events, _ := send(t, "GET", url+"/v1/jobs/"+j.ID+"/events", "", nil, auth...)
	for _, want := range []string{"event: note\ndata: {\"note\":\"reading\"}", "event: progress\n", `"state":"done"`, `"result":{"model":"x"}`} {
		if !strings.Contains(events, want) {
			t.Errorf("the events lack %s:\n%s", want, events)
		}
	}
	_, rest, _ := send(t, "GET", url+"/v1/jobs/"+j.ID+"/events", "", nil, append(auth, "Last-Event-ID", "1")...)
	if strings.Contains(rest, "reading") || !strings.Contains(rest, `"state":"done"`) || !strings.HasSuffix(events, rest) {
		t.Errorf("the events after the second are\n%s", rest)
	}
	failed := begin("name=b&horizon=98")
	if _, events, _ := send(t, "GET", url+"/v1/jobs/"+failed.ID+"/events", "", nil, auth...); !strings.Contains(events, `"state":"failed"`) || !strings.Contains(events, `"code":"data"`) {
		t.Errorf("the events of a failure are\n%s", events)
	}
	long := begin("name=c&horizon=99")
	<-going
	if status, _, _ := send(t, "POST", url+"/v1/fit?name=c", "text/csv", strings.NewReader("ds,y\n1,2\n"), auth...); status != 409 {
		t.Errorf("a second fit of the name has status %d, want 409", status)
	}
	if status, _, _ := send(t, "DELETE", url+"/v1/jobs/"+long.ID, "", nil, auth...); status != 202 {
		t.Errorf("status %d", status)
	}
	if _, events, _ := send(t, "GET", url+"/v1/jobs/"+long.ID+"/events", "", nil, auth...); !strings.Contains(events, `"state":"cancelled"`) {
		t.Errorf("the events of a job that is cancelled are\n%s", events)
	}
}
