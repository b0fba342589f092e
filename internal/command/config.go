package command

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/BurntSushi/toml"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Where settings are that flags may say otherwise.
const (
	configFile   = "tsgen.toml"   // of the working directory
	configPrefix = "TSGEN_"       // of environment variables
	configPath   = "TSGEN_CONFIG" // names another file, or none if it is empty
)

// A setting is the value of a flag that does not come from the command line.
type setting struct {
	Verb   string `json:"verb,omitempty"` // empty for all verbs that have the flag
	Flag   string `json:"flag"`
	Value  string `json:"value"`
	Source string `json:"source"`
}

// settings returns those of the file, then those of the environment, each first those of all
// verbs: of several for a flag of a verb the last one counts.
func settings() ([]setting, error) {
	path, named := os.LookupEnv(configPath)
	if !named {
		path = configFile
	}
	all, err := fileSettings(path, named)
	if err != nil {
		return nil, err
	}
	return append(all, environment()...), nil
}

// fileSettings returns the settings of a file, which need not be there unless it is named.
func fileSettings(path string, named bool) ([]setting, error) {
	if path == "" {
		return nil, nil
	}
	var document map[string]any
	_, err := toml.DecodeFile(path, &document)
	var parse toml.ParseError
	switch {
	case errors.Is(err, fs.ErrNotExist) && !named:
		return nil, nil
	case errors.As(err, &parse):
		return nil, usagef("%s: line %d: %s", path, parse.Position.Line, parse.Message)
	case err != nil:
		return nil, usagef("%s: %v", path, err)
	}
	root := newRoot()
	var all, own []setting
	for _, key := range slices.Sorted(maps.Keys(document)) {
		value := document[key]
		if table, ok := value.(map[string]any); ok && verbNamed(root, key) != nil {
			for _, flag := range slices.Sorted(maps.Keys(table)) {
				if verbNamed(root, key).Flags().Lookup(flag) == nil && root.PersistentFlags().Lookup(flag) == nil {
					return nil, usagef("%s: [%s] has %s, but 'tsgen %s' has no flag --%s", path, key, flag, key, flag)
				}
				text, err := settingText(table[flag])
				if err != nil {
					return nil, usagef("%s: [%s] %s: %v", path, key, flag, err)
				}
				own = append(own, setting{key, flag, text, path})
			}
			continue
		}
		if !anyVerbHas(root, key) {
			return nil, usagef("%s: %s is neither a verb nor a flag of one; 'tsgen help config' says more", path, key)
		}
		text, err := settingText(value)
		if err != nil {
			return nil, usagef("%s: %s: %v", path, key, err)
		}
		all = append(all, setting{"", key, text, path})
	}
	return append(all, own...), nil
}

// settingText returns a value as a flag takes it.
func settingText(value any) (string, error) {
	switch v := value.(type) {
	case []any:
		var words []string
		for _, one := range v {
			word, err := settingText(one)
			if err != nil {
				return "", err
			}
			words = append(words, word)
		}
		return strings.Join(words, ","), nil
	case map[string]any:
		var words []string
		for _, key := range slices.Sorted(maps.Keys(v)) {
			word, err := settingText(v[key])
			if err != nil {
				return "", err
			}
			words = append(words, key+"="+word)
		}
		return strings.Join(words, ","), nil
	case string, bool, int64, float64:
		return fmt.Sprint(v), nil
	}
	return "", fmt.Errorf("%v is no text, number, list or table of such", value)
}

// environment returns the settings of environment variables: TSGEN_HORIZON of all verbs,
// TSGEN_FORECAST_HORIZON of one. Those that name no flag are of something else.
func environment() []setting {
	variables := slices.DeleteFunc(os.Environ(), func(v string) bool {
		return !strings.HasPrefix(v, configPrefix) || strings.HasPrefix(v, configPath+"=")
	})
	if len(variables) == 0 {
		return nil
	}
	root := newRoot()
	var all, own []setting
	for _, variable := range slices.Sorted(slices.Values(variables)) {
		name, value, _ := strings.Cut(variable, "=")
		flag := strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(name, configPrefix)), "_", "-")
		if anyVerbHas(root, flag) {
			all = append(all, setting{"", flag, value, name})
			continue
		}
		verb, of, _ := strings.Cut(flag, "-")
		if v := verbNamed(root, verb); v != nil && of != "" && v.Flags().Lookup(of) != nil {
			own = append(own, setting{verb, of, value, name})
		}
	}
	return append(all, own...)
}

func verbNamed(root *cobra.Command, name string) *cobra.Command {
	for _, verb := range root.Commands() {
		if verb.Name() == name {
			return verb
		}
	}
	return nil
}

