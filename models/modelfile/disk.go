package modelfile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	"tsgen/internal/atomicfile"
	"tsgen/series"
)

// Save writes a model file to path, whole or not at all: it goes to a temporary
// file in the same directory first, is flushed to the disk and renamed. What
// was at path before stays there if Save fails. A link at path is followed, and
// a file there keeps its permissions.
func Save(path string, f *File) error {
	err := atomicfile.Write(path, func(w io.Writer) error { return Write(w, f) })
	if err != nil {
		return fmt.Errorf("modelfile: %w", err)
	}
	return nil
}

// Load reads the model file at path. What is wrong with the file is a
// *FormatError that names it; other errors are those of the file system.
func Load(path string) (*File, error) { return LoadInto(path, nil) }

// LoadInto is Load that holds the numbers of large files in room, unless that is nil.
func LoadInto(path string, room *series.Scratch) (*File, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	var size int64 // of a regular file
	if info, err := in.Stat(); err == nil && info.Mode().IsRegular() {
		size = info.Size()
	}
	f, err := readInto(bufio.NewReader(in), room, size)
	if err == nil {
		err = room.Err()
	}
	var format *FormatError
	if errors.As(err, &format) {
		format.Path = path
	}
	return f, err
}
