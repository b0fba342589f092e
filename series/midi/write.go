package midi

import (
	"fmt"
	"io"

	"gitlab.com/gomidi/midi/v2"
	"gitlab.com/gomidi/midi/v2/smf"

	"tsgen/series"
)

const (
	resolution = 480 // ticks in a quarter
	beats      = 100 // quarters in a minute
	loudness   = 80  // velocity of all notes
	between    = 4   // quarters of rest between two tunes
	sounds     = 0.5 // value from which on a note does
)

// Write writes the series of a panel as one tune after another, each marked with its
// identifier, with a bar's rest between. Channels have to be named by notes and the column
// of times by a step, as Read names them; a note sounds where its value is at least a half.
// The error says which channel or column is not.
func Write(w io.Writer, p *series.Panel) error {
	u, err := unitOf(p.TimeColumn)
	if err != nil {
		return fmt.Errorf("midi: %w", err)
	}
	keys := make([]uint8, len(p.Channels))
	for j, name := range p.Channels {
		key, ok := Key(name)
		if !ok {
			return fmt.Errorf("midi: the channel %q is no note such as C4 or F#3", name)
		}
		keys[j] = uint8(key)
	}
	var track smf.Track
	now, written := uint32(0), uint32(0) // in ticks
	add := func(m []byte) {
		track.Add(now-written, m)
		written = now
	}
	step := uint32(resolution / u.perQuarter)
	add(smf.MetaTempo(beats))
	for i, s := range p.Series {
		if i > 0 {
			now += between * resolution
		}
		add(smf.MetaMarker(s.ID))
		was := make([]bool, len(keys))
		for t := 0; t <= s.Len(); t++ {
			is := make([]bool, len(keys))
			for j := range keys {
				is[j] = t < s.Len() && s.Values[t*len(keys)+j] >= sounds
			}
			for j, key := range keys {
				if was[j] && !is[j] {
					add(midi.NoteOff(0, key))
				}
			}
			for j, key := range keys {
				if is[j] && !was[j] {
					add(midi.NoteOn(0, key, loudness))
				}
			}
			if was = is; t < s.Len() {
				now += step
			}
		}
	}
	track.Close(now - written)
	file := smf.New()
	file.TimeFormat = smf.MetricTicks(resolution)
	if err := file.Add(track); err != nil {
		return fmt.Errorf("midi: %w", err)
	}
	if _, err := file.WriteTo(w); err != nil {
		return fmt.Errorf("midi: %w", err)
	}
	return nil
}
