package command

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
	"github.com/spf13/pflag"
)

// newDocs returns the hidden verb that writes the reference and the man pages.
func newDocs() *cobra.Command {
	return &cobra.Command{
		Use:       "docs markdown|man DIRECTORY",
		Short:     "Write the reference as Markdown, or man pages",
		Hidden:    true,
		Example:   "  tsgen docs markdown docs/reference\n  tsgen docs man /usr/local/share/man/man1\n  tsgen docs man . && man ./tsgen-fit.1",
		Args:      cobra.ExactArgs(2),
		ValidArgs: []string{"markdown", "man"},
		RunE: func(_ *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[1], 0o755); err != nil {
				return err
			}
			switch args[0] {
			case "markdown":
				return writeReference(args[1])
			case "man":
				header := &doc.GenManHeader{Title: "TSGEN", Section: "1", Source: "tsgen", Manual: "tsgen"}
				if moment, err := time.Parse(time.RFC3339, newBuildReport().Time); err == nil {
					header.Date = &moment // of the revision, so that the same program writes the same pages
				}
				return doc.GenManTree(documented(), header, args[1])
			}
			return usagef("docs writes markdown or man, not %q", args[0])
		},
	}
}

// documented returns the command with all its flags and without the time of writing.
func documented() *cobra.Command {
	root := newRoot()
	root.DisableAutoGenTag = true
	root.CompletionOptions.DisableDefaultCmd = true
	for _, verb := range root.Commands() {
		verb.Flags().VisitAll(func(f *pflag.Flag) { f.Hidden = false })
	}
	return root
}

// writeReference writes the pages of the verbs and an index of them.
func writeReference(dir string) error {
	root := documented()
	if err := doc.GenMarkdownTreeCustom(root, dir, func(string) string { return "" }, func(name string) string { return name }); err != nil {
		return err
	}
	var verbs, topics strings.Builder
	verbs.WriteString("# Reference\n\nThe verbs of the command and what `tsgen help` tells beside them. These pages are written by `tsgen docs markdown docs/reference`.\n\n")
	topics.WriteString("# Topics\n")
	for _, c := range root.Commands() {
		switch {
		case c.IsAdditionalHelpTopicCommand():
			fmt.Fprintf(&topics, "\n## %s\n\n%s (`tsgen help %s`)\n\n```\n%s\n```\n", c.Name(), c.Short, c.Name(), c.Long)
		case !c.Hidden:
			fmt.Fprintf(&verbs, "- [%s](tsgen_%s.md): %s\n", c.CommandPath(), c.Name(), c.Short)
		}
	}
	verbs.WriteString("- [topics](topics.md): times, data, values, scores, training, paths, pictures, exit statuses\n")
	if err := os.WriteFile(filepath.Join(dir, "README.md"), []byte(verbs.String()), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "topics.md"), []byte(topics.String()), 0o644)
}
