// Package option reads the options of a model from the struct that holds them, so
// that a field declares an option once:
//
//	Hidden int `json:"hidden" min:"1" max:"65536" default:"32" help:"width of the layers"`
//
// An option has the name of its field in JSON, in lower case. It is a whole number
// (int), a number (float64), a switch (bool) or a word (string). The other tags are
//
//	min, max   the bounds of a number
//	below      a bound that a number must stay under
//	oneof      the words of a text, with spaces between them; without it any will do
//	default    what a zero field stands for: a value, or words where the data decide
//	help       what the option is
//
// Numbers are finite, and whole ones without a bound lie within -Most and Most. A zero
// field stands for the default, so that zero is within all bounds.
//
// All functions panic if a tag or the type of a field is not as described.
package option

import (
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Most bounds whole numbers whose field names no bound.
const Most = 1 << 20

// A Type is a type of options.
type Type string

// The types.
const (
	Int   Type = "int"
	Float Type = "float"
	Bool  Type = "bool"
	Text  Type = "text"
)

// An Option is one choice of a model. Bounds that there are not are nil.
type Option struct {
	Name    string   `json:"name"`
	Type    Type     `json:"type"`
	Min     *float64 `json:"min,omitempty"`
	Max     *float64 `json:"max,omitempty"`
	Below   *float64 `json:"below,omitempty"`
	OneOf   []string `json:"oneof,omitempty"`
	Default string   `json:"default"`
	Help    string   `json:"help"`
}

// List returns the options that the exported fields of opts, a struct or a pointer to
// one, declare, in their order.
func List(opts any) []Option {
	t := reflect.TypeOf(opts)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	list := make([]Option, t.NumField())
	for i := range list {
		list[i] = declared(t.Field(i))
	}
	return list
}

// declared returns the option that a field declares.
func declared(f reflect.StructField) Option {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	if name == "" {
		name = f.Name
	}
	o := Option{
		Name: strings.ToLower(name), Default: f.Tag.Get("default"), Help: f.Tag.Get("help"),
		Min: bound(f, "min"), Max: bound(f, "max"), Below: bound(f, "below"),
	}
	switch f.Type.Kind() {
	case reflect.Int:
		o.Type = Int
		least, most := float64(-Most), float64(Most)
		if o.Min == nil {
			o.Min = &least
		}
		if o.Max == nil && o.Below == nil {
			o.Max = &most
		}
	case reflect.Float64:
		o.Type = Float
	case reflect.Bool:
		o.Type = Bool
	case reflect.String:
		o.Type = Text
		if words, ok := f.Tag.Lookup("oneof"); ok {
			o.OneOf = strings.Fields(words)
		}
	default:
		panic(fmt.Sprintf("option: field %s is of type %v", f.Name, f.Type))
	}
	if !f.IsExported() {
		panic(fmt.Sprintf("option: field %s is not exported", f.Name))
	}
	return o
}

// bound returns a bound of a field, nil if it has none.
func bound(f reflect.StructField, tag string) *float64 {
	text, ok := f.Tag.Lookup(tag)
	if !ok {
		return nil
	}
	x, err := strconv.ParseFloat(text, 64)
	if err != nil {
		panic(fmt.Sprintf("option: field %s: %s is %q", f.Name, tag, text))
	}
	return &x
}

// Range says which values the option takes, in words: "1 to 65536", "0 or more",
// "gru or lstm". It is empty for any number and any text.
func (o Option) Range() string {
	switch {
	case o.Type == Bool:
		return "true or false"
	case len(o.OneOf) > 1:
		last := len(o.OneOf) - 1
		return strings.Join(o.OneOf[:last], ", ") + " or " + o.OneOf[last]
	case len(o.OneOf) == 1:
		return o.OneOf[0]
	case o.Min != nil && o.Max != nil:
		return number(*o.Min) + " to " + number(*o.Max)
	}
	var parts []string
	if o.Min != nil {
		parts = append(parts, number(*o.Min)+" or more")
	}
	if o.Max != nil {
		parts = append(parts, number(*o.Max)+" or less")
	}
	if o.Below != nil {
		parts = append(parts, "less than "+number(*o.Below))
	}
	return strings.Join(parts, " and ")
}

func number(x float64) string {
	if x == math.Trunc(x) && math.Abs(x) < 1e15 {
		return strconv.FormatFloat(x, 'f', -1, 64)
	}
	return strconv.FormatFloat(x, 'g', -1, 64)
}

// want says what the option takes, for an error.
func (o Option) want() string {
	var kind string
	switch o.Type {
	case Int:
		kind = "a whole number"
	case Float:
		kind = "a number"
	default:
		return o.Range()
	}
	if r := o.Range(); r != "" {
		kind += ", " + r
	}
	if o.Min != nil && *o.Min > 0 {
		kind += ", or 0 for the default"
	}
	return kind
}

// accepts reports whether the option takes the value.
func (o Option) accepts(v reflect.Value) bool {
	switch o.Type {
	case Int:
		return v.IsZero() || o.within(float64(v.Int()))
	case Float:
		return v.IsZero() || o.within(v.Float())
	case Text:
		return v.IsZero() || o.OneOf == nil || slices.Contains(o.OneOf, v.String())
	}
	return true
}

func (o Option) within(x float64) bool {
	return !math.IsNaN(x-x) && (o.Min == nil || x >= *o.Min) && (o.Max == nil || x <= *o.Max) && (o.Below == nil || x < *o.Below)
}

// set sets a field to the value that a text stands for and reports whether the
// option takes it.
func (o Option) set(field reflect.Value, text string) bool {
	switch o.Type {
	case Int:
		x, err := strconv.ParseFloat(text, 64)
		if err != nil || x != math.Trunc(x) || !o.within(x) && x != 0 {
			return false
		}
		field.SetInt(int64(x))
	case Float:
		x, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return false
		}
		field.SetFloat(x)
	case Bool:
		if text != "true" && text != "false" {
			return false
		}
		field.SetBool(text == "true")
	case Text:
		field.SetString(text)
	}
	return o.accepts(field)
}

