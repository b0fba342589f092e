package rnn

import (
	"fmt"
	"slices"
	"testing"

	"tsgen/internal/option"
	"tsgen/models/density"
)

// TestDeclaredOptions holds the defaults and the words that the tags of Options declare
// to the constants that the model goes by.
func TestDeclaredOptions(t *testing.T) {
	defaults := map[string]any{
		"latent": DefaultLatent, "updates": DefaultUpdates, "batch": DefaultBatch, "rate": DefaultRate, "patience": DefaultPatience,
		"particles": DefaultParticles,
	}
	words := map[string][]string{
		"cell": {string(GRU), string(LSTM)}, "level": {string(LevelWindow), string(LevelPanel)},
		"precision": {string(Float64), string(Float32)}, "transform": {string(TransformNone), string(TransformLog)},
	}
	for _, f := range density.Families() {
		words["likelihood"] = append(words["likelihood"], string(f))
	}
	for _, o := range option.List(Options{}) {
		if want, ok := defaults[o.Name]; ok && o.Default != fmt.Sprint(want) {
			t.Errorf("the default of %s is %s, want %v", o.Name, o.Default, want)
		}
		if want := words[o.Name]; !slices.Equal(o.OneOf, want) {
			t.Errorf("%s is one of %v, want %v", o.Name, o.OneOf, want)
		}
	}
}
