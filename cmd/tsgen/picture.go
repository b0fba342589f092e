package main

import (
	"tsgen/forecast"
	"tsgen/plots"
	"tsgen/series"
)

// checkPicture says early if the picture that a flag names, if any, could not be
// written.
func checkPicture(flag, path string, inputs ...string) error {
	if path == "" {
		return nil
	}
	if _, err := plots.Format(path); err != nil {
		return usagef("--%s: %v", flag, err)
	}
	return checkOutput(path, inputs...)
}

// drawForecast draws history and forecast under a title, with intervals of the given levels;
// nil means the usual ones.
func drawForecast(path, title string, history *series.Panel, f *forecast.Forecast, levels []float64) error {
	figure, err := plots.Fan(history, f, plots.FanOptions{Options: plots.Options{Title: title}, Levels: levels})
	return writePicture(path, figure, err)
}

// drawTraining draws the course of a training.
func drawTraining(path string, curve []forecast.Point) error {
	figure, err := plots.Training(curve, plots.Options{})
	return writePicture(path, figure, err)
}

// writePicture writes the figure, unless there was an error in making it.
func writePicture(path string, figure *plots.Figure, err error) error {
	if err != nil {
		return err
	}
	return figure.SaveFile(path)
}
