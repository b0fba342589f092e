// Package strictjson refuses JSON texts that readers may understand differently.
package strictjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// ErrTwice is the error of a key that an object has twice, of which package encoding/json
// would take the last and other readers the first.
var ErrTwice = errors.New("twice")

// mostDeep is how deep values may lie within each other.
const mostDeep = 1000

// Check returns an error if the text is not one JSON value, if values lie deeper than a
// thousand within each other, or if an object has two keys that are the same but for their
// case, which package encoding/json does not tell apart in structs.
func Check(text []byte) error { return check(text, strings.ToLower) }

// CheckExact is Check for keys that differ by their case.
func CheckExact(text []byte) error { return check(text, func(key string) string { return key }) }

func check(text []byte, same func(key string) string) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := value(d, same, mostDeep); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("text after the end of the JSON value")
	}
	return nil
}

// value reads one value, with values as deep within it.
func value(d *json.Decoder, same func(key string) string, deep int) error {
	token, err := d.Token()
	if err != nil {
		return err
	}
	object := token == json.Delim('{')
	if !object && token != json.Delim('[') {
		return nil
	}
	if deep == 0 {
		return fmt.Errorf("values more than %d deep", mostDeep)
	}
	seen := make(map[string]bool)
	for d.More() {
		if object {
			key, err := d.Token()
			if err != nil {
				return err
			}
			name, _ := key.(string) // a key is nothing else
			if seen[same(name)] {
				return fmt.Errorf("the key %q %w", name, ErrTwice)
			}
			seen[same(name)] = true
		}
		if err := value(d, same, deep-1); err != nil {
			return err
		}
	}
	_, err = d.Token() // the closing delimiter
	return err
}
