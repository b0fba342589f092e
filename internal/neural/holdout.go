package neural

import (
	"fmt"
	"math/rand/v2"

	"tsgen/forecast"
)

// A Split is how records are shared between training and validation.
type Split struct {
	Context, Horizon int
	Series           bool // hold back whole series, and not the ends of all
	Windows          int  // to validate on at most
	Least            int  // steps of a context in training at least; 0 for half a context
}

// least returns the fewest steps of a context in training.
func (s Split) least() int {
	if s.Least > 0 {
		return s.Least
	}
	return max(2, s.Context/2)
}

// validOrigins is the number of origins in a series' held-back end.
const validOrigins = 4

// HoldBack sets apart what is validated on, which it returns, and limits the
// records to the rest: the last horizon of every series, from several origins,
// or whole series, every fifth, of fewer where there are more than validation
// takes. The error wraps forecast.ErrTooShort if nothing is left to train on.
func (s Split) HoldBack(records []Record) ([]Window, error) {
	var held []Window
	h, part := s.Horizon, max(5, (len(records)+s.Windows-1)/s.Windows)
	for i := range records {
		r := &records[i]
		n := len(r.U)
		switch {
		case s.Series && i%part == part-1:
			r.Limit = 0
			held = s.appendWindow(held, r, max(s.least(), n-h))
		case !s.Series && n-h > s.least():
			r.Limit = n - h
			for k := range validOrigins {
				if origin := n - h + k*h/validOrigins; k == 0 || origin > n-h+(k-1)*h/validOrigins {
					held = s.appendWindow(held, r, origin)
				}
			}
		}
	}
	for i := range records {
		if records[i].Limit > s.least() {
			return held, nil
		}
	}
	return nil, fmt.Errorf("%w: no series has the %d observations that a horizon of %d and what is held back ask for",
		forecast.ErrTooShort, s.least()+1, h)
}

// appendWindow appends the window of r with the given origin and all that
// follows, if there is something to see in both parts.
func (s Split) appendWindow(held []Window, r *Record, origin int) []Window {
	w := Window{Record: r, From: max(0, origin-s.Context), Origin: origin, To: len(r.U)}
	if origin < w.To && w.Observed(w.From, origin) && w.Observed(origin, w.To) {
		return append(held, w)
	}
	return held
}

// Earlier returns windows that were held back and those with origins one horizon or more before theirs and all that follows:
// of whole series all, and of ends validOrigins, of whose future what comes before a record's limit is learned.
func (s Split) Earlier(held []Window) []Window {
	var all []Window
	for _, w := range held {
		first := s.least()
		if !s.Series {
			all = append(all, w)
			if w.Origin > w.Limit {
				continue // of several of an end
			}
			w.Origin, first = w.Origin-s.Horizon, max(first, w.Origin-validOrigins*s.Horizon)
		}
		for origin := w.Origin; origin >= first; origin -= s.Horizon {
			all = s.appendWindow(all, w.Record, origin)
		}
	}
	return all
}

// Spread returns at most n of x, such as windows, evenly spread over all. It reuses
// their memory.
func Spread[T any](x []T, n int) []T {
	m := len(x)
	if m <= n {
		return x
	}
	for i := range n {
		x[i] = x[i*m/n]
	}
	return x[:n]
}

// Draw returns a random origin in a random record and a random length of the
// context, half of the longest or more. HoldBack has said that there is one.
func (s Split) Draw(records []Record, rng *rand.Rand) (r *Record, origin, context int) {
	least := s.least()
	for {
		r = &records[rng.IntN(len(records))]
		if r.Limit > least {
			break
		}
	}
	origin = least + rng.IntN(r.Limit-least)
	return r, origin, least + rng.IntN(s.Context-least+1)
}

// AppendWindows appends n random windows of records to dst, each with as much of
// its horizon as may be trained on.
func (s Split) AppendWindows(dst []Window, n int, records []Record, rng *rand.Rand) []Window {
	for range n {
		r, origin, context := s.Draw(records, rng)
		dst = append(dst, Window{Record: r, From: max(0, origin-context), Origin: origin, To: min(origin+s.Horizon, r.Limit)})
	}
	return dst
}

// tilt is the deviation of the trends that TiltAtRandom adds, in deviations over
// a context.
const tilt = 1.5

// TiltAtRandom gives each channel of w a random trend, which it appends to
// tilts: over a context of the given length in the coordinate a normal multiple
// of the channel's deviation from a line in w's context. Few series show few
// trends, and a model that has seen but one takes it for the rule; one that has
// seen the same series tilted has to read the trend off the context.
func (w *Window) TiltAtRandom(tilts []float64, context float64, rng *rand.Rand) []float64 {
	at, c := len(tilts), len(w.X)/len(w.U)
	for j := range c {
		l := w.line(j, c)
		tilts = append(tilts, tilt*rng.NormFloat64()*l.Deviation()/context)
	}
	w.Tilt = tilts[at:len(tilts):len(tilts)]
	return tilts
}
