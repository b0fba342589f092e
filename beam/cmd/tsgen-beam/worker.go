package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/apache/beam/sdks/v2/go/container/tools"
	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/options/jobopts"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/util/grpcx"
)

// isWorker reports whether a runner, and not a person, started the program: as the worker that was
// staged, or as the command of an environment of processes.
func isWorker(args []string) bool {
	return slices.ContainsFunc(args, func(a string) bool {
		name, _, _ := strings.Cut(strings.TrimLeft(a, "-"), "=")
		return strings.HasPrefix(a, "-") && (name == "worker" || name == "provision_endpoint")
	})
}

// settleWorkers says, where the command line does not, that workers are this program, and that a job
// service of this machine starts them as processes, elsewhere than in this folder.
func (o *options) settleWorkers() error {
	if o.runner == "prism" || runtime.GOOS != "linux" {
		return nil
	}
	for _, name := range []*string{&o.input, &o.output, &o.forecasts} {
		if *name == "" || strings.Contains(*name, "://") {
			continue
		}
		whole, err := filepath.Abs(*name)
		if err != nil {
			return err
		}
		*name = whole
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	if *jobopts.WorkerBinary == "" {
		*jobopts.WorkerBinary = program
	}
	host, _, _ := net.SplitHostPort(*jobopts.Endpoint)
	if *jobopts.EnvironmentType == "" && (host == "localhost" || net.ParseIP(host).IsLoopback()) {
		command, err := json.Marshal(map[string]string{"command": program})
		if err != nil {
			return err
		}
		*jobopts.EnvironmentType, *jobopts.EnvironmentConfig = "PROCESS", string(command)
	}
	return nil
}

// work serves a runner until that ends the program.
func work(ctx context.Context, args []string) error {
	provision := flag.String("provision_endpoint", "", "where a worker asks what it needs")
	for i, a := range args {
		args[i] = strings.ReplaceAll(a, "'", "") // which prism puts around names
	}
	if err := flag.CommandLine.Parse(args); err != nil {
		return err
	}
	if *provision != "" {
		ctx = grpcx.WriteWorkerID(ctx, flag.Lookup("id").Value.String())
		info, err := tools.ProvisionInfo(ctx, *provision)
		if err != nil {
			return err
		}
		options, err := tools.ProtoToJSON(info.GetPipelineOptions())
		if err != nil {
			return err
		}
		for name, value := range map[string]string{
			"worker": "true", "options": options,
			"logging_endpoint": info.GetLoggingEndpoint().GetUrl(), "control_endpoint": info.GetControlEndpoint().GetUrl(),
		} {
			if value == "" {
				continue
			}
			if err := flag.Set(name, value); err != nil {
				return err
			}
		}
	}
	beam.Init()
	return errors.New("the worker has ended")
}
