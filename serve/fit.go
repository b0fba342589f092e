package serve

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// keptJobs is the number of jobs that are over and still known.
const keptJobs = 100

// jobs are the fits of a service.
type jobs struct {
	slots   chan struct{}
	running sync.WaitGroup

	mu      sync.Mutex
	all     []*job // the newest last
	stopped bool
}

// fitQuestion is a request for a fit.
type fitQuestion struct {
	Question
	Reading
	As        string `query:"name" maxLength:"100" doc:"name of the model to write"`
	Resume    string `query:"resume" maxLength:"100" doc:"name of a model whose interrupted training goes on"`
	Model     string `query:"model" doc:"kind of model, or auto"`
	Horizon   int    `query:"horizon" minimum:"1" doc:"steps ahead to fit for and to hold out"`
	Season    string `query:"season" doc:"steps in a season, or none"`
	Seed      int64  `query:"seed" minimum:"0" doc:"seed of all that is random"`
	Updates   int    `query:"updates" minimum:"1" doc:"parameter updates at most"`
	Set       string `query:"set" doc:"options of the model, name=value,..."`
	Effort    string `query:"effort" enum:"low,normal,high" doc:"work of auto"`
	TimeLimit string `query:"time-limit" doc:"time that it may take, such as 90s"`
	Outliers  string `query:"outliers" enum:"limit,keep" doc:"what models see of absurd values"`
	Min       string `query:"min" doc:"least values of channels"`
	Max       string `query:"max" doc:"greatest values of channels"`
}

// A jobAnswer is a job, and where it is.
type jobAnswer struct {
	Status   int
	Location string `header:"Location"`
	Body     Job
}

// fitVerb is fit as a question.
func fitVerb() *verb { return &verb{name: "fit", tables: []string{"data"}} }

// fit begins a fit.
func (s *Server) fit(v *verb, q *Question) (*jobAnswer, error) {
	a := &asked{Server: s, verb: v, Question: q}
	err := a.prepare()
	var j *job
	if err == nil {
		j, err = a.job()
	}
	if err == nil {
		err = s.begin(j)
	}
	if err != nil {
		a.close()
		return nil, err
	}
	return &jobAnswer{Status: http.StatusAccepted, Location: "/v1/jobs/" + j.state.ID, Body: j.snapshot()}, nil
}

// job returns the job that the request asks for.
func (a *asked) job() (*job, error) {
	name, resume := a.given["name"], a.given["resume"]
	data, came := a.tables["data"]
	delete(a.given, "name")
	delete(a.given, "resume")
	if resume != "" && name == "" {
		name = resume
	}
	if name == "" {
		return nil, newProblem(http.StatusBadRequest, codeUsage, "name the model to write, by name=")
	}
	out, err := a.models.path(name)
	if err != nil {
		return nil, err
	}
	if limit, err := time.ParseDuration(a.given["time-limit"]); err == nil && limit > a.Fit {
		a.given["time-limit"] = a.Fit.String()
	}
	j := newJob(rand.Text()[:12], name, a.Dir)
	j.args = append(a.flags("fit"), "--output="+out, "--progress=json", "--json")
	switch {
	case resume != "":
		from, err := a.models.path(resume)
		if err != nil {
			return nil, err
		}
		if _, err := os.Stat(from + ".partial"); err == nil {
			from += ".partial"
		} else if _, err := a.models.existing(resume); err != nil {
			return nil, err
		}
		j.args = slices.DeleteFunc(j.args, func(arg string) bool { return strings.HasPrefix(arg, "--max-bytes=") })
		j.args = append(j.args, "--resume="+from)
		if came {
			return nil, newProblem(http.StatusBadRequest, codeUsage, "a training goes on with the series that it began with; send none")
		}
	case !came:
		return nil, newProblem(http.StatusBadRequest, codeUsage, "there is no table to fit to; send CSV, or a JSON document with data")
	default:
		j.args = append(j.args, "-")
	}
	j.table, j.release = data, a.release
	return j, nil
}

