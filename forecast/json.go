package forecast

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strconv"

	"tsgen/series"
)

// JSONOptions say what WriteJSON writes beside the means and the medians.
type JSONOptions struct {
	// Levels are those of central intervals, in percent, whose bounds are
	// written.
	Levels []float64

	// Paths has sample paths written, if the forecast has any: the first of them, as
	// many as Most, or all if that is zero.
	Paths bool
	Most  int
}

// WriteJSON writes the forecast of the continuation of p as one line of JSON, for
// example
//
//	{"model":"ets","series":[{"id":"a","times":["2024-01","2024-02"],"channels":[
//	  {"name":"sales","mean":[11,13],"quantiles":{"0.1":[9.4,11.4],"0.5":[11,13],"0.9":[12.6,14.6]}}]}]}
//
// without its white space. The quantiles are the median and the bounds of the
// levels, by their probabilities. Times are texts in the layout and zone of p, or
// numbers if they are numbers there. With opt.Paths a channel has "paths", one list
// of values for each. A single series without an identifier has no "id".
func WriteJSON(w io.Writer, p *series.Panel, f *Forecast, opt JSONOptions) error {
	j := JSONWriter{W: w, Options: opt}
	if err := j.Write(p, f); err != nil {
		return err
	}
	return j.Close(f.Notes)
}

// A JSONWriter writes the forecasts of some series after the other, of one model, as the one document
// that WriteJSON writes of all. The document is not whole before Close.
type JSONWriter struct {
	W       io.Writer
	Options JSONOptions

	begun, among bool // the document, its series
}

// Write writes the forecast of the continuation of p, but for its notes.
func (j *JSONWriter) Write(p *series.Panel, f *Forecast) error {
	if err := f.Validate(); err != nil {
		return err
	}
	if err := match(p, f); err != nil {
		return fmt.Errorf("forecast: the panel: %w", err)
	}
	if err := checkLevels(j.Options.Levels); err != nil {
		return err
	}
	var b bytes.Buffer
	if !j.begun {
		name, err := json.Marshal(f.Model)
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, `{"model":%s,"series":[`, name)
	}
	for _, d := range f.Series {
		one, err := json.Marshal(jsonSeriesOf(p.Axis, f.Channels, d, j.Options))
		if err != nil {
			return err
		}
		if j.among {
			b.WriteByte(',')
		}
		b.Write(one)
		j.among = true
	}
	j.begun = true
	_, err := j.W.Write(b.Bytes())
	return err
}

// Close writes the notes, if there are any, and the end of the document, of which something has been
// written. It does not close W.
func (j *JSONWriter) Close(notes []string) error {
	end := "]}\n"
	if len(notes) > 0 {
		all, err := json.Marshal(notes)
		if err != nil {
			return err
		}
		end = fmt.Sprintf("],\"notes\":%s}\n", all)
	}
	_, err := io.WriteString(j.W, end)
	return err
}

type jsonSeries struct {
	ID       string        `json:"id,omitempty"`
	Times    []any         `json:"times"`
	Channels []jsonChannel `json:"channels"`
}

type jsonChannel struct {
	Name      string               `json:"name"`
	Mean      []float64            `json:"mean"`
	Quantiles map[string][]float64 `json:"quantiles"`
	Paths     [][]float64          `json:"paths,omitempty"`
}

func jsonSeriesOf(axis series.Axis, channels []string, d *Distribution, opt JSONOptions) jsonSeries {
	s := jsonSeries{ID: d.ID, Times: make([]any, len(d.Times)), Channels: make([]jsonChannel, len(channels))}
	for i, t := range d.Times {
		stamp := axis.Stamp(t)
		s.Times[i] = stamp
		if _, err := strconv.ParseFloat(stamp, 64); err == nil && axis.Numeric() {
			s.Times[i] = json.Number(stamp)
		}
	}
	probabilities := quantileProbabilities(opt.Levels)
	quantiles := d.Quantiles(probabilities...)
	mean := d.MeanTo(nil)
	for c, name := range channels {
		channel := jsonChannel{Name: name, Mean: d.channel(mean, c), Quantiles: make(map[string][]float64)}
		for i, p := range probabilities {
			channel.Quantiles[strconv.FormatFloat(p, 'g', 12, 64)] = d.channel(quantiles[i], c)
		}
		if opt.Paths {
			for _, path := range d.Paths[:min(cmp.Or(opt.Most, len(d.Paths)), len(d.Paths))] {
				channel.Paths = append(channel.Paths, d.channel(path, c))
			}
		}
		s.Channels[c] = channel
	}
	return s
}

// channel returns channel c of an array of one value per time and channel.
func (d *Distribution) channel(values []float64, c int) []float64 {
	width := d.Width()
	column := make([]float64, len(d.Times))
	for i := range column {
		column[i] = values[i*width+c]
	}
	return column
}
