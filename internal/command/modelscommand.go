package command

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"tsgen/models"
)

func newModels() *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use: "models [NAME]",
		Long: `models lists the models that fit knows: what they make of irregular times, of
missing values, of several channels and of the covariates of --known, and what
they can do beyond forecasting. With the NAME of one it says what that model is
and which options fit --set takes for it, with their defaults.`,
		Example: `  tsgen models
  tsgen models vrnn
  tsgen models --json`,
		Args: cobra.MaximumNArgs(1),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return models.Names(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			w := cmd.OutOrStdout()
			if len(args) == 0 {
				all := models.Kinds()
				if asJSON {
					reports := make([]kindReport, len(all))
					for i, k := range all {
						reports[i] = newKindReport(k)
					}
					return writeJSON(w, reports)
				}
				return writeKinds(w, all)
			}
			k, err := models.Lookup(args[0])
			if err != nil {
				return usagef("there is no model %q; there are %s", args[0], strings.Join(models.Names(), ", "))
			}
			if asJSON {
				return writeJSON(w, newKindReport(k))
			}
			return writePage(w, k)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "write JSON instead of a table, with the options of the models")
	return cmd
}

// A kindReport is what scripts learn of a kind.
type kindReport struct {
	Name      string          `json:"name"`
	About     string          `json:"about"`
	Trained   bool            `json:"trained"` // step by step, by fit
	Irregular string          `json:"irregular_times"`
	Missing   string          `json:"missing_values"`
	Channels  string          `json:"channels"`
	Known     bool            `json:"known_ahead"`
	Forecast  string          `json:"forecast"`
	Also      []string        `json:"also"` // what it does beyond forecasting
	Options   []models.Option `json:"options"`
}

func newKindReport(k models.Kind) kindReport {
	r := kindReport{
		Name: k.Name, About: k.About, Trained: k.Trained(), Irregular: k.Irregular, Missing: k.Missing, Channels: k.Channels,
		Known: k.Known, Forecast: k.Distribution, Also: []string{}, Options: k.OptionList(),
	}
	for _, a := range k.Abilities() {
		r.Also = append(r.Also, string(a))
	}
	return r
}

// row returns what a kind does, in words, in the order of the columns of writeKinds.
func (r kindReport) row() []string {
	known := "no"
	if r.Known {
		known = "yes"
	}
	return []string{r.Irregular, r.Missing, r.Channels, known, r.Forecast, cmp.Or(strings.Join(r.Also, ", "), "-")}
}

// columns are the titles of a row.
var columns = [...]string{"irregular times", "missing values", "channels", "known ahead", "forecast", "also"}

// writeKinds writes a table of the kinds.
func writeKinds(out io.Writer, all []models.Kind) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "MODEL\t"+strings.ToUpper(strings.Join(columns[:], "\t")))
	for _, k := range all {
		fmt.Fprintln(w, k.Name+"\t"+strings.Join(newKindReport(k).row(), "\t"))
	}
	return w.Flush()
}

// Widths of the page of a kind, in characters.
const (
	pageWidth  = 80
	valueWidth = 24
	helpWidth  = 46
)

// writePage writes what the kind is, what it can do, and its options.
func writePage(out io.Writer, k models.Kind) error {
	r := newKindReport(k)
	fmt.Fprintf(out, "%s\n\n", strings.Join(wrap(r.Name+": "+r.About, pageWidth), "\n"))
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for i, text := range r.row() {
		fmt.Fprintf(w, "%s\t%s\n", columns[i], text)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if len(r.Options) == 0 {
		_, err := fmt.Fprintln(out, "\nIt has no options.")
		return err
	}
	fmt.Fprintf(out, "\nOptions of tsgen fit -m %s --set name=value,...\n\n", k.Name)
	var table bytes.Buffer
	w = tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "OPTION\tTYPE\tVALUES\tDEFAULT\tMEANING")
	for _, o := range r.Options {
		values, preset, help := wrap(o.Range(), valueWidth), wrap(o.Default, valueWidth), wrap(o.Help, helpWidth)
		name, kind := o.Name, string(o.Type)
		for i := range max(len(values), len(preset), len(help)) {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", name, kind, at(values, i), at(preset, i), at(help, i))
			name, kind = "", ""
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for line := range strings.Lines(table.String()) { // without the blanks that end rows
		fmt.Fprintln(out, strings.TrimRight(line, " \n"))
	}
	return nil
}

// at returns the line at i, or an empty one after the last.
func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return ""
}

// wrap breaks a text into lines of at most width characters, as far as its words allow.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		switch {
		case line == "":
			line = word
		case len(line)+1+len(word) > width:
			lines = append(lines, line)
			line = word
		default:
			line += " " + word
		}
	}
	return append(lines, line)
}
