package models_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/safetensors"
	"tsgen/internal/seriestest"
	"tsgen/models"
	"tsgen/models/modelfile"
)

// resealed sets the digest of a model file to that of its bytes.
func resealed(file []byte) []byte {
	mark := []byte(`"digest":"`)
	if at := bytes.Index(file, mark); at >= 0 && at+len(mark)+64 <= len(file) {
		digits := file[at+len(mark):][:64]
		copy(digits, strings.Repeat("0", 64))
		copy(digits, fmt.Sprintf("%x", sha256.Sum256(file)))
	}
	return file
}

// tampered returns the file with other tensors and a digest that is right.
func tampered(t *testing.T, file []byte, edit func(tensors []safetensors.Tensor) []safetensors.Tensor) []byte {
	t.Helper()
	metadata, tensors, err := safetensors.Read(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := safetensors.Write(&b, metadata, edit(tensors)); err != nil {
		t.Fatal(err)
	}
	return resealed(b.Bytes())
}

// What a digest cannot know is found by the names, by the shapes, or by a trial: no
// model of any kind takes a tensor that it does not have, one that is another's size,
// or weights with which it forecasts nonsense or nothing.
func TestTamperedTensors(t *testing.T) {
	seriestest.Long(t)
	everyKind(t, func(t *testing.T, k models.Kind) {
		p := waves(2, 48, 1)
		file := stored(t, fitted(t, k, p), p)
		own := func(s safetensors.Tensor) bool { return !strings.HasPrefix(s.Name, "history.") }
		scaled := func(by float64) func([]safetensors.Tensor) []safetensors.Tensor {
			return func(tensors []safetensors.Tensor) []safetensors.Tensor {
				for _, s := range tensors {
					for i := range s.Data {
						if own(s) {
							s.Data[i] *= by
						}
					}
				}
				return tensors
			}
		}
		_, tensors, err := safetensors.Read(bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		weights := 0
		for _, s := range tensors {
			if own(s) {
				weights++
			}
		}
		for name, edit := range map[string]func([]safetensors.Tensor) []safetensors.Tensor{
			"one more": func(ts []safetensors.Tensor) []safetensors.Tensor {
				return append(ts, safetensors.Tensor{Name: "more", Shape: []int{1, 1}, Data: []float64{1}})
			},
			"one less": func(ts []safetensors.Tensor) []safetensors.Tensor {
				for i, s := range ts {
					if own(s) {
						return append(ts[:i], ts[i+1:]...)
					}
				}
				return append(ts, ts[0])
			},
			"flat": func(ts []safetensors.Tensor) []safetensors.Tensor {
				for i, s := range ts {
					if own(s) {
						ts[i].Shape = []int{len(s.Data), 1, 1}
					}
				}
				return ts
			},
			"times 1e300": scaled(1e300),
		} {
			if weights == 0 && name != "one more" {
				continue
			}
			var format *modelfile.FormatError
			if m, file, err := models.Read(bytes.NewReader(tampered(t, file, edit))); err == nil {
				// What is large without harm is no fault, where forecasts stay what they are.
				if f, err := m.Forecast(t.Context(), file.History, ahead); name != "times 1e300" || err == nil && f.Validate() != nil {
					t.Errorf("%s: no error, and a forecast with error %v", name, err)
				}
			} else if !errors.As(err, &format) {
				t.Errorf("%s: error %v", name, err)
			}
		}
	})
}

// FuzzFile changes whole files and makes their digests good: whatever comes, there is
// an error or a model, whose forecast is an error or valid.
func FuzzFile(f *testing.F) {
	p := waves(2, 40, 1)
	var files [][]byte
	for _, name := range []string{"ar", "ets", "stl", "lgssm", "regression", "ensemble", "linear-map", "gauss", "latent-ode", "vrnn", "vae", "mixer", "pooled-gp"} {
		k, err := models.Lookup(name)
		if err != nil {
			continue
		}
		options := map[string]string{}
		if k.Trained() {
			options = map[string]string{"hidden": "4", "updates": "2", "batch": "4"}
		}
		m, err := k.New(options)
		if err != nil {
			f.Fatal(err)
		}
		var b bytes.Buffer
		if err := m.Fit(f.Context(), p, shortFit); err != nil {
			f.Fatalf("%s: %v", name, err)
		}
		if err := models.Write(&b, m, p, shortFit); err != nil {
			f.Fatal(err)
		}
		files = append(files, b.Bytes())
		f.Add(len(files)-1, uint32(300), []byte("9"))
		f.Add(len(files)-1, uint32(b.Len()-9), []byte{0, 0, 0x7f})
	}
	f.Fuzz(func(t *testing.T, which int, at uint32, change []byte) {
		file := bytes.Clone(files[uint(which)%uint(len(files))])
		copy(file[int(at)%len(file):], change)
		m, content, err := models.Read(bytes.NewReader(resealed(file)))
		if err != nil {
			return
		}
		var bug *forecast.PanicError
		got, err := m.Forecast(context.Background(), content.History, forecast.Options{Horizon: 3, Samples: 5, Season: content.Season})
		if errors.As(err, &bug) {
			t.Fatal(err)
		}
		if err == nil {
			if err := got.Validate(); err != nil {
				t.Fatal(err)
			}
		}
	})
}
