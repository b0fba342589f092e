package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"tsgen/internal/kernel"
)

// release returns the version of the module, "(devel)" for one built from a
// working copy.
func release() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

// version describes the program in lines.
func version() string {
	var b strings.Builder
	fmt.Fprintf(&b, "tsgen %s\n", release())
	if info, ok := debug.ReadBuildInfo(); ok {
		settings := make(map[string]string)
		for _, s := range info.Settings {
			settings[s.Key] = s.Value
		}
		if r := settings["vcs.revision"]; r != "" {
			fmt.Fprintf(&b, "revision %s of %s", r, settings["vcs.time"])
			if settings["vcs.modified"] == "true" {
				b.WriteString(", modified")
			}
			b.WriteByte('\n')
		}
	}
	fmt.Fprintf(&b, "built with %s for %s/%s, kernels %s\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, kernel.Path())
	return b.String()
}

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version and how the program was built",
		Example: "  tsgen version",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprint(cmd.OutOrStdout(), version())
			return err
		},
	}
}
