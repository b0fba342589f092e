package modelfile

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"tsgen/forecast"
	"tsgen/internal/safetensors"
	"tsgen/series"
)

var update = flag.Bool("update", false, "write the golden file of a format that has none")

// payload is a NaN whose bits are its own.
var payload = math.Float64frombits(0x7ff8dead0000beef)

// golden returns the content of the golden files.
func golden() *File {
	return &File{
		State: forecast.State{
			Kind:    "latent-ode",
			Options: json.RawMessage(`{"state": 4, "level": "window", "note": "a <b> & \"c\""}`),
			Tensors: []forecast.Tensor{
				{Name: "decoder.bias", Shape: []int{1}, Data: []float64{0.5}},
				{Name: "encoder.weight", Shape: []int{2, 3}, Data: []float64{1, -2, 3.25, math.Copysign(0, -1), 5e-324, 1e300}},
			},
		},
		Format:      1,
		Version:     "v0.1.0",
		Seed:        math.MaxUint64,
		Season:      12,
		Horizon:     24,
		Fingerprint: "0123456789abcdef",
		History: &series.Panel{
			Channels:   []string{"load, MW", "Temperatur °C"},
			IDColumn:   "unique_id",
			TimeColumn: "ds",
			Axis: series.Axis{
				Layout: "2006-01-02T15:04:05-07:00", Offset: 36000,
				Earlier: []series.Zone{{Until: -7.5e8, Offset: 39600}},
			},
			Step: series.Step{Months: 1, Anchor: 43200},
			Series: []*series.Series{
				{ID: "H1", Times: []float64{-757425600, -754747200}, Values: []float64{1.5, payload, math.NaN(), -0.1}},
				{ID: `"é", 2`, Times: []float64{-757425600, -754747200, -752328000},
					Values: []float64{math.Copysign(0, -1), 2, 1e-300, math.NaN(), 112, 113}},
			},
		},
		Scores: []ModelScore{
			{"latent-ode", map[string]float64{"SQL": 0.824, "MASE": math.NaN(), "cov 80": math.Inf(1)}},
			{"ar", map[string]float64{"SQL": math.Inf(-1)}},
		},
	}
}

// describe writes a file out, so that NaNs compare by their bits.
func describe(f *File) string {
	bits := func(x []float64) (b []uint64) {
		for _, v := range x {
			b = append(b, math.Float64bits(v))
		}
		return b
	}
	var b strings.Builder
	fmt.Fprintln(&b, f.Kind, string(f.Options), f.Format, f.Version, f.Seed, f.Season, f.Horizon, f.Outliers, f.Fingerprint)
	for _, t := range f.Tensors {
		fmt.Fprintf(&b, "%q %v %x\n", t.Name, t.Shape, bits(t.Data))
	}
	p := f.History
	fmt.Fprintf(&b, "%q %q %q %+v %+v\n", p.Channels, p.IDColumn, p.TimeColumn, p.Axis, p.Step)
	for _, s := range p.Series {
		fmt.Fprintf(&b, "%q %x %x\n", s.ID, bits(s.Times), bits(s.Values))
	}
	for _, s := range f.Scores {
		fmt.Fprintln(&b, s.Model, s.Scores) // maps print in order of their keys
	}
	return b.String()
}

