package models_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"

	"tsgen/internal/seriestest"
	"tsgen/models"
	"tsgen/models/modelfile"
)

// A bit of a model file of any kind that is flipped, in its header or its data, is seen when
// the file is read.
func TestFlippedBitsAreSeen(t *testing.T) {
	seriestest.Long(t)
	p := waves(3, 40, 1)
	for _, k := range models.Kinds() {
		t.Run(k.Name, func(t *testing.T) {
			if k.Blend {
				t.Skip("made of models that were chosen")
			}
			var b bytes.Buffer
			if err := models.Write(&b, fitted(t, k, p), p, shortFit); err != nil {
				t.Fatal(err)
			}
			file := b.Bytes()
			if _, _, err := models.Read(bytes.NewReader(file)); err != nil {
				t.Fatal(err)
			}
			rng := rand.New(rand.NewPCG(1, 1))
			for range 150 {
				at, bit := rng.IntN(len(file)), byte(1)<<rng.IntN(8)
				file[at] ^= bit
				var format *modelfile.FormatError
				if _, _, err := models.Read(bytes.NewReader(file)); !errors.As(err, &format) {
					t.Errorf("bit %b of byte %d of %d: %v", bit, at, len(file), err)
				}
				file[at] ^= bit
			}
		})
	}
}
