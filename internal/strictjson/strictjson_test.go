package strictjson

import "testing"

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