func encode(t *testing.T, f *File) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, f); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Files of every format are read as what they were written from, and Write still
// gives the bytes of the present one.
func TestGolden(t *testing.T) {
	var names bytes.Buffer
	if err := write(&names, golden(), 0); err != nil {
		t.Fatal(err)
	}
	made := map[int][]byte{2: encode(t, golden()), 3: names.Bytes()}
	for format := 1; format <= Format; format++ {
		written := made[format]
		path := filepath.Join("testdata", fmt.Sprintf("format%d.tsgen", format))
		if _, err := os.Stat(path); *update && errors.Is(err, fs.ErrNotExist) {
			if err := os.WriteFile(path, written, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		f, err := Load(path)
		if err != nil {
			t.Fatal(err)
		}
		want := golden()
		want.Format = format
		if got, want := describe(f), describe(want); got != want {
			t.Errorf("%s: got\n%s, want\n%s", path, got, want)
		}
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if written != nil && !bytes.Equal(file, written) {
			t.Errorf("%s: Write gives other bytes:\n%q, want\n%q", path, written, file)
		}
	}
}

// The smallest file: no options, no weights, no scores, one series without an
// identifier on an irregular axis of numbers.
func TestRoundTripSmall(t *testing.T) {
	want := &File{
		State: forecast.State{Kind: "ar"}, Format: 2, Season: 1, Horizon: 1,
		History: &series.Panel{Channels: []string{"y"}, TimeColumn: "t",
			Series: []*series.Series{{Times: []float64{0.1}, Values: []float64{7}}}},
	}
	got, err := Read(bytes.NewReader(encode(t, want)))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// parts returns the metadata and the arrays of the golden content.
func parts(t testing.TB) (map[string]string, []safetensors.Tensor) {
	var b bytes.Buffer
	if err := Write(&b, golden()); err != nil {
		t.Fatal(err)
	}
	metadata, tensors, err := safetensors.Read(&b)
	if err != nil {
		t.Fatal(err)
	}
	return metadata, tensors
}

// sealed writes a file with its digest.
func sealed(t *testing.T, metadata map[string]string, tensors []safetensors.Tensor) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := seal(&b, metadata, tensors); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Each way in which a model file can be damaged, foreign or newer is named in a
// FormatError, and no file comes with it.
func TestReadErrors(t *testing.T) {
	metadata, tensors := parts(t)
	with := func(key, value string) []byte {
		m := maps.Clone(metadata)
		m[key] = value
		return sealed(t, m, tensors)
	}
	reshaped := func(edit func(ts []safetensors.Tensor) []safetensors.Tensor) []byte {
		return sealed(t, maps.Clone(metadata), edit(append([]safetensors.Tensor(nil), tensors...)))
	}
	third, names := maps.Clone(metadata), safetensors.Tensor{Name: historySeries, Shape: []int{2}, Bytes: []byte("[]")}
	third[keyFormat] = "tsgen/3"
	valid := encode(t, golden())
	flipped := bytes.Clone(valid)
	flipped[len(flipped)-3] ^= 1
	huge := append([]byte{0, 0, 0, 0, 0, 0, 0, 16}, valid[8:]...)
	var foreign bytes.Buffer
	if err := safetensors.Write(&foreign, map[string]string{"format": "pt"}, nil); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		file []byte
		want error
		text string
	}{
		{"empty", nil, ErrTruncated, "empty"},
		{"CSV", []byte("Month,Passengers\n1949-01,112\n"), ErrNotModel, "tsgen fit"},
		{"cut in the length", valid[:5], ErrTruncated, "cut short"},
		{"cut in the header", valid[:100], ErrTruncated, "cut short"},
		{"cut in the data", valid[:len(valid)-1], ErrTruncated, "cut short"},
		{"longer", append(bytes.Clone(valid), 0), ErrDamaged, "digest"},
		{"huge length", huge, ErrTooLong, "too large"},
		{"other safetensors", foreign.Bytes(), ErrNotModel, `without "format"`},
		{"a bit flipped", flipped, ErrDamaged, "digest"},
		{"newer", with(keyFormat, "tsgen/4"), ErrNewer, "update tsgen"},
		{"format 1, without its sum", with(keyFormat, "tsgen/1"), ErrDamaged, "sum"},
		{"format 0", with(keyFormat, "tsgen/0"), ErrDamaged, `format "0"`},
		{"format in words", with(keyFormat, "tsgen/one"), ErrDamaged, "format"},
		{"no kind", with(keyKind, ""), ErrDamaged, "kind"},
		{"options", with(keyOptions, "{"), ErrDamaged, "options"},
		{"seed", with(keySeed, "-1"), ErrDamaged, "seed"},
		{"season", with(keySeason, "0"), ErrDamaged, "season is 0"},
		{"season in words", with(keySeason, "twelve"), ErrDamaged, "season"},
		{"horizon", with(keyHorizon, "1000000000"), ErrDamaged, "horizon is 1000000000"},
		{"outliers", with(keyOutliers, "drop"), ErrDamaged, "outliers"},
		{"columns", with(keyColumns, `{}`), ErrDamaged, "0 channels"},
		{"columns not JSON", with(keyColumns, ``), ErrDamaged, "columns"},
		{"channels alike", with(keyColumns, `{"channels":["a","a"]}`), ErrDamaged, "two channels"},
		{"layout", with(keyAxis, `{"layout":"%n%n"}`), ErrDamaged, "layout"},
		{"layout of months", with(keyAxis, `{"layout":"January"}`), ErrDamaged, "layout"},
		{"axis twice", with(keyAxis, `{"layout":"2006-01","Layout":"2006"}`), ErrDamaged, "twice"},
		{"options twice", with(keyOptions, `{"plan":{"state":4,"state":5}}`), ErrDamaged, "twice"},
		{"zone", with(keyAxis, `{"layout":"2006-01","offset":86400}`), ErrDamaged, "zone"},
		{"earlier zone", with(keyAxis, `{"layout":"2006-01","earlier":[{"until":1,"offset":-86400}]}`), ErrDamaged, "zone"},
		{"zones out of order", with(keyAxis, `{"layout":"2006-01","earlier":[{"until":1},{"until":0}]}`), ErrDamaged, "out of order"},
		{"step twice", with(keyStep, `{"width":1,"months":1}`), ErrDamaged, "2 ways"},
		{"step of an anchor", with(keyStep, `{"anchor":1}`), ErrDamaged, "0 ways"},
		{"negative width", with(keyStep, `{"width":-1}`), ErrDamaged, "out of range"},
		{"negative months", with(keyStep, `{"months":-1}`), ErrDamaged, "out of range"},
		{"many days", with(keyStep, `{"days":99999999}`), ErrDamaged, "out of range"},
		{"anchor", with(keyStep, `{"months":1,"anchor":-1}`), ErrDamaged, "anchor"},
		{"months of numbers", with(keyAxis, `{"layout":""}`), ErrDamaged, "calendar"},
		{"too many times", with(keySeries, `[{"id":"a","times":6}]`), ErrDamaged, "5 are left"},
		{"negative times", with(keySeries, `[{"id":"a","times":-1}]`), ErrDamaged, "-1 times"},
		{"no series", with(keySeries, `[]`), ErrDamaged, "5 times belong to no series"},
		{"empty series", with(keySeries, `[{"id":"b","times":2},{"id":"c","times":3},{"id":"a","times":0}]`), ErrDamaged, `"a" has no times`},
		{"identifiers alike", with(keySeries, `[{"id":"a","times":2},{"id":"a","times":3}]`), ErrDamaged, `"a"`},
		{"order of times", with(keySeries, `[{"id":"a","times":5}]`), ErrDamaged, "does not come after"},
		{"scores", with(keyScores, `[{"scores":{"SQL":"much"}}]`), ErrDamaged, "scores"},
		{"no score", with(keyScores, `[{"scores":{"SQL":null}}]`), ErrDamaged, "null"},
		{"no values", reshaped(func(ts []safetensors.Tensor) []safetensors.Tensor { return ts[:3] }), ErrDamaged, historyValues},
		{"history of the model", reshaped(func(ts []safetensors.Tensor) []safetensors.Tensor {
			return append(ts, safetensors.Tensor{Name: "history.more", Data: []float64{1}})
		}), ErrDamaged, "history.more"},
		{"bytes in format 2", reshaped(func(ts []safetensors.Tensor) []safetensors.Tensor {
			return append(ts, names)
		}), ErrDamaged, historySeries},
		{"weights of bytes", reshaped(func(ts []safetensors.Tensor) []safetensors.Tensor {
			return append(ts, safetensors.Tensor{Name: "w", Shape: []int{1}, Bytes: []byte{0}})
		}), ErrDamaged, `"w" has elements of another type`},
		{"series twice", sealed(t, third, append([]safetensors.Tensor{names}, tensors...)), ErrDamaged, "in the metadata or in an array"},
		{"series of numbers", reshaped(func(ts []safetensors.Tensor) []safetensors.Tensor {
			return append(ts, safetensors.Tensor{Name: historySeries, Shape: []int{1}, Data: []float64{1}})
		}), ErrDamaged, historySeries},
		{"weight not a number", reshaped(func(ts []safetensors.Tensor) []safetensors.Tensor {
			return append(ts, safetensors.Tensor{Name: "w", Data: []float64{math.NaN()}})
		}), ErrDamaged, `"w": value 0 is NaN`},
		{"times in rows", reshaped(func(ts []safetensors.Tensor) []safetensors.Tensor {
			ts[2].Shape = []int{5, 1}
			return ts
		}), ErrDamaged, "shape [5 1]"},
		{"infinite value", reshaped(func(ts []safetensors.Tensor) []safetensors.Tensor {
			ts[3].Data = append([]float64{math.Inf(1)}, ts[3].Data[1:]...)
			return ts
		}), ErrDamaged, "infinite"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f, err := Read(bytes.NewReader(test.file))
			var format *FormatError
			if !errors.As(err, &format) || !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.text) {
				t.Errorf("error %v (%T), want a FormatError of %q with %q", err, err, test.want, test.text)
			}
			if f != nil {
				t.Error("a file in spite of the error")
			}
		})
	}
}

