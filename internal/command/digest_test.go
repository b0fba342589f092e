package command

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"tsgen/models"
)

const digests = "testdata/digests.txt"

// A digestTable is a small table of a kind that users have, and the options of
// fit that go with it.
type digestTable struct {
	name, csv string
	options   []string
}

func digestTables() []digestTable {
	regular := months(96, func(i int) string {
		return fmt.Sprint(math.Round(100 + float64(i) + 20*math.Sin(float64(i)*math.Pi/6) + 7*math.Sin(float64(i*i))))
	})
	var gappy, irregular, known strings.Builder
	gappy.WriteString("unique_id,ds,a,b\n")
	irregular.WriteString("unique_id,ds,a,b\n")
	known.WriteString("ds,y,price\n")
	for s := range 3 {
		at := 0.0
		for i := range 48 {
			wave := math.Sin(float64(i)*math.Pi/4 + float64(s))
			a, b := fmt.Sprintf("%.3f", 5+wave+0.1*math.Sin(float64(7*i*i))), fmt.Sprintf("%.3f", -2*wave)
			if (i+s)%9 == 4 {
				b = ""
			}
			if i%11 != 7 {
				fmt.Fprintf(&gappy, "s%d,2020-01-%02dT%02d:00,%s,%s\n", s, 1+i/24, i%24, a, b)
			}
			at += 1 + 0.5*math.Sin(float64(3*i+s))
			fmt.Fprintf(&irregular, "s%d,%.3f,%s,%s\n", s, at, a, b)
		}
	}
	for i := range 80 {
		y := fmt.Sprintf("%.3f", 30+10*math.Cos(float64(i)*math.Pi/3)+math.Sin(float64(i*i))-4*float64(i%3))
		if i >= 72 {
			y = ""
		}
		fmt.Fprintf(&known, "2021-%02d-%02d,%s,%d\n", 1+i/28, 1+i%28, y, i%3)
	}
	return []digestTable{
		{"regular", regular, []string{"--horizon", "12"}},
		{"gappy", gappy.String(), []string{"--horizon", "6"}},
		{"irregular", irregular.String(), []string{"--horizon", "6"}},
		{"known", known.String(), []string{"--horizon", "6", "--known", "price"}},
	}
}

// canonical returns a model file with the keys of its header in order, at all
// depths.
func canonical(t *testing.T, file []byte) []byte {
	t.Helper()
	n := 8 + binary.LittleEndian.Uint64(file)
	var header any
	if err := json.Unmarshal(file[8:n], &header); err != nil {
		t.Fatal(err)
	}
	var unfold func(v any) any
	unfold = func(v any) any {
		switch v := v.(type) {
		case map[string]any:
			for k := range v {
				v[k] = unfold(v[k])
			}
		case string:
			var object map[string]any
			if json.Unmarshal([]byte(v), &object) == nil {
				return unfold(object)
			}
		}
		return v
	}
	sorted, err := json.Marshal(unfold(header))
	if err != nil {
		t.Fatal(err)
	}
	return append(sorted, file[n:]...)
}

// TestDigests holds the bytes of fitted models and of their forecasts, of every
// kind of model and of four kinds of tables, to what they were: a change that is
// not meant to change results changes none. A change that is rewrites the file,
// with -update, and says why.
func TestDigests(t *testing.T) {
	switch {
	case runtime.GOARCH != "amd64":
		t.Skip("other processors round otherwise")
	case raceDetector:
		t.Skip("the contract suite of package models looks for races in every kind")
	}
	var got strings.Builder
	for _, table := range digestTables() {
		for _, k := range models.Kinds() {
			dir := t.TempDir()
			in, model := write(t, filepath.Join(dir, table.name+".csv"), table.csv), filepath.Join(dir, "model.tsgen")
			args := append([]string{"fit", in, "-m", k.Name, "-o", model, "--progress", "none"}, table.options...)
			if k.Trained() {
				args = append(args, "--updates", "60", "--set", "hidden=8,batch=8")
			}
			fmt.Fprintf(&got, "%s %s", table.name, k.Name)
			if r := tsgen(args...); r.status != exitDone {
				fmt.Fprintf(&got, " status %d\n", r.status)
				continue
			}
			r := mustRun(t, "forecast", "-m", model, "--samples", "40")
			fmt.Fprintf(&got, " %x %x\n", sha256.Sum256(canonical(t, read(t, model))), sha256.Sum256([]byte(r.stdout)))
		}
	}
	if *update {
		if err := os.WriteFile(digests, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want := strings.Split(string(read(t, digests)), "\n")
	for i, line := range strings.Split(got.String(), "\n") {
		if i >= len(want) || line != want[i] {
			t.Errorf("line %d is now\n%s", i+1, line)
		}
	}
}
