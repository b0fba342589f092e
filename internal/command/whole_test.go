package command

import (
	"bytes"
	"errors"
	"io"
	"os"
	"testing"
)

// TestWhole holds that a table goes to standard output whole or not at all, however long it is, and
// that nothing stays in the folder of temporary files.
func TestWhole(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	wrong := errors.New("wrong")
	for _, size := range []int{0, 100, mostHeld - 1, mostHeld, 3*mostHeld + 7} {
		for _, fails := range []bool{false, true} {
			var out, want bytes.Buffer
			err := whole(&out, func(w io.Writer) error {
				for want.Len() < size {
					line := bytes.Repeat([]byte{byte('a' + want.Len()%26)}, min(100_003, size-want.Len()))
					want.Write(line)
					if _, err := w.Write(line); err != nil {
						return err
					}
				}
				if fails {
					return wrong
				}
				return nil
			})
			switch {
			case fails && (!errors.Is(err, wrong) || out.Len() > 0):
				t.Errorf("%d bytes that fail: %d are written, error %v", size, out.Len(), err)
			case !fails && (err != nil || !bytes.Equal(out.Bytes(), want.Bytes())):
				t.Errorf("%d bytes: %d are written, error %v", size, out.Len(), err)
			}
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("%d temporary files are left, error %v", len(left), err)
	}
}
