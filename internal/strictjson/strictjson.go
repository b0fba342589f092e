// Package strictjson refuses JSON texts that readers may understand differently.
package strictjson

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// Check returns an error if the text is not one JSON value, or if an object in it
// has two keys that are the same but for their case, of which package
// encoding/json would take the last and other readers the first.
func Check(text []byte) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := value(d); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return fmt.Errorf("text after the end of the JSON value")
	}
	return nil
}

// value reads one value.
func value(d *json.Decoder) error {
	token, err := d.Token()
	if err != nil {
		return err
	}
	switch token {
	case json.Delim('{'):
		seen := make(map[string]bool)
		for d.More() {
			key, err := d.Token()
			if err != nil {
				return err
			}
			name, _ := key.(string) // a key is nothing else
			if folded := strings.ToLower(name); seen[folded] {
				return fmt.Errorf("the key %q twice", name)
			} else {
				seen[folded] = true
			}
			if err := value(d); err != nil {
				return err
			}
		}
	case json.Delim('['):
		for d.More() {
			if err := value(d); err != nil {
				return err
			}
		}
	default:
		return nil
	}
	_, err = d.Token() // the closing delimiter
	return err
}
