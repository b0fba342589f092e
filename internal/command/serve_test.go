package command

import (
	"bytes"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"tsgen/series/formats"
)

// post sends a table to a service and returns status and answer, of CSV.
func post(t *testing.T, url, kind, body string) (int, string) {
	t.Helper()
	status, answer, _ := postFor(t, url, kind, "text/csv", body)
	return status, answer
}

// postFor is post for an answer of a type, with the header that came.
func postFor(t *testing.T, url, kind, accept, body string) (status int, answer string, header http.Header) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "POST", url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", kind)
	if accept != "" {
		r.Header.Set("Accept", accept)
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

// TestServeArrow holds tables in Arrow to the bytes that the command writes: they are taken by
// their type, or as what they begin as, and come back in the type that is asked for, else in theirs.
func TestServeArrow(t *testing.T) {
	dir := t.TempDir()
	model := small(t, dir)
	address, _ := servedFor(t, dir)
	history := read(t, airpassengers)
	other := write(t, filepath.Join(t.TempDir(), "other.csv"), string(history))
	const stream, file = "application/vnd.apache.arrow.stream", "application/vnd.apache.arrow.file"
	packed := func(f formats.Format) string {
		var b bytes.Buffer
		if err := formats.Write(&b, f, false, history, nil); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	for _, test := range []struct{ verb, body, kind, accept, is, format string }{
		{"forecast", packed(formats.ArrowStream), stream, "", stream, "arrows"},
		{"forecast", packed(formats.Arrow), file, stream, stream, "arrows"},
		{"forecast", packed(formats.Arrow), "application/octet-stream", "text/csv", "text/csv; charset=utf-8", "csv"},
		{"detect", packed(formats.ArrowStream), stream, file, file, "arrow"},
		{"detect", string(history), "text/csv", stream, stream, "arrows"},
	} {
		want := mustRun(t, test.verb, other, "-m", model, "--format", test.format)
		status, got, header := postFor(t, address+"/v1/models/model/"+test.verb, test.kind, test.accept, test.body)
		is := header.Get("Content-Type")
		if status != 200 || got != want.stdout || is != test.is {
			t.Errorf("%s of %s for %s: status %d, type %s, %d bytes, want %d: %.200q", test.verb, test.kind, test.accept, status, is, len(got), len(want.stdout), got)
		}
	}
	status, got, header := postFor(t, address+"/v1/models/model/score", stream, "", packed(formats.ArrowStream))
	if notes := header.Get("Tsgen-Notes"); status != 200 || !strings.Contains(notes, "what is written there is fitted") {
		t.Errorf("a score of fitted values: status %d, notes %s, %s", status, notes, got)
	}
}

// TestServeAnswersAsTheCommand holds the CSV answers of the service to those of the command, byte
// for byte, of a model's own series and of others, and its problems to the command's messages.
func TestServeAnswersAsTheCommand(t *testing.T) {
	dir := t.TempDir()
	model := small(t, dir)
	address, _ := servedFor(t, dir)
	url := address + "/v1/models/model/"
	history := string(read(t, airpassengers))
	shorter := history[:strings.LastIndex(history, "1960-10")]
	other := write(t, filepath.Join(t.TempDir(), "other.csv"), shorter)
	future := "ds\n1961-02-01\n1961-05-01\n"
	at := write(t, filepath.Join(t.TempDir(), "at.csv"), future)
	for _, test := range []struct {
		path, kind, body string
		args             []string
	}{
		{"forecast?horizon=5&level=50,90&mean=true", "", "", []string{"forecast", "--horizon", "5", "--level", "50,90", "--mean"}},
		{"forecast?horizon=7", "text/csv", shorter, []string{"forecast", other, "--horizon", "7"}},
		{"forecast?paths=3&horizon=4&seed=5", "", "", []string{"forecast", "--horizon", "4", "--paths", "3", "--seed", "5"}},
		{"forecast", "application/json", `{"at": {"ds": ["1961-02-01", "1961-05-01"]}, "level": [80]}`, []string{"forecast", "--at", at, "--level", "80"}},
		{"detect?rate=0.01", "text/csv", shorter, []string{"detect", other, "--rate", "0.01"}},
		{"components?by=stl", "", "", []string{"components", "--by", "stl"}},
	} {
		want := mustRun(t, append(test.args, "-m", model)...)
		if status, got := post(t, url+test.path, test.kind, test.body); status != 200 || got != want.stdout {
			t.Errorf("%s: status %d\n%.300s, want\n%.300s", test.path, status, got, want.stdout)
		}
	}
	bad := "ds,y\n2020-01,1\n2020-02,x\n2020-03,3\n"
	message := tsgen("forecast", write(t, filepath.Join(t.TempDir(), "bad.csv"), bad), "-m", model).stderr
	_, reason, _ := strings.Cut(strings.TrimSpace(message), "bad.csv:")
	status, got := post(t, url+"forecast", "text/csv", bad)
	if want := strings.ReplaceAll(reason, `"`, `\"`); status != 422 || !strings.Contains(got, want) || !strings.Contains(got, `"exit":3`) || !strings.Contains(got, `"line":3`) {
		t.Errorf("status %d, %s, want the message %s", status, got, want)
	}
	if status, got := post(t, url+"generate", "", ""); status != 422 || !strings.Contains(got, `"exit":4`) {
		t.Errorf("status %d, %s", status, got)
	}
	if status, got := post(t, url+"score", "text/csv", "ds,y\n1961-01-01,450\n1961-02-01,420\n"); status != 406 {
		t.Errorf("status %d, %s: scores are no table", status, got)
	}
}

// TestServeRefuses has what would let strangers in be refused.
func TestServeRefuses(t *testing.T) {
	dir := t.TempDir()
	weak := write(t, filepath.Join(dir, "weak.txt"), "short\n")
	for _, args := range [][]string{
		{"--address", "0.0.0.0:0"}, {"--address", ":0"}, {"--address", "nowhere"}, {"--tls-cert", "x"}, {"--log", "loud"}, {"--workers", "0"},
		{"--cors", "not a site"}, {"--deadline", "0s"},
	} {
		if r := tsgen(append([]string{"serve", dir}, args...)...); r.status != exitUsage {
			t.Errorf("%v: status %d: %s", args, r.status, r.stderr)
		}
	}
	if r := tsgen("serve", dir, "--tokens", weak); r.status == exitDone || strings.Contains(r.stderr, "short\n") {
		t.Errorf("a weak token: status %d: %s", r.status, r.stderr)
	}
}
