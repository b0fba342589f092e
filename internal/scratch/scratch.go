// Package scratch makes room for many numbers in a temporary file that is mapped into memory. The
// system keeps of it what fits, so that a program which goes through far more numbers than it
// looks at together takes no more memory than these.
//
// The file has no name in its directory once it is open: it is gone when the program ends,
// however that comes about. Where files cannot be mapped (on other systems than Linux and macOS) or no
// file can be made, numbers are held in memory as all others.
package scratch

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"sync"
	"time"
	"unsafe"
)

const (
	// Memory is the number of bytes that a store usually holds in memory before there is a file.
	Memory = 16 << 20

	// extent is the number of bytes by which the file grows at least. It is a multiple of
	// the size of pages on all systems.
	extent = 16 << 20

	// page is the number of bytes of whole pages on all systems.
	page = 64 << 10

	// rest is the time between two times that mapped memory is let go of.
	rest = 20 * time.Millisecond
)

// A Store is where numbers are kept. A nil one keeps them in memory. It may be used concurrently.
type Store struct {
	dir          string
	most, memory int // bytes that may be held in memory, and that may yet be

	mu      sync.Mutex
	file    file
	size    int64
	extents [][]byte // mapped
	free    []byte   // of the last extent
	err     error    // of the first that failed
	closed  chan struct{}
}

// New returns a store that holds so many bytes in memory, and what is more than that in a file in
// a directory.
func New(dir string, memory int) *Store {
	if !mappable {
		return nil
	}
	return &Store{dir: dir, most: memory, memory: memory}
}

// Make returns n zeros of a type without pointers, which can be used until the store is closed.
// If there is no room for them in the file, they are in memory, and Err tells.
func Make[T any](s *Store, n int) []T {
	var zero T
	if b := s.take(n*int(unsafe.Sizeof(zero)), word); b != nil {
		return unsafe.Slice((*T)(unsafe.Pointer(&b[0])), n)
	}
	return make([]T, n)
}

// Copy returns what x holds, in room that Make makes.
func Copy[T any](s *Store, x []T) []T {
	if s == nil {
		return x
	}
	kept := Make[T](s, len(x))
	copy(kept, x)
	return kept
}

// Keep returns what x holds in the file, if there is one: x itself if it is there.
func Keep[T any](s *Store, x []T) []T {
	if len(x) == 0 || s.Filed() == 0 || Holds(s, &x[0]) {
		return x
	}
	return Copy(s, x)
}

// Text returns a text that is in the file, if there is one.
func Text(s *Store, text string) string {
	if text == "" || s.Filed() == 0 {
		return text
	}
	kept := Make[byte](s, len(text))
	copy(kept, text)
	return unsafe.String(&kept[0], len(kept))
}

// Fix returns what x holds in pages of the file that cannot be written to, where a write is a fault; nil
// if there are none. What its values point to must have been brought to the file by Keep and Text: the
// garbage collector does not look there, so that it would free all else.
func Fix[T any](s *Store, x []T) []T {
	if len(x) == 0 || s.Filed() == 0 {
		return nil
	}
	b := s.take(len(x)*int(unsafe.Sizeof(x[0])), page)
	if b == nil {
		return nil
	}
	fixed := unsafe.Slice((*T)(unsafe.Pointer(&b[0])), len(x))
	copy(fixed, x)
	protect(b[:cap(b)])
	return fixed
}

// Holds reports whether x is in the file.
func Holds[T any](s *Store, x *T) bool {
	if s == nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.holder(unsafe.Pointer(x)) != nil
}

// holder returns the extent that holds what x points to, nil if none does.
func (s *Store) holder(x unsafe.Pointer) []byte {
	for _, m := range s.extents {
		if from := uintptr(x) - uintptr(unsafe.Pointer(&m[0])); from < uintptr(len(m)) { // it wraps around before m
			return m
		}
	}
	return nil
}

// word is the number of bytes at multiples of which numbers begin.
const word = 8

// take returns room for some bytes in the file, which begins and ends at a multiple of so many and has
// all up to there for its capacity; nil if they are to be in memory.
func (s *Store) take(n, multiple int) []byte {
	if s == nil || n == 0 {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if n <= s.memory || s.err != nil {
		s.memory -= n
		return nil
	}
	s.memory = 0
	if s.closed == nil && !s.open() {
		s.memory = math.MaxInt
		return nil
	}
	size := (n + multiple - 1) / multiple * multiple
	s.free = s.free[len(s.free)%multiple:] // it ends at a multiple
	if size > len(s.free) {
		if s.err = s.grow(size); s.err != nil {
			return nil
		}
	}
	room := s.free[:n:size]
	s.free = s.free[size:]
	return room
}

// open makes the file, and reports whether there is one.
func (s *Store) open() bool {
	f, err := create(s.dir)
	if err != nil {
		return false
	}
	s.file, s.closed = f, make(chan struct{})
	go s.tend(s.closed)
	return true
}

// grow maps an extent for n bytes at least.
func (s *Store) grow(n int) error {
	size := (n + extent - 1) / extent * extent
	s.release() // what was written before
	m, err := s.file.extend(s.size, size)
	if err != nil {
		return s.failed(s.size+int64(size), err)
	}
	s.size += int64(size)
	s.extents, s.free = append(s.extents, m), m
	return nil
}

// failed returns the error of a file that cannot have so many bytes.
func (s *Store) failed(size int64, err error) error {
	if p := (*fs.PathError)(nil); errors.As(err, &p) {
		err = p.Err // without the name that the file has no more
	}
	return fmt.Errorf("%d MB cannot be held in a temporary file in %s: %w; make room there, or name another folder in TMPDIR", size>>20, s.dir, err)
}

// Err returns why numbers are in memory that were to be in the file, nil if none are.
func (s *Store) Err() error {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// Dir returns the directory of the file.
func (s *Store) Dir() string { return s.dir }

// Beside returns another store like s, nil of a nil one.
func (s *Store) Beside() *Store {
	if s == nil {
		return nil
	}
	return New(s.dir, s.most)
}

// Filed returns the number of bytes in the file.
func (s *Store) Filed() int64 {
	if s == nil {
		return 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.size
}

// Release lets go of the memory of what is in the file, which comes back as it is read.
func (s *Store) Release() {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.release()
}

func (s *Store) release() {
	for _, m := range s.extents {
		release(m)
	}
}

// Release lets go of the memory of x, which was made in the store, as Store.Release does of all.
func Release[T any](s *Store, x []T) {
	if s == nil || len(x) == 0 {
		return
	}
	first := unsafe.Pointer(&x[0])
	n := len(x) * int(unsafe.Sizeof(x[0]))
	s.mu.Lock()
	defer s.mu.Unlock()
	if m := s.holder(first); m != nil {
		from := int(uintptr(first) - uintptr(unsafe.Pointer(&m[0])))
		release(m[from/page*page : min((from+n+page-1)/page*page, len(m))])
	}
}

// tend releases memory time and again.
func (s *Store) tend(closed <-chan struct{}) {
	for t := time.NewTicker(rest); ; {
		select {
		case <-closed:
			t.Stop()
			return
		case <-t.C:
			s.Release()
		}
	}
}

// Close gives the room back; what Make returned must not be used any more.
func (s *Store) Close() error {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed == nil {
		return nil
	}
	close(s.closed)
	err := s.file.close(s.extents)
	s.closed, s.extents, s.free, s.size, s.memory = nil, nil, nil, 0, s.most
	return err
}