// What fails while reading is no fault of the format.
func TestReadBrokenReader(t *testing.T) {
	broken := errors.New("broken")
	_, err := Read(iotest.ErrReader(broken))
	var format *FormatError
	if !errors.Is(err, broken) || errors.As(err, &format) {
		t.Errorf("error %v (%T)", err, err)
	}
}

// Other programs may add metadata, and write weights anew with the digest that the documentation
// says how to compute; without it the file is refused.
func TestDigest(t *testing.T) {
	metadata, tensors := parts(t)
	metadata["comment"] = "rounded, \"digest\":\"0\""
	tensors[0].Data[0] = 0.75
	var b bytes.Buffer
	if err := safetensors.Write(&b, metadata, tensors); err != nil {
		t.Fatal(err)
	}
	file := b.Bytes()
	if _, err := Read(bytes.NewReader(file)); !errors.Is(err, ErrDamaged) {
		t.Errorf("with the digest of another file: %v", err)
	}
	at := bytes.Index(file, []byte(`"digest":"`)) + 10
	copy(file[at:], strings.Repeat("0", 64))
	sum := sha256.Sum256(file)
	copy(file[at:], hex.EncodeToString(sum[:]))
	f, err := Read(bytes.NewReader(file))
	if err != nil || f.Tensors[0].Data[0] != 0.75 {
		t.Errorf("got %+v, error %v", f, err)
	}
	delete(metadata, keyDigest)
	b.Reset()
	if err := safetensors.Write(&b, metadata, tensors); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(&b); !errors.Is(err, ErrDamaged) {
		t.Errorf("without a digest: %v", err)
	}
}

