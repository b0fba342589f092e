// Package plots draws pictures of series, forecasts and training.
//
// A picture is made by [Fan] (history and predictive intervals over time),
// [Phase] (one channel against another) or [Training] (loss and validation
// score), and written by [Figure.Save] as PNG, SVG or PDF. The same input gives
// the same bytes.
//
// The colours are those of Okabe and Ito, which readers with any kind of colour
// vision tell apart; the tints are opaque, so that print shows what the screen
// shows. The text is set in Liberation Sans, which comes with gonum/plot.
package plots
