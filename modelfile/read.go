package modelfile

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"tsgen/forecast"
	"tsgen/internal/safetensors"
	"tsgen/series"
)

// Read reads a model file to its end. What is wrong with the file is a
// *FormatError; other errors are those of r.
func Read(r io.Reader) (*File, error) {
	metadata, tensors, err := safetensors.Read(r)
	if err != nil {
		return nil, layoutError(err)
	}
	f, err := decode(metadata, tensors)
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

// decode checks and takes apart what was read.
func decode(metadata map[string]string, tensors []safetensors.Tensor) (*File, error) {
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
	if s, ok := metadata[keySum]; ok && s != sum(tensors) {
		return nil, fmt.Errorf("%w: the data do not have the sum that the file says", ErrDamaged)
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
	if text, ok := metadata[keyCalibration]; ok {
		if err := json.Unmarshal([]byte(text), &f.Calibration); err != nil {
			return nil, fmt.Errorf("%w: calibration: %w", ErrDamaged, err)
		}
	}
	var times, values *safetensors.Tensor
	for i, t := range tensors {
		switch t.Name {
		case historyTimes:
			times = &tensors[i]
		case historyValues:
			values = &tensors[i]
		default:
			f.Tensors = append(f.Tensors, forecast.Tensor(t))
		}
	}
	if times == nil || values == nil {
		return nil, fmt.Errorf("%w: no %s or no %s", ErrDamaged, historyTimes, historyValues)
	}
	if f.History, err = decodeHistory(metadata, times, values); err != nil {
		return nil, fmt.Errorf("%w: history: %w", ErrDamaged, err)
	}
	if err := f.check(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return f, nil
}

func (f *File) decodeNumbers(metadata map[string]string) (err error) {
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
// two tensors.
func decodeHistory(metadata map[string]string, times, values *safetensors.Tensor) (*series.Panel, error) {
	var c columns
	var records []record
	p := &series.Panel{}
	for _, document := range []struct {
		key string
		dst any
	}{{keyColumns, &c}, {keyAxis, &p.Axis}, {keyStep, &p.Step}, {keySeries, &records}} {
		if err := json.Unmarshal([]byte(metadata[document.key]), document.dst); err != nil {
			return nil, fmt.Errorf("%s: %w", document.key, err)
		}
	}
	p.IDColumn, p.TimeColumn, p.Channels = c.ID, c.Time, c.Channels
	n, width := len(times.Data), len(c.Channels)
	if !slices.Equal(times.Shape, []int{n}) || !slices.Equal(values.Shape, []int{n, width}) {
		return nil, fmt.Errorf("times of shape %v and values of shape %v for %d channels", times.Shape, values.Shape, width)
	}
	at := 0
	for _, r := range records {
		if r.Times < 0 || r.Times > n-at {
			return nil, fmt.Errorf("series %q has %d times, but %d are left", r.ID, r.Times, n-at)
		}
		end := at + r.Times
		p.Series = append(p.Series, &series.Series{
			ID:     r.ID,
			Times:  times.Data[at:end:end],
			Values: values.Data[at*width : end*width : end*width],
		})
		at = end
	}
	if at < n {
		return nil, fmt.Errorf("%d times belong to no series", n-at)
	}
	return p, nil
}
