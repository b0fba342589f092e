package models_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"tsgen/forecast"
	"tsgen/models"
	"tsgen/plots"
	"tsgen/series"
)

// check ends an example on an error.
func check(err error) {
	if err != nil {
		panic(err)
	}
}

// temporary returns a new folder, which the example removes.
func temporary() string {
	dir, err := os.MkdirTemp("", "tsgen")
	check(err)
	return dir
}

// A series is read, a model fitted to it with a deadline, stored, loaded, and asked
// for the next two years, which are written as CSV and drawn.
func Example() {
	dir := temporary()
	defer os.RemoveAll(dir)
	panel, _, err := series.ReadFile("../testdata/airpassengers.csv", series.ReadOptions{})
	check(err)
	model, err := models.New("latent-ode", map[string]string{"hidden": "8", "updates": "2"})
	check(err)
	show := func(p forecast.Progress) { fmt.Println("update", p.Update, "of", p.Updates) }
	fit := forecast.FitOptions{Horizon: 24, Seed: 1, Progress: show}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	check(model.Fit(ctx, panel, fit))
	check(models.Save(filepath.Join(dir, "model.tsgen"), model, panel, fit))
	model, file, err := models.Load(filepath.Join(dir, "model.tsgen"))
	check(err)
	f, err := model.Forecast(ctx, file.History, forecast.Options{Horizon: 24})
	check(err)
	check(forecast.SaveCSV(filepath.Join(dir, "forecast.csv"), file.History, f, []float64{80, 95}))
	figure, err := plots.Fan(file.History, f, plots.FanOptions{})
	check(err)
	check(figure.SaveFile(filepath.Join(dir, "forecast.png")))
	fmt.Println(f.Model, "for", len(f.Series[0].Times), "months")
	// Output:
	// update 1 of 2
	// update 2 of 2
	// latent-ode for 24 months
}

// forecasts returns a handler that forecasts with the model of a file, as many steps
// ahead as ?horizon= says.
func forecasts(path string) (http.HandlerFunc, error) {
	model, file, err := models.Load(path)
	if err != nil {
		return nil, err
	}
	return func(w http.ResponseWriter, r *http.Request) {
		horizon, err := strconv.Atoi(r.FormValue("horizon"))
		if err != nil {
			http.Error(w, "horizon: want a number of steps", http.StatusBadRequest)
			return
		}
		f, err := model.Forecast(r.Context(), file.History, forecast.Options{Horizon: horizon})
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		f = file.Calibration.Apply(f, file.History)
		w.Header().Set("Content-Type", "application/json")
		if err := forecast.WriteJSON(w, file.History, f, forecast.JSONOptions{Levels: []float64{80}}); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	}, nil
}

// A model file becomes a service.
func ExampleLoad() {
	dir := temporary()
	defer os.RemoveAll(dir)
	panel, _, err := series.ReadFile("../testdata/airpassengers.csv", series.ReadOptions{})
	check(err)
	model, err := models.New("seasonal-naive", nil)
	check(err)
	path := filepath.Join(dir, "model.tsgen")
	check(models.Save(path, model, panel, forecast.FitOptions{}))

	handler, err := forecasts(path)
	check(err)
	answer := httptest.NewRecorder()
	handler(answer, httptest.NewRequest(http.MethodGet, "/?horizon=2", nil))
	var f struct {
		Series []struct {
			Times    []string
			Channels []struct{ Mean []float64 }
		}
	}
	check(json.NewDecoder(answer.Body).Decode(&f))
	fmt.Println(answer.Code, f.Series[0].Times, f.Series[0].Channels[0].Mean)
	for _, query := range []string{"/?horizon=-3", "/?horizon=99999999", "/?horizon=x"} {
		answer := httptest.NewRecorder()
		handler(answer, httptest.NewRequest(http.MethodGet, query, nil))
		fmt.Print(answer.Code, " ", answer.Body)
	}
	// Output:
	// 200 [1961-01-01 1961-02-01] [417 391]
	// 400 seasonal-naive: a horizon of -3 steps, want 1 to 131072
	// 400 seasonal-naive: a horizon of 99999999 steps, want 1 to 131072
	// 400 horizon: want a number of steps
}
