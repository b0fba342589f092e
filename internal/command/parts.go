package command

import (
	"slices"

	"github.com/spf13/cobra"

	"tsgen/forecast"
)

// registerBy registers the flag by which scores are told in parts.
func registerBy(cmd *cobra.Command, by *string) {
	cmd.Flags().StringVar(by, "by", "", "tell the scores of each `part` too: series, channel or step")
	completeWords(cmd, "by", "series", "channel", "step")
}

// splitBy returns what the flag says, empty for none.
func splitBy(by string) (forecast.Split, error) {
	if s := forecast.Split(by); by == "" || slices.Contains(forecast.Splits(), s) {
		return s, nil
	}
	return "", usagef("--by is %q, want series, channel or step", by)
}

// A partsReport is what a JSON document has of scores in parts.
type partsReport struct {
	By        forecast.Split    `json:"by"`
	Parts     []partReport      `json:"parts"`
	Reference string            `json:"reference"` // of the relative scores
	Relative  map[string]number `json:"relative"`  // CRPS by model, geometric mean over the parts
}

type partReport struct {
	Name   string        `json:"name"`
	Models []modelScores `json:"models"`
}

// newPartsReport returns the scores of a report in parts.
func newPartsReport(r *forecast.Report, by forecast.Split) (*partsReport, error) {
	if by == "" {
		return nil, nil
	}
	parts, err := r.Parts(by)
	if err != nil {
		return nil, err
	}
	reference, means := r.Relative(parts)
	out := &partsReport{By: by, Reference: reference, Relative: make(map[string]number)}
	for m, x := range means {
		if r.Models[m].Err == nil {
			out.Relative[r.Models[m].Name] = number(x)
		}
	}
	for _, p := range parts {
		one := partReport{Name: p.Name}
		for m, t := range r.Models {
			if t.Err != nil {
				continue
			}
			scores := modelScores{Model: t.Name, Scores: measures(p.Scores[m])}
			scores.Scores["rel"] = number(p.Relative[m])
			one.Models = append(one.Models, scores)
		}
		out.Parts = append(out.Parts, one)
	}
	return out, nil
}
