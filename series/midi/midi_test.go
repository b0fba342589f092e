package midi

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gomidi "gitlab.com/gomidi/midi/v2"
	"gitlab.com/gomidi/midi/v2/smf"

	"tsgen/series"
)

// TestNames protects the names of notes: scientific pitch notation, with middle C, key 60,
// as C4 and the A of 440 Hz, key 69, as A4.
func TestNames(t *testing.T) {
	for key, name := range map[int]string{0: "C-1", 21: "A0", 60: "C4", 66: "F#4", 69: "A4", 108: "C8", 127: "G9"} {
		if got := Name(key); got != name {
			t.Errorf("key %d is %s, want %s", key, got, name)
		}
	}
	for key := range 128 {
		if got, ok := Key(Name(key)); !ok || got != key {
			t.Errorf("%s is key %d", Name(key), got)
		}
	}
	if key, ok := Key("Bb3"); !ok || key != 58 {
		t.Errorf("Bb3 is %d", key)
	}
	for _, name := range []string{"", "H4", "C", "C10", "G#9", "y", "4", "C#b4"} {
		if key, ok := Key(name); ok {
			t.Errorf("%q is key %d", name, key)
		}
	}
}

// track returns a track of notes: key, beginning and end in ticks.
func track(channel uint8, notes ...[3]uint32) (t smf.Track) {
	type event struct {
		at uint32
		m  []byte
	}
	var all []event
	for _, n := range notes {
		all = append(all, event{n[1], gomidi.NoteOn(channel, uint8(n[0]), 90)}, event{n[2], gomidi.NoteOff(channel, uint8(n[0]))})
	}
	slices.SortStableFunc(all, func(a, b event) int { return int(a.at) - int(b.at) })
	now := uint32(0)
	for _, e := range all {
		t.Add(e.at-now, e.m)
		now = e.at
	}
	t.Close(0)
	return t
}

func file(t *testing.T, tracks ...smf.Track) []byte {
	t.Helper()
	f := smf.New()
	f.TimeFormat = smf.MetricTicks(96)
	for _, x := range tracks {
		if err := f.Add(x); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if _, err := f.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestRead protects what a file means: steps of eighths where notes begin at eighths, some a
// little off; a note for as long as it sounds; two tracks together; no drums; and nothing of
// the rest before the first note.
func TestRead(t *testing.T) {
	a := track(0, [3]uint32{60, 96, 192}, [3]uint32{62, 194, 240}, [3]uint32{64, 240, 288})
	b := track(1, [3]uint32{55, 96, 288})
	c := track(drums, [3]uint32{35, 0, 10}, [3]uint32{35, 7, 17})
	p, err := Read([]Tune{{"tune", bytes.NewReader(file(t, a, b, c))}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if p.TimeColumn != "eighth" || !slices.Equal(p.Channels, []string{"G3", "C4", "D4", "E4"}) || p.Series[0].ID != "tune" {
		t.Fatalf("steps of a %s, notes %v, tune %s", p.TimeColumn, p.Channels, p.Series[0].ID)
	}
	var got []string
	for i := range p.Series[0].Len() {
		var on []string
		for j, x := range p.Series[0].Row(i) {
			if x == 1 {
				on = append(on, p.Channels[j])
			}
		}
		got = append(got, strings.Join(on, " "))
	}
	if want := []string{"G3 C4", "G3 C4", "G3 D4", "G3 E4"}; !slices.Equal(got, want) {
		t.Errorf("sounding %q, want %q", got, want)
	}
	if _, err := Read([]Tune{{"tune", bytes.NewReader(file(t, a))}}, Options{Notes: []string{"C4", "D4"}}); err == nil || !strings.Contains(err.Error(), "E4") {
		t.Errorf("a note beside the channels: %v", err)
	}
}

// TestRoundTrip protects that what is written is read back as it was, with each of the tunes
// marked.
func TestRoundTrip(t *testing.T) {
	p := &series.Panel{Channels: []string{"C4", "D4", "E4"}, IDColumn: "tune", TimeColumn: "sixteenth", Step: series.Step{Width: 1}}
	for k := range 2 {
		s := &series.Series{ID: fmt.Sprint(k)}
		for i := range 24 {
			s.Times = append(s.Times, float64(i))
			s.Values = append(s.Values, float64((i+k)%2), float64(i/4%2), float64(1-i/8%2))
		}
		p.Series = append(p.Series, s)
	}
	for k, s := range p.Series {
		var b bytes.Buffer
		if err := Write(&b, p.With([]*series.Series{s})); err != nil {
			t.Fatal(err)
		}
		q, err := Read([]Tune{{s.ID, &b}}, Options{Notes: p.Channels, Step: p.TimeColumn})
		if err != nil {
			t.Fatal(err)
		}
		if q.TimeColumn != "sixteenth" || !slices.Equal(q.Channels, p.Channels) || !slices.Equal(q.Series[0].Values, s.Values[:len(q.Series[0].Values)]) {
			t.Errorf("tune %d: %v of %v in steps of a %s", k, q.Series[0].Values, q.Channels, q.TimeColumn)
		}
	}
	var b bytes.Buffer
	if err := Write(&b, p); err != nil {
		t.Fatal(err)
	}
	f, err := smf.ReadFrom(&b)
	if err != nil {
		t.Fatal(err)
	}
	var marks []string
	for _, e := range f.Tracks[0] {
		var text string
		if e.Message.GetMetaMarker(&text) {
			marks = append(marks, text)
		}
	}
	if !slices.Equal(marks, []string{"0", "1"}) {
		t.Errorf("marks %q", marks)
	}
	p.Channels[0] = "sales"
	if err := Write(&b, p); err == nil || !strings.Contains(err.Error(), "sales") {
		t.Errorf("a channel that is no note: %v", err)
	}
}

// TestDamaged protects against files that are no tunes: every one that is cut short or has
// a byte changed is a tune or an error, and no panic.
func TestDamaged(t *testing.T) {
	whole, err := os.ReadFile(filepath.Join("..", "..", "testdata", "tunes", "march.mid"))
	if err != nil {
		t.Fatal(err)
	}
	for n := range whole {
		_, err := Read([]Tune{{"cut", bytes.NewReader(whole[:n])}}, Options{})
		changed := slices.Clone(whole)
		changed[n] ^= 0xff
		_, also := Read([]Tune{{"changed", bytes.NewReader(changed)}}, Options{})
		for _, err := range []error{err, also} {
			if err != nil && !errors.Is(err, ErrTune) {
				t.Fatalf("%d bytes: %v", n, err)
			}
		}
	}
	if _, err := Read([]Tune{{"empty", strings.NewReader("")}}, Options{}); !errors.Is(err, ErrTune) {
		t.Errorf("an empty file: %v", err)
	}
}
