package command

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tsgen/series"
	"tsgen/series/holidays"
)

// holidayFlag names the holidays that a panel knows: codes of countries, or files.
type holidayFlag []string

func (h *holidayFlag) register(cmd *cobra.Command) {
	cmd.Flags().StringSliceVar((*[]string)(h), "holidays", nil, "`codes` of countries and parts of them whose holidays are known ahead, as in DE,US-NY, CSV files of dates and names, or none: not even days of the month that stand out")
}

// check says if a code is not known.
func (h holidayFlag) check() error {
	for _, code := range h {
		if isHolidayFile(code) {
			continue
		}
		if code == none {
			if len(h) > 1 {
				return usagef("--holidays: %s beside others", none)
			}
			continue
		}
		if _, err := holidays.Of(code, 2000, 2000); err != nil {
			return usagef("--holidays: %v; a file is named with its ending .csv", err)
		}
	}
	return nil
}

// isHolidayFile reports whether what was given is a file and not a code.
func isHolidayFile(code string) bool {
	return filepath.Ext(code) != "" || strings.ContainsRune(code, filepath.Separator)
}

// foreseen is the number of years for which holidays are stored with a model.
const foreseen = 40

// none says that no days of the calendar are known, not even those of the month that stand out.
const none = "none"

// add returns the panel with the holidays, and the days of the month that stand out, as known covariates, and says what they are.
func (h holidayFlag) add(panel *series.Panel, p *progress) (*series.Panel, error) {
	if slices.Equal(h, []string{none}) {
		return panel, nil
	}
	first, last, ok := panel.Days()
	if len(h) == 0 {
		return addMonthDays(panel, last, p)
	}
	if !ok {
		return nil, fmt.Errorf("--holidays: %w: the times are plain numbers and no dates; --time-layout says how they are meant", series.ErrEvents)
	}
	yearOf := func(day int) int { return time.Unix(int64(day)*86400, 0).UTC().Year() }
	from, to := yearOf(first)-1, yearOf(last)+foreseen
	var all []holidays.Holiday
	for _, code := range h {
		some, err := holidaysOf(code, from, to)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
		if country := holidays.AsCountry(code); country != "" && !isHolidayFile(code) {
			p.notef("holidays %s: no holidays of its own are known here, those of %s are taken; a CSV file of dates adds others", code, country)
		}
	}
	if panel.StepsOverDays() {
		all = holidays.OfSteps(all, panel.Step.Months)
	}
	all = append(all, monthDays(panel, last, p)...)
	events := holidays.Events(all, first, last)
	known, err := panel.WithEvents(events)
	if err != nil {
		return nil, fmt.Errorf("--holidays: %w", err)
	}
	if events = holidays.Learnable(known); len(events) == 0 {
		p.notef("holidays %s: none of them comes within the series, or tells more than its season; nothing is added", strings.Join(h, ", "))
		return panel, nil
	}
	if panel, err = panel.WithEvents(events); err != nil {
		return nil, err
	}
	what, days := "", make(map[int]bool)
	for _, e := range events {
		for _, d := range e.Days {
			if d >= first && d <= last {
				days[d] = true
			}
		}
	}
	if panel.StepsOverDays() {
		what = "; a step counts those that it has"
	}
	p.notef("holidays %s: %s with the days about them on %s of the series, known to %d: %s%s", strings.Join(h, ", "),
		count(len(events), "covariate"), count(len(days), "day"), to, someNames(events), what)
	return panel, nil
}

// monthDays returns the days of the month that stand out, for as long as holidays are known, and says which they are.
func monthDays(panel *series.Panel, last int, p *progress) []holidays.Holiday {
	found := holidays.OfMonth(panel, last+foreseen*366)
	var names []string
	for _, h := range found {
		names = append(names, h.Name)
	}
	if found != nil {
		p.notef("days of the month that stand out, known ahead as covariates: %s; --holidays none leaves them out", strings.Join(names, ", "))
	}
	return found
}

// addMonthDays returns the panel with the days of the month that stand out alone.
func addMonthDays(panel *series.Panel, last int, p *progress) (*series.Panel, error) {
	found := monthDays(panel, last, p)
	if found == nil {
		return panel, nil
	}
	var events []series.Event
	for _, h := range found {
		if !slices.Contains(panel.Channels, h.Name) && !slices.Contains(panel.Known, h.Name) {
			events = append(events, series.Event{Name: h.Name, Days: h.Days})
		}
	}
	return panel.WithEvents(events)
}

// someNames names the first of the events.
func someNames(events []series.Event) string {
	const most = 4
	var names []string
	for _, e := range events[:min(len(events), most)] {
		names = append(names, e.Name)
	}
	if len(events) > most {
		names = append(names, "...")
	}
	return strings.Join(names, ", ")
}

// holidaysOf returns the holidays of a code or a file.
func holidaysOf(code string, from, to int) ([]holidays.Holiday, error) {
	if !isHolidayFile(code) {
		return holidays.Of(code, from, to)
	}
	f, err := os.Open(code)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("--holidays: %w", err)
	} else if err != nil {
		return nil, err
	}
	defer f.Close()
	return holidays.Read(f, code)
}
