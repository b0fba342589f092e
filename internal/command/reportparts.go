package command

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"tsgen/forecast"
	"tsgen/forecast/anomaly"
	"tsgen/forecast/residual"
	"tsgen/models"
	"tsgen/models/modelfile"
	"tsgen/plots"
	"tsgen/plots/document"
	"tsgen/series"
	"tsgen/series/doctor"
	"tsgen/series/outlier"
)

// data says how the series are understood.
func (j *reportJob) data(context.Context) (document.Section, error) {
	p := j.panel
	s := series.Summarize(p)
	opt, err := j.query.data.doctor.options()
	if err != nil {
		return document.Section{}, err
	}
	found, outliers := doctor.Examine(p, opt), outlier.Find(p, p.Season())
	section := document.Section{Title: "The data", Facts: []document.Fact{
		{Name: "series", Value: lengthWords(s)},
		{Name: "times", Value: fmt.Sprintf("%s to %s, %s", p.Axis.Stamp(s.First), p.Axis.Stamp(s.Last), p.Step.Describe(p.Axis.Calendar()))},
		{Name: "seasons", Value: seasonWords(p)},
	}}
	if known := p.Known[len(p.Static):]; len(known) > 0 {
		section.Facts = append(section.Facts, document.Fact{Name: "known ahead", Value: strings.Join(known, ", ")})
	}
	if len(p.Static) > 0 {
		section.Facts = append(section.Facts, document.Fact{Name: "static", Value: strings.Join(p.Static, ", ")})
	}
	table := document.Table{Columns: []string{"channel", "values", "missing", "least", "median", "mean", "most", "nature"}}
	number := func(v float64) string { return fmt.Sprintf("%.5g", v) }
	for _, c := range s.Channels {
		table.Rows = append(table.Rows, []string{c.Name, strconv.Itoa(c.Values), strconv.Itoa(c.Missing),
			number(c.Least), number(c.Median), number(c.Mean), number(c.Most), nature(c)})
	}
	section.Tables = []document.Table{table}
	notes := outlier.Describe(p, outliers)
	for _, f := range found {
		notes = append(notes, findingWords(f))
	}
	if len(notes) > 0 {
		rows := make([][]string, len(notes))
		for i, n := range notes {
			rows[i] = []string{n}
		}
		section.Tables = append(section.Tables, document.Table{Columns: []string{"to be looked at"}, Rows: rows})
	}
	figure, err := plots.History(p, plots.HistoryOptions{
		Options: j.pictures.options("The series"), Marks: marks(p, found, outliers), Meaning: "to be looked at"})
	if err != nil {
		return section, err
	}
	section.Figures = []document.Figure{{Picture: figure, Caption: "The series as they were read. Rings mark what is to be looked at."}}
	return section, nil
}

// lengthWords says how many series there are, and how long they are.
func lengthWords(s series.Summary) string {
	if s.Series == 1 {
		return "one of " + count(s.Observations, "observation")
	}
	return fmt.Sprintf("%d of %s, the shortest with %d, the longest with %d", s.Series, count(s.Observations, "observation"), s.Shortest, s.Longest)
}

// forecast draws the history and the forecast.
func (j *reportJob) forecast(ctx context.Context) (section document.Section, err error) {
	var at [][]float64
	for _, s := range j.panel.Series {
		at = append(at, j.panel.Future(s, j.horizon))
	}
	if j.made, err = j.continued(ctx, j.panel, at); err != nil {
		return document.Section{}, err // without a forecast there is nothing to report
	}
	section = document.Section{Title: "The forecast", Text: slices.Clone(j.made.Notes)}
	figure, err := plots.Fan(j.panel, j.made, plots.FanOptions{Options: j.pictures.options(""), Outliers: j.file.Outliers})
	if err != nil {
		return section, err
	}
	section.Figures = []document.Figure{{Picture: figure, Caption: fmt.Sprintf("The end of the history, the median of %s and its intervals.", j.made.Model)}}
	shown, err := j.shown()
	if err != nil {
		return document.Section{}, err
	}
	for _, s := range shown.Series {
		k := slices.IndexFunc(j.panel.Series, func(x *series.Series) bool { return x == s })
		section.Tables = append(section.Tables, j.forecastTable(j.made.Series[k]))
	}
	return section, nil
}

