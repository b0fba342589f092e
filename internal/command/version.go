package command

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"tsgen/internal/kernel"
)

// built is the version that the build of a release says, by -ldflags "-X tsgen/internal/command.built=1.2.3".
var built string

// release returns the version of the release or of the module, "(devel)" for one built
// from a working copy.
func release() string {
	if built != "" {
		return built
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

// version describes the program in lines.
func version() string {
	r := newBuildReport()
	var b strings.Builder
	fmt.Fprintf(&b, "tsgen %s\n", r.Version)
	if r.Revision != "" {
		fmt.Fprintf(&b, "revision %s of %s", r.Revision, r.Time)
		if r.Modified {
			b.WriteString(", modified")
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "built with %s for %s, kernels %s\n", r.Go, r.System, r.Kernels)
	return b.String()
}

// A buildReport is the JSON document of version.
type buildReport struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"`
	Time     string `json:"time,omitempty"` // of the revision
	Modified bool   `json:"modified,omitempty"`
	Go       string `json:"go"`
	System   string `json:"system"`
	Kernels  string `json:"kernels"`
}

func newBuildReport() buildReport {
	r := buildReport{Version: release(), Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH, Kernels: kernel.Path()}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			switch s.Key {
			case "vcs.revision":
				r.Revision = s.Value
			case "vcs.time":
				r.Time = s.Value
			case "vcs.modified":
				r.Modified = s.Value == "true"
			}
		}
	}
	return r
}

func newVersion() *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use:     "version",
		Example: "  tsgen version\n  tsgen version --json\n  tsgen --version",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if asJSON {
				return writeJSON(cmd.OutOrStdout(), newBuildReport())
			}
			_, err := fmt.Fprint(cmd.OutOrStdout(), version())
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "write JSON instead of text")
	return cmd
}