// begin lets a job begin, or wait for its turn.
func (s *Server) begin(j *job) error {
	ctx, cancel := context.WithTimeout(context.Background(), s.Fit)
	j.cancel = cancel
	s.jobs.mu.Lock()
	defer s.jobs.mu.Unlock()
	waiting := 0
	for _, other := range s.jobs.all {
		switch o := other.snapshot(); {
		case over(o.State):
		case o.Name == j.state.Name:
			cancel()
			return newProblem(http.StatusConflict, codeBusy, fmt.Sprintf("job %s is fitting %s; wait for it, or cancel it by DELETE /v1/jobs/%s", o.ID, o.Name, o.ID))
		case o.State == stateWaiting:
			waiting++
		}
	}
	switch {
	case s.jobs.stopped:
		cancel()
		return newProblem(http.StatusServiceUnavailable, codeInterrupted, "the service is shutting down")
	case waiting >= s.JobQueue:
		cancel()
		return busy(fmt.Sprintf("%d fits wait already; ask again later", waiting), 10*time.Second)
	}
	s.jobs.all = append(s.jobs.all, j)
	s.jobs.forget()
	s.jobs.running.Add(1)
	go s.runJob(ctx, j)
	return nil
}

// forget lets go the oldest jobs that are over, if there are many.
func (js *jobs) forget() {
	for i := 0; i < len(js.all) && len(js.all) > keptJobs; {
		if over(js.all[i].snapshot().State) {
			js.all = slices.Delete(js.all, i, i+1)
		} else {
			i++
		}
	}
}

// runJob waits for the job's turn and runs it.
func (s *Server) runJob(ctx context.Context, j *job) {
	defer s.jobs.running.Done()
	defer j.cancel()
	defer j.release()
	select {
	case s.jobs.slots <- struct{}{}:
		defer func() { <-s.jobs.slots }()
	case <-ctx.Done():
		j.become(stateCancelled, nil)
		return
	}
	if !j.become(stateRunning, nil) {
		return
	}
	var out bytes.Buffer
	exit, err := s.Run(ctx, Call{Args: j.args, Stdin: bytes.NewReader(j.table), Stdout: &out, Stderr: j, Bounds: s.bounds()})
	j.table = nil
	path, _ := s.models.path(j.state.Name) // it was valid
	_, left := os.Stat(path + ".partial")
	switch {
	case err == nil && !json.Valid(out.Bytes()):
		j.become(stateFailed, func(j *Job) {
			j.Problem = newProblem(http.StatusInternalServerError, codeFailed, "the fit ended without scores")
		})
	case err == nil:
		result := bytes.ReplaceAll(out.Bytes(), []byte(s.Dir+string(filepath.Separator)), nil)
		j.become(stateDone, func(j *Job) { j.Result = result })
	case exit == 130 || errors.Is(err, context.Canceled) || ctx.Err() != nil:
		j.become(stateCancelled, func(j *Job) {
			j.CanGoOn = left == nil
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				j.Problem = newProblem(http.StatusGatewayTimeout, codeDeadline, fmt.Sprintf("the fit took longer than the %v that this service gives it", s.Fit))
			}
		})
	default:
		p := problemOf(context.Background(), exit, err, s.Dir)
		j.become(stateFailed, func(j *Job) { j.Problem = p })
	}
	s.log.Info("fit ended", "job", j.state.ID, "model", j.state.Name, "state", j.snapshot().State)
}

// find returns the job of an id.
func (js *jobs) find(id string) (*job, error) {
	js.mu.Lock()
	defer js.mu.Unlock()
	for _, j := range js.all {
		if j.state.ID == id {
			return j, nil
		}
	}
	return nil, newProblem(http.StatusNotFound, codeUnknown, fmt.Sprintf("there is no job %.40q; GET /v1/jobs lists those that there are", id))
}

// list returns all jobs, the newest first.
func (js *jobs) list() []Job {
	js.mu.Lock()
	defer js.mu.Unlock()
	list := []Job{}
	for _, j := range slices.Backward(js.all) {
		list = append(list, j.snapshot())
	}
	return list
}

