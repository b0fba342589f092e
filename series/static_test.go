package series

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// shops is a table of n shops with their properties beside their sales.
func shops(n int) string {
	var b strings.Builder
	b.WriteString("shop,day,sales,region,size,manager,code\n")
	for i := range n {
		for d := range 4 {
			fmt.Fprintf(&b, "s%d,2024-01-%02d,%d,%s,%d,m%d,%d\n", i, d+1, i+d*d, []string{"south", "north"}[i%2], 50+10*i, i, i+1)
		}
	}
	return b.String()
}

// Columns that never change within a series are covariates of it, known at any time, whose texts
// are levels; names and counts of the series tell nothing and are left out.
func TestStaticCovariates(t *testing.T) {
	p, s, err := ReadCSV(strings.NewReader(shops(6)), ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(p.Static, ","); got != "region=north,region=south,size" || !slices.Equal(p.Known, p.Static) || !slices.Equal(s.Static, p.Static) {
		t.Errorf("static %q, known %q", got, p.Known)
	}
	if got := strings.Join(s.LeftOut, ","); got != "manager,code" {
		t.Errorf("left out %s", got)
	}
	if !slices.ContainsFunc(s.Remarks, func(r string) bool { return strings.Contains(r, `"region" (2 levels), "size"`) }) {
		t.Errorf("remarks %q", s.Remarks)
	}
	if err := p.Validate(); err != nil {
		t.Error(err)
	}
	x := p.Lookup("s3")
	far, err := p.KnownAt(x, []float64{x.Times[0] - 1e6, x.Times[3] + 1e9})
	if err != nil || !slices.Equal(far, []float64{1, 0, 80, 1, 0, 80}) {
		t.Errorf("known %v, %v", far, err)
	}
	if bare := p.BareOfStatic(); len(bare.Known)+len(bare.Static)+len(bare.Series[0].Known.Times) > 0 {
		t.Errorf("bare: %q, %+v", bare.Known, bare.Series[0].Known)
	}
	if _, s, err = ReadCSV(strings.NewReader(shops(6)), ReadOptions{Static: []string{}}); err != nil || len(s.Static) > 0 || !slices.Equal(s.Channels, []string{"sales"}) {
		t.Errorf("none asked for: %v, static %q, channels %q", err, s.Static, s.Channels)
	}
	if _, s, err = ReadCSV(strings.NewReader(shops(4)), ReadOptions{Targets: []string{"sales"}}); err != nil || len(s.Static) > 0 {
		t.Errorf("four series: %v, %q", err, s.Static)
	}
}

// Static covariates that are asked for are those, of few series too, and what is wrong with them is
// an error with its place.
func TestAskedStatic(t *testing.T) {
	asked := []string{"region=north", "region=south", "size"}
	p, _, err := ReadCSV(strings.NewReader(shops(1)), ReadOptions{Targets: []string{"sales"}, Static: asked})
	if err != nil || !slices.Equal(p.Static, asked) || !slices.Equal(p.StaticValues()[0], []float64{0, 1, 50}) {
		t.Fatalf("%v, %+v", err, p)
	}
	for _, test := range []struct {
		in     string
		static string
		want   error
		text   string
	}{
		{strings.ReplaceAll(shops(2), "north", "west"), "region=north,region=south", ErrLevel, `:6: column "region": "west"`},
		{shops(2), "regoin", ErrNoColumn, "static covariate"},
		{strings.Replace(shops(2), "south,50,m0,1\ns1", "north,50,m0,1\ns1", 1), "region", ErrColumns, `:5: column "region": "north"`},
		{shops(2), "day", ErrColumns, "in another role"},
		{strings.ReplaceAll(shops(2), ",60,", ",,"), "size", ErrMissing, `:6: column "size"`},
	} {
		_, _, err := ReadCSV(strings.NewReader(test.in), ReadOptions{Name: "x.csv", Targets: []string{"sales"}, Static: strings.Split(test.static, ",")})
		if !errors.Is(err, test.want) || !strings.Contains(fmt.Sprint(err), test.text) {
			t.Errorf("%s: %v, want %v with %s", test.static, err, test.want, test.text)
		}
	}
}

// Static covariates stay what they are beside plans and events, when a future is read, rows are
// added, and series are taken from elsewhere.
func TestStaticBesideOthers(t *testing.T) {
	p, _, err := ReadCSV(strings.NewReader(shops(6)), ReadOptions{Targets: []string{"sales"}, Known: []string{"code"}, Static: []string{"size"}})
	if err != nil {
		t.Fatal(err)
	}
	if p, err = p.WithEvents([]Event{{Name: "fair", Days: []int{dayOf(p.Series[0].Times[3]) + 2}}}); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(p.Known, []string{"size", "code", "fair"}) || !slices.Equal(p.KnownColumns(), []string{"code"}) {
		t.Errorf("known %q, columns %q", p.Known, p.KnownColumns())
	}
	f, at, err := ReadFuture(strings.NewReader("shop,day,code\ns2,2024-01-05,7\ns2,2024-01-06,8\n"), p, ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := f.KnownAt(f.Lookup("s2"), at[2]); err != nil || !slices.Equal(got, []float64{70, 7, 0, 70, 8, 1}) {
		t.Errorf("ahead %v, %v", got, err)
	}
	more, _, err := ReadCSV(strings.NewReader("shop,day,sales,size,code\ns2,2024-01-05,3,99,7\nnew,2024-01-05,3,11,7\n"),
		ReadOptions{ID: "shop", Targets: []string{"sales"}, Known: []string{"code"}, Static: []string{"size"}, MinRows: 1})
	if err != nil {
		t.Fatal(err)
	}
	u, _, err := p.Updated(more)
	if err != nil {
		t.Fatal(err)
	}
	var sizes []float64
	for _, v := range u.StaticValues() {
		sizes = append(sizes, v...)
	}
	if !slices.Equal(sizes, []float64{50, 60, 99, 80, 90, 100, 11}) {
		t.Errorf("sizes %v", sizes)
	}
	if q, err := more.BareOfStatic().WithStaticOf(p); !errors.Is(err, ErrColumns) || !strings.Contains(err.Error(), `"new"`) {
		t.Errorf("a series that is not known: %v, %v", q, err)
	}
	broken := *p
	if broken.Static = []string{"code"}; broken.Validate() == nil {
		t.Error("a static covariate that is not the first is valid")
	}
}

// What stands in the first row of nearly every series alone, as the age of patients in records of a row for every
// value, is a static covariate, too; the rows that held nothing else are none. What stands alone in other rows was
// measured, and columns of hardly any value are left out.
func TestStaticOnce(t *testing.T) {
	var b strings.Builder
	b.WriteString("record,hour,variable,value\n")
	for i := range 20 {
		if i != 7 {
			fmt.Fprintf(&b, "r%d,0,Age,%d\n", i, 40+i*i)
		}
		fmt.Fprintf(&b, "r%d,0,Sex,%s\nr%d,0,Ward,3\n", i, []string{"f", "m"}[i%2], i)
		for h := range 6 {
			fmt.Fprintf(&b, "r%d,%d,HR,%d\nr%d,%d,MAP,%d\n", i, 1+h*h, 70+h, i, 1+h*h, 80-h)
		}
		fmt.Fprintf(&b, "r%d,5,Lactate,%d\n", i, i%4)
		if i < 3 {
			fmt.Fprintf(&b, "r%d,2,Lipase,%d\n", i, i)
		}
	}
	p, s, err := ReadCSV(strings.NewReader(b.String()), ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(s.Static, ","); got != "Age,Sex=f,Sex=m" {
		t.Errorf("static %s", got)
	}
	if got := strings.Join(s.Channels, ","); got != "HR,MAP,Lactate" {
		t.Errorf("channels %s", got)
	}
	if all := strings.Join(s.Remarks, ";"); !strings.Contains(all, `"Age" (its median where it is missing, in 1 series), "Sex" (2 levels)`) ||
		!strings.Contains(all, `"Lipase" has 3 values in 140 rows`) || !strings.Contains(all, `not used: "Ward", "Lipase"`) {
		t.Errorf("remarks %q", all)
	}
	values := p.StaticValues()
	if !slices.Equal(values[7], []float64{140, 0, 1}) || !slices.Equal(values[8], []float64{104, 1, 0}) {
		t.Errorf("of r7 %v, of r8 %v", values[7], values[8])
	}
	if x := p.Series[0]; x.Times[0] != 1 || x.Len() != 6 {
		t.Errorf("times %v", x.Times)
	}
	asked, _, err := ReadCSV(strings.NewReader(b.String()), ReadOptions{Targets: s.Channels, Static: s.Static})
	if err != nil || !slices.Equal(asked.StaticValues()[7], values[7]) || asked.Series[0].Len() != 6 {
		t.Errorf("asked for: %v, %+v", err, asked)
	}
}
