package command

import (
	"sync"
	"time"

	"tsgen/forecast"
	"tsgen/models/modelfile"
)

// checkpointShare is the part of the time that the writing of checkpoints may take: one
// in so many.
const checkpointShare = 100

// A keeper writes checkpoints of a fit to a file while the fit goes on: the newest at
// least every so often.
type keeper struct {
	path  string
	every time.Duration // between two; zero for none

	mu      sync.Mutex
	due     time.Time       // before which nothing is written
	pending *modelfile.File // what is to be written then
	timer   *time.Timer     // writes it
	written bool            // whether there is a checkpoint
	failure error
	writing sync.WaitGroup // for a file that is being written
	closed  bool
}

func newKeeper(path string, every time.Duration) *keeper {
	return &keeper{path: path, every: every, due: time.Now().Add(every)}
}

// wants reports whether a checkpoint is due.
func (k *keeper) wants() bool {
	if k.every == 0 {
		return false
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return !k.closed && time.Now().After(k.due)
}

// keep writes the file when a checkpoint is due, in a goroutine. A file that it has not
// begun to write by then gives way to it.
func (k *keeper) keep(f *modelfile.File) {
	if k.every == 0 {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.closed {
		return
	}
	k.pending = f
	if k.timer == nil {
		k.timer = time.AfterFunc(max(0, time.Until(k.due)), k.write)
	}
}

// write writes what is pending.
func (k *keeper) write() {
	k.mu.Lock()
	f := k.pending
	k.pending, k.timer = nil, nil
	if f == nil || k.closed {
		k.mu.Unlock()
		return
	}
	start := time.Now()
	k.due = start.Add(k.every) // and later, if it takes long
	k.writing.Add(1)
	k.mu.Unlock()
	defer k.writing.Done()
	err := modelfile.Save(k.path, f)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.due = start.Add(max(k.every, checkpointShare*time.Since(start)))
	k.written, k.failure = k.written || err == nil, err
}

// close ends the writing, waits for what is being written, and reports whether there is a
// checkpoint, and the error of the last.
func (k *keeper) close() (written bool, err error) {
	k.mu.Lock()
	k.closed = true
	if k.timer != nil {
		k.timer.Stop()
	}
	k.mu.Unlock()
	k.writing.Wait()
	return k.written, k.failure
}

// takeCheckpoint returns what takes a checkpoint of the training of a phase. That of an examination that
// is done is also what the fit goes on from until the final fit has one. Beside a
// final fit the weights that were examined are kept, if there are any.
func (j *fitJob) takeCheckpoint(phase string, examined *forecast.State) func(bool, func() (*forecast.State, error)) {
	return func(done bool, state func() (*forecast.State, error)) {
		ends := done && phase == phaseExamination
		if !ends && !j.keeper.wants() {
			return
		}
		s, err := state()
		if err != nil {
			j.progress.notef("no checkpoint: %v", err)
			return
		}
		if examined != nil {
			s = withTraining(examined, s)
		}
		if ends {
			j.examined = s
		}
		j.keeper.keep(j.file(s, phase))
	}
}
