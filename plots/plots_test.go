package plots_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gonum.org/v1/plot/cmpimg"
	"gonum.org/v1/plot/vg"

	"tsgen/forecast"
	"tsgen/internal/seriestest"
	"tsgen/plots"
	"tsgen/series"
)

// Golden pictures are drawn anew with -regen, and looked at.
func TestGolden(t *testing.T) {
	seriestest.Long(t)
	for name, draw := range map[string]func(){
		"fan.png":      ExampleFan,
		"channels.png": ExampleFan_channels,
		"series.png":   ExampleFan_series,
		"history.png":  ExampleHistory,
		"phase.png":    ExamplePhase,
		"training.png": ExampleTraining,
	} {
		t.Run(name, func(t *testing.T) {
			cmpimg.CheckPlotApprox(draw, t, 0.01, name)
		})
	}
}

// small returns a history of n months of two channels and a forecast of h more.
func small(n, h int) (*series.Panel, *forecast.Forecast) {
	p := &series.Panel{Channels: []string{"Größe", "b"}, TimeColumn: "ds",
		Axis: series.Axis{Layout: "2006-01"}, Step: series.Step{Months: 1}}
	s := &series.Series{Times: []float64{0}}
	s.Times = append(s.Times, p.Future(s, n-1)...)
	for i := range n {
		s.Values = append(s.Values, float64(i%5), float64(i))
	}
	p.Series = []*series.Series{s}
	d := &forecast.Distribution{Times: p.Future(s, h)}
	for i := range h {
		d.Mean = append(d.Mean, 2, float64(i))
		d.SD = append(d.SD, 1, 2)
	}
	return p, &forecast.Forecast{Model: "ar", Channels: p.Channels, Series: []*forecast.Distribution{d}}
}

// drawing is what Fan and Phase have in common.
type drawing func(*series.Panel, *forecast.Forecast, plots.FanOptions) (*plots.Figure, error)

func drawings() map[string]drawing {
	return map[string]drawing{"Fan": plots.Fan, "Phase": plots.Phase}
}

