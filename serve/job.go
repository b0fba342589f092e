package serve

import (
	"bytes"
	"context"
	"encoding/json"
	"sync"
	"time"
)

// States of a job.
const (
	stateWaiting   = "waiting"
	stateRunning   = "running"
	stateDone      = "done"
	stateFailed    = "failed"
	stateCancelled = "cancelled"
)

// mostEvents is the number of events of a job beyond which every second one of its training is
// let go.
const mostEvents = 2000

// A Job is a fit.
type Job struct {
	ID       string          `json:"id"`
	Name     string          `json:"name" doc:"of the model that is fitted"`
	State    string          `json:"state" enum:"waiting,running,done,failed,cancelled"`
	Created  time.Time       `json:"created"`
	Started  *time.Time      `json:"started,omitempty"`
	Ended    *time.Time      `json:"ended,omitempty"`
	Result   json.RawMessage `json:"result,omitempty" doc:"what tsgen fit --json writes: scores and choice"`
	Problem  *Problem        `json:"problem,omitempty"`
	CanGoOn  bool            `json:"canGoOn,omitempty" doc:"POST /v1/fit?resume=NAME goes on with it"`
	Progress json.RawMessage `json:"progress,omitempty" doc:"the last of its training"`
}

// An event of a job: a sentence, the course of the choice or of a training, or a new state.
type event struct {
	id   int
	kind string // note, progress or state
	data []byte
}

// A job is a fit with what became of it.
type job struct {
	args    []string
	hidden  []byte // directory that notes leave out
	table   []byte
	release func() // gives back the memory of the table
	cancel  context.CancelFunc

	mu      sync.Mutex
	state   Job
	events  []event
	next    int           // id of the next event
	changed chan struct{} // closed at the next event
}

func newJob(id, name, dir string) *job {
	return &job{hidden: []byte(dir + "/"), state: Job{ID: id, Name: name, State: stateWaiting, Created: time.Now().UTC()}, changed: make(chan struct{})}
}

// snapshot returns what is to be said of the job.
func (j *job) snapshot() Job {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.state
}

// over reports whether a state is the last.
func over(state string) bool { return state != stateWaiting && state != stateRunning }

// become changes the state of the job, unless it is over.
func (j *job) become(state string, change func(*Job)) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	if over(j.state.State) {
		return false
	}
	now := time.Now().UTC()
	j.state.State = state
	if state == stateRunning {
		j.state.Started = &now
	} else {
		j.state.Ended = &now
	}
	if change != nil {
		change(&j.state)
	}
	data, err := json.Marshal(j.state)
	if err != nil {
		panic(err) // it consists of texts, times and JSON
	}
	j.add("state", data)
	return true
}

// add adds an event. The lock is held.
func (j *job) add(kind string, data []byte) {
	j.events = append(j.events, event{j.next, kind, data})
	j.next++
	if kind == "progress" {
		j.state.Progress = data
	}
	if len(j.events) > mostEvents {
		j.thin()
	}
	close(j.changed)
	j.changed = make(chan struct{})
}

// thin lets go every second event of the training.
func (j *job) thin() {
	kept, odd := j.events[:0:0], false
	for i, e := range j.events {
		if e.kind == "progress" && i < len(j.events)-1 {
			if odd = !odd; odd {
				continue
			}
		}
		kept = append(kept, e)
	}
	if len(kept) > mostEvents { // notes without end
		kept = kept[len(kept)-mostEvents/2:]
	}
	j.events = kept
}

// after returns the events after the one of an id, whether they are the last, and what is
// closed when there are more.
func (j *job) after(id int) (events []event, last bool, more <-chan struct{}) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for i, e := range j.events {
		if e.id > id {
			events = append(events, j.events[i:]...)
			break
		}
	}
	return events, over(j.state.State), j.changed
}

// Write implements io.Writer for the lines that fit writes of its course: JSON objects, notes
// or progress.
func (j *job) Write(p []byte) (int, error) {
	for line := range bytes.Lines(p) {
		line = bytes.TrimSpace(line)
		var object struct {
			Note *string `json:"note"`
		}
		if len(line) == 0 || json.Unmarshal(line, &object) != nil {
			continue
		}
		kind := "progress"
		if object.Note != nil {
			kind = "note"
		}
		j.mu.Lock()
		j.add(kind, bytes.Clone(bytes.ReplaceAll(line, j.hidden, nil)))
		j.mu.Unlock()
	}
	return len(p), nil
}