// Validate says which option of opts, a struct or a pointer to one, has a value that it
// does not take, if any has. The message begins with the name of the package, unless
// that is empty.
func Validate(pkg string, opts any) error {
	v := reflect.Indirect(reflect.ValueOf(opts))
	for i, o := range List(opts) {
		field := v.Field(i)
		if o.accepts(field) {
			continue
		}
		if pkg != "" {
			pkg += ": "
		}
		value := fmt.Sprint(field)
		if o.Type == Text {
			value = strconv.Quote(value)
		}
		return fmt.Errorf("%soption %s is %s, want %s", pkg, o.Name, value, o.want())
	}
	return nil
}

// Set sets the options of opts, a pointer to a struct, to values given as text by their
// names. It sets none if there is no option of one of the names, or one does not take
// its value, and says which.
func Set(opts any, texts map[string]string) error {
	list := List(opts)
	into := reflect.ValueOf(opts).Elem()
	v := reflect.New(into.Type()).Elem()
	v.Set(into)
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		i := slices.IndexFunc(list, func(o Option) bool { return o.Name == name })
		if i < 0 {
			return fmt.Errorf("there is no option %s; %s", name, names(list))
		}
		if o := list[i]; !o.set(v.Field(i), texts[name]) {
			return fmt.Errorf("option %s is %q, want %s", name, texts[name], o.want())
		}
	}
	into.Set(v)
	return nil
}

// Texts returns what Set makes the same options of: those that are not zero.
func Texts(opts any) map[string]string {
	v := reflect.Indirect(reflect.ValueOf(opts))
	texts := make(map[string]string)
	for i, o := range List(opts) {
		if field := v.Field(i); !field.IsZero() {
			texts[o.Name] = fmt.Sprint(field)
		}
	}
	return texts
}

func names(list []Option) string {
	if len(list) == 0 {
		return "the model has none"
	}
	all := make([]string, len(list))
	for i, o := range list {
		all[i] = o.Name
	}
	return "those there are: " + strings.Join(all, ", ")
}

// Defaults sets the zero fields of opts, a pointer to a struct, to their defaults where
// these are values: numbers, or one of the words of a text. Defaults in words are left
// to the model.
func Defaults(opts any) {
	v := reflect.ValueOf(opts).Elem()
	for i, o := range List(opts) {
		if field := v.Field(i); field.IsZero() && o.constant() {
			o.set(field, o.Default)
		}
	}
}

// constant reports whether the default is a value.
func (o Option) constant() bool {
	if o.Type == Text {
		return slices.Contains(o.OneOf, o.Default)
	}
	_, err := strconv.ParseFloat(o.Default, 64)
	return err == nil
}