// No picture is made of forecasts, histories or options that are broken in any
// way, and the error says what is wrong.
func TestBadInput(t *testing.T) {
	for _, test := range []struct {
		name string
		edit func(p *series.Panel, f *forecast.Forecast, o *plots.FanOptions)
		want string
	}{
		{"no series", func(_ *series.Panel, f *forecast.Forecast, _ *plots.FanOptions) { f.Series = nil }, "no forecast"},
		{"no times", func(_ *series.Panel, f *forecast.Forecast, _ *plots.FanOptions) {
			f.Series[0] = &forecast.Distribution{Mean: []float64{}, SD: []float64{}}
		}, ""},
		{"mean NaN", func(_ *series.Panel, f *forecast.Forecast, _ *plots.FanOptions) { f.Series[0].Mean[3] = math.NaN() }, "NaN"},
		{"path NaN", func(_ *series.Panel, f *forecast.Forecast, _ *plots.FanOptions) {
			d := f.Series[0]
			d.Paths, d.Mean, d.SD = [][]float64{append([]float64{math.NaN()}, d.Mean[1:]...)}, nil, nil
		}, "NaN"},
		{"path infinite", func(_ *series.Panel, f *forecast.Forecast, _ *plots.FanOptions) {
			d := f.Series[0]
			d.Paths, d.Mean, d.SD = [][]float64{append([]float64{math.Inf(1)}, d.Mean[1:]...)}, nil, nil
		}, "Inf"},
		{"too far apart", func(_ *series.Panel, f *forecast.Forecast, _ *plots.FanOptions) {
			f.Series[0].Mean[0], f.Series[0].Mean[2] = 1e308, -1e308
		}, "too far apart"},
		{"other series", func(_ *series.Panel, f *forecast.Forecast, _ *plots.FanOptions) { f.Series[0].ID = "a" }, `"a"`},
		{"more series", func(_ *series.Panel, f *forecast.Forecast, _ *plots.FanOptions) {
			other := *f.Series[0]
			other.ID = "b"
			f.Series = append(f.Series, &other)
		}, "history of 1"},
		{"other channels", func(p *series.Panel, _ *forecast.Forecast, _ *plots.FanOptions) {
			p.Channels = p.Channels[:1]
			p.Series[0].Values = p.Series[0].Values[:p.Series[0].Len()]
		}, "channels"},
		{"no history", func(p *series.Panel, _ *forecast.Forecast, _ *plots.FanOptions) { p.Series[0] = &series.Series{} }, "no history"},
		{"times disordered", func(p *series.Panel, _ *forecast.Forecast, _ *plots.FanOptions) { p.Series[0].Times[0] = 1e9 }, "come after"},
		{"forecast of the past", func(_ *series.Panel, f *forecast.Forecast, _ *plots.FanOptions) { f.Series[0].Times[0] = 0 }, "before the history ends"},
		{"level 0", func(_ *series.Panel, _ *forecast.Forecast, o *plots.FanOptions) { o.Levels = []float64{0} }, "interval of 0"},
		{"level 100", func(_ *series.Panel, _ *forecast.Forecast, o *plots.FanOptions) { o.Levels = []float64{80, 100} }, "interval of 100"},
		{"level NaN", func(_ *series.Panel, _ *forecast.Forecast, o *plots.FanOptions) { o.Levels = []float64{math.NaN()} }, "interval of NaN"},
		{"labels", func(_ *series.Panel, _ *forecast.Forecast, o *plots.FanOptions) { o.Labels = []string{"a"} }, "1 labels"},
		{"context", func(_ *series.Panel, _ *forecast.Forecast, o *plots.FanOptions) { o.Context = -1 }, "context -1"},
		{"series", func(_ *series.Panel, _ *forecast.Forecast, o *plots.FanOptions) { o.Series = -1 }, "series -1"},
		{"narrow", func(_ *series.Panel, _ *forecast.Forecast, o *plots.FanOptions) { o.Width = 10 }, "10 by"},
		{"size NaN", func(_ *series.Panel, _ *forecast.Forecast, o *plots.FanOptions) { o.Height = vg.Length(math.NaN()) }, "NaN"},
		{"dots", func(_ *series.Panel, _ *forecast.Forecast, o *plots.FanOptions) { o.DPI = -1 }, "-1 dots"},
		{"pixels", func(_ *series.Panel, _ *forecast.Forecast, o *plots.FanOptions) { o.DPI = 10000 }, "pixels"},
		{"actual values", func(p *series.Panel, _ *forecast.Forecast, o *plots.FanOptions) {
			o.Actual = &series.Panel{Channels: []string{"y"}}
		}, "actual values of 1"},
		{"actual values infinite", func(p *series.Panel, _ *forecast.Forecast, o *plots.FanOptions) {
			o.Actual = p.With([]*series.Series{{Times: []float64{1e9}, Values: []float64{math.Inf(1), 0}}})
		}, "infinite"},
	} {
		for name, draw := range drawings() {
			p, f := small(20, 5)
			var o plots.FanOptions
			test.edit(p, f, &o)
			fig, err := draw(p, f, o)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%s: %s: error %v, want one with %q", name, test.name, err, test.want)
			}
			if fig != nil {
				t.Errorf("%s: %s: a figure in spite of the error", name, test.name)
			}
		}
	}
	for name, draw := range drawings() {
		if _, err := draw(nil, nil, plots.FanOptions{}); err == nil {
			t.Errorf("%s: nil: no error", name)
		}
	}
	p, f := small(20, 5)
	p.Channels, f.Channels = p.Channels[:1], f.Channels[:1]
	p.Series[0].Values = p.Series[0].Values[:20]
	f.Series[0].Mean, f.Series[0].SD = f.Series[0].Mean[:5], f.Series[0].SD[:5]
	if _, err := plots.Phase(p, f, plots.FanOptions{}); err == nil || !strings.Contains(err.Error(), "two channels") {
		t.Errorf("Phase of one channel: error %v", err)
	}
}

