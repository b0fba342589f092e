package holidays

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"tsgen/series"
)

// longestWindow is the number of days before or after a holiday that may be unlike others.
const longestWindow = 31

// Read reads holidays from CSV text with a header: the columns ds (or date) and holiday (or
// name), and, if they are there, lower_window and upper_window, the numbers of days before
// (0 or less) and after that may be unlike others, as in Prophet's tables; else one day each.
// Without a column of names all are "holiday". Errors in the data are a *series.ParseError.
func Read(r io.Reader, file string) ([]Holiday, error) {
	in := csv.NewReader(r)
	in.TrimLeadingSpace = true
	fail := func(line int, column, value string, err error) error {
		return &series.ParseError{Name: file, Line: line, Column: column, Value: value, Err: err}
	}
	header, err := in.Read()
	if err != nil {
		return nil, fail(0, "", "", fmt.Errorf("%w: want a header with the columns date and holiday: %w", series.ErrSyntax, err))
	}
	column := func(names ...string) int {
		return slices.IndexFunc(header, func(h string) bool {
			return slices.Contains(names, strings.ToLower(strings.TrimSpace(strings.TrimPrefix(h, "\ufeff"))))
		})
	}
	date, name := column("ds", "date", "day"), column("holiday", "name", "event")
	before, after := column("lower_window"), column("upper_window")
	if date < 0 {
		return nil, fail(1, "", strings.Join(header, ","), fmt.Errorf("%w: want a column date or ds, and one of names: holiday", series.ErrNoColumn))
	}
	var all []Holiday
	for {
		row, err := in.Read()
		if err == io.EOF {
			break
		} else if err != nil {
			return nil, fail(0, "", "", fmt.Errorf("%w: %w", series.ErrSyntax, err))
		}
		line, _ := in.FieldPos(0)
		t, err := time.Parse("2006-01-02", row[date])
		if err != nil {
			return nil, fail(line, header[date], row[date], fmt.Errorf("%w: want a date such as 2026-12-24", series.ErrTime))
		}
		h := Holiday{Name: "holiday", Before: 1, After: 1}
		if name >= 0 {
			if h.Name = strings.TrimSpace(row[name]); h.Name == "" {
				return nil, fail(line, header[name], "", fmt.Errorf("%w: the name of a holiday", series.ErrMissing))
			}
		}
		for _, window := range []struct {
			column, sign int
			days         *int
		}{{before, -1, &h.Before}, {after, 1, &h.After}} {
			if window.column < 0 {
				continue
			}
			n, err := strconv.Atoi(row[window.column])
			if n *= window.sign; err != nil || n < 0 || n > longestWindow {
				return nil, fail(line, header[window.column], row[window.column],
					fmt.Errorf("%w: want a number of days, -%d to 0 before and 0 to %d after", series.ErrNumber, longestWindow, longestWindow))
			}
			*window.days = n
		}
		i := slices.IndexFunc(all, func(o Holiday) bool { return o.Name == h.Name })
		if i < 0 {
			i, all = len(all), append(all, h)
		}
		all[i].Days = append(all[i].Days, dayOf(t))
		all[i].Before, all[i].After = max(all[i].Before, h.Before), max(all[i].After, h.After)
	}
	if len(all) == 0 {
		return nil, fail(0, "", "", series.ErrNoRows)
	}
	for i := range all {
		slices.Sort(all[i].Days)
		all[i].Days = slices.Compact(all[i].Days)
	}
	return all, nil
}
