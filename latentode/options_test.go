package latentode

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"tsgen/internal/option"
)

// TestDeclaredOptions holds the defaults and the words that the tags of Options declare
// to the constants that the model goes by.
func TestDeclaredOptions(t *testing.T) {
	defaults := map[string]any{
		"hidden": DefaultHidden, "tolerance": DefaultTolerance, "updates": DefaultUpdates, "batch": DefaultBatch, "rate": DefaultRate,
		"patience": DefaultPatience,
	}
	words := map[string][]string{
		"likelihood": {"gaussian", "student-t", "log-normal", "poisson", "negative-binomial", "bernoulli"},
		"encoder":    {string(EncoderGRU), string(EncoderODERNN), string(EncoderGRUD)}, "level": {string(LevelWindow), string(LevelPanel)},
		"precision": {string(Float64), string(Float32)},
		"residuals": {string(ResidualsCarried), string(ResidualsOU)},
		"companion": {CompanionNone, CompanionPooled, CompanionModal}, "transform": {string(TransformNone), string(TransformLog)},
	}
	for _, o := range option.List(Options{}) {
		value, _, _ := strings.Cut(o.Default, ",") // what follows is for other data
		if want, ok := defaults[o.Name]; ok && value != fmt.Sprint(want) {
			t.Errorf("the default of %s is %s, want %v", o.Name, o.Default, want)
		}
		if want := words[o.Name]; !slices.Equal(o.OneOf, want) {
			t.Errorf("%s is one of %v, want %v", o.Name, o.OneOf, want)
		}
	}
}
