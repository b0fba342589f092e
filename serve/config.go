package serve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime"
	"time"

	"tsgen/forecast"
	"tsgen/models/modelfile"
)

// A Loader reads the model file at a path.
type Loader func(path string) (*modelfile.File, forecast.Model, error)

// A Call is one run of the command.
type Call struct {
	Args           []string
	Stdin          io.Reader
	Stdout, Stderr io.Writer

	// Load is how the run loads model files, nil for the usual way.
	Load Loader

	Bounds
}

// Bounds are what a run may not go beyond. Zeros are no bounds.
type Bounds struct {
	Series int // of a table that is read
	Rows   int // that are forecast, of all series together
	Draws  int // sample paths times rows times channels
}

// A Runner runs the command until its context ends. It returns the exit status
// beside the error, and may be called concurrently.
type Runner func(ctx context.Context, c Call) (status int, err error)

// A Config says what is served and how. Zero values of the limits stand for those
// of DefaultLimits.
type Config struct {
	Dir     string // of the model files; it exists
	Run     Runner
	Version string
	Log     *slog.Logger // nil for none

	// Tokens are those that clients may present. OpenRead says that questions to
	// models need none of them.
	Tokens   []Token
	OpenRead bool

	// Hosts are the names by which clients may call the service, without ports; nil
	// for any. Origins are those of other sites whose pages may call it.
	Hosts, Origins []string

	Limits
}

// Limits bound what one client, and all together, may take.
type Limits struct {
	Body     int64         // bytes of the body of a request, unpacked
	Memory   int64         // bytes of all bodies that are held at a time
	Model    int64         // bytes of a model file that is uploaded
	Rows     int           // lines of a table
	Series   int           // series of a table, or of an answer that is generated
	Horizon  int           // steps ahead
	Samples  int           // sample paths of each series
	Draws    int           // values of all sample paths of a forecast together
	Workers  int           // questions that are answered at a time
	Queue    int           // further questions that wait
	Jobs     int           // fits at a time
	JobQueue int           // further fits that wait
	Loaded   int           // models that are held ready
	Deadline time.Duration // of a question, from its arrival
	Fit      time.Duration // of a fit
	Read     time.Duration // for a client to send its request
	Grace    time.Duration // of a shutdown
}

// DefaultLimits returns the usual limits.
func DefaultLimits() Limits {
	return Limits{
		Body: 32 << 20, Memory: 512 << 20, Model: 256 << 20,
		Rows: 1_000_000, Series: 10_000, Horizon: 10_000, Samples: 10_000, Draws: 100_000_000,
		Workers: runtime.GOMAXPROCS(0), Queue: 128, Jobs: 1, JobQueue: 8, Loaded: 32,
		Deadline: time.Minute, Fit: time.Hour, Read: 30 * time.Second, Grace: 30 * time.Second,
	}
}

// or returns the limits with those of d in place of zeros.
func (l Limits) or(d Limits) Limits {
	set(&l.Body, d.Body)
	set(&l.Memory, d.Memory)
	set(&l.Model, d.Model)
	set(&l.Rows, d.Rows)
	set(&l.Series, d.Series)
	set(&l.Horizon, d.Horizon)
	set(&l.Samples, d.Samples)
	set(&l.Draws, d.Draws)
	set(&l.Workers, d.Workers)
	set(&l.Queue, d.Queue)
	set(&l.Jobs, d.Jobs)
	set(&l.JobQueue, d.JobQueue)
	set(&l.Loaded, d.Loaded)
	set(&l.Deadline, d.Deadline)
	set(&l.Fit, d.Fit)
	set(&l.Read, d.Read)
	set(&l.Grace, d.Grace)
	return l
}

func set[T comparable](value *T, preset T) {
	var zero T
	if *value == zero {
		*value = preset
	}
}

// check says what is wrong with the configuration.
func (c *Config) check() error {
	if c.Run == nil {
		return errors.New("serve: there is no command to run")
	}
	info, err := os.Stat(c.Dir)
	if err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	if !info.IsDir() {
		return fmt.Errorf("serve: %s is no directory of models", c.Dir)
	}
	return nil
}

// bounds returns those of a run of the command.
func (l *Limits) bounds() Bounds { return Bounds{Series: l.Series, Rows: l.Rows, Draws: l.Draws} }
