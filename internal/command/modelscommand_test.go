package command

import (
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"tsgen/internal/option"
	"tsgen/models"
)

// TestOptionsAreDeclared holds every option of every kind to having a help and a
// default, which --set takes if it is a number.
func TestOptionsAreDeclared(t *testing.T) {
	for _, k := range models.Kinds() {
		if k.About == "" {
			t.Errorf("%s: nothing says what it is", k.Name)
		}
		for _, o := range k.OptionList() {
			if o.Help == "" || o.Default == "" {
				t.Errorf("%s: option %s has the help %q and the default %q", k.Name, o.Name, o.Help, o.Default)
			}
			if _, err := strconv.ParseFloat(o.Default, 64); err == nil {
				if _, err := newModel(k.Name, map[string]string{o.Name: o.Default}); err != nil {
					t.Errorf("the default of %s: %v", k.Name, err)
				}
			}
		}
	}
}

// TestBoundsOfOptions holds what --set takes to the declared bounds, at both sides of
// their edges, for every option of every kind.
func TestBoundsOfOptions(t *testing.T) {
	for _, k := range models.Kinds() {
		for _, o := range k.OptionList() {
			taken, refused := edges(o)
			for _, text := range taken {
				if _, err := newModel(k.Name, map[string]string{o.Name: text}); err != nil {
					t.Errorf("%s: %s=%s is refused: %v", k.Name, o.Name, text, err)
				}
			}
			for _, text := range refused {
				var usage *usageError
				_, err := newModel(k.Name, map[string]string{o.Name: text})
				if !errors.As(err, &usage) || !strings.HasPrefix(err.Error(), k.Name+": option "+o.Name+" is ") {
					t.Errorf("%s: %s=%s: error %v", k.Name, o.Name, text, err)
				}
			}
		}
	}
}

// edges returns texts that an option takes and such as it refuses.
func edges(o option.Option) (taken, refused []string) {
	switch o.Type {
	case option.Bool:
		return []string{"true", "false"}, []string{"1", "yes", ""}
	case option.Text:
		for _, word := range o.OneOf {
			taken, refused = append(taken, word), append(refused, word+"x")
		}
		return taken, refused
	case option.Int:
		taken = []string{"0", exact(*o.Min), exact(*o.Max)}
		refused = []string{exact(min(*o.Min, 0) - 1), exact(*o.Max + 1), "1.5", "1e300"}
	case option.Float:
		taken = []string{"0"}
		if o.Min != nil {
			taken, refused = append(taken, exact(*o.Min)), append(refused, exact(math.Nextafter(*o.Min, math.Inf(-1))))
		}
		if o.Max != nil {
			taken, refused = append(taken, exact(*o.Max)), append(refused, exact(math.Nextafter(*o.Max, math.Inf(1))))
		}
		if o.Below != nil {
			taken, refused = append(taken, exact(math.Nextafter(*o.Below, 0))), append(refused, exact(*o.Below))
		}
	}
	return taken, append(refused, "x", "", "NaN", "Inf", "-inf")
}

func exact(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

// TestOneOptionOneBound keeps an option from having other bounds in another kind:
// --updates 70000 is taken by all that are trained, or by none.
func TestOneOptionOneBound(t *testing.T) {
	first := map[string]string{}
	for _, k := range models.Kinds() {
		for _, o := range k.OptionList() {
			switch o.Name {
			case "lookback", "harmonics", "likelihood", // bounded by the method
				"dropout": // below zero is none where the default depends on the data
				continue
			}
			bounds := string(o.Type) + " " + o.Range()
			if was, ok := first[o.Name]; ok && was != bounds {
				t.Errorf("option %s is %s for %s, %s before", o.Name, bounds, k.Name, was)
			}
			first[o.Name] = bounds
		}
	}
}

// TestModelPage looks for every option, its type and its values on the page of its model,
// and for all that is declared in JSON.
func TestModelPage(t *testing.T) {
	var all []kindReport
	if err := json.Unmarshal([]byte(mustRun(t, "models", "--json").stdout), &all); err != nil {
		t.Fatal(err)
	}
	for i, k := range models.Kinds() {
		page := strings.Join(strings.Fields(mustRun(t, "models", k.Name).stdout), " ")
		if !strings.HasPrefix(page, k.Name+": "+k.About) {
			t.Errorf("the page of %s begins with %.60q", k.Name, page)
		}
		for _, o := range k.OptionList() {
			if !strings.Contains(page, " "+o.Name+" "+string(o.Type)+" "+strings.Split(o.Range(), " ")[0]) {
				t.Errorf("no option %s on the page of %s", o.Name, k.Name)
			}
		}
		var one kindReport
		if err := json.Unmarshal([]byte(mustRun(t, "models", k.Name, "--json").stdout), &one); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(one, all[i]) || !reflect.DeepEqual(one.Options, k.OptionList()) {
			t.Errorf("%s: its options are others in JSON", k.Name)
		}
	}
	check(t, tsgen("models", "prophet"), exitUsage, []string{`"prophet"`, "latent-ode"})
}

// TestHelpIsOneScreen keeps the help of every verb within 50 lines.
func TestHelpIsOneScreen(t *testing.T) {
	for _, verb := range newRoot().Commands() {
		if n := strings.Count(mustRun(t, "help", verb.Name()).stdout, "\n"); n >= 50 {
			t.Errorf("the help of %s has %d lines", verb.Name(), n)
		}
	}
}
