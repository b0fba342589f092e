package series

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tsgen/series/internal/packed"
)

// Names of the columns of a table that has a row for every value, as clinical and sensor data often
// have: what was measured, and what it was.
var (
	variableNames = []string{"variable", "var", "varname", "variable_name", "parameter", "param", "attribute", "feature", "measure", "signal", "channel", "analyte", "vital", "lab", "test", "itemid"}
	valueNames    = []string{"value", "val", "valuenum", "result", "reading", "measurement"}
)

// mostVariables is the number of variables that are made columns at most.
const mostVariables = 500

// spreadVariables brings a table of the columns identifier, time, variable and value to one with a
// column for each variable, if it is evidently that: by the names of the latter two, and because
// an identifier has several variables at one time. A remark says so. A
// second value of a variable at a time stands in a row of its own. Few rows that go on with a panel of such
// channels are enough.
func (t *table) spreadVariables(opt *ReadOptions) {
	const columns = 4
	named := func(names []string) int {
		return slices.IndexFunc(t.names, func(n string) bool { return slices.Contains(names, strings.ToLower(n)) })
	}
	variable, value := named(variableNames), named(valueNames)
	if len(t.names) != columns || variable < 0 || value < 0 {
		return
	}
	for _, asked := range slices.Concat(opt.Targets, opt.Known, []string{opt.ID, opt.Time}) {
		if asked == t.names[variable] || asked == t.names[value] || strings.Contains(asked, ",") {
			return // somebody knows better
		}
	}
	var keys []int
	for c := range t.names {
		if c != variable && c != value {
			keys = append(keys, c)
		}
	}
	names, cells := []string{t.names[keys[0]], t.names[keys[1]]}, make([][]string, 2)
	var from lines
	column, rows, times := map[string]int{}, map[[2]string]int{}, 0
	for i := range t.rows() {
		name, key := t.text(variable, i), [2]string{t.text(keys[0], i), t.text(keys[1], i)}
		c, known := column[name]
		if !known {
			c = len(names)
			if len(column) == mostVariables || name == "" {
				return
			}
			column[name] = c
			names = append(names, variableName(t.names[variable], name))
			cells = append(cells, make([]string, from.n))
		}
		row, begun := rows[key]
		if !begun || cells[c][row] != "" {
			row = from.n
			rows[key] = row
			from.append(t.lines.at(i))
			for k := range cells {
				cells[k] = append(cells[k], "")
			}
			cells[0][row], cells[1][row] = key[0], key[1]
		} else {
			times++
		}
		cells[c][row] = t.text(value, i)
	}
	goesOn := opt.Like != nil
	for name := range column {
		goesOn = goesOn && slices.Contains(opt.Like.Channels, names[column[name]])
	}
	if !goesOn && (times == 0 || len(column) < 2) {
		return
	}
	t.remarks = append(t.remarks, fmt.Sprintf("a row for every value: the %d variables in %q are channels", len(column), t.names[variable]))
	t.names, t.cells, t.lines = names, nil, from
	for _, texts := range cells {
		t.cells = append(t.cells, packed.Of(texts...))
	}
	for c := 0; goesOn && c < len(opt.Like.Channels); c++ {
		if name := opt.Like.Channels[c]; t.column(name) < 0 {
			t.names, t.cells = append(t.names, name), append(t.cells, packed.Of(make([]string, from.n)...))
		}
	}
}

// variableName returns the name of the channel of a variable: its own, with that of the column before
// it if it is a number.
func variableName(column, name string) string {
	if _, err := strconv.ParseFloat(name, 64); err == nil {
		return column + "_" + name
	}
	return name
}
