package midi

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"

	"gitlab.com/gomidi/midi/v2/smf"

	"tsgen/series"
)

// ErrTune is the error of a file that is no tune.
var ErrTune = errors.New("not a tune in MIDI")

const (
	maxBytes  = 16 << 20 // of a file
	maxSteps  = 100_000  // of a tune
	drums     = 9        // the channel of drums
	slack     = 0.15     // of a step, by which an onset may be off the grid
	most      = 0.95     // share of the onsets that are on it
	defaultAt = 3        // the unit if no grid has so many
)

// A note sounds from one time to another, in quarters.
type note struct {
	key      int
	from, to float64
}

// A Tune is a file to read.
type Tune struct {
	Name string // the identifier of its series
	io.Reader
}

// Options are the choices of Read.
type Options struct {
	// Notes are the channels; nil for all that sound.
	Notes []string

	// Step names the step: quarter, eighth, triplet, sixteenth, sextuplet, thirty-second
	// or twelfth; empty for the longest of which nearly all notes of all tunes begin at a
	// multiple.
	Step string
}

// Read returns the tunes as the series of a panel. An error wraps ErrTune and names the
// tune.
func Read(tunes []Tune, opt Options) (*series.Panel, error) {
	if len(tunes) == 0 {
		return nil, fmt.Errorf("%w: there is none", ErrTune)
	}
	all := make([][]note, len(tunes))
	sounding := make(map[int]bool)
	for i, t := range tunes {
		var err error
		if all[i], err = parse(t); err != nil {
			return nil, fmt.Errorf("%s: %w: %w", t.Name, ErrTune, err)
		}
		for _, n := range all[i] {
			sounding[n.key] = true
		}
	}
	u := unitFor(all)
	if opt.Step != "" {
		var err error
		if u, err = unitOf(opt.Step); err != nil {
			return nil, err
		}
	}
	p := &series.Panel{Channels: opt.Notes, IDColumn: "tune", TimeColumn: u.name, Step: series.Step{Width: 1}}
	if p.Channels == nil {
		for _, key := range slices.Sorted(maps.Keys(sounding)) {
			p.Channels = append(p.Channels, Name(key))
		}
	}
	column := make(map[int]int) // of each key
	for j, name := range p.Channels {
		key, ok := Key(name)
		if !ok {
			return nil, fmt.Errorf("the channel %q is no note such as C4 or F#3", name)
		}
		column[key] = j
	}
	for i, t := range tunes {
		s, err := roll(all[i], u, column)
		if err != nil {
			return nil, fmt.Errorf("%s: %w: %w", t.Name, ErrTune, err)
		}
		s.ID = t.Name
		p.Series = append(p.Series, s)
	}
	if err := p.Validate(); err != nil {
		return nil, err
	}
	return p, nil
}

// parse returns the notes of a tune by their beginnings. The decoder's panics on
// damaged files are errors.
func parse(r io.Reader) (notes []note, err error) {
	defer func() {
		if x := recover(); x != nil {
			notes, err = nil, fmt.Errorf("the file is damaged: %v", x)
		}
	}()
	file, err := smf.ReadFrom(io.LimitReader(r, maxBytes))
	if err != nil {
		return nil, err
	}
	ticks, ok := file.TimeFormat.(smf.MetricTicks)
	if !ok {
		return nil, fmt.Errorf("its times are %v, want parts of a quarter", file.TimeFormat)
	}
	quarter := float64(ticks.Resolution())
	for _, track := range file.Tracks {
		notes = append(notes, ofTrack(track, quarter)...)
	}
	if len(notes) == 0 {
		return nil, errors.New("it has no notes")
	}
	slices.SortStableFunc(notes, func(a, b note) int {
		if a.from < b.from {
			return -1
		} else if a.from > b.from {
			return 1
		}
		return a.key - b.key
	})
	return notes, nil
}

// ofTrack returns the notes of a track; those that never end last until its end.
func ofTrack(track smf.Track, quarter float64) (notes []note) {
	type voice struct{ channel, key uint8 }
	open := make(map[voice]int)
	at := 0.0
	for _, e := range track {
		at += float64(e.Delta) / quarter
		var v voice
		var velocity uint8
		start := e.Message.GetNoteStart(&v.channel, &v.key, &velocity)
		if !start && !e.Message.GetNoteEnd(&v.channel, &v.key) || v.channel == drums {
			continue
		}
		if i, sounds := open[v]; sounds {
			notes[i].to = at
			delete(open, v)
		}
		if start {
			open[v] = len(notes)
			notes = append(notes, note{key: int(v.key), from: at, to: at})
		}
	}
	for _, i := range open {
		notes[i].to = at
	}
	return notes
}

// unitFor returns the longest unit that fits the beginnings of notes.
func unitFor(all [][]note) unit {
	for _, u := range units {
		on, n := 0, 0
		for _, notes := range all {
			for _, x := range notes {
				at := x.from * float64(u.perQuarter)
				if n++; math.Abs(at-math.Round(at)) <= slack {
					on++
				}
			}
		}
		if float64(on) >= most*float64(n) {
			return u
		}
	}
	return units[defaultAt]
}

// roll returns the series of notes from the step of the first on.
func roll(notes []note, u unit, column map[int]int) (*series.Series, error) {
	step := func(quarters float64) float64 { return math.Round(quarters * float64(u.perQuarter)) }
	first, end := step(notes[0].from), 0.0
	for _, n := range notes {
		end = max(end, step(n.to), step(n.from)+1)
	}
	if end-first > maxSteps {
		return nil, fmt.Errorf("it has %.0f steps, want at most %d", end-first, maxSteps)
	}
	channels := len(column)
	s := &series.Series{Values: make([]float64, int(end-first)*channels)}
	for i := range int(end - first) {
		s.Times = append(s.Times, float64(i))
	}
	for _, n := range notes {
		j, ok := column[n.key]
		if !ok {
			return nil, fmt.Errorf("the note %s is none of the channels", Name(n.key))
		}
		from := int(step(n.from) - first)
		for i := from; i < max(from+1, int(step(n.to)-first)); i++ {
			s.Values[i*channels+j] = 1
		}
	}
	return s, nil
}