// Odd data are drawn without complaint.
func TestOddInput(t *testing.T) {
	for _, test := range []struct {
		name string
		n, h int
		edit func(p *series.Panel, f *forecast.Forecast)
	}{
		{"one and one", 1, 1, nil},
		{"everything missing", 4, 1, func(p *series.Panel, _ *forecast.Forecast) {
			for i := range p.Series[0].Values {
				p.Series[0].Values[i] = math.NaN()
			}
		}},
		{"end missing", 6, 2, func(p *series.Panel, _ *forecast.Forecast) {
			v := p.Series[0].Values
			v[0], v[len(v)-1], v[len(v)-2] = math.NaN(), math.NaN(), math.NaN()
		}},
		{"constant", 9, 3, func(p *series.Panel, f *forecast.Forecast) {
			for i := range p.Series[0].Values {
				p.Series[0].Values[i] = 7
			}
			for i := range f.Series[0].Mean {
				f.Series[0].Mean[i], f.Series[0].SD[i] = 7, 0
			}
		}},
		{"tiny beside huge", 9, 3, func(p *series.Panel, _ *forecast.Forecast) {
			p.Series[0].Values[0], p.Series[0].Values[1] = 1e300, 1e-300
		}},
		{"long names", 9, 3, func(p *series.Panel, f *forecast.Forecast) {
			p.Channels[0] = strings.Repeat("long ", 200)
			p.IDColumn = "id"
			p.Series[0].ID = strings.Repeat("é", 500)
			f.Series[0].ID = p.Series[0].ID
			p.TimeColumn = strings.Repeat("t", 300)
		}},
		{"irregular", 9, 3, func(p *series.Panel, _ *forecast.Forecast) {
			p.Step = series.Step{}
			p.Series[0].Values[4] = math.NaN()
		}},
	} {
		for name, draw := range drawings() {
			p, f := small(test.n, test.h)
			if test.edit != nil {
				test.edit(p, f)
			}
			fig, err := draw(p, f, plots.FanOptions{Options: plots.Options{DPI: 36}})
			if err == nil {
				err = fig.Save(io.Discard, "png")
			}
			if err != nil {
				t.Errorf("%s: %s: %v", name, test.name, err)
			}
		}
	}
}

// curve returns the training curve of triples of update, loss and score.
func curve(triples ...float64) (c []forecast.Point) {
	for i := 0; i < len(triples); i += 3 {
		c = append(c, forecast.Point{Update: int(triples[i]), Loss: triples[i+1], Valid: triples[i+2]})
	}
	return c
}

// Curves out of order or not finite are refused; those with gaps, of one point
// or over 600 powers of ten are drawn.
func TestTrainingErrors(t *testing.T) {
	nan := math.NaN()
	for _, test := range []struct {
		name  string
		curve []forecast.Point
		want  string
	}{
		{"empty", nil, "no training"},
		{"disordered", curve(2, 1, nan, 2, 1, nan), "update 2 to update 2"},
		{"infinite", curve(1, math.Inf(1), nan), "+Inf"},
		{"infinite score", curve(1, 1, math.Inf(-1)), "-Inf"},
		{"no loss", curve(1, nan, nan), "no values"},
	} {
		if _, err := plots.Training(test.curve, plots.Options{}); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want one with %q", test.name, err, test.want)
		}
	}
	for _, c := range [][]forecast.Point{
		curve(1, 3, 2),
		curve(1, 3, nan, 2, nan, nan, 3, 1, nan),
		curve(1, 1e300, 1e-300, 2, 1e-300, 1e300),
		curve(0, -5, 0, 1<<40, 5, 0),
	} {
		fig, err := plots.Training(c, plots.Options{DPI: 36})
		if err == nil {
			err = fig.Save(io.Discard, "png")
		}
		if err != nil {
			t.Errorf("%v: %v", c, err)
		}
	}
}

