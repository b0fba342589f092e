package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"slices"
	"strings"

	"tsgen/forecast"
	"tsgen/internal/option"
	"tsgen/models/modelfile"
)

// A kind is a kind of model that the command knows.
type kind struct {
	name      string
	yardstick bool   // the others are measured by it
	irregular string // what it makes of times that are not equally spaced
	missing   string // of missing values
	channels  string // of several channels
	known     bool   // whether it heeds covariates that are known ahead
	law       string // what its forecasts are

	about string // what it is, in a sentence or two

	// options is the zero value of the struct whose fields declare the model's
	// options.
	options any

	// build returns a model with options in JSON.
	build func(options []byte) (forecast.Model, error)

	// load returns the model that was stored.
	load func(*forecast.State) (forecast.Model, error)
}

// kinds returns all models, those that are the yardstick of the others last.
func kinds() []kind {
	return []kind{
		latentODEKind(),
		vrnnKind(),
		srnnKind(),
		vaeKind(),
		etsKind(),
		thetaKind(),
		stlKind(),
		linearMapKind(),
		gaussKind(),
		stateSpaceKind(),
		regressionKind(),
		driftKind(),
		naiveKind(),
		ensembleKind(),
		seasonalNaiveKind(),
		arKind(),
	}
}

func decodeOptions(options []byte, dst any) error {
	d := json.NewDecoder(bytes.NewReader(options))
	d.DisallowUnknownFields()
	return d.Decode(dst)
}

// lookupKind returns the kind with the given name.
func lookupKind(name string) (kind, bool) {
	all := kinds()
	i := slices.IndexFunc(all, func(k kind) bool { return k.name == name })
	if i < 0 {
		return kind{}, false
	}
	return all[i], true
}

func kindNames() []string {
	var names []string
	for _, k := range kinds() {
		names = append(names, k.name)
	}
	return names
}

// closedFormNames returns the names of the models that are not trained step by
// step, and so take little time.
func closedFormNames() []string {
	var names []string
	for _, k := range kinds() {
		if !isTrained(k.fresh()) {
			names = append(names, k.name)
		}
	}
	return names
}

// fresh returns a model with default options.
func (k kind) fresh() forecast.Model {
	m, err := k.build([]byte("{}"))
	if err != nil {
		panic(err) // the zero options are those by default
	}
	return m
}

// candidate returns the kind with default options as one of a backtest.
func (k kind) candidate() forecast.Candidate {
	return forecast.Candidate{Name: k.name, New: k.fresh}
}

// set returns a model with the options given as text by their names.
func (k kind) set(texts map[string]string) (forecast.Model, error) {
	options := reflect.New(reflect.TypeOf(k.options)).Interface()
	if err := option.Set(options, texts); err != nil {
		return nil, usagef("%s: %v; see 'tsgen models %s'", k.name, err, k.name)
	}
	encoded, err := json.Marshal(options)
	if err != nil {
		panic(err) // options are finite numbers, switches and texts
	}
	m, err := k.build(encoded)
	if err != nil {
		return nil, usagef("--set: %v", err)
	}
	return m, nil
}

// state returns what a model file holds of a fitted model.
func state(m forecast.Model) (*forecast.State, error) {
	if s, ok := m.(forecast.Stater); ok {
		return s.State()
	}
	options, err := json.Marshal(m)
	return &forecast.State{Kind: m.Name(), Options: options}, err
}

// loadModel reads a model file.
func loadModel(path string) (*modelfile.File, forecast.Model, error) {
	f, err := modelfile.Load(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("%w; fit a model first: tsgen fit FILE -o %s", err, path)
	} else if err != nil {
		return nil, nil, err
	}
	k, ok := lookupKind(f.Kind)
	if !ok {
		return nil, nil, fmt.Errorf("%s: %w: its kind %q is unknown to this version, which knows %s",
			path, forecast.ErrMismatch, f.Kind, strings.Join(kindNames(), ", "))
	}
	m, err := k.load(&f.State)
	if err != nil {
		return nil, nil, &modelfile.FormatError{Path: path, Err: fmt.Errorf("%w: %w", modelfile.ErrDamaged, err)}
	}
	return f, m, nil
}
