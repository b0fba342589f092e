package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"tsgen/forecast"
	"tsgen/models/modelfile"
)

// A kind is a kind of model that the command knows.
type kind struct {
	name      string
	yardstick bool   // the others are measured by it
	irregular string // what it makes of times that are not equally spaced
	missing   string // of missing values
	channels  string // of several channels
	known     bool   // whether it heeds covariates that are known ahead
	law       string // what its forecasts are

	// options is the zero value of the model's options, whose JSON fields set
	// names; help says what they are, with their defaults.
	options any
	help    []string

	// build returns a model with options in JSON.
	build func(options []byte) (forecast.Model, error)

	// load returns the model that was stored.
	load func(*forecast.State) (forecast.Model, error)
}

// kinds returns all models, those that are the yardstick of the others last.
func kinds() []kind {
	return []kind{
		latentODEKind(),
		vrnnKind(),
		srnnKind(),
		vaeKind(),
		etsKind(),
		thetaKind(),
		stlKind(),
		linearMapKind(),
		gaussKind(),
		stateSpaceKind(),
		regressionKind(),
		driftKind(),
		naiveKind(),
		ensembleKind(),
		seasonalNaiveKind(),
		arKind(),
	}
}

func decodeOptions(options []byte, dst any) error {
	d := json.NewDecoder(bytes.NewReader(options))
	d.DisallowUnknownFields()
	return d.Decode(dst)
}

// lookupKind returns the kind with the given name.
func lookupKind(name string) (kind, bool) {
	all := kinds()
	i := slices.IndexFunc(all, func(k kind) bool { return k.name == name })
	if i < 0 {
		return kind{}, false
	}
	return all[i], true
}

func kindNames() []string {
	var names []string
	for _, k := range kinds() {
		names = append(names, k.name)
	}
	return names
}

// closedFormNames returns the names of the models that are not trained step by
// step, and so take little time.
func closedFormNames() []string {
	var names []string
	for _, k := range kinds() {
		if !isTrained(k.fresh()) {
			names = append(names, k.name)
		}
	}
	return names
}

// fresh returns a model with default options.
func (k kind) fresh() forecast.Model {
	m, err := k.build([]byte("{}"))
	if err != nil {
		panic(err) // the zero options are those by default
	}
	return m
}

// candidate returns the kind with default options as one of a backtest.
func (k kind) candidate() forecast.Candidate {
	return forecast.Candidate{Name: k.name, New: k.fresh}
}

// zeroOptions returns the zero value of each option, in JSON, by the names that set
// accepts.
func (k kind) zeroOptions() map[string]json.RawMessage {
	encoded, err := json.Marshal(k.options)
	if err != nil {
		panic(err) // options are plain numbers and strings
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(encoded, &fields); err != nil {
		panic(err)
	}
	options := make(map[string]json.RawMessage, len(fields))
	for name, zero := range fields {
		options[strings.ToLower(name)] = zero
	}
	return options
}

// optionNames returns the names that set accepts.
func (k kind) optionNames() []string { return slices.Sorted(maps.Keys(k.zeroOptions())) }

// set returns a model with the options given as text by their names.
func (k kind) set(options map[string]string) (forecast.Model, error) {
	zero := k.zeroOptions()
	fields := make(map[string]any, len(options))
	for name, text := range options {
		value, ok := zero[name]
		if !ok {
			return nil, usagef("--set %s: %s has the options %s", name, k.name, strings.Join(k.optionNames(), ", "))
		}
		fields[name] = text
		switch v, err := strconv.ParseFloat(text, 64); {
		case value[0] == '"': // a text, whatever it looks like
		case err == nil && !math.IsNaN(v-v):
			fields[name] = json.RawMessage(strconv.FormatFloat(v, 'g', -1, 64))
		case text == "true" || text == "false":
			fields[name] = json.RawMessage(text)
		}
	}
	encoded, err := json.Marshal(fields)
	if err != nil {
		return nil, usagef("--set: %v", err)
	}
	m, err := k.build(encoded)
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		name := strings.ToLower(wrong.Field)
		return nil, usagef("--set %s=%s: want a value of type %v", name, options[name], wrong.Type)
	} else if err != nil {
		return nil, usagef("--set: %v", err)
	}
	return m, nil
}

// abilities says what models of the kind can do beyond forecasting.
func (k kind) abilities() string {
	var names []string
	for _, a := range forecast.Abilities(k.fresh()) {
		names = append(names, string(a))
	}
	return cmp.Or(strings.Join(names, ", "), "-")
}

// state returns what a model file holds of a fitted model.
func state(m forecast.Model) (*forecast.State, error) {
	if s, ok := m.(forecast.Stater); ok {
		return s.State()
	}
	options, err := json.Marshal(m)
	return &forecast.State{Kind: m.Name(), Options: options}, err
}

// loadModel reads a model file.
func loadModel(path string) (*modelfile.File, forecast.Model, error) {
	f, err := modelfile.Load(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("%w; fit a model first: tsgen fit FILE -o %s", err, path)
	} else if err != nil {
		return nil, nil, err
	}
	k, ok := lookupKind(f.Kind)
	if !ok {
		return nil, nil, fmt.Errorf("%s: %w: its kind %q is unknown to this version, which knows %s",
			path, forecast.ErrMismatch, f.Kind, strings.Join(kindNames(), ", "))
	}
	m, err := k.load(&f.State)
	if err != nil {
		return nil, nil, &modelfile.FormatError{Path: path, Err: fmt.Errorf("%w: %w", modelfile.ErrDamaged, err)}
	}
	return f, m, nil
}

func yesOrNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func newModels() *cobra.Command {
	return &cobra.Command{
		Use:   "models",
		Short: "List the models and what they can do",
		Long: `models lists the models that fit knows, what they make of data (known ahead:
whether they heed the covariates of --known), and what they can do beyond
forecasting: generate new series, impute what is missing, tell the likelihood of a
series, encode it as latent states. Their options are in the help of fit.`,
		Example: "  tsgen models",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "MODEL\tIRREGULAR TIMES\tMISSING VALUES\tCHANNELS\tKNOWN AHEAD\tFORECAST\tALSO")
			for _, k := range kinds() {
				fmt.Fprintln(w, strings.Join([]string{k.name, k.irregular, k.missing, k.channels, yesOrNo(k.known), k.law, k.abilities()}, "\t"))
			}
			return w.Flush()
		},
	}
}