// No single bit of a file can change unseen, in the length, the header or the data.
func TestEveryBitFlip(t *testing.T) {
	file := encode(t, golden())
	for i := range file {
		for bit := range 8 {
			file[i] ^= 1 << bit
			if _, err := Read(bytes.NewReader(file)); err == nil {
				t.Errorf("bit %d of byte %d is flipped unseen", bit, i)
			}
			file[i] ^= 1 << bit
		}
	}
}

// What is to become of outliers comes back; a file that says nothing limits them.
func TestOutliers(t *testing.T) {
	for _, how := range []forecast.Outliers{forecast.LimitOutliers, forecast.KeepOutliers} {
		f := golden()
		f.Outliers = how
		got, err := Read(bytes.NewReader(encode(t, f)))
		if err != nil || got.Outliers != how {
			t.Errorf("%q comes back as %q, error %v", how, got.Outliers, err)
		}
	}
}

// An impossible model is not written, not even in part, and the
// error says what is wrong with it.
func TestWriteErrors(t *testing.T) {
	for _, test := range []struct {
		name string
		edit func(f *File)
		want string
	}{
		{"no kind", func(f *File) { f.Kind = "" }, "kind"},
		{"options", func(f *File) { f.Options = json.RawMessage("{") }, "options"},
		{"season", func(f *File) { f.Season = -1 }, "season is -1"},
		{"horizon", func(f *File) { f.Horizon = -1 }, "horizon is -1"},
		{"no history", func(f *File) { f.History = nil }, "no history"},
		{"no series", func(f *File) { f.History = f.History.With(nil) }, "no history"},
		{"series without times", func(f *File) { f.History.Series[1] = &series.Series{ID: "b"} }, `"b" has no times`},
		{"infinite value", func(f *File) { f.History.Series[0].Values[0] = math.Inf(1) }, "infinite"},
		{"weight not a number", func(f *File) { f.Tensors[1].Data[2] = math.NaN() }, `"encoder.weight": value 2 is NaN`},
		{"weight infinite", func(f *File) { f.Tensors[1].Data[2] = math.Inf(-1) }, "-Inf"},
		{"name of the history", func(f *File) { f.Tensors[0].Name = historyTimes }, historyTimes},
		{"names alike", func(f *File) { f.Tensors[0].Name = f.Tensors[1].Name }, "two tensors"},
		{"shape", func(f *File) { f.Tensors[1].Shape = []int{7} }, "6 values for shape [7]"},
		{"identifier not UTF-8", func(f *File) { f.History.Series[0].ID = "\xff" }, "UTF-8"},
		{"version not UTF-8", func(f *File) { f.Version = "\xff" }, "UTF-8"},
		{"two steps", func(f *File) { f.History.Step.Width = 1 }, "2 ways"},
	} {
		f := golden()
		test.edit(f)
		var b bytes.Buffer
		err := Write(&b, f)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want one with %q", test.name, err, test.want)
		}
		if b.Len() > 0 {
			t.Errorf("%s: %d bytes written in spite of the error", test.name, b.Len())
		}
	}
}

