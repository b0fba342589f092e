package modelfile

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"tsgen/forecast"
	"tsgen/internal/safetensors"
	"tsgen/internal/strictjson"
	"tsgen/series"
)

// Read reads a model file to its end. What is wrong with the file is a
// *FormatError; other errors are those of r.
func Read(r io.Reader) (*File, error) { return readInto(r, nil, 0) }

// readInto is Read of a file of so many bytes, whose numbers it puts into the room given.
func readInto(r io.Reader, room *series.Scratch, size int64) (*File, error) {
	v := newVerifier(r)
	metadata, tensors, err := safetensors.ReadInto(v, room, size)
	if err != nil {
		if v.digest != "" && !errors.Is(err, ErrTruncated) && !errors.Is(err, ErrTooLong) {
			if _, e := io.Copy(io.Discard, v); e == nil && v.check() != nil {
				return nil, &FormatError{Err: v.check()} // whatever else is wrong comes of that
			}
		}
		return nil, layoutError(err)
	}
	f, err := decode(metadata, tensors, v, room)
	if err != nil {
		return nil, &FormatError{Err: err}
	}
	return f, nil
}

// layoutError says in the terms of this package what is wrong with the layout
// of the file.
func layoutError(err error) error {
	switch {
	case errors.Is(err, safetensors.ErrFormat), errors.Is(err, safetensors.ErrDtype):
		return &FormatError{Err: fmt.Errorf("%w: %w", ErrNotModel, err)}
	case errors.Is(err, safetensors.ErrTruncated), errors.Is(err, safetensors.ErrTooLong):
		return &FormatError{Err: err}
	}
	return fmt.Errorf("modelfile: %w", err)
}

