package command

import (
	"fmt"
	"slices"

	"tsgen/forecast"
	"tsgen/models/modelfile"
	"tsgen/series"
)

// farBeyond is how many times as far ahead as a model looked in its examination forecasts go without a word.
const farBeyond = 2

// mostLookedAt is the number of series of a large panel by which it is judged how far ahead a model looked.
const mostLookedAt = 2000

// noteFar returns a forecast of what follows the history, with a note if it goes far beyond what the model of the file
// was examined at.
func noteFar(file *modelfile.File, history *series.Panel, made *forecast.Forecast) *forecast.Forecast {
	examined, words := float64(file.Horizon), count(file.Horizon, "step")
	if !history.Step.Regular() {
		if examined = forecast.Reach(file.History.Spread(mostLookedAt), file.Horizon); !(examined > 0) {
			return made
		}
		words = count(file.Horizon, "observation") + ", or " + history.Axis.Span(examined) + ","
	}
	far := false
	for i, s := range history.Series {
		if at := made.Series[i].Times; len(at) > 0 && s.Len() > 0 {
			own := history.For(s)
			far = far || own.Coordinate(at[len(at)-1])-own.Coordinate(s.Times[s.Len()-1]) > farBeyond*examined
		}
	}
	if !far {
		return made
	}
	looked := "examined up to " + words + " ahead"
	if len(file.Scores) == 0 {
		looked = "fitted for " + words + " ahead and not examined"
	}
	noted := *made
	noted.Notes = append(slices.Clip(made.Notes), fmt.Sprintf("the model was %s; beyond that, here for most of the way, intervals are an extrapolation", looked))
	return &noted
}
