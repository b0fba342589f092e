package option_test

import (
	"math"
	"reflect"
	"strings"
	"testing"

	"tsgen/internal/option"
)

type cell string

// options has every type, and every kind of bound and default.
type options struct {
	Hidden  int     `json:"hidden" min:"1" max:"64" default:"32" help:"width"`
	Static  int     `json:"static" min:"-1" default:"4 with a season" help:"latent variables that stay"`
	Count   int     `json:"count,omitempty" below:"9"`
	Rate    float64 `json:"rate" min:"0" default:"1e-3" help:"of learning"`
	Theta   float64 `min:"1" default:"estimated" help:"of the line"`
	Dropout float64 `json:"dropout" min:"0" below:"1" default:"0" help:"part"`
	Tilt    float64 `json:"tilt" default:"2" help:"strength"`
	Cell    cell    `json:"cell" oneof:"gru lstm" default:"gru" help:"of the recurrence"`
	Members string  `json:"members" default:"ar" help:"models"`
	Robust  bool    `json:"robust" default:"false" help:"whether outliers lose their weight"`
}

// TestList holds names, types and bounds to what the fields declare.
func TestList(t *testing.T) {
	want := []struct {
		name, kind, values string
	}{
		{"hidden", "int", "1 to 64"}, {"static", "int", "-1 to 1048576"}, {"count", "int", "-1048576 or more and less than 9"},
		{"rate", "float", "0 or more"}, {"theta", "float", "1 or more"}, {"dropout", "float", "0 or more and less than 1"},
		{"tilt", "float", ""}, {"cell", "text", "gru or lstm"}, {"members", "text", ""}, {"robust", "bool", "true or false"},
	}
	list := option.List(&options{})
	if len(list) != len(want) {
		t.Fatalf("%d options, want %d", len(list), len(want))
	}
	for i, o := range list {
		if w := want[i]; o.Name != w.name || string(o.Type) != w.kind || o.Range() != w.values {
			t.Errorf("option %s of type %s with %q, want %v", o.Name, o.Type, o.Range(), w)
		}
	}
	if o := list[0]; o.Default != "32" || o.Help != "width" {
		t.Errorf("default %q, help %q", o.Default, o.Help)
	}
}

// TestValidate takes values at the edges and zero, and refuses what lies beyond, NaN and
// infinities, with a message that names the option, the value and what is wanted.
func TestValidate(t *testing.T) {
	for _, o := range []options{
		{}, {Hidden: 1}, {Hidden: 64}, {Static: -1}, {Static: option.Most}, {Count: 8}, {Theta: 1}, {Dropout: math.Nextafter(1, 0)},
		{Tilt: -1e300}, {Cell: "lstm"}, {Members: "x"}, {Robust: true},
	} {
		if err := option.Validate("rnn", o); err != nil {
			t.Errorf("%+v: %v", o, err)
		}
	}
	for _, test := range []struct {
		o    options
		want string
	}{
		{options{Hidden: -1}, "rnn: option hidden is -1, want a whole number, 1 to 64, or 0 for the default"},
		{options{Hidden: 65}, "rnn: option hidden is 65, want"},
		{options{Static: -2}, "rnn: option static is -2, want a whole number, -1 to 1048576"},
		{options{Static: option.Most + 1}, "option static is 1048577"},
		{options{Count: 9}, "option count is 9"},
		{options{Rate: math.NaN()}, "rnn: option rate is NaN, want a number, 0 or more"},
		{options{Rate: math.Inf(1)}, "option rate is +Inf"},
		{options{Theta: 0.5}, "rnn: option theta is 0.5, want a number, 1 or more, or 0 for the default"},
		{options{Dropout: 1}, "option dropout is 1, want a number, 0 or more and less than 1"},
		{options{Tilt: math.Inf(-1)}, "option tilt is -Inf, want a number"},
		{options{Cell: "GRU"}, `rnn: option cell is "GRU", want gru or lstm`},
	} {
		if err := option.Validate("rnn", &test.o); err == nil || !strings.HasPrefix(err.Error(), "rnn: ") || !strings.Contains(err.Error(), test.want) {
			t.Errorf("error %v, want %s", err, test.want)
		}
	}
	if err := option.Validate("", options{Hidden: -1}); err == nil || !strings.HasPrefix(err.Error(), "option hidden") {
		t.Errorf("error %v without a package", err)
	}
}

// TestSet sets what texts say, and nothing if one of them is refused.
func TestSet(t *testing.T) {
	o := options{Tilt: 3}
	texts := map[string]string{"hidden": "48", "static": "-1e0", "rate": "1e-4", "theta": "0", "cell": "", "members": "true", "robust": "true"}
	if err := option.Set(&o, texts); err != nil {
		t.Fatal(err)
	}
	want := options{Hidden: 48, Static: -1, Rate: 1e-4, Tilt: 3, Members: "true", Robust: true}
	if o != want {
		t.Errorf("%+v, want %+v", o, want)
	}
	for _, test := range []struct {
		name, text, want string
	}{
		{"hidden", "1.5", "a whole number"}, {"hidden", "", "a whole number"}, {"hidden", "wide", `option hidden is "wide"`},
		{"hidden", "NaN", "a whole number"}, {"hidden", "1e300", "1 to 64"}, {"hidden", "-1", "1 to 64"}, {"rate", "Inf", "a number"},
		{"rate", "nan", "a number"}, {"rate", "fast", "a number"}, {"cell", "rnn", "gru or lstm"}, {"robust", "1", "true or false"},
		{"depth", "3", "there is no option depth; those there are: hidden, static"},
	} {
		err := option.Set(&o, map[string]string{"tilt": "1", test.name: test.text})
		if err == nil || !strings.Contains(err.Error(), test.name) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s=%s: error %v, want %s", test.name, test.text, err, test.want)
		}
	}
	if o != want {
		t.Errorf("refused values leave %+v", o)
	}
	if err := option.Set(&struct{}{}, map[string]string{"a": "1"}); err == nil || !strings.Contains(err.Error(), "has none") {
		t.Errorf("error %v of a model without options", err)
	}
}

// TestDefaults fills what is zero and has a value for a default, and leaves the rest.
func TestDefaults(t *testing.T) {
	o := options{Tilt: -1}
	option.Defaults(&o)
	if want := (options{Hidden: 32, Rate: 1e-3, Tilt: -1, Cell: "gru"}); o != want {
		t.Errorf("%+v, want %+v", o, want)
	}
}

// TestMistakes panics for tags and fields that declare no option.
func TestMistakes(t *testing.T) {
	for _, opts := range []any{
		struct {
			A int `min:"low"`
		}{},
		struct{ A []int }{},
		struct{ a int }{},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%v passes", reflect.TypeOf(opts))
				}
			}()
			option.List(opts)
		}()
	}
}
