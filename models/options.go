package models

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"tsgen/forecast"
)

// An OptionError says what is wrong with the options of a model.
type OptionError struct {
	Model  string // the name of the kind
	Option string // name or name=value; empty if no single option is to blame
	Err    error
}

// Error implements error.
func (e *OptionError) Error() string {
	if e.Option == "" {
		return fmt.Sprintf("models: %s: %v", e.Model, e.Err)
	}
	return fmt.Sprintf("models: %s: option %s: %v", e.Model, e.Option, e.Err)
}

// Unwrap returns e.Err.
func (e *OptionError) Unwrap() error { return e.Err }

// OptionNames returns the names of the options, sorted.
func (k Kind) OptionNames() []string { return slices.Sorted(maps.Keys(k.zeroOptions())) }

// zeroOptions returns the zero value of each option, in JSON, by its name.
func (k Kind) zeroOptions() map[string]json.RawMessage {
	encoded, err := json.Marshal(k.Options)
	if err != nil {
		panic(err) // options are plain numbers and strings
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(encoded, &fields); err != nil {
		panic(err)
	}
	options := make(map[string]json.RawMessage, len(fields))
	for name, zero := range fields {
		options[strings.ToLower(name)] = zero
	}
	return options
}

// New returns a model of the kind with options given as text by their names; nil
// means the defaults. The error is an *OptionError.
func (k Kind) New(options map[string]string) (forecast.Model, error) {
	zero := k.zeroOptions()
	fields := make(map[string]any, len(options))
	for name, text := range options {
		value, ok := zero[name]
		if !ok {
			return nil, &OptionError{k.Name, name, fmt.Errorf("%s has the options %s", k.Name, strings.Join(k.OptionNames(), ", "))}
		}
		fields[name] = text
		switch v, err := strconv.ParseFloat(text, 64); {
		case value[0] == '"': // a text, whatever it looks like
		case err == nil && !math.IsNaN(v-v):
			fields[name] = json.RawMessage(strconv.FormatFloat(v, 'g', -1, 64))
		case text == "true" || text == "false":
			fields[name] = json.RawMessage(text)
		}
	}
	encoded, err := json.Marshal(fields)
	if err != nil {
		return nil, &OptionError{k.Name, "", err}
	}
	m, err := k.Decode(encoded)
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		name := strings.ToLower(wrong.Field)
		return nil, &OptionError{k.Name, name + "=" + options[name], fmt.Errorf("want a value of type %v", wrong.Type)}
	}
	return m, err
}

// Decode returns a model of the kind with options in JSON, an object with a
// member for each option that is not as by default. The error is an
// *OptionError.
func (k Kind) Decode(options []byte) (forecast.Model, error) {
	m, err := k.build(options)
	if err != nil {
		return nil, &OptionError{k.Name, "", err}
	}
	return m, nil
}

func decodeOptions(options []byte, dst any) error {
	d := json.NewDecoder(bytes.NewReader(options))
	d.DisallowUnknownFields()
	return d.Decode(dst)
}
