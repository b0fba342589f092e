package command

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"tsgen/forecast"
	"tsgen/models/modelfile"
	"tsgen/series"
)

// boundFlags say between which values forecasts lie.
type boundFlags struct{ min, max []string }

func (b *boundFlags) register(fl *pflag.FlagSet) {
	fl.StringSliceVar(&b.min, "min", nil, "least `value` that can be, or none, or such by channel, as in sales=0,profit=none (default 0 where nothing was negative)")
	fl.StringSliceVar(&b.max, "max", nil, "greatest `value` that can be, likewise (default 1 of shares, else none)")
	// They are told of by 'tsgen help values', so that help is one screen.
	for _, name := range []string{"min", "max"} {
		if err := fl.MarkHidden(name); err != nil {
			panic(err) // there is no such flag
		}
	}
}

// A bound is what a flag says of the channels: a value, infinite for none.
type bound struct {
	flag, channel string // no channel means all
	value         float64
}

// parse returns what the flags say.
func (b *boundFlags) parse() ([]bound, error) {
	var all []bound
	for _, flag := range []struct {
		name  string
		cells []string
		none  float64
	}{{"min", b.min, math.Inf(-1)}, {"max", b.max, math.Inf(1)}} {
		for _, cell := range flag.cells {
			one := bound{flag: flag.name, value: flag.none}
			text := cell
			if i := strings.LastIndexByte(cell, '='); i >= 0 {
				one.channel, text = cell[:i], cell[i+1:]
			}
			if text != "none" {
				var err error
				if one.value, err = strconv.ParseFloat(text, 64); err != nil || math.IsNaN(one.value) || math.IsInf(one.value, 0) {
					return nil, usagef("--%s has %q, want a number or none, or CHANNEL=number", flag.name, cell)
				}
			}
			all = append(all, one)
		}
	}
	return all, nil
}

// ofFile returns the domains of a panel that the model of a file continues: those in
// the file with what the flags say in their place. Files that earlier versions wrote have
// none, and their forecasts stay as they were.
func (b *boundFlags) ofFile(name string, p *series.Panel, f *modelfile.File) ([]forecast.Domain, error) {
	known := f.Domains
	if known == nil {
		known = slices.Repeat([]forecast.Domain{forecast.Unbounded()}, p.Width())
	}
	return b.domains(name, p, known)
}

// domains returns those of the panel's channels as they were known before, or as they are
// seen if that is nil, with what the flags say in their place. The error, of the file of
// the given name, says which value lies outside of a bound that is said.
func (b *boundFlags) domains(name string, p *series.Panel, known []forecast.Domain) ([]forecast.Domain, error) {
	bounds, err := b.parse()
	if err != nil {
		return nil, err
	}
	all := slices.Clone(known)
	if all == nil {
		all = forecast.SeenDomains(p)
	}
	for _, one := range bounds {
		if one.channel != "" && !slices.Contains(p.Channels, one.channel) {
			return nil, usagef("--%s names %q, but the channels are %s", one.flag, one.channel, strings.Join(p.Channels, ", "))
		}
		for c, channel := range p.Channels {
			if one.channel != "" && one.channel != channel {
				continue
			}
			if one.flag == "min" {
				all[c].Min, all[c].GivenMin = one.value, true
			} else {
				all[c].Max, all[c].GivenMax = one.value, true
			}
			if one.flag == "min" && math.IsInf(one.value, -1) {
				all[c].Step = 0 // what may be negative is no count
			}
		}
	}
	for c, d := range all {
		if d.Validate() != nil {
			return nil, usagef("--min and --max leave %s nothing between %v and %v", p.Channels[c], d.Min, d.Max)
		}
		if err := within(name, p, c, d); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// within returns the error of the first value outside of a bound that a user said.
func within(name string, p *series.Panel, c int, d forecast.Domain) error {
	for _, s := range p.Series {
		for row := range s.Len() {
			v := s.Row(row)[c]
			flag, bound := "", 0.0
			switch {
			case d.GivenMin && v < d.Min:
				flag, bound = "--min", d.Min
			case d.GivenMax && v > d.Max:
				flag, bound = "--max", d.Max
			default:
				continue
			}
			return &series.ParseError{
				Name: sourceName(name), Line: s.Line(row), Column: p.Channels[c], Value: series.FormatNumber(v),
				Err: fmt.Errorf("%w: %s at %s is beyond %s %s; give another bound, or none", forecast.ErrMismatch,
					forecast.Describe(s.ID), series.Stamp(p.Axis, s.Times[row]), flag, series.FormatNumber(bound)),
			}
		}
	}
	return nil
}

// noteDomains says to which values the forecasts of which channels are confined.
func noteDomains(notes *progress, p *series.Panel, domains []forecast.Domain) {
	var words []string
	channels := make(map[string][]string)
	for c, d := range domains {
		w := d.Words()
		if w == "" {
			continue
		}
		if d.GivenMin || d.GivenMax {
			w += ", as is said"
		} else {
			w += ", as the values are; --min and --max say otherwise"
		}
		if channels[w] == nil {
			words = append(words, w)
		}
		channels[w] = append(channels[w], p.Channels[c])
	}
	for _, w := range words {
		of := strings.Join(channels[w], ", ")
		if n := len(channels[w]); n > 4 {
			of = fmt.Sprintf("%d channels", n)
		}
		notes.notef("forecasts of %s are %s", of, w)
	}
}

// A channel that is hardly ever negative has at least negativeOf values for each that is, and as many in all.
const negativeOf = 50

// noteFewNegative says which channels are negative so rarely that it may be a mistake, for which forecasts of them are not
// confined to what is not.
func noteFewNegative(notes *progress, p *series.Panel, domains []forecast.Domain) {
	for c, channel := range p.Channels {
		if d := domains[c]; d.GivenMin || !math.IsInf(d.Min, -1) {
			continue
		}
		values, negative, first, line, alike := 0, 0, 0.0, 0, true
		for _, s := range p.Series {
			for row := range s.Len() {
				v := s.Row(row)[c]
				if !math.IsNaN(v) {
					values++
				}
				if !(v < 0) {
					continue
				}
				if negative++; negative == 1 {
					first, line = v, s.Line(row)
				}
				alike = alike && v == first
			}
		}
		if negative == 0 || values < negativeOf*negative {
			continue
		}
		where, mistake := series.FormatNumber(first), "leave them empty"
		if line > 0 {
			where = fmt.Sprintf("%s, line %d", where, line)
		}
		if alike {
			mistake = fmt.Sprintf("--na=%s takes them for missing", series.FormatNumber(first))
		}
		notes.notef("%s is negative in %d of %d values (%s), so that forecasts may be; if those are mistakes, %s", channel, negative, values, where, mistake)
	}
}
