package serve

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
)

// A jsonBody is the JSON document of a request: tables, and parameters beside them.
type jsonBody struct {
	tables map[string][]byte // CSV by name
	given  map[string]string // parameters, as flags have them
}

// parseBody parses a document. tables are the names that hold tables, parameters those of
// parameters.
func parseBody(data []byte, tables, parameters []string, rows int) (*jsonBody, error) {
	b := &jsonBody{tables: make(map[string][]byte), given: make(map[string]string)}
	if len(bytes.TrimSpace(data)) == 0 {
		return b, nil
	}
	d := json.NewDecoder(bytes.NewReader(data))
	if err := expect(d, '{'); err != nil {
		return nil, wrongJSON(d, err)
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, wrongJSON(d, err)
		}
		name := key.(string)
		_, table := b.tables[name]
		_, parameter := b.given[name]
		switch {
		case table || parameter:
			err = fmt.Errorf("%q is given twice", name)
		case slices.Contains(tables, name):
			b.tables[name], err = readTable(d, rows)
		case slices.Contains(parameters, name):
			b.given[name], err = readParameter(d)
		default:
			err = fmt.Errorf("there is no %q here, want some of %s", name, strings.Join(slices.Concat(tables, parameters), ", "))
		}
		var p *Problem
		if errors.As(err, &p) {
			return nil, p
		}
		if err != nil {
			return nil, wrongJSON(d, fmt.Errorf("%s: %w", name, err))
		}
	}
	if _, err := d.Token(); err != nil {
		return nil, wrongJSON(d, err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, wrongJSON(d, errors.New("something follows the document"))
	}
	return b, nil
}

func wrongJSON(d *json.Decoder, err error) *Problem {
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return newProblem(http.StatusBadRequest, codeUsage, fmt.Sprintf("the JSON document is wrong at byte %d: %v", d.InputOffset(), err))
}

// expect reads a delimiter.
func expect(d *json.Decoder, want json.Delim) error {
	t, err := d.Token()
	if err == nil && t != want {
		err = fmt.Errorf("there is %v, want %v", t, want)
	}
	return err
}

// readParameter reads a number, a text, a truth value or a list of such, as a flag has them.
func readParameter(d *json.Decoder) (string, error) {
	var raw json.RawMessage
	if err := d.Decode(&raw); err != nil {
		return "", err
	}
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		return cell(raw)
	}
	var words []string
	for _, one := range list {
		w, err := cell(one)
		if err != nil {
			return "", err
		}
		words = append(words, w)
	}
	return strings.Join(words, ","), nil
}

// cell returns the text of a JSON scalar: of a number its digits, of null none.
func cell(raw json.RawMessage) (string, error) {
	switch raw[0] {
	case '"':
		var text string
		err := json.Unmarshal(raw, &text)
		return text, err
	case '{', '[':
		return "", errors.New("there is a list or an object where a number or a text should be")
	case 'n':
		return "", nil
	}
	return string(raw), nil
}

// readTable reads a table and returns it as CSV: a list of objects, a row each, or an object of
// lists, a column each, or the text of a CSV table. Columns are in the order in which they come.
func readTable(d *json.Decoder, most int) ([]byte, error) {
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t {
	case json.Delim('['):
		return readRows(d, most)
	case json.Delim('{'):
		return readColumns(d, most)
	}
	text, ok := t.(string)
	if !ok {
		return nil, errors.New("want a list of rows, an object of columns, or CSV text")
	}
	if strings.Count(text, "\n") > most {
		return nil, tooManyRows(most)
	}
	return []byte(text), nil
}

// readRows reads the rows of a table to the end of their list.
func readRows(d *json.Decoder, most int) ([]byte, error) {
	var names []string
	place := make(map[string]int)
	var rows [][]string
	for d.More() {
		if len(rows) == most {
			return nil, tooManyRows(most)
		}
		if err := expect(d, '{'); err != nil {
			return nil, fmt.Errorf("row %d: %w", len(rows)+1, err)
		}
		row := make([]string, len(names))
		for d.More() {
			key, err := d.Token()
			if err != nil {
				return nil, err
			}
			name := key.(string)
			at, known := place[name]
			if !known {
				at = len(names)
				place[name], names = at, append(names, name)
			}
			for len(row) <= at {
				row = append(row, "")
			}
			if row[at], err = readCell(d); err != nil {
				return nil, fmt.Errorf("row %d: %s: %w", len(rows)+1, name, err)
			}
		}
		if err := expect(d, '}'); err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	if err := expect(d, ']'); err != nil {
		return nil, err
	}
	return writeRows(names, rows)
}

// readColumns reads the columns of a table to the end of their object.
func readColumns(d *json.Decoder, most int) ([]byte, error) {
	var names []string
	var rows [][]string
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, err
		}
		name := key.(string)
		if slices.Contains(names, name) {
			return nil, fmt.Errorf("column %q is given twice", name)
		}
		if err := expect(d, '['); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		n := 0
		for ; d.More(); n++ {
			if n == most {
				return nil, tooManyRows(most)
			}
			text, err := readCell(d)
			if err != nil {
				return nil, fmt.Errorf("%s: row %d: %w", name, n+1, err)
			}
			switch {
			case len(names) == 0:
				rows = append(rows, []string{text})
			case n < len(rows):
				rows[n] = append(rows[n], text)
			}
		}
		if err := expect(d, ']'); err != nil {
			return nil, err
		}
		if n != len(rows) {
			return nil, fmt.Errorf("column %q has %d rows, the first has %d", name, n, len(rows))
		}
		names = append(names, name)
	}
	if err := expect(d, '}'); err != nil {
		return nil, err
	}
	return writeRows(names, rows)
}

func readCell(d *json.Decoder) (string, error) {
	var raw json.RawMessage
	if err := d.Decode(&raw); err != nil {
		return "", err
	}
	return cell(raw)
}

func writeRows(names []string, rows [][]string) ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	if err := w.Write(names); err != nil {
		return nil, err
	}
	for _, row := range rows {
		for len(row) < len(names) {
			row = append(row, "")
		}
		if err := w.Write(row); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}