// decode checks and takes apart what was read, and puts the series into the room given.
func decode(metadata map[string]string, tensors []safetensors.Tensor, v *verifier, room *series.Scratch) (*File, error) {
	number, ok := strings.CutPrefix(metadata[keyFormat], formatPrefix)
	if !ok {
		return nil, fmt.Errorf("%w: in the safetensors layout, but without %q in its metadata", ErrNotModel, keyFormat)
	}
	format, err := strconv.ParseUint(number, 10, 31)
	switch {
	case err != nil || format == 0:
		return nil, fmt.Errorf("%w: format %q", ErrDamaged, number)
	case format > Format:
		return nil, fmt.Errorf("%w: format %d, this one reads up to %d", ErrNewer, format, Format)
	}
	if format > 1 {
		err = v.check()
	} else if metadata[keySum] != sum(tensors) {
		err = fmt.Errorf("%w: the data do not have the sum that the file says", ErrDamaged)
	}
	if err != nil {
		return nil, err
	}
	f := &File{
		State:       forecast.State{Kind: metadata[keyKind]},
		Format:      int(format),
		Version:     metadata[keyVersion],
		Fingerprint: metadata[keyFingerprint],
	}
	if options, ok := metadata[keyOptions]; ok {
		f.Options = json.RawMessage(options)
	}
	if err := f.decodeNumbers(metadata); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if f.Scores, err = decodeScores(metadata[keyScores]); err != nil {
		return nil, fmt.Errorf("%w: scores: %w", ErrDamaged, err)
	}
	if text, ok := metadata[keyDomains]; ok {
		if err := unmarshal(text, &f.Domains); err != nil {
			return nil, fmt.Errorf("%w: domains: %w", ErrDamaged, err)
		}
	}
	if text, ok := metadata[keyCalibration]; ok {
		if err := unmarshal(text, &f.Calibration); err != nil {
			return nil, fmt.Errorf("%w: calibration: %w", ErrDamaged, err)
		}
	}
	if text, ok := metadata[keyTraining]; ok {
		if err := unmarshal(text, &f.Training); err != nil {
			return nil, fmt.Errorf("%w: training: %w", ErrDamaged, err)
		}
	}
	history := map[string]safetensors.Tensor{
		historySeries: {}, historyTimes: {}, historyValues: {}, knownTimes: {Shape: []int{0}}, knownValues: {Shape: []int{0, 0}},
	}
	for _, t := range tensors {
		_, known := history[t.Name]
		switch {
		case (t.Bytes != nil) != (t.Name == historySeries), t.Bytes != nil && format < 3:
			return nil, fmt.Errorf("%w: tensor %q has elements of another type", ErrDamaged, t.Name)
		case known:
			history[t.Name] = t
		default:
			f.Tensors = append(f.Tensors, forecast.Tensor{Name: t.Name, Shape: t.Shape, Data: t.Data})
		}
	}
	if history[historyTimes].Name == "" || history[historyValues].Name == "" {
		return nil, fmt.Errorf("%w: no %s or no %s", ErrDamaged, historyTimes, historyValues)
	}
	if f.History, err = decodeHistory(metadata, history, room); err != nil {
		return nil, fmt.Errorf("%w: history: %w", ErrDamaged, err)
	}
	if err := f.check(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return f, nil
}

// unmarshal decodes a JSON text of the metadata.
func unmarshal(text string, dst any) error {
	if err := strictjson.Check([]byte(text)); err != nil {
		return err
	}
	return json.Unmarshal([]byte(text), dst)
}

func (f *File) decodeNumbers(metadata map[string]string) (err error) {
	f.Outliers = forecast.Outliers(metadata[keyOutliers])
	if f.Seed, err = strconv.ParseUint(metadata[keySeed], 10, 64); err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	if f.Season, err = strconv.Atoi(metadata[keySeason]); err != nil {
		return fmt.Errorf("season: %w", err)
	}
	if f.Horizon, err = strconv.Atoi(metadata[keyHorizon]); err != nil {
		return fmt.Errorf("horizon: %w", err)
	}
	return nil
}

// decodeHistory puts the panel together. Its series share the memory of the
// tensors, and go to the room given.
func decodeHistory(metadata map[string]string, tensors map[string]safetensors.Tensor, room *series.Scratch) (*series.Panel, error) {
	var c columns
	p := &series.Panel{}
	for _, document := range []struct {
		key string
		dst any
	}{{keyColumns, &c}, {keyAxis, &p.Axis}, {keyStep, &p.Step}} {
		if err := unmarshal(metadata[document.key], document.dst); err != nil {
			return nil, fmt.Errorf("%s: %w", document.key, err)
		}
	}
	if text, ok := metadata[keySeasons]; ok {
		if err := unmarshal(text, &p.Seasons); err != nil {
			return nil, fmt.Errorf("%s: %w", keySeasons, err)
		}
	}
	p.IDColumn, p.Joint, p.TimeColumn, p.Channels, p.Known = c.ID, c.Joint, c.Time, c.Channels, c.Known
	p.Every, p.Aggregate = c.Every, c.Aggregate
	if c.Static < 0 || c.Static > len(c.Known) {
		return nil, fmt.Errorf("%s: %d static covariates of %d known ones", keyColumns, c.Static, len(c.Known))
	}
	if c.Static > 0 {
		p.Static = c.Known[:c.Static:c.Static]
	}
	past := rows{of: "channels", what: "times", times: tensors[historyTimes], values: tensors[historyValues], width: len(c.Channels)}
	known := rows{of: "known covariates", what: "times of known covariates", times: tensors[knownTimes], values: tensors[knownValues], width: len(c.Known)}
	if err := cmp.Or(past.check(), known.check()); err != nil {
		return nil, err
	}
	names := tensors[historySeries].Bytes
	if text, ok := metadata[keySeries]; ok == (names != nil) {
		return nil, fmt.Errorf("%s: want them in the metadata or in an array", keySeries)
	} else if ok {
		names = []byte(text)
	}
	moved := 0
	err := eachRecord(names, func(r *record) (err error) {
		s := &series.Series{ID: r.ID, Step: r.Step, Seasons: r.Seasons}
		if s.Times, s.Values, err = past.next(r.ID, r.Times); err == nil {
			s.Known.Times, s.Known.Values, err = known.next(r.ID, r.Known)
		}
		if p.Series = append(p.Series, s); len(p.Series)-moved == series.Settled {
			p.With(p.Series[moved:]).Settle(room)
			moved = len(p.Series)
		}
		return err
	})
	p.With(p.Series[moved:]).Settle(room)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", keySeries, err)
	}
	if err := cmp.Or(past.end(), known.end()); err != nil {
		return p, err
	}
	if text, ok := metadata[keyEvents]; ok {
		var events []series.Event
		if err := unmarshal(text, &events); err != nil {
			return nil, fmt.Errorf("%s: %w", keyEvents, err)
		}
		return p.WithEvents(events)
	}
	return p, nil
}

// rows are times with as many values each, of one series after the other.
type rows struct {
	of, what      string
	times, values safetensors.Tensor
	width, at     int
}

func (r *rows) check() error {
	n := len(r.times.Data)
	if !slices.Equal(r.times.Shape, []int{n}) || !slices.Equal(r.values.Shape, []int{n, r.width}) {
		return fmt.Errorf("%s of shape %v and values of shape %v for %d %s", r.what, r.times.Shape, r.values.Shape, r.width, r.of)
	}
	return nil
}

// next returns the next n rows, which are those of the series called id.
func (r *rows) next(id string, n int) (times, values []float64, err error) {
	if left := len(r.times.Data) - r.at; n < 0 || n > left {
		return nil, nil, fmt.Errorf("series %q has %d %s, but %d are left", id, n, r.what, left)
	}
	from, to := r.at, r.at+n
	r.at = to
	if n == 0 {
		return nil, nil, nil
	}
	return r.times.Data[from:to:to], r.values.Data[from*r.width : to*r.width : to*r.width], nil
}

func (r *rows) end() error {
	if left := len(r.times.Data) - r.at; left > 0 {
		return fmt.Errorf("%d %s belong to no series", left, r.what)
	}
	return nil
}
