package modelfile_test

import (
	"bytes"
	"fmt"

	"tsgen/forecast"
	"tsgen/models/modelfile"
	"tsgen/series"
)

// A file is written and read back.
func Example() {
	history := &series.Panel{
		Channels:   []string{"Passengers"},
		TimeColumn: "Month",
		Axis:       series.Axis{Layout: "2006-01"},
		Step:       series.Step{Months: 1},
		Series:     []*series.Series{{Times: []float64{-662688000, -660009600}, Values: []float64{112, 118}}},
	}
	var b bytes.Buffer
	err := modelfile.Write(&b, &modelfile.File{
		State: forecast.State{
			Kind:    "latent-ode",
			Options: []byte(`{"state": 4}`),
			Tensors: []forecast.Tensor{{Name: "decoder.bias", Shape: []int{1}, Data: []float64{0.5}}},
		},
		Version:     "v0.1.0",
		Seed:        1,
		Season:      12,
		Horizon:     24,
		Fingerprint: history.Fingerprint(),
		History:     history,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	f, err := modelfile.Read(&b)
	if err != nil {
		fmt.Println(err)
		return
	}
	last := f.History.Series[0].Times[1]
	fmt.Println(f.Kind, string(f.Options), f.Tensors[0].Name, f.History.Axis.Stamp(last))

	_, err = modelfile.Read(bytes.NewReader([]byte("Month,Passengers\n1949-01,112\n")))
	fmt.Println(err)
	// Output:
	// latent-ode {"state": 4} decoder.bias 1949-02
	// not a tsgen model file: safetensors: not in the safetensors layout: no header at its beginning; give a file that tsgen fit wrote
}
