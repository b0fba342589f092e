package command

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tsgen/series"
)

// registerJSON registers the flag of a verb that writes a table.
func (q *query) registerJSON(cmd *cobra.Command) { registerRows(cmd, &q.rows) }

func registerRows(cmd *cobra.Command, rows *bool) {
	cmd.Flags().BoolVar(rows, "json", false, "write one JSON document instead of a table")
}

// write writes a table of the series of a panel to where the flags say, in their form.
func (q *query) write(stdout io.Writer, p *series.Panel, table func(io.Writer) error) error {
	if q.rows {
		table = asRows(p, table)
	}
	return q.writeTable(stdout, p, table)
}

// asRows returns what writes a table as a JSON document: the names of the columns, and an
// object for each row. Empty cells are null. The columns that name series are text, those of
// times unless they are mere numbers; others are numbers where all cells are.
func asRows(p *series.Panel, table func(io.Writer) error) func(io.Writer) error {
	return func(w io.Writer) error {
		var b bytes.Buffer
		if err := table(&b); err != nil {
			return err
		}
		all, err := csv.NewReader(&b).ReadAll()
		if err != nil {
			return err
		}
		texts := []string{"unique_id"}
		if p.IDColumn != "" {
			texts = p.Keys(true, "", "").Header()
			texts = texts[:len(texts)-len(p.Keys(false, "", "").Header())]
		}
		if p.Axis.Layout != series.LayoutNumber {
			texts = append(texts, p.Keys(false, "", "ds").Header()...)
		}
		return writeJSON(w, rowsOf(all, texts))
	}
}

// A rows is a table as a JSON document.
type rows struct {
	Columns []string          `json:"columns"`
	Rows    []json.RawMessage `json:"rows"`
}

// rowsOf returns the rows of a table with a header, the named columns being text.
func rowsOf(all [][]string, texts []string) rows {
	r := rows{Columns: all[0], Rows: []json.RawMessage{}}
	numeric := make([]bool, len(r.Columns))
	for c, name := range r.Columns {
		numeric[c] = !slices.Contains(texts, name) && !slices.ContainsFunc(all[1:], func(row []string) bool {
			return row[c] != "" && !json.Valid([]byte(row[c]))
		})
	}
	for _, row := range all[1:] {
		var b bytes.Buffer
		for c, cell := range row {
			name, _ := json.Marshal(r.Columns[c]) // texts have a form
			text, _ := json.Marshal(cell)
			switch {
			case cell == "" && !slices.Contains(texts, r.Columns[c]):
				text = []byte("null")
			case numeric[c]:
				text = []byte(cell)
			}
			b.WriteString(",")
			b.Write(append(append(name, ':'), text...))
		}
		r.Rows = append(r.Rows, json.RawMessage("{"+strings.TrimPrefix(b.String(), ",")+"}"))
	}
	return r
}

// A failure is the JSON document of an error.
type failure struct {
	Error failureReport `json:"error"`
}

type failureReport struct {
	Status  int    `json:"status"`
	Code    string `json:"code"`
	Message string `json:"message"`
	File    string `json:"file,omitempty"`
	Line    int    `json:"line,omitempty"`
	Column  string `json:"column,omitempty"`
	Value   string `json:"value,omitempty"`
	Help    string `json:"help,omitempty"` // a command that tells more
}

// exitCodes are the names of the exit statuses.
func exitCodes() map[int]string {
	return map[int]string{
		exitFailed: "failed", exitUsage: "usage", exitData: "data", exitMismatch: "mismatch", exitInterrupted: "interrupted",
	}
}

// reportJSON writes the error of the given status as a JSON document.
func reportJSON(w io.Writer, verb *cobra.Command, err error, status int) error {
	f := failureReport{Status: status, Code: exitCodes()[status], Message: sentence(err, status)}
	var parse *series.ParseError
	if errors.As(err, &parse) {
		f.File, f.Line, f.Column, f.Value = parse.Name, parse.Line, parse.Column, parse.Value
	}
	if status == exitUsage {
		f.Help = verb.CommandPath() + " --help"
	}
	return writeJSON(w, failure{f})
}

// wantsJSON reports whether the arguments of a verb ask for JSON.
func wantsJSON(verb *cobra.Command, args []string) bool {
	if verb != nil {
		if f := verb.Flags().Lookup("json"); f != nil && f.Changed {
			return f.Value.String() == "true"
		}
	}
	return slices.Contains(args, "--json") // of a command line that could not be read
}

// A counter counts the bytes that pass.
type counter struct {
	io.Writer
	n int
}

func (c *counter) Write(b []byte) (int, error) {
	n, err := c.Writer.Write(b)
	c.n += n
	return n, err
}
