package command

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tsgen/forecast"
	"tsgen/series"
	"tsgen/series/midi"
)

// isMusic says whether a file is a tune in MIDI, by its name.
func isMusic(path string) bool {
	return slices.Contains([]string{".mid", ".midi", ".kar"}, strings.ToLower(filepath.Ext(path)))
}

// fileOrTunes has a command take one file at most, or tunes.
func fileOrTunes(cmd *cobra.Command, args []string) error {
	if len(args) > 1 && !slices.ContainsFunc(args, func(path string) bool { return !isMusic(path) }) {
		return nil
	}
	return cobra.MaximumNArgs(1)(cmd, args)
}

// readMusic reads tunes as the series of one panel. Targets and time of opt, where they
// are said, are the notes and the step that it is to have.
func readMusic(paths []string, opt series.ReadOptions) (*series.Panel, *series.Sniffed, error) {
	var tunes []midi.Tune
	used := make(map[string]bool)
	for _, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			return nil, nil, err
		}
		defer f.Close()
		name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
		if used[name] {
			name = path
		}
		if used[name] {
			return nil, nil, usagef("%s is named twice", path)
		}
		used[name] = true
		tunes = append(tunes, midi.Tune{Name: name, Reader: f})
	}
	panel, err := midi.Read(tunes, midi.Options{Notes: opt.Targets, Step: opt.Time})
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", forecast.ErrMismatch, err)
	}
	found := &series.Sniffed{ID: panel.IDColumn, Time: panel.TimeColumn, Channels: panel.Channels, Step: panel.Step, Series: len(panel.Series)}
	for _, s := range panel.Series {
		found.Rows += s.Len()
	}
	return panel, found, nil
}

// noteMusic notes what tunes were read as.
func noteMusic(p *progress, panel *series.Panel) {
	rows := 0
	for _, s := range panel.Series {
		rows += s.Len()
	}
	notes := panel.Channels
	p.notef("%s of %s; a step is one %s, notes are %s", count(len(panel.Series), "tune"), count(rows, "step"), panel.TimeColumn, strings.Join(notes, " "))
}

// writeMusic writes generated series as tunes.
func writeMusic(w io.Writer, panel *series.Panel) error {
	if err := midi.Write(w, panel); err != nil {
		return fmt.Errorf("%w: %w", forecast.ErrMismatch, err)
	}
	return nil
}
