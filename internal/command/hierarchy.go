package command

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"tsgen/forecast"
	"tsgen/forecast/hierarchy"
	"tsgen/models/modelfile"
	"tsgen/series"
)

// treeFlags are what the command line says of a hierarchy.
type treeFlags struct {
	columns   []string // that name its levels; nil for none
	reconcile string
}

func (f *treeFlags) register(fl *pflag.FlagSet) {
	fl.StringSliceVar(&f.columns, "hierarchy", nil, "`columns` that name the series, the coarsest first, whose sums are forecast too, such as country,region,store")
	fl.StringVar(&f.reconcile, "reconcile", string(hierarchy.MinT), "`how` the levels of --hierarchy are made to agree: mint, wls, structural or ols")
	if err := fl.MarkHidden("reconcile"); err != nil { // told by 'tsgen help paths'
		panic(err) // there is no such flag
	}
}

// check checks the flags; the columns are the identifiers of a FILE, too, unless others are
// named.
func (f *treeFlags) check(fl *pflag.FlagSet, data *dataFlags) error {
	switch {
	case f.columns == nil && fl.Changed("reconcile"):
		return usagef("--reconcile is of the levels that --hierarchy names")
	case f.columns == nil:
		return nil
	case fl.Changed("compare"):
		return usagef("--hierarchy and --compare exclude each other")
	case !slices.Contains(hierarchy.Methods(), hierarchy.Method(f.reconcile)):
		return usagef("--reconcile is %q, want mint, wls, structural or ols", f.reconcile)
	}
	if data.id == "" {
		data.id = strings.Join(f.columns, ",")
	}
	return nil
}

// grow returns the hierarchy of the history, the series of all its nodes and the domains of
// the channels there; without one, nil and what was given. Bounds of the series are none of
// their sums; that the series keep to them is for the reconciliation.
func (f *treeFlags) grow(history *series.Panel, domains []forecast.Domain) (*hierarchy.Hierarchy, *series.Panel, []forecast.Domain, error) {
	if f.columns == nil {
		return nil, history, domains, nil
	}
	tree, err := hierarchy.New(history, f.columns)
	if err != nil {
		return nil, nil, nil, err
	}
	nodes, err := tree.Panel(history)
	return tree, nodes, slices.Repeat([]forecast.Domain{forecast.Unbounded()}, len(domains)), err
}

// reconciled returns the forecast of the nodes such that it adds up, with the series themselves in the domains of their channels.
func (f *treeFlags) reconciled(ctx context.Context, tree *hierarchy.Hierarchy, file *modelfile.File, model forecast.Model, nodes *series.Panel, made *forecast.Forecast, domains []forecast.Domain) (*forecast.Forecast, error) {
	errs, err := hierarchy.PastErrors(ctx, model, nodes, forecast.Options{Season: file.Season, Outliers: file.Outliers, Seed: file.Seed})
	if err != nil {
		return nil, err
	}
	var own [][]forecast.Domain
	for i := len(nodes.Series) - len(tree.Nodes[0].Sum); i < len(nodes.Series); i++ {
		own = append(own, forecast.DomainsOf(nodes, i, domains))
	}
	return tree.Reconcile(made, hierarchy.Method(f.reconcile), errs, own)
}
