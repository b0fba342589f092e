package command

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra/doc"
)

// TestReferenceIsUpToDate holds the pages of docs/reference to what the command says of itself;
// -update writes them.
func TestReferenceIsUpToDate(t *testing.T) {
	const kept = "../../docs/reference"
	if *update {
		if err := os.RemoveAll(kept); err != nil {
			t.Fatal(err)
		}
		writePages(t, kept)
	}
	dir := t.TempDir()
	writePages(t, dir)
	if now, then := list(t, dir), list(t, kept); now != then {
		t.Fatalf("docs/reference has %s, want %s; write it with go test ./internal/command -run Reference -update", then, now)
	}
	for _, name := range strings.Fields(list(t, dir)) {
		if string(read(t, filepath.Join(dir, name))) != string(read(t, filepath.Join(kept, name))) {
			t.Errorf("%s is not up to date; write it with go test ./internal/command -run Reference -update", name)
		}
	}
}

// writePages writes the pages of the verbs and an index of them.
func writePages(t *testing.T, dir string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	root := Documented()
	if err := doc.GenMarkdownTreeCustom(root, dir, func(string) string { return "" }, func(name string) string { return name }); err != nil {
		t.Fatal(err)
	}
	var verbs, topics strings.Builder
	verbs.WriteString("# Reference\n\nThe verbs of the command and what `tsgen help` tells beside them. These pages are written by `go test ./internal/command -run Reference -update`.\n\n")
	topics.WriteString("# Topics\n")
	for _, c := range root.Commands() {
		if c.IsAdditionalHelpTopicCommand() {
			fmt.Fprintf(&topics, "\n## %s\n\n%s (`tsgen help %s`)\n\n```\n%s\n```\n", c.Name(), c.Short, c.Name(), c.Long)
		} else {
			fmt.Fprintf(&verbs, "- [%s](tsgen_%s.md): %s\n", c.CommandPath(), c.Name(), c.Short)
		}
	}
	verbs.WriteString("- [topics](topics.md): times, data, values, scores, training, paths, pictures, exit statuses\n")
	write(t, filepath.Join(dir, "README.md"), verbs.String())
	write(t, filepath.Join(dir, "topics.md"), topics.String())
}