// Files of every format are the same bytes each time and of the size that was
// asked for, and errors of the writer are not lost.
func TestSave(t *testing.T) {
	p, f := small(30, 6)
	fig, err := plots.Fan(p, f, plots.FanOptions{Options: plots.Options{Width: 4 * vg.Inch, Height: 4 * vg.Inch, DPI: 72}})
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range []string{"png", "svg", "pdf"} {
		var first, second bytes.Buffer
		if err := errors.Join(fig.Save(&first, format), fig.Save(&second, format)); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Errorf("%s: two times differ", format)
		}
		switch format {
		case "png":
			img, err := png.Decode(&first)
			if err != nil || img.Bounds().Dx() != 288 || img.Bounds().Dy() != 288 {
				t.Errorf("a PNG of %v, error %v; want 288 by 288", img.Bounds(), err)
			}
		case "svg":
			if !strings.Contains(first.String(), "Größe") {
				t.Error("the SVG lacks the name of a channel")
			}
			var document struct{}
			if err := xml.Unmarshal(first.Bytes(), &document); err != nil {
				t.Errorf("the SVG is not XML: %v", err)
			}
		case "pdf":
			if n := strings.Count(first.String(), "(D:19700101000000)"); n != 2 {
				t.Errorf("the PDF has %d dates of 1970, want 2", n)
			}
		}
		if err := fig.Save(brokenWriter{}, format); !errors.Is(err, errBroken) {
			t.Errorf("%s: broken writer: error %v", format, err)
		}
	}
	if err := fig.Save(io.Discard, "bmp"); !errors.Is(err, plots.ErrFormat) {
		t.Errorf("bmp: error %v", err)
	}
	path := filepath.Join(t.TempDir(), "figure.SVG")
	var svg bytes.Buffer
	if err := errors.Join(fig.SaveFile(path), fig.Save(&svg, "svg")); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, svg.Bytes()) {
		t.Errorf("the file differs from the picture, error %v", err)
	}
	if err := fig.SaveFile("figure.bmp"); !errors.Is(err, plots.ErrFormat) {
		t.Errorf("file bmp: error %v", err)
	}

	many := p.With(nil)
	forecasts := &forecast.Forecast{Model: "ar", Channels: f.Channels}
	for i := range 40 {
		s, d := *p.Series[0], *f.Series[0]
		s.ID, d.ID = fmt.Sprint(i), fmt.Sprint(i)
		many.Series, forecasts.Series = append(many.Series, &s), append(forecasts.Series, &d)
	}
	fig, err = plots.Fan(many, forecasts, plots.FanOptions{Series: 40})
	if err != nil {
		t.Fatal(err)
	}
	if err := fig.Save(io.Discard, "png"); err == nil || !strings.Contains(err.Error(), "too small") {
		t.Errorf("40 columns: error %v", err)
	}
}

var errBroken = errors.New("broken")

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }

// The format follows the ending of the name, in any case, and an unknown one is
// an error.
func TestFormat(t *testing.T) {
	for path, want := range map[string]string{"a.png": "png", "dir.d/b.SVG": "svg", "c.x.pdf": "pdf", "d": "", "e.jpeg": "", "png": "", ".": ""} {
		got, err := plots.Format(path)
		if got != want || (want == "") != errors.Is(err, plots.ErrFormat) {
			t.Errorf("%s: %q, %v; want %q", path, got, err, want)
		}
	}
}

// A picture of series needs a panel with something in it, and sane options.
func TestHistoryErrors(t *testing.T) {
	p, _ := small(5, 1)
	for name, draw := range map[string]func() (*plots.Figure, error){
		"no panel":  func() (*plots.Figure, error) { return plots.History(nil, plots.HistoryOptions{}) },
		"no series": func() (*plots.Figure, error) { return plots.History(p.With(nil), plots.HistoryOptions{}) },
		"empty series": func() (*plots.Figure, error) {
			return plots.History(p.With([]*series.Series{{}}), plots.HistoryOptions{})
		},
		"negative": func() (*plots.Figure, error) { return plots.History(p, plots.HistoryOptions{Series: -1}) },
		"width": func() (*plots.Figure, error) {
			return plots.History(p, plots.HistoryOptions{Options: plots.Options{Width: 1}})
		},
	} {
		if fig, err := draw(); err == nil || fig != nil {
			t.Errorf("%s: figure %v, error %v", name, fig != nil, err)
		}
	}
}