// stop lets no job begin any more, gives those that run some time to end, and has them
// keep what they have then.
func (js *jobs) stop(patience <-chan time.Time) {
	js.mu.Lock()
	js.stopped = true
	all := slices.Clone(js.all)
	js.mu.Unlock()
	for _, j := range all {
		if j.snapshot().State == stateWaiting {
			j.cancel()
		}
	}
	ended := make(chan struct{})
	go func() { js.running.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-patience:
		for _, j := range all {
			j.cancel()
		}
		<-ended
	}
}

// A JobQuestion names a job.
type JobQuestion struct {
	ID string `path:"id" doc:"of the job"`
}

// registerFits adds fits to the API.
func (s *Server) registerFits(api huma.API) {
	v := fitVerb()
	v.parameters = append(fieldNames[fitQuestion](), "name", "resume")
	v.parameters = slices.Compact(slices.Sorted(slices.Values(v.parameters)))
	fit := huma.Operation{
		OperationID: "fit", Method: http.MethodPost, Path: "/v1/fit", Summary: "Fit a model", Tags: []string{"Fits"}, DefaultStatus: http.StatusAccepted,
		Description: "Begins a fit, or goes on with one, as a job whose course /v1/jobs/{id}/events tells.",
		Errors:      []int{400, 401, 404, 409, 413, 429},
	}
	huma.Register(api, fit, func(_ context.Context, in *fitQuestion) (*jobAnswer, error) { return s.fit(v, in.base()) })
	describeBody(api, fit.Path, requestBody(v))

	list := huma.Operation{OperationID: "jobs", Method: http.MethodGet, Path: "/v1/jobs", Summary: "List the fits", Tags: []string{"Fits"}}
	huma.Register(api, list, func(context.Context, *struct{}) (*struct{ Body []Job }, error) {
		return &struct{ Body []Job }{s.jobs.list()}, nil
	})
	one := huma.Operation{OperationID: "job", Method: http.MethodGet, Path: "/v1/jobs/{id}", Summary: "Tell of a fit", Tags: []string{"Fits"}, Errors: []int{404}}
	huma.Register(api, one, func(_ context.Context, in *JobQuestion) (*struct{ Body Job }, error) {
		j, err := s.jobs.find(in.ID)
		if err != nil {
			return nil, err
		}
		return &struct{ Body Job }{j.snapshot()}, nil
	})
	cancel := huma.Operation{OperationID: "cancel", Method: http.MethodDelete, Path: "/v1/jobs/{id}", Summary: "Cancel a fit", Tags: []string{"Fits"},
		Description: "What a training has reached is kept, and POST /v1/fit?resume=NAME goes on with it.", DefaultStatus: http.StatusAccepted, Errors: []int{404}}
	huma.Register(api, cancel, func(_ context.Context, in *JobQuestion) (*struct{ Body Job }, error) {
		j, err := s.jobs.find(in.ID)
		if err != nil {
			return nil, err
		}
		j.cancel()
		return &struct{ Body Job }{j.snapshot()}, nil
	})
	events := huma.Operation{OperationID: "events", Method: http.MethodGet, Path: "/v1/jobs/{id}/events", Summary: "Watch a fit", Tags: []string{"Fits"}, Errors: []int{404},
		Description: "Server-sent events: note (a sentence), progress (of the choice and of trainings) and state (the job). Last-Event-ID goes on after an event. The stream ends with the job.",
		Responses: map[string]*huma.Response{"200": {Description: "events", Content: map[string]*huma.MediaType{
			"text/event-stream": {Schema: &huma.Schema{Type: huma.TypeString}},
		}}}}
	huma.Register(api, events, func(_ context.Context, in *eventsQuestion) (*huma.StreamResponse, error) {
		j, err := s.jobs.find(in.ID)
		if err != nil {
			return nil, err
		}
		return &huma.StreamResponse{Body: func(ctx huma.Context) { s.stream(ctx, j, in.Last) }}, nil
	})
}

// status returns how many jobs are in each state.
func (js *jobs) status() map[string]int {
	count := map[string]int{stateWaiting: 0, stateRunning: 0, stateDone: 0, stateFailed: 0, stateCancelled: 0}
	for _, j := range js.list() {
		count[j.State]++
	}
	return maps.Clone(count)
}
