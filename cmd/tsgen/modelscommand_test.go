package main

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
			taken, refused := map[string]bool{}, map[string]bool{"x": true, "": true, "NaN": true, "Inf": true, "-inf": true, "1e300": o.Type == option.Int}
			switch o.Type {
			case option.Bool:
				taken["true"], taken["false"] = true, true
				refused["1"] = true
			case option.Text:
				refused = map[string]bool{}
				for _, word := range o.OneOf {
					taken[word], refused[word+"x"] = true, true
				}
			case option.Int:
				taken["0"], taken[whole(*o.Min)], taken[whole(*o.Max)] = true, true, true
				refused[whole(*o.Min-1)], refused[whole(*o.Max+1)], refused["1.5"] = *o.Min != 1, true, true
				if *o.Min == 1 {
					refused["-1"] = true
				}
			case option.Float:
				taken["0"] = true
				if o.Min != nil {
					taken[exact(*o.Min)], refused[exact(math.Nextafter(*o.Min, math.Inf(-1)))] = true, true
				}
				if o.Max != nil {
					taken[exact(*o.Max)], refused[exact(math.Nextafter(*o.Max, math.Inf(1)))] = true, true
				}
				if o.Below != nil {
					taken[exact(math.Nextafter(*o.Below, 0))], refused[exact(*o.Below)] = true, true
				}
			}
			for text := range taken {
				if k.Name == "ensemble" {
					break // its texts are names and weights
				}
				if _, err := newModel(k.Name, map[string]string{o.Name: text}); err != nil {
					t.Errorf("%s=%s is refused: %v", o.Name, text, err)
				}
			}
			for text, is := range refused {
				var usage *usageError
				_, err := newModel(k.Name, map[string]string{o.Name: text})
				if is && (!errors.As(err, &usage) || !strings.HasPrefix(err.Error(), k.Name+": option "+o.Name+" is ")) {
					t.Errorf("%s: %s=%s: error %v", k.Name, o.Name, text, err)
				}
			}
		}
	}
}

func whole(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }
func exact(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

// TestOneOptionOneBound keeps an option from having other bounds in another kind:
// --updates 70000 is taken by all that are trained, or by none.
func TestOneOptionOneBound(t *testing.T) {
	first := map[string]string{}
	for _, k := range models.Kinds() {
		for _, o := range k.OptionList() {
			switch o.Name {
			case "lookback", "harmonics", "likelihood": // bounded by the method
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

// TestModelPage looks for every option, its default and its bounds on the page of its
// model, and for the same in JSON.
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
	check(t, tsgen("models", "arima"), exitUsage, []string{`"arima"`, "latent-ode"})
}

// TestHelpIsOneScreen keeps the help of every verb within 50 lines.
func TestHelpIsOneScreen(t *testing.T) {
	for _, verb := range newRoot().Commands() {
		if n := strings.Count(mustRun(t, "help", verb.Name()).stdout, "\n"); n >= 50 {
			t.Errorf("the help of %s has %d lines", verb.Name(), n)
		}
	}
}