// A file of which season and horizon are not said has those of a fit of which they
// are not said: of months the year, and two of them or a tenth of a short history.
func TestUnsaidSeasonAndHorizon(t *testing.T) {
	for _, test := range []struct{ season, horizon, times, wantSeason, wantHorizon int }{
		{0, 0, 72, 12, 24}, {0, 0, 71, 12, 7}, {0, 0, 3, 12, 1}, {1, 0, 72, 1, 7}, {0, 5, 72, 12, 5}, {4, 0, 72, 4, 8},
	} {
		f := golden()
		f.Season, f.Horizon = test.season, test.horizon
		first := f.History.Series[0]
		s := &series.Series{ID: "a", Times: append(first.Times[:1:1], f.History.Future(first.Slice(0, 1), test.times-1)...)}
		for range s.Times {
			s.Values = append(s.Values, 1, 2)
		}
		f.History = f.History.With([]*series.Series{s})
		var b bytes.Buffer
		if err := Write(&b, f); err != nil {
			t.Fatal(err)
		}
		if f.Season != test.season || f.Horizon != test.horizon {
			t.Errorf("Write has changed its argument")
		}
		got, err := Read(&b)
		if err != nil || got.Season != test.wantSeason || got.Horizon != test.wantHorizon {
			t.Errorf("%+v: season %d and horizon %d, error %v", test, got.Season, got.Horizon, err)
		}
	}
}

// Whatever the bytes, there is either a FormatError, or content that is written
// and read again unchanged.
func FuzzRead(f *testing.F) {
	for format := 2; format <= Format; format++ {
		file, err := os.ReadFile(filepath.Join("testdata", fmt.Sprintf("format%d.tsgen", format)))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(file)
		f.Add(file[:200])
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		checkRead(t, file)
	})
}

// FuzzMetadata changes the metadata of a sound file, which the digest would hardly let
// FuzzRead do.
func FuzzMetadata(f *testing.F) {
	metadata, tensors := parts(f)
	for k, v := range metadata {
		f.Add(k, v)
	}
	f.Add(keyStep, `{"width":1e-320}`)
	f.Add(keySeries, `[{"id":"a","times":2},{"times":3}]`)
	f.Fuzz(func(t *testing.T, key, value string) {
		m := maps.Clone(metadata)
		m[key] = value
		var b bytes.Buffer
		if err := seal(&b, m, tensors); err != nil {
			t.Skip("not text")
		}
		checkRead(t, b.Bytes())
	})
}

func checkRead(t *testing.T, file []byte) {
	got, err := Read(bytes.NewReader(file))
	if err != nil {
		var format *FormatError
		if !errors.As(err, &format) || format.Error() == "" {
			t.Fatalf("not a FormatError: %v", err)
		}
		return
	}
	again, err := Read(bytes.NewReader(encode(t, got)))
	if err != nil {
		t.Fatal(err)
	}
	got.Format = 2
	if got, again := describe(got), describe(again); got != again {
		t.Fatalf("the second round differs:\n%s\n%s", got, again)
	}
}
