package models

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"tsgen/forecast"
	"tsgen/models/modelfile"
	"tsgen/series"
)

// Load reads the model file at path, such as Save or "tsgen fit" writes, and
// returns the model in it, ready to forecast, and what else the file holds: the
// series that it was fitted to, season and horizon, and the calibration of its
// forecasts, if there is one, which file.Calibration.Apply applies. The weights of a
// model are tried by a short forecast of its history. What is
// wrong with the file is a *modelfile.FormatError, or wraps
// forecast.ErrMismatch if this version does not know the kind of the model; other
// errors are those of the file system.
func Load(path string) (m forecast.Model, file *modelfile.File, err error) {
	return LoadInto(path, nil)
}

// LoadInto is Load that holds the numbers of large files in room, unless that is nil.
func LoadInto(path string, room *series.Scratch) (m forecast.Model, file *modelfile.File, err error) {
	if file, err = modelfile.LoadInto(path, room); err != nil {
		return nil, nil, err
	}
	if m, err = fromFile(file); err != nil {
		var format *modelfile.FormatError
		if errors.As(err, &format) {
			format.Path = path
			return nil, nil, format
		}
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, file, nil
}

// Read reads a model file from r to its end. It is otherwise as Load.
func Read(r io.Reader) (m forecast.Model, file *modelfile.File, err error) {
	if file, err = modelfile.Read(r); err != nil {
		return nil, nil, err
	}
	if m, err = fromFile(file); err != nil {
		return nil, nil, err
	}
	return m, file, nil
}

// Save writes the model file at path, whole or not at all: the model, the series
// that it was fitted to, which are those that it continues unless others are
// given, and season, horizon and seed of the fit. What the model estimates of these series
// when it forecasts is stored as well, as by Keep. The calibration of a
// forecast.Calibrated model is stored beside it. The error wraps
// forecast.ErrNotFitted if the model is not fitted.
func Save(path string, m forecast.Model, history *series.Panel, fit forecast.FitOptions) error {
	file, err := newFile(m, history, fit)
	if err != nil {
		return err
	}
	return modelfile.Save(path, file)
}

// Write writes a model file to w. It is otherwise as Save.
func Write(w io.Writer, m forecast.Model, history *series.Panel, fit forecast.FitOptions) error {
	file, err := newFile(m, history, fit)
	if err != nil {
		return err
	}
	return modelfile.Write(w, file)
}

func newFile(m forecast.Model, history *series.Panel, fit forecast.FitOptions) (*modelfile.File, error) {
	file := &modelfile.File{Seed: fit.Seed, Season: fit.Season, Horizon: fit.Horizon, Outliers: fit.Outliers, History: history}
	if c, ok := m.(*forecast.Calibrated); ok {
		m, file.Calibration = c.Unwrap(), c.Calibration()
	}
	if m == nil {
		return nil, fmt.Errorf("models: %w", forecast.ErrNotFitted)
	}
	var err error
	if history.Validate() == nil {
		fit.Season = cmp.Or(fit.Season, history.Season())
		fit.Horizon = cmp.Or(fit.Horizon, forecast.DefaultHorizon(history, fit.Season))
		if m, err = Keep(context.Background(), m, history, fit); err != nil {
			return nil, fmt.Errorf("models: %w", err)
		}
	}
	state, err := State(m)
	if err != nil {
		return nil, fmt.Errorf("models: %w", err)
	}
	file.State = *state
	if history != nil && history.Validate() == nil {
		file.Domains = forecast.SeenDomains(history)
	}
	if history != nil {
		file.Fingerprint = history.Fingerprint()
	}
	return file, nil
}

// State returns what a model file holds of a fitted model. The error wraps
// ErrUnknown if the model is of no kind of this package's, and
// forecast.ErrNotFitted if it is not fitted.
func State(m forecast.Model) (*forecast.State, error) {
	if _, err := Lookup(m.Name()); err != nil {
		return nil, err
	}
	if s, ok := m.(forecast.Stater); ok {
		return s.State()
	}
	options, err := json.Marshal(m)
	return &forecast.State{Kind: m.Name(), Options: options}, err
}

// fromFile returns the model of a file, tried on a part of its history.
func fromFile(file *modelfile.File) (forecast.Model, error) {
	m, err := FromState(&file.State)
	if err != nil {
		return nil, err
	}
	if err := verify(m, file); err != nil {
		return nil, &modelfile.FormatError{Err: fmt.Errorf("%w: %w", modelfile.ErrDamaged, err)}
	}
	return m, nil
}

// FromState returns the model that State returned the state of. The error wraps
// forecast.ErrMismatch if this version does not know its kind; else it is a
// *modelfile.FormatError.
func FromState(s *forecast.State) (forecast.Model, error) {
	k, err := Lookup(s.Kind)
	if err != nil {
		return nil, fmt.Errorf("%w: its kind %q is unknown to this version, which knows %s",
			forecast.ErrMismatch, s.Kind, strings.Join(Names(), ", "))
	}
	m, err := k.load(s)
	if err != nil {
		return nil, &modelfile.FormatError{Err: fmt.Errorf("%w: %w", modelfile.ErrDamaged, err)}
	}
	return m, nil
}
