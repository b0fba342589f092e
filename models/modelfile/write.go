package modelfile

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"

	"tsgen/forecast"
	"tsgen/internal/safetensors"
	"tsgen/internal/strictjson"
	"tsgen/series"
)

// Keys of the metadata. The package documentation says what they hold.
const (
	keyFormat      = "format"
	keyVersion     = "version"
	keyKind        = "kind"
	keyOptions     = "options"
	keySeed        = "seed"
	keySeason      = "season"
	keySeasons     = "seasons"
	keyHorizon     = "horizon"
	keyOutliers    = "outliers"
	keyDomains     = "domains"
	keyFingerprint = "fingerprint"
	keyColumns     = "columns"
	keyAxis        = "axis"
	keyStep        = "step"
	keySeries      = "series"
	keyEvents      = "events"
	keyScores      = "scores"
	keyCalibration = "calibration"
	keyTraining    = "training"
	keyDigest      = "digest"
	keySum         = "sha256" // of format 1
)

// formatPrefix comes before the number of the format.
const formatPrefix = "tsgen/"

// columns are the names of the history's columns, in the metadata.
type columns struct {
	ID       string   `json:"id,omitempty"`
	Joint    string   `json:"joint,omitempty"`
	Time     string   `json:"time,omitempty"`
	Channels []string `json:"channels"`
	Known    []string `json:"known,omitempty"`
	Static   int      `json:"static,omitempty"` // of the known covariates, the first that never change within a series

	// How rows were brought into steps, if they were.
	Every     string           `json:"every,omitempty"`
	Aggregate series.Aggregate `json:"aggregate,omitempty"`
}

// record is a series of the history, in the metadata.
type record struct {
	ID    string `json:"id,omitempty"`
	Times int    `json:"times"`
	Known int    `json:"known,omitempty"` // times of the known covariates

	// Step is that of the series if it is not the panel's.
	Step series.Step `json:"step,omitzero"`

	// Seasons are in steps of Step, nil if they are not known.
	Seasons []float64 `json:"seasons,omitzero"`
}

// Write writes a model file. The same content gives the same bytes. The error
// says what the file lacks, or is that of w.
func Write(w io.Writer, f *File) error { return write(w, f, mostInHeader) }

// write is Write with so many bytes on series in the header at most.
func write(w io.Writer, f *File, most int) error {
	f = f.complete()
	if err := f.check(); err != nil {
		return fmt.Errorf("modelfile: %w", err)
	}
	p := f.History.BareOfEvents()
	series, err := records(p)
	if err != nil {
		return fmt.Errorf("modelfile: %s: %w", keySeries, err)
	}
	metadata, err := f.metadata(p)
	if err != nil {
		return fmt.Errorf("modelfile: %w", err)
	}
	tensors := historyTensors(p)
	if len(series) > most {
		for len(series)%8 != 0 { // where numbers begin
			series = append(series, ' ')
		}
		metadata[keyFormat] = formatPrefix + strconv.Itoa(Format)
		tensors = append(tensors, safetensors.Tensor{Name: historySeries, Shape: []int{len(series)}, Bytes: series})
	} else {
		metadata[keySeries] = string(series)
	}
	for _, t := range f.Tensors {
		tensors = append(tensors, safetensors.Tensor{Name: t.Name, Shape: t.Shape, Data: t.Data})
	}
	slices.SortStableFunc(tensors, func(a, b safetensors.Tensor) int { return cmp.Compare(a.Name, b.Name) })
	if err := seal(w, metadata, tensors); err != nil {
		return fmt.Errorf("modelfile: %w", err)
	}
	return nil
}

// complete returns the file with season and horizon, if they are zero, as a fit to
// the history takes them.
func (f *File) complete() *File {
	if f.Season != 0 && f.Horizon != 0 || f.History.Validate() != nil {
		return f
	}
	c := *f
	c.Season = cmp.Or(c.Season, c.History.Season())
	c.Horizon = cmp.Or(c.Horizon, forecast.DefaultHorizon(c.History, c.Season))
	return &c
}

// mostInHeader is how many bytes of text on the series of the history stand in the header; more are an
// array, since a header can have no more than 100 MB, and is in memory as a whole, several times.
const mostInHeader = 4 << 20

