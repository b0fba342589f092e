package strictjson

import (
	"errors"
	"strings"
	"testing"
)

// A key twice at any depth, also in another case, is refused; the same key in two
// objects is not.
func TestCheck(t *testing.T) {
	for text, ok := range map[string]bool{
		`{}`: true, `1`: true, `"a"`: true, `null`: true,
		`{"a":1,"b":{"a":1},"c":[{"a":1},{"a":2}]}`: true,
		`{"a":1,"a":1}`:                 false,
		`{"a":1,"A":2}`:                 false,
		`{"b":[1,{"c":{"a":1,"a":2}}]}`: false,
		`{"a":1} {}`:                    false,
		`{"a":1`:                        false,
		`[1,]`:                          false,
		``:                              false,
		`{"a":1e999}`:                   true, // a number, whatever it is good for
	} {
		if err := Check([]byte(text)); (err == nil) != ok {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// Keys that differ by their case are two keys where that is asked for, and the same one twice is
// the error of that name.
func TestCheckExact(t *testing.T) {
	if err := CheckExact([]byte(`{"a":1,"A":2}`)); err != nil {
		t.Error(err)
	}
	if err := CheckExact([]byte(`[{"a":1,"a":2}]`)); !errors.Is(err, ErrTwice) {
		t.Errorf("got %v", err)
	}
}

// A text of nothing but brackets ends with an error, not with the stack.
func TestDepth(t *testing.T) {
	for deep, ok := range map[int]bool{mostDeep: true, mostDeep + 1: false, 5_000_000: false} {
		text := strings.Repeat("[", deep) + strings.Repeat("]", deep)
		if err := Check([]byte(text)); (err == nil) != ok {
			t.Errorf("%d deep: %v", deep, err)
		}
	}
}
