package scratch

import (
	"os"
	"strings"
	"sync"
	"testing"
)

// TestMake holds that numbers stay as they were written, in memory and in the file, when their memory
// is let go of and others are made meanwhile, and that the file is in no directory.
func TestMake(t *testing.T) {
	dir := t.TempDir()
	s := New(dir, 4096)
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			var floats [][]float64
			var bytes [][]uint8
			for i := range 200 {
				n := 1 + 7919*i%20000
				f, b := Make[float64](s, n), Make[uint8](s, n)
				for k := range n {
					if f[k] != 0 || b[k] != 0 {
						t.Errorf("value %d of %d is not zero", k, n)
						return
					}
					f[k], b[k] = float64(g+i*k), uint8(g+i+k)
				}
				floats, bytes = append(floats, f), append(bytes, b)
				switch i % 10 {
				case 0:
					s.Release()
				case 5:
					Release(s, f)
					Release(s, f[:0])
				}
			}
			for i := range floats {
				for k := range floats[i] {
					if floats[i][k] != float64(g+i*k) || bytes[i][k] != uint8(g+i+k) {
						t.Errorf("value %d of %d: %v and %v", k, i, floats[i][k], bytes[i][k])
						return
					}
				}
			}
		})
	}
	wg.Wait()
	if mappable && s.Filed() == 0 {
		t.Error("nothing is in the file")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("in the directory: %v, error %v", left, err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("closed twice: %v", err)
	}
}

// TestNowhere holds that numbers for which no file can be made are in memory, and that the error names
// the directory and what helps.
func TestNowhere(t *testing.T) {
	if !mappable {
		t.Skip("no file is made")
	}
	dir := t.TempDir() + "/absent"
	s := New(dir, 100)
	if x := Make[int32](s, 25); len(x) != 25 || s.Err() != nil {
		t.Errorf("%d numbers, error %v", len(x), s.Err())
	}
	x := Make[int32](s, 26)
	if x[25] = 1; len(x) != 26 {
		t.Errorf("%d numbers", len(x))
	}
	if err := s.Err(); err == nil || !strings.Contains(err.Error(), dir) || !strings.Contains(err.Error(), "TMPDIR") {
		t.Errorf("error %v", err)
	}
}

// TestNone holds that without a store all is in memory.
func TestNone(t *testing.T) {
	var s *Store
	if x := Make[float64](s, 1<<20); len(x) != 1<<20 || x[1<<19] != 0 {
		t.Errorf("%d numbers", len(x))
	}
	s.Release()
	if s.Beside() != nil || s.Filed() != 0 || s.Err() != nil || s.Close() != nil {
		t.Error("a store that is none has a file")
	}
}
