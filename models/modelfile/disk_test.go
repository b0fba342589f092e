package modelfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Saving replaces a file whole, with its permissions, a failure keeps the old
// one, and errors name the file.
func TestSaveLoad(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "model.tsgen")
	if err := os.WriteFile(path, []byte("before"), 0o640); err != nil {
		t.Fatal(err)
	}
	only := func(want string) {
		t.Helper()
		entries, err := os.ReadDir(dir)
		if err != nil || len(entries) != 1 || entries[0].Name() != "model.tsgen" {
			t.Errorf("the directory holds %v, error %v", entries, err)
		}
		if b, err := os.ReadFile(path); err != nil || !strings.Contains(string(b), want) {
			t.Errorf("the file does not hold %q, error %v", want, err)
		}
	}
	bad := golden()
	bad.Kind = ""
	if err := Save(path, bad); err == nil {
		t.Error("no error for a model without a kind")
	}
	only("before")
	if err := Save(path, golden()); err != nil {
		t.Fatal(err)
	}
	only("latent-ode")
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("permissions %v, error %v", info.Mode(), err)
	}
	f, err := Load(path)
	want := golden()
	want.Format = 2
	if err != nil || describe(f) != describe(want) {
		t.Errorf("loaded %+v, error %v", f, err)
	}

	if err := Save(filepath.Join(dir, "absent", "model.tsgen"), golden()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("absent directory: error %v", err)
	}
	if err := Save(dir, golden()); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("a directory: error %v", err)
	}
	if _, err := Load(filepath.Join(dir, "absent.tsgen")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("absent file: error %v", err)
	}
	if err := os.Truncate(path, 60); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(path); !errors.Is(err, ErrTruncated) || !strings.HasPrefix(err.Error(), path+": ") {
		t.Errorf("a file cut short: error %v", err)
	}
}

// Saving to a link writes the file it leads to and keeps the link.
func TestSaveFollowsLinks(t *testing.T) {
	dir := t.TempDir()
	target, link := filepath.Join(dir, "target.tsgen"), filepath.Join(dir, "link.tsgen")
	if err := os.WriteFile(target, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, link); err != nil {
		t.Skip("no symbolic links here:", err)
	}
	if err := Save(link, golden()); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v, error %v", info, err)
	}
	if _, err := Load(target); err != nil {
		t.Error(err)
	}
}