// metadata returns those of a file with a history, without the series and the sum, as format 2 has them.
func (f *File) metadata(p *series.Panel) (map[string]string, error) {
	m := map[string]string{
		keyFormat:      formatPrefix + "2",
		keyVersion:     f.Version,
		keyKind:        f.Kind,
		keySeed:        strconv.FormatUint(f.Seed, 10),
		keySeason:      strconv.Itoa(f.Season),
		keyHorizon:     strconv.Itoa(f.Horizon),
		keyFingerprint: f.Fingerprint,
	}
	if f.Outliers != forecast.LimitOutliers {
		m[keyOutliers] = string(f.Outliers)
	}
	if f.Options != nil {
		m[keyOptions] = string(f.Options)
	}
	documents := map[string]any{
		keyColumns: columns{p.IDColumn, p.Joint, p.TimeColumn, p.Channels, p.Known, len(p.Static), p.Every, p.Aggregate},
		keyAxis:    p.Axis,
		keyStep:    p.Step,
	}
	if events := f.History.Events; len(events) > 0 {
		documents[keyEvents] = events
	}
	if p.Seasons != nil {
		documents[keySeasons] = p.Seasons
	}
	if len(f.Scores) > 0 {
		documents[keyScores] = encodeScores(f.Scores)
	}
	if f.Domains != nil {
		documents[keyDomains] = f.Domains
	}
	if f.Calibration != nil {
		documents[keyCalibration] = f.Calibration
	}
	if f.Training != nil {
		documents[keyTraining] = f.Training
	}
	for key, v := range documents {
		text, err := json.Marshal(v)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		m[key] = string(text)
	}
	return m, nil
}

// records returns the series of a panel as JSON, made one by one: there may be millions.
func records(p *series.Panel) ([]byte, error) {
	const others = 32 // bytes of a record beside the identifier, about
	size := 0
	for _, s := range p.Series {
		size += len(s.ID) + others
	}
	all := append(make([]byte, 0, size), '[')
	for i, s := range p.Series {
		one, err := json.Marshal(record{ID: s.ID, Times: s.Len(), Known: len(s.Known.Times), Step: s.Step, Seasons: s.Seasons})
		if err != nil {
			return nil, err
		}
		if i > 0 {
			all = append(all, ',')
		}
		all = append(all, one...)
	}
	return append(all, ']'), nil
}

// eachRecord calls do with the series that records returned.
func eachRecord(text []byte, do func(r *record) error) error {
	if err := strictjson.Check(text); err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	if start, err := d.Token(); err != nil || start != json.Delim('[') {
		return errors.New("want an array of series")
	}
	for d.More() {
		var r record
		if err := d.Decode(&r); err != nil {
			return err
		}
		if err := do(&r); err != nil {
			return err
		}
	}
	return nil
}

// historyTensors returns the times and the values of all series of the panel,
// and of their known covariates if there are any.
func historyTensors(p *series.Panel) []safetensors.Tensor {
	rows, known := 0, 0
	for _, s := range p.Series {
		rows, known = rows+s.Len(), known+len(s.Known.Times)
	}
	each := func(of func(s *series.Series) []float64) iter.Seq[[]float64] {
		return func(yield func([]float64) bool) {
			for _, s := range p.Series {
				if !yield(of(s)) {
					return
				}
			}
		}
	}
	tensors := []safetensors.Tensor{
		{Name: historyTimes, Shape: []int{rows}, Parts: each(func(s *series.Series) []float64 { return s.Times })},
		{Name: historyValues, Shape: []int{rows, p.Width()}, Parts: each(func(s *series.Series) []float64 { return s.Values })},
	}
	if len(p.Known) == 0 {
		return tensors
	}
	return append(tensors,
		safetensors.Tensor{Name: knownTimes, Shape: []int{known}, Parts: each(func(s *series.Series) []float64 { return s.Known.Times })},
		safetensors.Tensor{Name: knownValues, Shape: []int{known, len(p.Known)}, Parts: each(func(s *series.Series) []float64 { return s.Known.Values })})
}
