package forecast_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"tsgen/forecast"
	"tsgen/series"
)

// Forecasts of other programs are read as the quantiles, points or paths that
// their columns hold.
func TestFromColumns(t *testing.T) {
	tests := []struct {
		name, channels, text string
		want                 []string // model, probabilities or number of paths, values of the first time
		note                 string   // part of the notes
		targets              string   // columns to read, empty for those that are found
	}{
		{
			"Nixtla", "y", "ds,y,AutoARIMA,AutoARIMA-lo-95,AutoARIMA-lo-80,AutoARIMA-hi-80,AutoARIMA-hi-95,snaive\n" +
				"1,9,5,1,2,7,9,4\n2,9,6,2,3,8,10,4\n",
			[]string{"AutoARIMA [0.025 0.1 0.5 0.9 0.975] [[1 2] [2 3] [5 6] [7 8] [9 10]]", "snaive [0.5] [[4 4]]"},
			"snaive: points",
			"y,AutoARIMA,AutoARIMA-lo-95,AutoARIMA-lo-80,AutoARIMA-hi-80,AutoARIMA-hi-95,snaive",
		},
		{
			"AutoGluon", "target", "item_id,timestamp,mean,0.1,0.5,0.9\na,1,5,2,4,9\na,2,5,2,4,9\n",
			[]string{"forecast [0.1 0.5 0.9] [[2 2] [4 4] [9 9]]"}, "3 quantiles", "",
		},
		{
			"mean beside quantiles", "y", "ds,mean,0.1,0.9\n1,5,2,9\n2,5,2,9\n",
			[]string{"forecast [0.1 0.9] [[2 2] [9 9]]"}, "2 quantiles", "",
		},
		{
			"mean alone", "y", "ds,mean\n1,5\n2,5\n", []string{"forecast [0.5] [[5 5]]"}, "points", "",
		},
		{
			"Prophet", "y", "ds,yhat,yhat_lower,yhat_upper\n1,5,3,8\n2,5,3,8\n",
			[]string{"yhat [0.1 0.5 0.9] [[3 3] [5 5] [8 8]]"}, "3 quantiles, 0.1 to 0.9", "",
		},
		{
			"Prophet with components", "y",
			"ds,trend,yhat_lower,yhat_upper,trend_lower,trend_upper,additive_terms,additive_terms_lower,additive_terms_upper,weekly,weekly_lower,weekly_upper,yhat\n" +
				"1,4,3,8,4,4,1,1,1,1,1,1,5\n2,4,3,8,4,4,1,1,1,1,1,1,5\n",
			[]string{"yhat [0.1 0.5 0.9] [[3 3] [5 5] [8 8]]"}, "left out: trend, trend_lower", "",
		},
		{
			"percent", "y", "ds,m_q10,m_q50,m_q90\n1,3,5,8\n2,3,5,8\n",
			[]string{"m [0.1 0.5 0.9] [[3 3] [5 5] [8 8]]"}, "m: 3 quantiles", "",
		},
		{
			"samples", "y", "ds,sample_0,sample_1,sample_2\n1,3,5,4\n2,3,5,4\n",
			[]string{"forecast 3 [[3 3] [5 5] [4 4]]"}, "3 sample paths", "",
		},
		{
			"channels", "u v", "ds,ar-u,ar-u-lo-80,ar-u-hi-80,ar-v,ar-v-lo-80,ar-v-hi-80\n1,2,1,3,5,4,6\n2,2,1,3,5,4,6\n",
			[]string{"ar [0.1 0.5 0.9] [[1 4 1 4] [2 5 2 5] [3 6 3 6]]"}, "ar: 3 quantiles", "",
		},
		{
			"crossing, with a gap", "y", "ds,m-q0.1,m-q0.5,m-q0.9\n1,5,3,8\n2,3,,8\n3,1,2,3\n",
			[]string{"m [0.1 0.5 0.9] [[3 1] [5 2] [8 3]]"}, "cross at 1 times", "",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var opt series.ReadOptions
			if tt.targets != "" {
				opt.Targets = strings.Split(tt.targets, ",")
			}
			p, _, err := series.ReadCSV(strings.NewReader(tt.text), opt)
			if err != nil {
				t.Fatal(err)
			}
			fs, notes, err := forecast.FromColumns(p, strings.Fields(tt.channels))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range fs {
				if d := f.Series[0]; len(d.Paths) > 0 {
					got = append(got, fmt.Sprint(f.Model, " ", len(d.Paths), " ", d.Paths))
				} else {
					got = append(got, fmt.Sprint(f.Model, " ", d.Probs, " ", d.Values))
				}
			}
			if strings.Join(got, "\n") != strings.Join(tt.want, "\n") {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
			if all := strings.Join(notes, "\n"); !strings.Contains(all, tt.note) {
				t.Errorf("notes %q, want %q", all, tt.note)
			}
		})
	}
}

// Columns that hold no forecast, or contradict each other, are refused.
func TestFromColumnsErrors(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"ds,y\n1,2\n2,3\n", "none of the columns"},
		{"ds,m-q0.1,m-sample-1,m-sample-2\n1,2,3,4\n2,3,4,5\n", "samples and of quantiles"},
		{"ds,m-q0.6,m-q0.7\n1,2,3\n2,3,4\n", "one side of the median"},
		{"ds,m-q0.5,m-q50,m-q0.7\n1,2,3,4\n2,3,4,5\n", "two columns of the 0.5-quantile"},
	} {
		p, _, err := series.ReadCSV(strings.NewReader(tt.text), series.ReadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = forecast.FromColumns(p, []string{"y"})
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: error %v, want %q", tt.text, err, tt.want)
		}
		if tt.want != "one side of the median" && !errors.Is(err, forecast.ErrMismatch) {
			t.Errorf("%q: error %v does not wrap ErrMismatch", tt.text, err)
		}
	}
}
