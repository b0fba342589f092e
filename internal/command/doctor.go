package command

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"tsgen/series"
	"tsgen/series/doctor"
)

// doctorFlags say what is accepted that an examination of the data finds.
type doctorFlags struct {
	gap    string
	accept []string
}

func (d *doctorFlags) register(f *pflag.FlagSet) {
	f.StringVar(&d.gap, "max-gap", "", "longest gap to take as missing values, in `steps`, or none for no limit (default judged by the data)")
	f.StringSliceVar(&d.accept, "accept", nil, "`codes` of findings to go on in spite of; see 'tsgen help data'")
}

// options returns the options that the flags mean.
func (d *doctorFlags) options() (doctor.Options, error) {
	for _, code := range d.accept {
		if codes := []string{doctor.StrayTime, doctor.LongGap, doctor.Placeholder}; !slices.Contains(codes, code) {
			return doctor.Options{}, usagef("--accept has %q, want some of %s", code, strings.Join(codes, ", "))
		}
	}
	switch d.gap {
	case "":
		return doctor.Options{}, nil
	case "none":
		return doctor.Options{MaxGap: math.Inf(1)}, nil
	}
	gap, err := strconv.ParseFloat(d.gap, 64)
	if err != nil || !(gap >= 1) || math.IsInf(gap, 1) {
		return doctor.Options{}, usagef("--max-gap is %s, want a number of steps from 1, or none", d.gap)
	}
	return doctor.Options{MaxGap: gap}, nil
}

// examine looks for what cannot be meant in a panel read from a file, notes what a
// user should know, and returns an error, a *series.ParseError, for what is not to be
// accepted.
func (d *doctorFlags) examine(name string, p *series.Panel, notes *progress) ([]doctor.Finding, error) {
	opt, err := d.options()
	if err != nil {
		return nil, err
	}
	found := doctor.Examine(p, opt)
	var refused *series.ParseError
	for _, f := range found {
		e := &series.ParseError{Name: sourceName(name), Column: f.Channel, Value: f.Value, Err: finding{f}}
		if f.Channel == "" {
			e.Column = p.TimeColumn
		}
		if len(f.Lines) > 0 {
			e.Line = f.Lines[0]
		}
		if refused == nil && f.Stop && !slices.Contains(d.accept, f.Code) {
			refused = e
			continue
		}
		notes.notef("%v", e)
	}
	if refused != nil {
		return found, refused
	}
	return found, nil
}

// A finding is one as an error.
type finding struct{ doctor.Finding }

func (f finding) Error() string { return f.String() }
