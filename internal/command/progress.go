package command

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"tsgen/forecast"
	"tsgen/models/auto"
)

// A progress tells on standard error how the work goes: notes, and the course
// of one training after another.
type progress struct {
	view view

	phase   string // the training under way
	started time.Time
	last    forecast.Progress
	first   int // update before the first of this run
	best    int // update of the best validation score

	noted map[string]bool // sentences of forecasts that were told
}

// A view shows the course of a training.
type view interface {
	note(text string)
	update(p *progress)
	end(p *progress) // the training is over, for whatever reason

	// step shows that one of several examinations begins, done that the last has ended.
	step(s auto.Step)
	done()
}

// newProgress returns the progress of the given mode: auto (a bar on a
// terminal, else plain), none, plain or json.
func newProgress(mode string, w io.Writer) (*progress, error) {
	p := &progress{}
	switch mode {
	case "auto":
		p.view = &lines{w: w}
		if isTerminal(w) && os.Getenv("TERM") != "dumb" {
			p.view = &bar{w: w}
		}
	case "none":
		p.view = silent{w}
	case "plain":
		p.view = &lines{w: w}
	case "json":
		p.view = &objects{w: json.NewEncoder(w)}
	default:
		return nil, usagef("--progress is %q, want auto, none, plain or json", mode)
	}
	return p, nil
}

// isTerminal reports whether a person may be sitting at f.
func isTerminal(f any) bool {
	file, ok := f.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// notef tells the reader a sentence.
func (p *progress) notef(format string, args ...any) {
	p.view.note(fmt.Sprintf(format, args...))
}

// notes tells the reader the sentences of a forecast, each once, since several forecasts of one
// run say the same.
func (p *progress) notes(sentences []string) {
	if p.noted == nil {
		p.noted = make(map[string]bool)
	}
	for _, s := range sentences {
		if !p.noted[s] {
			p.noted[s] = true
			p.view.note(s)
		}
	}
}

// examining tells that the examination of a candidate begins.
func (p *progress) examining(s auto.Step) { p.view.step(s) }

// examined tells that the last of the examinations has ended.
func (p *progress) examined() { p.view.done() }

// during shows the training that train does, which calls its argument after
// every update.
func (p *progress) during(phase string, train func(func(forecast.Progress)) error) error {
	p.phase, p.started, p.first, p.best = phase, time.Now(), 0, 0
	p.last = forecast.Progress{Best: math.NaN()}
	err := train(func(now forecast.Progress) {
		if p.last.Update == 0 {
			p.first = now.Update - 1
		}
		if !math.IsNaN(now.Best) && now.Best != p.last.Best {
			p.best = now.Update
		}
		p.last = now
		p.view.update(p)
	})
	if p.last.Update > 0 {
		p.view.end(p)
	}
	return err
}

// left estimates the time to the last update; training may stop before it.
func (p *progress) left() time.Duration {
	per := float64(time.Since(p.started)) / float64(p.last.Update-p.first)
	return time.Duration(per * float64(p.last.Updates-p.last.Update))
}

// scores says the loss and, if there is one, the validation score.
func (p *progress) scores() string {
	s := fmt.Sprintf("loss %.3f", p.last.Loss)
	if !math.IsNaN(p.last.Valid) {
		s += fmt.Sprintf(", validation %.4g", p.last.Valid)
	}
	return s
}

// summary says how the training ended. Its validation score is the loss of the family on windows that the training held
// back, and none of the scores of the table.
func (p *progress) summary() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d updates in %.1f s", p.phase, p.last.Update, time.Since(p.started).Seconds())
	if p.best > 0 {
		fmt.Fprintf(&b, ", best validation %.4g at update %d", p.last.Best, p.best)
	}
	return b.String()
}

// lines shows plain lines: one every tenth of the updates but the last, and at
// most one a second.
type lines struct {
	w     io.Writer
	shown time.Time
	tenth int
}

func (v *lines) note(text string) { fmt.Fprintln(v.w, text) }

func (v *lines) update(p *progress) {
	tenth := 10 * p.last.Update / p.last.Updates
	if p.last.Update == 1 {
		v.tenth = 0
	}
	if tenth <= v.tenth || p.last.Update == p.last.Updates || time.Since(v.shown) < time.Second {
		return
	}
	v.tenth, v.shown = tenth, time.Now()
	fmt.Fprintf(v.w, "%s: update %d of %d, %s, at most %s left\n",
		p.phase, p.last.Update, p.last.Updates, p.scores(), p.left().Round(time.Second))
}

func (v *lines) end(p *progress) { v.note(p.summary()) }

