package vae

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"tsgen/internal/neural"
	"tsgen/internal/option"
	"tsgen/models/density"
)

// TestDeclaredOptions holds the defaults and the words that the tags of Options declare
// to the constants that the model goes by.
func TestDeclaredOptions(t *testing.T) {
	defaults := map[string]any{
		"latent": DefaultLatent, "hidden": DefaultHidden, "updates": DefaultUpdates, "batch": DefaultBatch, "rate": DefaultRate,
		"patience": DefaultPatience, "tilt": DefaultTilt,
	}
	words := map[string][]string{
		"level": {string(LevelWindow), string(LevelPanel)}, "precision": {string(neural.Float64), string(neural.Float32)},
	}
	for _, f := range density.Families() {
		words["likelihood"] = append(words["likelihood"], string(f))
	}
	for _, o := range option.List(Options{}) {
		value, _, _ := strings.Cut(o.Default, " ") // what follows says for which data
		if want, ok := defaults[o.Name]; ok && value != fmt.Sprint(want) {
			t.Errorf("the default of %s is %s, want %v", o.Name, o.Default, want)
		}
		if want := words[o.Name]; !slices.Equal(o.OneOf, want) {
			t.Errorf("%s is one of %v, want %v", o.Name, o.OneOf, want)
		}
	}
}
