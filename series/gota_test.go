package series

import (
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/go-gota/gota/dataframe"
	gota "github.com/go-gota/gota/series"
)

// A data frame is read as a CSV file would be, and its numbers stay exact.
func TestFromDataFrame(t *testing.T) {
	df := dataframe.New(
		gota.New([]string{"a", "a", "b", "b"}, gota.String, "unique_id"),
		gota.New([]string{"2020-01-01", "2020-02-01", "2020-01-01", "2020-03-01"}, gota.String, "ds"),
		gota.New([]float64{math.Pi, math.NaN(), 1e-10, 4}, gota.Float, "y"),
		gota.New([]int{1, 2, 3, 4}, gota.Int, "y2"),
		gota.New([]string{"u", "v", "w", "x"}, gota.String, "note"),
	)
	p, s, err := FromDataFrame(df, ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	want := "long, id unique_id, time ds (2006-01-02, monthly), channels y, y2; 1 gap, 1 missing value"
	if s.String() != want {
		t.Errorf("got %q, want %q", s, want)
	}
	if got := p.Series[0].Values; got[0] != math.Pi || !math.IsNaN(got[2]) || got[3] != 2 {
		t.Errorf("values %v: not exact", got)
	}
	if got := p.Series[1].Values[0]; got != 1e-10 {
		t.Errorf("1e-10 became %v", got)
	}
}

// A panel survives the way into a data frame and back, time zone and missing
// values included.
func TestDataFrameRoundTrip(t *testing.T) {
	p := mustRead(t, "id,when,u,v\nA,2020-01-01T00:00:00+01:00,1.5,\nA,2020-01-01T06:00:00+01:00,,1e-300\nB,2020-01-01T12:00:00+01:00,3,4\n")
	q, _, err := FromDataFrame(p.DataFrame(), ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if p.Fingerprint() != q.Fingerprint() || p.Axis.Layout != q.Axis.Layout || p.Axis.Offset != q.Axis.Offset || p.Step != q.Step {
		t.Errorf("the panel changed: %+v became %+v", p, q)
	}
	df := p.DataFrame()
	if want := []string{"id", "when", "u", "v"}; !reflect.DeepEqual(df.Names(), want) {
		t.Errorf("columns %v, want %v", df.Names(), want)
	}
	if got := df.Col("when").Records()[0]; got != "2020-01-01T00:00:00+01:00" {
		t.Errorf("stamp %q", got)
	}
}

// The same table must mean the same through gota and from a file.
func TestFromDataFrameAsReadCSV(t *testing.T) {
	for _, in := range []string{
		"ds,y\n2020-01-01,1\n2020-01-02,2\n2020-01-04,4\n",
		"t,a,b\n0.5,1,NA\n1.5,2,7\n3,,8\n",
		"series,time,x,y\n7,0,1,2\n7,1,3,4\n8,0,5,6\n8,2,5,6\n",
	} {
		df := dataframe.ReadCSV(strings.NewReader(in), dataframe.DetectTypes(false), dataframe.DefaultType(gota.String))
		p, _, err := FromDataFrame(df, ReadOptions{})
		if err != nil {
			t.Errorf("%q: %v", in, err)
			continue
		}
		if q := mustRead(t, in); p.Fingerprint() != q.Fingerprint() || p.Step != q.Step {
			t.Errorf("%q: the panels differ", in)
		}
	}
}

// Errors name the row and the column of the frame, and that of the frame itself
// is not lost.
func TestFromDataFrameErrors(t *testing.T) {
	for _, test := range []struct {
		name string
		df   dataframe.DataFrame
		want error
		text string
	}{
		{"no columns", dataframe.DataFrame{}, ErrEmpty, "data frame: the file is empty"},
		{"no rows", dataframe.New(gota.New([]float64{}, gota.Float, "t"), gota.New([]float64{}, gota.Float, "y")), ErrNoRows, "no rows"},
		{"text", dataframe.New(gota.New([]int{1, 2, 3}, gota.Int, "t"), gota.New([]string{"1", "x", "2"}, gota.String, "y")),
			ErrNumber, `data frame:2: column "y": "x": not a number`},
		{"infinite", dataframe.New(gota.New([]int{1, 2}, gota.Int, "t"), gota.New([]float64{1, math.Inf(1)}, gota.Float, "y")),
			ErrInfinite, `data frame:2: column "y"`},
	} {
		_, _, err := FromDataFrame(test.df, ReadOptions{})
		var pe *ParseError
		if !errors.Is(err, test.want) || !errors.As(err, &pe) || !strings.Contains(err.Error(), test.text) {
			t.Errorf("%s: got %v", test.name, err)
		}
	}
	broken := dataframe.ReadCSV(strings.NewReader("a,b\n1\n"))
	if _, _, err := FromDataFrame(broken, ReadOptions{}); err == nil {
		t.Error("the error of the frame was lost")
	}
}
