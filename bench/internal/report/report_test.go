package report

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const document = `# Times

<!-- table a -->

| old |
|---|

<!-- /table a -->

Words between.

<!-- table b -->
<!-- /table b -->
`

// A table replaces its namesake and nothing else, and replacing it again with
// the same leaves the document as it is.
func TestReplace(t *testing.T) {
	want := strings.Replace(document, "| old |", "| new |", 1)
	for _, from := range []string{document, want} {
		got, err := Replace(from, "a", "| new |\n|---|\n\n")
		if err != nil || got != want {
			t.Errorf("error %v, got\n%s", err, got)
		}
	}
	got, err := Replace(document, "b", "| b |")
	if err != nil || got != strings.Replace(document, "table b -->\n<!--", "table b -->\n\n| b |\n\n<!--", 1) {
		t.Errorf("an empty place: error %v, got\n%s", err, got)
	}
}

// Markers that do not tell where a table stands are errors that name them.
func TestReplaceRefuses(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "0 lines \"<!-- table a -->\""},
		{"<!-- table a -->\n", "0 lines \"<!-- /table a -->\""},
		{document + document, "2 lines \"<!-- table a -->\""},
		{"<!-- /table a -->\n<!-- table a -->\n", "comes before"},
	} {
		if got, err := Replace(c.text, "a", "x"); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: got %q, error %v, want one with %q", c.text, got, err, c.want)
		}
	}
}

// What is printed is what the document gets. Without a document it is printed
// all the same, a document without the table is refused before anything is
// measured, and a measurement that fails leaves the document alone.
func TestReport(t *testing.T) {
	path := filepath.Join(t.TempDir(), "times.md")
	if err := os.WriteFile(path, []byte(document), 0o644); err != nil {
		t.Fatal(err)
	}
	table := func(w io.Writer) error { _, err := io.WriteString(w, "| new |\n|---|\n"); return err }
	for _, name := range []string{path, ""} {
		var printed strings.Builder
		r, err := New(&printed, name, "a", "b")
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Table("a", table); err != nil {
			t.Fatal(err)
		}
		if printed.String() != "| new |\n|---|\n" {
			t.Errorf("document %q: printed %q", name, printed.String())
		}
		fails := errors.New("no time")
		if err := r.Table("b", func(w io.Writer) error { io.WriteString(w, "| half"); return fails }); err != fails {
			t.Errorf("document %q: error %v, want %v", name, err, fails)
		}
	}
	got, err := os.ReadFile(path)
	if want := strings.Replace(document, "| old |", "| new |", 1); err != nil || string(got) != want {
		t.Errorf("error %v, document\n%s", err, got)
	}
	for _, c := range [][2]string{{path, "c"}, {path + "x", "a"}} {
		if _, err := New(io.Discard, c[0], c[1]); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("table %s of %s: error %v", c[1], c[0], err)
		}
	}
}