// step writes a line unless the last one is younger than two seconds.
func (v *lines) step(s auto.Step) {
	if time.Since(v.shown) >= 2*time.Second {
		v.shown = time.Now()
		fmt.Fprintf(v.w, "auto: examining %s, %d of %d\n", s.Candidate, s.Number, s.Of)
	}
}

func (v *lines) done() {}

// A bar shows a progress bar, and a line when it is full.
type bar struct {
	w     io.Writer
	bar   *progressbar.ProgressBar
	shown time.Time
}

func (v *bar) note(text string) { fmt.Fprintln(v.w, text) }

func (v *bar) update(p *progress) {
	if time.Since(v.shown) < 100*time.Millisecond {
		return
	}
	v.shown = time.Now()
	description := fmt.Sprintf("%s: %s, %s left", p.phase, p.scores(), p.left().Round(time.Second))
	if v.bar == nil {
		v.bar = progressbar.NewOptions(p.last.Updates,
			progressbar.OptionSetWriter(v.w),
			progressbar.OptionSetDescription(description),
			progressbar.OptionSetWidth(12),
			progressbar.OptionShowCount(),
			progressbar.OptionSetPredictTime(false), // which takes the updates before a resumed run for ones of it
			progressbar.OptionClearOnFinish(),
		)
	}
	// What the bar says of a failing terminal changes nothing here.
	_ = v.bar.Set(p.last.Update)
	v.bar.Describe(description)
}

func (v *bar) step(s auto.Step) {
	if v.bar == nil {
		v.bar = progressbar.NewOptions(s.Of,
			progressbar.OptionSetWriter(v.w),
			progressbar.OptionSetWidth(12),
			progressbar.OptionShowCount(),
			progressbar.OptionClearOnFinish(),
		)
	}
	v.bar.ChangeMax(max(s.Of, s.Number))
	v.bar.Describe("auto: " + s.Candidate)
	_ = v.bar.Set(s.Number - 1)
}

func (v *bar) done() {
	if v.bar != nil {
		_ = v.bar.Clear()
		v.bar = nil
	}
}

func (v *bar) end(p *progress) {
	if v.bar != nil {
		_ = v.bar.Clear()
		v.bar = nil
	}
	v.note(p.summary())
}

// objects shows one JSON object a line, at most five a second after the first
// update.
type objects struct {
	w     *json.Encoder
	shown time.Time
}

// A trainingState is the line of an objects.
type trainingState struct {
	Phase       string  `json:"phase"`
	Update      int     `json:"update"`
	Updates     int     `json:"updates"`
	Loss        number  `json:"loss"`
	Valid       number  `json:"valid"`
	Best        number  `json:"best"`
	BestUpdate  int     `json:"bestUpdate,omitempty"`
	Rate        number  `json:"rate"`
	Evaluations int     `json:"evaluations,omitempty"`
	Seconds     float64 `json:"seconds"`
	Done        bool    `json:"done,omitempty"`
}

func (v *objects) note(text string) {
	_ = v.w.Encode(struct {
		Note string `json:"note"`
	}{text})
}

func (v *objects) update(p *progress) {
	if p.last.Update == 1 || time.Since(v.shown) >= 200*time.Millisecond {
		v.shown = time.Now()
		v.show(p, false)
	}
}

func (v *objects) end(p *progress) { v.show(p, true) }

func (v *objects) show(p *progress, done bool) {
	l := p.last
	_ = v.w.Encode(trainingState{
		Phase: p.phase, Update: l.Update, Updates: l.Updates,
		Loss: number(l.Loss), Valid: number(l.Valid), Best: number(l.Best), BestUpdate: p.best,
		Rate: number(l.Rate), Evaluations: l.Evaluations,
		Seconds: time.Since(p.started).Seconds(), Done: done,
	})
}

func (v *objects) step(s auto.Step) {
	_ = v.w.Encode(struct {
		Phase     string `json:"phase"`
		Candidate string `json:"candidate"`
		Number    int    `json:"number"`
		Of        int    `json:"of"`
	}{"choice", s.Candidate, s.Number, s.Of})
}

func (v *objects) done() {}

// A number is null in JSON where it is not finite.
type number float64

// MarshalJSON implements json.Marshaler.
func (n number) MarshalJSON() ([]byte, error) {
	if x := float64(n); math.IsNaN(x) || math.IsInf(x, 0) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(n))
}

// silent shows notes and nothing of the training.
type silent struct{ w io.Writer }

func (v silent) note(text string) { fmt.Fprintln(v.w, text) }
func (silent) update(*progress)   {}
func (silent) end(*progress)      {}
func (silent) step(auto.Step)     {}
func (silent) done()              {}
