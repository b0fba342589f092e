package lettering

import (
	"slices"
	"testing"

	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"github.com/go-text/typesetting/font/opentype"
)

func setter(t *testing.T) *Setter {
	t.Helper()
	s, err := New(liberationsansregular.TTF)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestOwn holds what needs no shaping to the scripts that are written letter by letter from
// left to right.
func TestOwn(t *testing.T) {
	s := setter(t)
	for text, want := range map[string]bool{
		"": true, "sales\n2024": true, "Größe": true, "Продажи": true, "Ωμέγα": true, "売上": false, "매출": false, "שוק": false, "مبيعات": false,
	} {
		if got := s.Own(text); got != want {
			t.Errorf("Own(%q) = %v, want %v", text, got, want)
		}
	}
}

// TestOrder holds Hebrew, which the program's own font has, to stand from right to left: the
// mirrored text has the same outlines in the opposite order.
func TestOrder(t *testing.T) {
	s := setter(t)
	there, back := s.Set("אבג"), s.Set("גבא")
	if len(there.Missing) > 0 || len(there.Outlines) != 3 || len(back.Outlines) != 3 {
		t.Fatalf("%d and %d outlines, %q missing", len(there.Outlines), len(back.Outlines), there.Missing)
	}
	first, last := there.Outlines[0], back.Outlines[2]
	if len(first) != len(last) {
		t.Error("the first glyph from the left is not that of the last letter")
	}
	if x := left(there.Outlines[2]); x <= left(there.Outlines[0]) {
		t.Errorf("the third glyph stands at %v, before the first", x)
	}
}

// TestMissing holds characters that no font has to being told of, once each, and to having
// a box each.
func TestMissing(t *testing.T) {
	s := setter(t)
	s.looked = true // as if the system had no fonts
	line := s.Set("a売売上")
	if want := []rune("売上"); !slices.Equal(line.Missing, want) {
		t.Errorf("missing %q, want %q", line.Missing, want)
	}
	if n := len(line.Outlines); n != 4 {
		t.Errorf("%d outlines of 4 characters", n)
	}
}

func left(outline []opentype.Segment) float32 {
	x := outline[0].Args[0].X
	for _, s := range outline {
		x = min(x, s.Args[0].X)
	}
	return x
}
