package forecast

import (
	"encoding/csv"
	"io"

	"tsgen/series"
)

// WriteCSV writes the forecasts of a backtest of p beside what came, one row
// for each origin, series and time, in the layout of Nixtla's cross-validation:
//
//	unique_id,ds,cutoff,y,<model>,<model>-lo-80,<model>-hi-80,...
//
// The cutoff is the last time of the series before the origin. The values have
// the names of their channels, and cells of missing values are empty. The other
// columns are those of WriteCSV of a forecast, for each model that could
// forecast the data.
func (r *Report) WriteCSV(w io.Writer, p *series.Panel, levels []float64) error {
	if err := checkLevels(levels); err != nil {
		return err
	}
	var models []Tested
	withID := p.IDColumn != "" || len(p.Series) > 1
	keys := p.Keys(withID, "unique_id", "ds")
	header := append(append(keys.Header(), "cutoff"), p.Channels...)
	for _, m := range r.Models {
		if m.Err == nil {
			models = append(models, m)
			header = append(header, quantileHeader(m.Name, p.Channels, levels)...)
		}
	}
	out := csv.NewWriter(w)
	if err := out.Write(header); err != nil {
		return err
	}
	probabilities := quantileProbabilities(levels)
	for o, origin := range r.Origins {
		for i, s := range origin.Actual.Series {
			quantiles := make([][][]float64, len(models))
			for m := range models {
				quantiles[m] = models[m].Forecasts[o].Series[i].Quantiles(probabilities...)
			}
			history := origin.History.Series[i].Times
			cutoff := series.Stamp(p.Axis, history[len(history)-1])
			for k, t := range s.Times {
				row := append(keys.Append(nil, s.ID, t), cutoff)
				for _, v := range s.Row(k) {
					row = append(row, cell(v))
				}
				for _, q := range quantiles {
					row = appendQuantiles(row, q, k, p.Width())
				}
				if err := out.Write(row); err != nil {
					return err
				}
			}
		}
	}
	out.Flush()
	return out.Error()
}

// cell writes a number, or nothing where it is missing.
func cell(v float64) string {
	if v != v {
		return ""
	}
	return series.FormatNumber(v)
}
