package scratch

import (
	"os"
	"runtime"
	"runtime/debug"
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

// TestNowhere holds that numbers for which no file can be made are in memory.
func TestNowhere(t *testing.T) {
	s := New(t.TempDir()+"/absent", 100)
	for _, n := range []int{25, 26, 1000, 1 << 20} {
		if x := Make[int32](s, n); len(x) != n || s.Err() != nil || s.Filed() != 0 {
			t.Errorf("%d of %d numbers, %d bytes in a file, error %v", len(x), n, s.Filed(), s.Err())
		}
	}
}

// TestFull holds that numbers for which the file cannot grow are in memory, and that the error names the
// directory and what helps.
func TestFull(t *testing.T) {
	if !mappable {
		t.Skip("no file is made")
	}
	dir := t.TempDir()
	s := New(dir, 0)
	x := Make[int32](s, 100)
	if err := s.file.close(nil); err != nil {
		t.Fatal(err)
	}
	y := Make[int32](s, extent)
	if x[99], y[extent-1] = 1, 1; s.Filed() != extent {
		t.Errorf("%d bytes in the file", s.Filed())
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

// TestFix holds that values which are fixed keep all that they point to when the rest of the memory is collected
// and let go of, that what is in the file is not copied again, and that a write to them is a fault.
func TestFix(t *testing.T) {
	type named struct {
		name string
		x    []float64
	}
	s := New(t.TempDir(), 0)
	if got := Fix(s, []named{{"a", nil}}); got != nil {
		t.Error("fixed without a file")
	}
	held := Make[float64](s, 3)
	const n = 5000
	some := make([]named, n)
	for i := range some {
		some[i] = named{Text(s, strings.Repeat("x", i%7)), Keep(s, []float64{float64(i), 2})}
	}
	fixed := Fix(s, some)
	clear(some)
	if !mappable {
		if fixed != nil {
			t.Error("fixed where nothing can be mapped")
		}
		return
	}
	s.Release()
	runtime.GC()
	for i, v := range fixed {
		if v.name != strings.Repeat("x", i%7) || v.x[0] != float64(i) || len(v.x) != 2 || !Holds(s, &fixed[i]) || !Holds(s, &v.x[1]) {
			t.Fatalf("value %d is %v", i, v)
		}
	}
	if again := Keep(s, held); &again[0] != &held[0] || Holds(s, &some[0]) {
		t.Error("what is held is copied, or what is not is held")
	}
	fixed[7].x[1] = 3 // numbers can be changed
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if recover() == nil {
			t.Error("no fault")
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	fixed[n-1].name = "other"
}
