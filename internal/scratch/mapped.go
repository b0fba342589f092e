//go:build linux || darwin

package scratch

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

const mappable = true

// A file is a temporary one without a name.
type file struct{ *os.File }

func create(dir string) (file, error) {
	f, err := os.CreateTemp(dir, "tsgen-*")
	if err != nil {
		return file{}, err
	}
	if err := os.Remove(f.Name()); err != nil {
		return file{}, errors.Join(err, f.Close())
	}
	return file{f}, nil
}

// extend writes so many zeros from a place on, so that the disk has room for what replaces them, and
// maps them.
func (f file) extend(at int64, size int) ([]byte, error) {
	zeros := make([]byte, 1<<18)
	for done := 0; done < size; done += len(zeros) {
		if _, err := f.WriteAt(zeros[:min(len(zeros), size-done)], at+int64(done)); err != nil {
			return nil, err
		}
	}
	return unix.Mmap(int(f.Fd()), at, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
}

// release is advice, and what becomes of it does not matter.
func release(m []byte) { _ = unix.Madvise(m, unix.MADV_DONTNEED) }

// protect keeps mapped pages from being written to. Where that fails, all that is lost is the fault of a
// mistake.
func protect(m []byte) { _ = unix.Mprotect(m, unix.PROT_READ) }

func (f file) close(extents [][]byte) error {
	var all error
	for _, m := range extents {
		all = errors.Join(all, unix.Munmap(m))
	}
	return errors.Join(all, f.Close())
}