func anyVerbHas(root *cobra.Command, flag string) bool {
	return flag != "help" && slices.ContainsFunc(root.Commands(), func(verb *cobra.Command) bool { return verb.Flags().Lookup(flag) != nil }) ||
		root.PersistentFlags().Lookup(flag) != nil
}

// supersedes says which settings do not count where a flag is given: what it says otherwise.
func supersedes(flag string) []string {
	switch flag {
	case "at":
		return []string{"horizon"}
	case "horizon":
		return []string{"at"}
	case "paths":
		return []string{"mean"}
	case "times", "known":
		return []string{"length"}
	}
	return nil
}

// configure gives the flags of a verb that the command line does not give their settings, and
// notes those.
func configure(verb *cobra.Command, notes io.Writer) error {
	all, err := settings()
	if err != nil || len(all) == 0 {
		return err
	}
	given := make(map[string]bool) // flags that are settled
	verb.Flags().Visit(func(f *pflag.Flag) {
		given[f.Name] = true
		for _, other := range supersedes(f.Name) {
			given[other] = true
		}
	})
	if given["resume"] {
		return nil // all is as the model file says
	}
	if slices.ContainsFunc(verb.Flags().Args(), isModelFile) {
		given["model"] = true
	}
	chosen := make(map[string]setting)
	for _, s := range all {
		if flag := verb.Flags().Lookup(s.Flag); flag != nil && !given[s.Flag] && (s.Verb == "" || s.Verb == verb.Name()) {
			chosen[s.Flag] = s
		}
	}
	var said []string
	for _, name := range slices.Sorted(maps.Keys(chosen)) {
		s := chosen[name]
		if err := verb.Flags().Set(name, s.Value); err != nil {
			return usagef("%s: %s: %w", s.Source, name, plainFlagError(err))
		}
		said = append(said, fmt.Sprintf("--%s=%s of %s", name, s.Value, s.Source))
	}
	if len(said) > 0 && !given["quiet"] {
		if quiet, err := verb.Flags().GetBool("quiet"); err == nil && !quiet {
			fmt.Fprintf(notes, "settings: %s\n", strings.Join(said, ", "))
		}
	}
	return nil
}

func newConfig() *cobra.Command {
	asJSON := false
	show := &cobra.Command{
		Use:   "show [VERB]",
		Short: "Show the settings of the file and of the environment",
		Example: `  tsgen config show
  tsgen config show forecast
  tsgen config show --json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			all, err := settings()
			if err != nil {
				return err
			}
			root, shown := newRoot(), []setting{}
			for _, s := range all {
				if len(args) == 0 || s.Verb == args[0] || s.Verb == "" && verbHas(root, args[0], s.Flag) {
					shown = append(shown, s)
				}
			}
			if len(args) > 0 && verbNamed(root, args[0]) == nil {
				return usagef("there is no verb %q", args[0])
			}
			if asJSON {
				return writeJSON(cmd.OutOrStdout(), map[string][]setting{"settings": shown})
			}
			return showSettings(cmd.OutOrStdout(), shown)
		},
	}
	show.Flags().BoolVar(&asJSON, "json", false, "write JSON instead of text")
	cmd := &cobra.Command{
		Use: "config",
		Long: `Flags that are the same each time can stand in tsgen.toml in the working directory, or
in the file that TSGEN_CONFIG names, by their names: those at its head are of all verbs that
have the flag, those in a table of one verb.

  level = [50, 90]

  [fit]
  effort = "high"
  set = { hidden = 32 }

The environment goes before the file, TSGEN_LEVEL=50,90 or, for one verb,
TSGEN_FIT_EFFORT=high; and the command line before both. What is taken from them is said
on standard error. An empty TSGEN_CONFIG means no file. Nothing is written in colours, with
or without NO_COLOR.`,
		Example: show.Example,
	}
	cmd.AddCommand(show)
	return cmd
}

func verbHas(root *cobra.Command, verb, flag string) bool {
	v := verbNamed(root, verb)
	return v != nil && v.Flags().Lookup(flag) != nil
}

// showSettings writes settings as text, each with its verb and where it comes from.
func showSettings(w io.Writer, all []setting) error {
	if len(all) == 0 {
		_, err := fmt.Fprintf(w, "no settings: there is no %s here, and no %s variable names a flag\n", configFile, configPrefix)
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "VERB\tFLAG\tVALUE\tSOURCE")
	for _, s := range all {
		verb := s.Verb
		if verb == "" {
			verb = "all"
		}
		fmt.Fprintf(t, "%s\t--%s\t%s\t%s\n", verb, s.Flag, s.Value, s.Source)
	}
	return t.Flush()
}
