package command

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Documented returns the command as reference and man pages have it: all verbs with all flags, those
// too that the help leaves out. Its pages are the same whenever they are written.
func Documented() *cobra.Command {
	root := newRoot()
	root.DisableAutoGenTag = true
	root.CompletionOptions.DisableDefaultCmd = true
	for _, verb := range root.Commands() {
		verb.Flags().VisitAll(func(f *pflag.Flag) { f.Hidden = false })
	}
	return root
}
