package command

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tsgen/internal/scratch"
	"tsgen/internal/seriestest"
)

// ragged returns CSV text of more series than are worked on at a time, of unlike lengths, with gaps and
// empty cells, their rows out of order, and with a static column and one that is known ahead.
func ragged(covariates bool) string {
	var rows []string
	for i := range 600 {
		for k := range 30 + i%17 {
			if (i+k)%41 == 7 {
				continue
			}
			y := fmt.Sprintf("%.2f", 100+float64(i%90)+20*math.Sin(float64(k)*math.Pi/6+float64(i))+3*math.Sin(float64(7*i*k)))
			if (3*i+k)%53 == 11 {
				y = ""
			}
			row := fmt.Sprintf("s%03d,%d-%02d-01,%s", i, 2018+k/12, 1+k%12, y)
			if covariates {
				row += fmt.Sprintf(",%c,%d", 'a'+i%3, (i+k)%4)
			}
			rows = append(rows, row)
		}
	}
	slices.SortStableFunc(rows, func(a, b string) int { return strings.Compare(a[5:12], b[5:12]) }) // by month
	header := "unique_id,ds,y"
	if covariates {
		header += ",region,price"
	}
	return header + "\n" + strings.Join(rows, "\n") + "\n"
}

// quarters returns rows of series with a step of their own, and seasons that follow from it.
func quarters() string {
	var text strings.Builder
	for i := range 40 {
		for k := range 16 {
			fmt.Fprintf(&text, "q%02d,%d-%02d-01,%.2f\n", i, 2018+k/4, 1+k%4*3, 50+float64(i)+10*math.Sin(float64(k)*math.Pi/2))
		}
	}
	return text.String()
}

// TestScratch holds that series, model files and past forecasts that are in a temporary file make the
// same model files, the same forecasts and the same errors as those in memory.
func TestScratch(t *testing.T) {
	seriestest.Long(t)
	dir := t.TempDir()
	run := func(room *scratch.Store, args ...string) (string, string) {
		t.Helper()
		ctx := context.Background()
		if room != nil {
			ctx = context.WithValue(ctx, scratchKey{}, room)
		}
		var out, notes bytes.Buffer
		if _, err := execute(ctx, args, strings.NewReader(""), &out, &notes); err != nil {
			fmt.Fprintln(&notes, err)
		}
		said := slices.DeleteFunc(strings.SplitAfter(notes.String(), "\n"), func(line string) bool {
			return strings.Contains(line, "temporary file") || strings.Contains(line, "a second")
		})
		return out.String(), strings.ReplaceAll(strings.Join(said, ""), "filed", "held")
	}
	for _, test := range []struct {
		name, text string
		fit        []string
	}{
		{"plain", ragged(false), []string{"-m", "theta", "--no-examine"}},
		{"steps", ragged(false) + quarters(), []string{"-m", "theta", "--no-examine"}},
		{"no season", ragged(false) + quarters(), []string{"-m", "theta", "--no-examine", "--season", "none"}},
		{"covariates", ragged(true), []string{"-m", "ar", "--static", "region", "--known", "price"}},
		{"wrong", ragged(false) + "s999,2020-01-01,12\ns999,2020-02-01,x\n", []string{"-m", "theta"}},
	} {
		in := write(t, filepath.Join(dir, test.name+".csv"), test.text)
		var models, forecasts, notes [2]string
		for i, name := range []string{"held", "filed"} {
			var room *scratch.Store
			if name == "filed" {
				room = scratch.New(dir, 0)
			}
			model := filepath.Join(dir, test.name+"-"+name+".tsgen")
			_, fitted := run(room, append([]string{"fit", in, "--horizon", "6", "-o", model}, test.fit...)...)
			var made string
			forecasts[i], made = run(room, "forecast", model)
			notes[i] = fitted + made
			if text, err := os.ReadFile(model); err == nil {
				models[i] = string(text)
			}
			if room != nil && room.Filed() == 0 {
				t.Errorf("%s: nothing is in a file", test.name)
			}
			if err := room.Close(); err != nil {
				t.Error(err)
			}
		}
		if models[0] != models[1] {
			t.Errorf("%s: the model files differ", test.name)
		}
		if forecasts[0] != forecasts[1] {
			t.Errorf("%s: the forecasts differ", test.name)
		}
		if notes[0] != notes[1] {
			t.Errorf("%s: said is\n%s\nand\n%s", test.name, notes[0], notes[1])
		}
		if fails := test.name == "wrong"; fails != (models[0] == "") || fails != strings.Contains(notes[0], "not a number") {
			t.Errorf("%s: said is %s", test.name, notes[0])
		}
	}
	if left := list(t, dir); strings.Contains(left, "tsgen-") {
		t.Errorf("left: %s", left)
	}
}
