package serve

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"tsgen/internal/panics"
)

// A Server answers questions to the models of a directory.
type Server struct {
	Config
	models    *store
	questions *queue
	memory    *budget
	jobs      *jobs
	meter     *meter
	log       *slog.Logger
	handler   http.Handler
	started   time.Time
	stopping  atomic.Bool
	arrived   atomic.Int64 // requests
}

// New returns a server that does not listen yet.
func New(c Config) (*Server, error) {
	c.Limits = c.Limits.or(DefaultLimits())
	if err := c.check(); err != nil {
		return nil, err
	}
	dir, err := filepath.Abs(c.Dir)
	if err != nil {
		return nil, err
	}
	c.Dir = dir
	s := &Server{
		Config: c, models: newStore(dir, c.Loaded), questions: newQueue(c.Workers, c.Queue), memory: &budget{most: c.Memory},
		jobs: &jobs{slots: make(chan struct{}, c.Jobs)}, meter: newMeter(), log: c.Log, started: time.Now(),
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	cross := http.NewCrossOriginProtection()
	for _, o := range c.Origins {
		if err := cross.AddTrustedOrigin(o); err != nil {
			return nil, fmt.Errorf("serve: %w; want a site such as https://example.org", err)
		}
	}
	mux := http.NewServeMux()
	s.registerAPI(mux)
	s.registerPage(mux)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", s.ready)
	mux.HandleFunc("GET /metrics", s.metrics)
	s.handler = s.observed(s.guarded(mux))
	return s, nil
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Serve answers on the listener until the context ends. Then it takes no more requests,
// answers those that it has taken, and gives fits half of the time of Limits.Grace to end;
// fits that take longer keep what they have reached.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	server := &http.Server{
		Handler: s, ReadHeaderTimeout: min(10*time.Second, s.Read), IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	select {
	case err := <-ended:
		s.Stop(0)
		return err
	case <-ctx.Done():
	}
	s.stopping.Store(true)
	s.log.Info("shutting down", "questions", s.questions.running(), "waiting", s.questions.waiting.Load())
	_ = l.Close()
	s.lull()
	grace, cancel := context.WithTimeout(context.Background(), s.Grace)
	defer cancel()
	// Streams of events end with the fits, and the server with the streams.
	stopped := make(chan struct{})
	go func() { s.Stop(s.Grace / 2); close(stopped) }()
	err := server.Shutdown(grace)
	if errors.Is(err, context.DeadlineExceeded) {
		err = fmt.Errorf("serve: requests took longer than the %v of a shutdown and were cut off", s.Grace)
		_ = server.Close()
	}
	<-stopped
	<-ended
	return err
}

// lull waits until requests come no more on the connections that there are, since a shutdown closes
// those between two requests though the next may be on its way. Answers have clients close them.
func (s *Server) lull() {
	const quiet = 100 * time.Millisecond
	for end := time.Now().Add(min(2*time.Second, s.Grace/4)); time.Now().Before(end); {
		before := s.arrived.Load()
		time.Sleep(quiet)
		if s.arrived.Load() == before {
			return
		}
	}
}

// Stop lets no fit begin any more, gives those that are under way the time to end, then has them
// keep what they have reached, and returns when they have.
func (s *Server) Stop(patience time.Duration) { s.jobs.stop(time.After(patience)) }

// ready tells whether the service takes requests.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	p := newProblem(http.StatusServiceUnavailable, codeInterrupted, "the service is shutting down")
	if s.stopping.Load() {
		p.write(w, r)
		return
	}
	if _, err := os.ReadDir(s.Dir); err != nil {
		p.Code, p.Detail = codeFailed, "the directory of models cannot be read"
		p.write(w, r)
		return
	}
	fmt.Fprintln(w, "ready")
}

type requestKey struct{}

// requestID returns the id of the request of a context.
func requestID(ctx context.Context) string {
	id, _ := ctx.Value(requestKey{}).(string)
	return id
}

// A recorder is a ResponseWriter that remembers the status.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
	last   *atomic.Bool // whether the answer is the last of its connection
}

// begin notes the status of an answer that begins.
func (w *recorder) begin(status int) {
	if w.status != 0 {
		return
	}
	w.status = status
	if w.last.Load() {
		w.Header().Set("Connection", "close")
	}
}

func (w *recorder) WriteHeader(status int) {
	w.begin(status)
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(p []byte) (int, error) {
	w.begin(http.StatusOK)
	n, err := w.ResponseWriter.Write(p)
	w.bytes += int64(n)
	return n, err
}

// Unwrap is for http.ResponseController.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// observed gives requests an id and times to arrive and be answered, counts and logs them, and
// answers for handlers that panic.
func (s *Server) observed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun := time.Now()
		s.arrived.Add(1)
		id := rand.Text()[:16]
		r = r.WithContext(context.WithValue(r.Context(), requestKey{}, id))
		out := &recorder{ResponseWriter: w, last: &s.stopping}
		h := out.Header()
		h.Set("X-Request-Id", id)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-cache")
		control := http.NewResponseController(w)
		if r.ContentLength != 0 { // else the server itself waits for the client to go
			_ = control.SetReadDeadline(begun.Add(s.Read))
		}
		_ = control.SetWriteDeadline(begun.Add(2*s.Read + s.Deadline))
		err := func() (err error) {
			defer panics.Catch(&err)
			next.ServeHTTP(out, r)
			return nil
		}()
		if err != nil {
			s.log.Error("internal error", "request", id, "error", err)
			if out.status == 0 {
				newProblem(http.StatusInternalServerError, codeFailed, "internal error; the log of the service has it").write(out, r)
			}
		}
		route := r.Pattern
		if route == "" {
			route = "none"
		}
		took := time.Since(begun)
		s.meter.count(route, max(out.status, 200), took)
		s.log.Info("request", "request", id, "method", r.Method, "path", r.URL.Path, "status", out.status, "bytes", out.bytes, "seconds", took.Seconds(), "client", r.RemoteAddr)
	})
}

// registerAPI adds what has a description in OpenAPI.
func (s *Server) registerAPI(mux *http.ServeMux) {
	c := huma.DefaultConfig("tsgen", s.Version)
	c.Info.Description = "Forecasts, and what else generative models of time series can be asked. Parameters are the flags of the command, and so are their meanings; answers in CSV are those of the command, byte for byte."
	c.DocsPath, c.SchemasPath, c.CreateHooks = "", "", nil
	c.RejectUnknownQueryParameters = true
	c.Transformers = []huma.Transformer{asProblem}
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{"token": {Type: "http", Scheme: "bearer"}}
	c.Security = []map[string][]string{{"token": {}}}
	api := humago.New(mux, c)
	s.registerQuestions(api)
	s.registerFits(api)
	s.registerModels(api)
	// Errors are problems, whatever makes them.
	schema := api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Problem](), true, "Problem")
	for _, path := range api.OpenAPI().Paths {
		for _, op := range []*huma.Operation{path.Get, path.Post, path.Put, path.Delete} {
			if op == nil {
				continue
			}
			for status, r := range op.Responses {
				if status >= "4" || status == "default" {
					r.Content = map[string]*huma.MediaType{"application/problem+json": {Schema: schema}}
				}
			}
		}
	}
}

// fieldNames returns the names of the parameters of a question.
func fieldNames[Q any]() (names []string) {
	for _, f := range reflect.VisibleFields(reflect.TypeFor[Q]()) {
		if name := f.Tag.Get("query"); name != "" && name != "deadline" {
			names = append(names, name)
		}
	}
	return names
}
