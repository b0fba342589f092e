// Command torture holds tsgen to what it promises of hostile input: files that are made here,
// with the exit status that each must have (cases.go), and model files of every kind whose
// numbers and texts are changed under a good digest, which must be refused or forecast
// finite values. It prints one line a class and ends with status 1 if a promise is broken.
//
//	go run ./bench/torture [-changes 200] [-limit 60s] [-tsgen BINARY]
//
// The script kill beside it kills fits at random moments.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

func main() {
	changes := flag.Int("changes", 200, "changes of the model file of each kind")
	limit := flag.Duration("limit", time.Minute, "time that tsgen may take for a file")
	binary := flag.String("tsgen", "", "built command (default: built here)")
	seed := flag.Uint64("seed", 1, "seed of the changes")
	flag.Parse()
	dir, err := os.MkdirTemp("", "torture")
	if err == nil {
		defer os.RemoveAll(dir)
		err = torture(dir, *binary, *limit, *changes, *seed)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "torture:", err)
		os.Exit(1)
	}
}

var errBroken = errors.New("promises were broken")

func torture(dir, binary string, limit time.Duration, changes int, seed uint64) error {
	if binary == "" {
		binary = filepath.Join(dir, "tsgen")
		if out, err := exec.Command("go", "build", "-o", binary, "./cmd/tsgen").CombinedOutput(); err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
	}
	broken := 0
	for _, c := range byClass(fileCases()) {
		said := 0
		for _, f := range c {
			if wrong := f.run(dir, binary, limit); wrong != "" {
				fmt.Printf("  %s, %s: %s\n", f.class, f.name, wrong)
				said++
			}
		}
		fmt.Printf("files, %-12s %3d cases, %d broke a promise\n", c[0].class+":", len(c), said)
		broken += said
	}
	wrong, err := tamper(changes, seed)
	if err != nil {
		return err
	}
	if broken+wrong > 0 {
		return errBroken
	}
	return nil
}

// byClass returns the cases of each class, in the order in which they come.
func byClass(all []fileCase) [][]fileCase {
	var classes [][]fileCase
	for _, c := range all {
		i := slices.IndexFunc(classes, func(of []fileCase) bool { return of[0].class == c.class })
		if i < 0 {
			classes = append(classes, []fileCase{c})
		} else {
			classes[i] = append(classes[i], c)
		}
	}
	return classes
}

// run fits a model to the file and forecasts with it, and says which promise is broken.
func (c fileCase) run(dir, binary string, limit time.Duration) string {
	path, model := filepath.Join(dir, "case.csv"), filepath.Join(dir, "case.tsgen")
	if bytes.HasPrefix(c.content, []byte{0x1f, 0x8b}) {
		path += ".gz"
	}
	if err := os.WriteFile(path, c.content, 0o600); err != nil {
		return err.Error()
	}
	defer os.Remove(model)
	ctx, stop := context.WithTimeout(context.Background(), limit)
	defer stop()
	fit := exec.CommandContext(ctx, binary, append([]string{"fit", path, "-m", "ar", "-o", model, "--progress", "none"}, c.args...)...)
	var said bytes.Buffer
	fit.Stderr = &said
	status, err := statusOf(fit)
	text := said.String()
	_, missing := os.Stat(model)
	switch {
	case ctx.Err() != nil:
		return fmt.Sprintf("not done after %v", limit)
	case err != nil:
		return err.Error()
	case strings.Contains(text, "internal error") || strings.Contains(text, "goroutine "):
		return "it panicked: " + text
	case !slices.Contains(c.status, status):
		return fmt.Sprintf("status %d, want one of %v: %s", status, c.status, text)
	case !strings.Contains(text, c.says):
		return fmt.Sprintf("it does not say %q: %s", c.says, text)
	case status == done && missing != nil:
		return "status 0 and no model"
	case status != done && missing == nil:
		return fmt.Sprintf("status %d and a model", status)
	case status != done && text == "":
		return "it failed without a word"
	case status != done:
		return ""
	}
	if status, err := statusOf(exec.CommandContext(ctx, binary, "-q", "forecast", "-m", model, "-o", filepath.Join(dir, "forecast.csv"))); err != nil || status != done {
		return fmt.Sprintf("the fit is done, and its forecast has status %d", status)
	}
	return ""
}

// statusOf runs a command and returns its exit status.
func statusOf(cmd *exec.Cmd) (int, error) {
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode(), nil
	}
	return 0, err
}