// forecastTable returns the first forecast times of a series, in numbers.
func (j *reportJob) forecastTable(d *forecast.Distribution) document.Table {
	const most = 24
	t := document.Table{Caption: d.ID, Columns: []string{cmp.Or(j.panel.TimeColumn, "time")}}
	if len(d.Times) > most {
		t.Caption = strings.TrimSpace(fmt.Sprintf("%s (the first %d of %d times)", d.ID, most, len(d.Times)))
	}
	const levels = 2
	median := d.Quantile(nil, 0.5)
	var bounds [levels][2][]float64
	for i, level := range [levels]float64{80, 95} {
		bounds[i][0], bounds[i][1] = d.Interval(nil, nil, level)
	}
	for _, c := range j.panel.Channels {
		t.Columns = append(t.Columns, c, "lo 80", "hi 80", "lo 95", "hi 95")
	}
	number := func(v float64) string { return strconv.FormatFloat(v, 'g', 5, 64) }
	for i, at := range d.Times[:min(most, len(d.Times))] {
		row := []string{j.panel.Axis.Stamp(at)}
		for c := range j.panel.Channels {
			k := i*j.panel.Width() + c
			row = append(row, number(median[k]))
			for _, b := range bounds {
				row = append(row, number(b[0][k]), number(b[1][k]))
			}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// continued returns the model's forecast of a history.
func (j *reportJob) continued(ctx context.Context, history *series.Panel, at [][]float64) (*forecast.Forecast, error) {
	return continuation(ctx, j.file, j.fitted, history, forecast.Options{
		At: at, Samples: min(forecast.DefaultPaths, fewerSamples(len(history.Series))), Seed: usualSeed, Domains: j.domains,
	}, false, true)
}

// scores is the leaderboard of the fit.
func (j *reportJob) scores(context.Context) (document.Section, error) {
	section := document.Section{Title: "The models compared"}
	if k, err := models.Lookup(j.file.Kind); err == nil {
		section.Text = append(section.Text, fmt.Sprintf("The model is %s: %s.", j.file.Kind, strings.TrimSuffix(k.About, ".")))
	}
	if len(j.file.Scores) == 0 {
		section.Text = append(section.Text, "The fit examined nothing, so that there are no scores.")
		return section, nil
	}
	section.Text = append(section.Text, "Scores of forecasts of values that were held out, at the fit. Less is better, but for the coverages, which should be 0.80 and 0.95.")
	all := slices.Clone(j.file.Scores)
	slices.SortStableFunc(all, func(a, b modelfile.ModelScore) int {
		return forecast.CompareScores(scoresFrom(a.Scores), scoresFrom(b.Scores))
	})
	table := document.Table{Columns: []string{"model"}}
	for _, m := range (forecast.Scores{}).Measures() {
		table.Columns = append(table.Columns, m.Name)
	}
	for i, s := range all {
		row := []string{s.Model}
		for _, m := range scoresFrom(s.Scores).Measures() {
			row = append(row, shortNumber(m.Value))
		}
		table.Rows = append(table.Rows, row)
		if s.Model == models.Single(j.file.Kind) {
			table.Best = i + 1
		}
	}
	if table.Best > 0 {
		table.Caption = "The model of this report is marked."
	}
	section.Tables = []document.Table{table}
	return section, nil
}

func shortNumber(v float64) string {
	if math.IsNaN(v) {
		return "-"
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}

// components splits the series by what suits them.
func (j *reportJob) components(ctx context.Context) (document.Section, error) {
	section := document.Section{Title: "What the series are made of"}
	shown, err := j.shown()
	if err != nil {
		return document.Section{}, err
	}
	kind := "stl"
	if !shown.Step.Regular() || shown.Season() < 2 {
		kind = "lgssm"
	}
	k, err := models.Lookup(kind)
	if err != nil {
		return section, err
	}
	m := models.ByStep(shown, k.Default)
	split, _, err := forecast.Decompose(ctx, m.(forecast.Decomposer), shown, forecast.Options{Season: j.file.Season, Outliers: j.file.Outliers})
	if err != nil {
		return section, err
	}
	figure, err := plots.Components(shown, split, j.unnamed("Components by "+kind))
	if err != nil {
		return section, err
	}
	section.Figures = []document.Figure{{Picture: figure, Caption: fmt.Sprintf("Trend, seasons and remainder by %s; the parts add up to the values.", kind)}}
	return section, nil
}

// unnamed returns the options of a picture of the shown series.
func (j *reportJob) unnamed(title string) plots.Options {
	opt := j.pictures.options(title)
	opt.Names = nil
	return opt
}

// calibration looks at forecasts of the past.
func (j *reportJob) calibration(ctx context.Context) (document.Section, error) {
	section := document.Section{Title: "How far the intervals can be trusted"}
	origins, err := forecast.RollingOrigins(j.panel, j.horizon, j.windows, j.horizon)
	if err != nil {
		return section, err
	}
	tested := forecast.Tested{Name: j.made.Model}
	within, values := [2]float64{}, 0.0
	for _, o := range origins {
		at := make([][]float64, len(o.Actual.Series))
		for i, s := range o.Actual.Series {
			at[i] = s.Times
		}
		made, err := j.continued(ctx, o.History, at)
		if err != nil {
			return section, err
		}
		pit := make([][]float64, len(made.Series))
		for i, d := range made.Series {
			pit[i] = d.PIT(nil, o.Actual.Series[i].Values)
			for _, u := range pit[i] {
				if math.IsNaN(u) {
					continue
				}
				values++
				for k, level := range []float64{0.8, 0.95} {
					if math.Abs(2*u-1) <= level {
						within[k]++
					}
				}
			}
		}
		tested.Forecasts, tested.PIT = append(tested.Forecasts, made), append(tested.PIT, pit)
	}
	section.Text = []string{fmt.Sprintf("%s of the past, %s ahead from %s: %.0f %% lie within the 80 %% interval and %.0f %% within that of 95 %%. "+
		"The model has learned from these values, so that a little more lie within than will of new ones; the coverages in the table of models are of values that were held out.",
		count(int(values), "value"), count(j.horizon, "step"), count(len(origins), "origin"), 100*within[0]/values, 100*within[1]/values)}
	figure, err := plots.Calibration(&forecast.Report{Origins: origins, Models: []forecast.Tested{tested}, Horizon: j.horizon}, plots.Options{})
	if err != nil {
		return section, err
	}
	section.Figures = []document.Figure{{Picture: figure, Caption: "Left: the share of values within each interval, which should be its level. Right: where values lay within their distribution, which should be flat."}}
	return section, nil
}

// residuals looks at one-step forecasts: at what they leave, and at values far off.
func (j *reportJob) residuals(ctx context.Context) (document.Section, error) {
	section := document.Section{Title: "Residuals and anomalies"}
	shown, err := j.shown()
	if err != nil {
		return document.Section{}, err
	}
	found, err := anomaly.Detect(ctx, j.fitted, shown, anomaly.Options{Season: j.file.Season, Samples: 500, Seed: usualSeed, Outliers: j.file.Outliers})
	if err != nil {
		return section, err
	}
	left := make([][]float64, len(found))
	checks := document.Table{Caption: "Errors of forecasts of one step. A mean beyond twice its standard error is a bias; a small Ljung-Box p means that the past would still help.",
		Columns: []string{"series", "channel", "errors", "mean", "its error", "SD", "Ljung-Box p", "verdict"}}
	list := document.Table{Caption: "Values that at most one in a thousand would be as far off as, where nothing is wrong.",
		Columns: []string{"series", cmp.Or(shown.TimeColumn, "time"), "channel", "value", "expected", "p"}}
	lags := min(40, max(10, 2*shown.Season()))
	width := shown.Width()
	anomalies := 0
	for i, s := range shown.Series {
		left[i] = make([]float64, len(s.Values))
		for k, v := range s.Values {
			left[i][k] = v - found[i].Expected[k]
			if found[i].Anomaly[k] {
				anomalies++
				if len(list.Rows) < listedAnomalies {
					list.Rows = append(list.Rows, []string{s.ID, shown.Axis.Stamp(s.Times[k/width]), shown.Channels[k%width],
						series.FormatNumber(v), shortNumber(found[i].Expected[k]), strconv.FormatFloat(found[i].P[k], 'g', 2, 64)})
				}
			}
		}
		for c, name := range shown.Channels {
			errs := make([]float64, s.Len())
			for t := range errs {
				errs[t] = left[i][t*width+c]
			}
			check := residual.New(errs, lags)
			checks.Rows = append(checks.Rows, []string{s.ID, name, strconv.Itoa(check.Values), shortNumber(check.Mean), shortNumber(check.Error),
				shortNumber(check.SD), shortNumber(check.LjungBox), residualWords(check)})
		}
	}
	section.Tables = []document.Table{checks}
	section.Text = []string{fmt.Sprintf("%s of %s found anomalous.", count(anomalies, "value"), count(len(shown.Series), "series"))}
	if len(list.Rows) > 0 {
		section.Tables = append(section.Tables, list)
	}
	figure, err := plots.Residuals(shown, left, lags, j.unnamed("Residuals"))
	if err != nil {
		return section, err
	}
	section.Figures = append(section.Figures, document.Figure{Picture: figure, Caption: "What forecasts of one step leave, and how it depends on what they left before."})
	if figure, err = plots.Anomalies(shown, found, j.unnamed("Anomalies")); err != nil {
		return section, err
	}
	section.Figures = append(section.Figures, document.Figure{Picture: figure, Caption: "Where values were expected, each from those before it, and those that lay far off."})
	return section, nil
}

// residualWords says what a check found.
func residualWords(c residual.Check) string {
	switch {
	case math.IsNaN(c.LjungBox):
		return "too few to say"
	case c.Biased() && c.Dependent():
		return "biased and dependent"
	case c.Biased():
		return "biased"
	case c.Dependent():
		return "dependent"
	}
	return "nothing left"
}

// listedAnomalies is the number of anomalies that are told one by one.
const listedAnomalies = 10
