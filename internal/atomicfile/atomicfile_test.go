package atomicfile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

// names returns what is in a directory.
func names(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var n []string
	for _, e := range entries {
		n = append(n, e.Name())
	}
	return strings.Join(n, " ")
}

func content(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// A file is written and replaced as a whole, and nothing else stays in its directory.
func TestWrite(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	for _, s := range []string{"first", "second"} {
		if err := Check(path); err != nil {
			t.Fatal(err)
		}
		if err := Write(path, text(s)); err != nil {
			t.Fatal(err)
		}
		if got := content(t, path); got != s {
			t.Errorf("content %q, want %q", got, s)
		}
		if got := names(t, dir); got != "a" {
			t.Errorf("files left: %s", got)
		}
	}
}

// Writing through a link replaces the file it leads to, with
// its mode, and keeps the link.
func TestKeepsModeAndLink(t *testing.T) {
	dir := t.TempDir()
	path, link := filepath.Join(dir, "a"), filepath.Join(dir, "link")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(path, link); err != nil {
		t.Skip(err)
	}
	if err := Write(link, text("new")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := content(t, path); got != "new" || info.Mode() != 0o600 {
		t.Errorf("%q with mode %v, want %q with 0600", got, info.Mode(), "new")
	}
	if got := names(t, dir); got != "a link" {
		t.Errorf("files left: %s", got)
	}
}

// A write that fails halfway keeps the old file, leaves no other,
// and names the path in its error.
func TestFailureLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	failure := errors.New("out of ideas")
	for _, old := range []string{"", "old"} {
		if old != "" {
			if err := os.WriteFile(path, []byte(old), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		err := Write(path, func(w io.Writer) error {
			return errors.Join(text("half")(w), failure)
		})
		if !errors.Is(err, failure) || !strings.Contains(err.Error(), path) {
			t.Errorf("error %v, want one of %v that names %s", err, failure, path)
		}
		if old != "" && content(t, path) != old {
			t.Errorf("content %q, want %q", content(t, path), old)
		}
		if got, want := names(t, dir), map[string]string{"": "", "old": "a"}[old]; got != want {
			t.Errorf("files left: %q, want %q", got, want)
		}
	}
}

// An error of a file that was to be read for the content names that file.
func TestOtherFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	err := Write(path, func(io.Writer) error {
		_, err := os.Open(path + ".missing")
		return err
	})
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), path+".missing") {
		t.Errorf("error %v", err)
	}
}

// Check refuses beforehand what Write cannot do, and both name
// the path once and leave nothing.
func TestImpossible(t *testing.T) {
	dir := t.TempDir()
	for _, test := range []struct {
		path string
		want string
	}{
		{filepath.Join(dir, "absent", "a"), "no such file"},
		{dir, "directory"},
	} {
		for name, err := range map[string]error{"Check": Check(test.path), "Write": Write(test.path, text("x"))} {
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Count(err.Error(), dir) != 1 {
				t.Errorf("%s(%s): %v, want an error of %q that names the path once", name, test.path, err, test.want)
			}
		}
	}
	if got := names(t, dir); got != "" {
		t.Errorf("files left: %s", got)
	}
}

// A device is written to and not replaced by a file.
func TestDeviceIsWrittenDirectly(t *testing.T) {
	info, err := os.Stat(os.DevNull)
	if err != nil {
		t.Skip(err)
	}
	if err := errors.Join(Check(os.DevNull), Write(os.DevNull, text("gone"))); err != nil {
		t.Fatal(err)
	}
	after, err := os.Stat(os.DevNull)
	if err != nil || !os.SameFile(info, after) {
		t.Errorf("%s was replaced: %v", os.DevNull, err)
	}
}
