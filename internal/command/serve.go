package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tsgen/serve"
)

// serveFlags are what the command line says to serve.
type serveFlags struct {
	address   string
	tokens    string
	cert, key string
	origins   []string
	hosts     []string
	logFormat string
	json      bool
	limits    serve.Limits
}

func newServe() *cobra.Command {
	f := &serveFlags{}
	cmd := &cobra.Command{
		Use: "serve [DIRECTORY]",
		Long: `serve answers questions to the model files of DIRECTORY (default models, which is made)
over HTTP, fits models, and has a page at / where a table is dropped, understood, fitted
and forecast. CSV answers are those of the command, byte for byte.

  curl --data-binary @new.csv -H 'Content-Type: text/csv' \
      'http://127.0.0.1:8080/v1/models/sales/forecast?horizon=12'

/docs tells of all requests, /openapi.json describes them; /healthz, /readyz and
/metrics are for those who run it. A model file that is renamed into DIRECTORY takes the
place of the old one at once.

It listens to this machine alone. Fits, uploads, downloads and deletions need a token:
one that is made at the start and stands in the address that serve prints, or those of
--tokens, one a line ('TOKEN read' lets ask and nothing else); with --tokens questions
need one, too. To listen to others, give --address and --tokens, and --tls-cert with
--tls-key. An interrupt answers what was accepted, and keeps what fits have reached.`,
		Example: `  tsgen serve
  tsgen serve models/ --address 127.0.0.1:9000
  tsgen serve models/ --address :8443 --tokens tokens.txt --tls-cert cert.pem --tls-key key.pem`,
		Args: cobra.MaximumNArgs(1),
		RunE: runJob(f.job),
	}
	d := serve.DefaultLimits()
	fl := cmd.Flags()
	fl.StringVar(&f.address, "address", "127.0.0.1:8080", "`host:port` to listen to; port 0 for a free one")
	fl.StringVar(&f.tokens, "tokens", "", "`file` of tokens that clients may present")
	fl.StringVar(&f.cert, "tls-cert", "", "`file` of the certificate, PEM")
	fl.StringVar(&f.key, "tls-key", "", "`file` of its key, PEM")
	fl.StringSliceVar(&f.origins, "cors", nil, "`sites` whose pages may call, such as https://example.org (default none)")
	fl.StringSliceVar(&f.hosts, "host", nil, "`names` by which clients call the service (default of this machine, or any with --tokens)")
	fl.IntVar(&f.limits.Workers, "workers", 0, "`questions` that are answered at a time (default one for each processor)")
	fl.IntVar(&f.limits.Queue, "queue", d.Queue, "further `questions` that wait; more get status 429")
	fl.IntVar(&f.limits.Jobs, "fits", d.Jobs, "`fits` at a time")
	fl.DurationVar(&f.limits.Deadline, "deadline", d.Deadline, "`time` that an answer may take")
	fl.DurationVar(&f.limits.Fit, "fit-limit", d.Fit, "`time` that a fit may take")
	fl.DurationVar(&f.limits.Read, "read-limit", d.Read, "`time` that a request may take to arrive")
	fl.DurationVar(&f.limits.Grace, "grace", d.Grace, "`time` that a shutdown may take")
	fl.Int64Var(&f.limits.Body, "max-body", d.Body, "`bytes` of a request, unpacked")
	fl.Int64Var(&f.limits.Memory, "max-memory", d.Memory, "`bytes` of all requests that are held at a time")
	fl.Int64Var(&f.limits.Model, "max-model", d.Model, "`bytes` of a model file that is uploaded")
	fl.IntVar(&f.limits.Rows, "max-rows", d.Rows, "`rows` of a request or an answer")
	fl.IntVar(&f.limits.Series, "max-series", d.Series, "`series` of a request or an answer")
	fl.IntVar(&f.limits.Horizon, "max-horizon", d.Horizon, "`steps` ahead")
	fl.IntVar(&f.limits.Samples, "max-samples", d.Samples, "`samples` of each series")
	fl.IntVar(&f.limits.Loaded, "loaded", d.Loaded, "`models` that are held ready")
	fl.StringVar(&f.logFormat, "log", "text", "`form` of the log on standard error: text, json or none")
	fl.BoolVar(&f.json, "json", false, "write the address and the token as one JSON document on standard output, once it listens")
	for _, seldom := range []string{"read-limit", "max-memory", "max-model", "loaded"} {
		fl.Lookup(seldom).Hidden = true // the help is one screen
	}
	fl.SortFlags = false
	completeWords(cmd, "log", "text", "json", "none")
	return cmd
}

// A serveJob is a command line of serve that has been checked.
type serveJob struct {
	serveFlags
	dir      string
	loopback bool
	log      *slog.Logger
	say      io.Writer
}

