package midi

import (
	"fmt"
	"strconv"
	"strings"
)

var names = [12]string{"C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"}

// Name returns the name of a key of MIDI, 0 to 127, with its octave: 60 is C4.
func Name(key int) string { return names[key%12] + strconv.Itoa(key/12-1) }

// Key returns the key of a name such as C4, F#3 or Bb-1, and whether it is one.
func Key(name string) (key int, ok bool) {
	at := strings.IndexAny(name, "-0123456789")
	if at < 1 {
		return 0, false
	}
	octave, err := strconv.Atoi(name[at:])
	if err != nil || octave < -1 || octave > 9 {
		return 0, false
	}
	flat := name[1:at] == "b"
	letter := name[:at]
	if flat {
		letter = name[:1]
	}
	for i, n := range names {
		if n == letter {
			if key = 12*(octave+1) + i; flat {
				key--
			}
			return key, key >= 0 && key <= 127
		}
	}
	return 0, false
}

// A unit is a length of steps.
type unit struct {
	name       string
	perQuarter int
}

// units are those of steps, the longest first.
var units = []unit{{"quarter", 1}, {"eighth", 2}, {"triplet", 3}, {"sixteenth", 4}, {"sextuplet", 6}, {"thirty-second", 8}, {"twelfth", 12}}

// unitOf returns the unit by which a column of times is named.
func unitOf(column string) (unit, error) {
	for _, u := range units {
		if u.name == column {
			return u, nil
		}
	}
	return unit{}, fmt.Errorf("the column of times is %q, want a step of music such as quarter, eighth or sixteenth", column)
}
