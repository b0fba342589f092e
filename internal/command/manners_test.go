package command

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestExamples holds every verb to three examples at least, whose flags it has.
func TestExamples(t *testing.T) {
	for _, verb := range newRoot().Commands() {
		if verb.IsAdditionalHelpTopicCommand() {
			continue
		}
		examples := 0
		for line := range strings.Lines(verb.Example) {
			_, after, ok := strings.Cut(line, "tsgen "+verb.Name())
			if !ok && strings.Contains(line, "tsgen ") {
				examples++ // of another verb, beside this one
				continue
			}
			if examples++; verb.HasSubCommands() {
				continue
			}
			for _, word := range strings.FieldsFunc(after, func(r rune) bool { return r == ' ' || r == '\n' || r == '=' }) {
				if word == "&&" || word == "|" || word == ">" {
					break
				}
				if name, long := strings.CutPrefix(word, "--"); long && verb.Flags().Lookup(name) == nil && name != "version" {
					t.Errorf("%s has no flag of its example %q", verb.Name(), line)
				}
			}
		}
		if examples < 3 {
			t.Errorf("%s has %d examples, want three", verb.Name(), examples)
		}
	}
}

// TestCompletion holds the shell's completion to the columns of the file, the names of its
// series and those of a model's, and the options of a kind.
func TestCompletion(t *testing.T) {
	dir := t.TempDir()
	path := write(t, filepath.Join(dir, "s.csv"), panelOf("north", "south"))
	model := filepath.Join(dir, "m.tsgen")
	mustRun(t, "fit", path, "-m", "drift", "-o", model)
	for _, c := range []struct {
		args []string
		want []string
	}{
		{[]string{"fit", path, "--target", ""}, []string{"unique_id", "ds", "y"}},
		{[]string{"fit", path, "--known", "y,"}, []string{"y,unique_id", "y,ds"}},
		{[]string{"plot", path, "--series", "north,"}, []string{"north,south"}},
		{[]string{"forecast", "--model", model, "--series", ""}, []string{"north", "south"}},
		{[]string{"report", model, "--series", ""}, []string{"north", "south"}},
		{[]string{"fit", "-m", "ets", "--set", ""}, []string{"season=", "additive=", "bare="}},
		{[]string{"fit", "none.csv", "--target", ""}, nil},
	} {
		r := mustRun(t, append([]string{"__complete"}, c.args...)...)
		got := strings.Split(strings.TrimSpace(r.stdout), "\n")
		if got = got[:len(got)-1]; !slices.Equal(got, c.want) {
			t.Errorf("%v: %q, want %q", c.args, got, c.want)
		}
	}
}

// TestTour runs every command of the tour, one after the other, in a directory of its own.
func TestTour(t *testing.T) {
	if testing.Short() {
		t.Skip("it fits models")
	}
	dir := t.TempDir()
	mkdir := filepath.Join(dir, "testdata")
	if err := os.MkdirAll(mkdir, 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(mkdir, "airpassengers.csv"), string(read(t, airpassengers)))
	tour := tourCommands(t)
	t.Chdir(dir)
	commands := 0
	for line := range strings.Lines(tour) {
		words := strings.Fields(line)
		var redirect string
		if at := slices.Index(words, ">"); at >= 0 {
			redirect, words = words[at+1], words[:at]
		}
		for i, w := range words {
			words[i] = strings.Trim(w, "'")
		}
		r := mustRun(t, words[1:]...)
		if redirect != "" {
			write(t, redirect, r.stdout)
		}
		commands++
	}
	if commands < 8 {
		t.Errorf("the tour has %d commands", commands)
	}
	for _, name := range []string{"series.png", "air.tsgen", "forecast.csv", "forecast.png", "report.html"} {
		if len(read(t, name)) == 0 {
			t.Errorf("%s is empty", name)
		}
	}
}

// tourCommands returns the commands of the tour, a line each.
func tourCommands(t *testing.T) string {
	t.Helper()
	var commands strings.Builder
	for line := range strings.Lines(string(read(t, "../../docs/tour.md"))) {
		if command, ok := strings.CutPrefix(line, "    tsgen "); ok {
			commands.WriteString("tsgen " + command)
		}
	}
	return commands.String()
}
