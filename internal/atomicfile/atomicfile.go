// Package atomicfile writes files whole or not at all.
package atomicfile

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Write has the function write the content of the file at path: to a temporary
// file in the same directory, which is flushed to the disk and renamed. What
// was at path before stays there if anything fails, and nothing else is left.
// A link at path is followed, and a file there keeps its permissions. Devices
// and pipes are written directly.
func Write(path string, write func(io.Writer) error) error {
	t, err := resolve(path)
	if err == nil {
		err = t.write(write)
	}
	return describe(path, err)
}

// A contentError is one of what was to be written, not of writing it.
type contentError struct{ error }

func (e *contentError) Unwrap() error { return e.error }

// fill has the function write to f.
func fill(f *os.File, write func(io.Writer) error) error {
	err := write(f)
	if p := (*fs.PathError)(nil); err == nil || errors.As(err, &p) && p.Path == f.Name() {
		return err
	}
	return &contentError{err}
}

// Check says early, without a trace, if Write to path must fail: because there
// is no such directory, no permission, or a directory at path.
func Check(path string) error {
	t, err := resolve(path)
	if err != nil || t.special {
		return describe(path, err)
	}
	f, err := t.temporary()
	if err != nil {
		return describe(path, err)
	}
	return describe(path, errors.Join(f.Close(), os.Remove(f.Name())))
}

// A target is a place to write to.
type target struct {
	path    string // with links resolved
	mode    fs.FileMode
	exists  bool
	special bool // a device or a pipe
}

func resolve(path string) (*target, error) {
	t := &target{path: path}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		t.path = real
	}
	info, err := os.Stat(t.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return t, nil
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, errors.New("a directory, not a regular file")
	}
	t.exists, t.mode, t.special = true, info.Mode().Perm(), !info.Mode().IsRegular()
	return t, nil
}

// temporary creates an empty file beside the target.
func (t *target) temporary() (*os.File, error) {
	dir, name := filepath.Split(t.path)
	name = "." + name + "." + rand.Text()[:8]
	return os.OpenFile(filepath.Join(dir, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666) // less the process's mask
}

func (t *target) write(write func(io.Writer) error) (err error) {
	if t.special {
		f, err := os.OpenFile(t.path, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		return errors.Join(fill(f, write), f.Close())
	}
	f, err := t.temporary()
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	err = fill(f, write)
	if err == nil && t.exists {
		err = f.Chmod(t.mode)
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), t.path)
}

// describe names the file that was to be written, in place of the temporary
// one, and leaves the names of others that could not be read for it.
func describe(path string, err error) error {
	if err == nil {
		return nil
	}
	var p *fs.PathError
	if c := (*contentError)(nil); errors.As(err, &p) && !errors.As(err, &c) {
		err = p.Err
	}
	return fmt.Errorf("cannot write %s: %w", path, err)
}