func (f *serveFlags) job(cmd *cobra.Command, args []string) (j *serveJob, err error) {
	if !cmd.Flags().Changed("workers") {
		f.limits.Workers = serve.DefaultLimits().Workers
	}
	j = &serveJob{serveFlags: *f, dir: "models", say: noteWriter(cmd)}
	if len(args) > 0 {
		j.dir = args[0]
	}
	host, _, err := net.SplitHostPort(f.address)
	if err != nil {
		return nil, usagef("--address is %q, want host:port such as 127.0.0.1:8080", f.address)
	}
	ip := net.ParseIP(host)
	j.loopback = host == "localhost" || ip != nil && ip.IsLoopback()
	l := f.limits
	switch {
	case !j.loopback && f.tokens == "":
		return nil, usagef("--address %s lets other machines in, and needs --tokens, a file with a token a line", f.address)
	case (f.cert == "") != (f.key == ""):
		return nil, usagef("--tls-cert and --tls-key go together")
	case min(l.Workers, l.Jobs, l.Rows, l.Series, l.Horizon, l.Samples, l.Loaded) < 1 || l.Queue < 0:
		return nil, usagef("--workers, --fits, --max-rows, --max-series, --max-horizon, --max-samples and --loaded are 1 or more")
	case min(l.Body, l.Memory, l.Model) < 1:
		return nil, usagef("--max-body, --max-memory and --max-model are numbers of bytes, 1 or more")
	case min(l.Deadline, l.Fit, l.Read, l.Grace) < time.Millisecond:
		return nil, usagef("--deadline, --fit-limit, --read-limit and --grace are times such as 30s, 1ms at least")
	}
	out := cmd.ErrOrStderr()
	switch f.logFormat {
	case "text":
		j.log = slog.New(slog.NewTextHandler(out, nil))
	case "json":
		j.log = slog.New(slog.NewJSONHandler(out, nil))
	case "none":
		j.log = slog.New(slog.DiscardHandler)
	default:
		return nil, usagef("--log is %q, want text, json or none", f.logFormat)
	}
	return j, nil
}

func (j *serveJob) run(ctx context.Context, stdout io.Writer) error {
	if info, err := os.Stat(j.dir); err == nil && !info.IsDir() {
		return usagef("%s is a file, and serve takes a directory of model files; to serve it, give its directory %s", j.dir, filepath.Dir(j.dir))
	}
	if err := os.MkdirAll(j.dir, 0o777); err != nil {
		return err
	}
	config := serve.Config{Dir: j.dir, Run: runServed, Version: strings.TrimSpace(version()), Log: j.log, Hosts: j.hosts, Origins: j.origins, Limits: j.limits}
	if j.limits.Queue == 0 {
		config.Queue = -1 // none waits
	}
	var made string // token
	if j.tokens == "" {
		token, text := serve.NewToken()
		config.Tokens, config.OpenRead, made = []serve.Token{token}, true, text
	} else {
		in, err := os.Open(j.tokens)
		if err != nil {
			return err
		}
		config.Tokens, err = serve.ReadTokens(in, j.tokens)
		if err = errors.Join(err, in.Close()); err != nil {
			return err
		}
	}
	if j.loopback && config.Hosts == nil {
		config.Hosts = []string{"localhost", "127.0.0.1", "::1"}
		if host, _, _ := net.SplitHostPort(j.address); host != "localhost" {
			config.Hosts = append(config.Hosts, host)
		}
	}
	s, err := serve.New(config)
	if err != nil {
		return usagef("%v", err)
	}
	listener, scheme, err := j.listen(ctx)
	if err != nil {
		return err
	}
	address := fmt.Sprintf("%s://%s/", scheme, listener.Addr())
	page := address
	if made != "" {
		page += "#token=" + made
	}
	fmt.Fprintf(j.say, "serving the models of %s at %s\nan interrupt ends it\n", j.dir, page)
	if j.json {
		if err := writeJSON(stdout, servingReport{Address: address, Token: made, Models: j.dir}); err != nil {
			return errors.Join(err, listener.Close())
		}
	}
	if !j.loopback && scheme == "http" {
		fmt.Fprintln(j.say, "tokens and data cross the network in the open; --tls-cert and --tls-key encrypt them")
	}
	if err := s.Serve(ctx, listener); err != nil {
		return err
	}
	fmt.Fprintln(j.say, "ended")
	return nil
}

// A servingReport is the JSON document of serve.
type servingReport struct {
	Address string `json:"address"`
	Token   string `json:"token,omitempty"` // that was made at the start
	Models  string `json:"models"`
}

// runServed runs the command on behalf of a service.
func runServed(ctx context.Context, c serve.Call) (int, error) {
	ctx = context.WithValue(ctx, servedKey{}, &served{load: c.Load, bounds: c.Bounds})
	_, err := execute(ctx, c.Args, c.Stdin, c.Stdout, c.Stderr)
	return exitStatus(err), err
}
