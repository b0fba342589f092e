package models

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"

	"tsgen/forecast"
	"tsgen/internal/option"
)

// An OptionError says what is wrong with the options of a model.
type OptionError struct {
	Model string // the name of the kind
	Err   error
}

// Error implements error.
func (e *OptionError) Error() string { return fmt.Sprintf("models: %s: %v", e.Model, e.Err) }

// Unwrap returns e.Err.
func (e *OptionError) Unwrap() error { return e.Err }

// An Option is one choice of a kind of models: its name, its type, its bounds,
// what it is by default and what it means.
type Option = option.Option

// OptionList returns the options of the kind, in their order.
func (k Kind) OptionList() []Option { return option.List(k.Options) }

// New returns a model of the kind with options given as text by their names; nil
// means the defaults. The error is an *OptionError.
func (k Kind) New(options map[string]string) (forecast.Model, error) {
	chosen := reflect.New(reflect.TypeOf(k.Options)).Interface()
	if err := option.Set(chosen, options); err != nil {
		return nil, &OptionError{k.Name, err}
	}
	encoded, err := json.Marshal(chosen)
	if err != nil {
		panic(err) // options are finite numbers, switches and texts
	}
	return k.Decode(encoded)
}

// OptionTexts returns the options of a model that is trained step by step as New takes them;
// of a fitted one with what the data decided. It returns nil for other models.
func OptionTexts(m forecast.Model) map[string]string {
	if r, ok := m.(*residual); ok {
		texts := OptionTexts(r.of)
		texts[baseOption] = r.Base
		return texts
	}
	if _, ok := m.(Trained); !ok {
		return nil
	}
	k, err := Lookup(m.Name())
	if err != nil {
		return nil
	}
	options := reflect.Indirect(reflect.ValueOf(m)).FieldByName("Options")
	if !options.IsValid() || options.Type() != reflect.TypeOf(k.Options) {
		return nil
	}
	return option.Texts(options.Interface())
}

// Decode returns a model of the kind with options in JSON, an object with a
// member for each option that is not as by default. The error is an
// *OptionError.
func (k Kind) Decode(options []byte) (forecast.Model, error) {
	m, err := k.build(options)
	if err != nil {
		return nil, &OptionError{k.Name, err}
	}
	return m, nil
}

func decodeOptions(options []byte, dst any) error {
	d := json.NewDecoder(bytes.NewReader(options))
	d.DisallowUnknownFields()
	return d.Decode(dst)
}
