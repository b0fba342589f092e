package series

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"
)

// likeTable writes rows below a header.
func likeTable(header string, n int, row func(i int) string) string {
	var b strings.Builder
	b.WriteString(header + "\n")
	for i := range n {
		b.WriteString(row(i) + "\n")
	}
	return b.String()
}

// Few new rows are read as the panel was that they go on with: with them it is what reading all rows at once
// makes of it.
func TestReadLike(t *testing.T) {
	day := func(i int, layout string) string {
		return time.Date(2023, 3, 6, 0, 0, 0, 0, time.UTC).AddDate(0, 0, i).Format(layout)
	}
	value := func(i int) float64 { return math.Round(100*(20+5*math.Sin(float64(i)))) / 100 }
	comma := func(v float64) string { return strings.ReplaceAll(fmt.Sprintf("%.2f", v), ".", ",") }
	shop := []string{"Kiel", "Ulm", "Bonn", "Jena", "Trier", "Cham"}
	for name, c := range map[string]struct {
		opt      ReadOptions
		old, new string // of the same header
	}{
		"a row of each of six series": {ReadOptions{},
			likeTable("shop,day,sales", 120, func(i int) string { return fmt.Sprintf("%s,%s,%v", shop[i%6], day(i/6, "2006-01-02"), value(i)) }),
			"shop,day,sales\nKiel,2023-03-26,20\nUlm,2023-03-26,21\nBonn,2023-03-26,22\nJena,2023-03-26,23\nTrier,2023-03-26,24\nCham,2023-03-26,25\n"},
		"a row of one series of six": {ReadOptions{},
			likeTable("shop,day,sales", 120, func(i int) string { return fmt.Sprintf("%s,%s,%v", shop[i%6], day(i/6, "2006-01-02"), value(i)) }),
			"shop,day,sales\nBonn,2023-03-26,22\n"},
		"three rows of one series with a gap": {ReadOptions{},
			likeTable("shop,day,sales", 120, func(i int) string { return fmt.Sprintf("%s,%s,%v", shop[i%6], day(i/6, "2006-01-02"), value(i)) }),
			"shop,day,sales\nUlm,2023-03-27,22\nUlm,2023-03-29,23\nUlm,2023-03-31,24\n"},
		"numbers for names and times": {ReadOptions{},
			likeTable("station,t,level", 60, func(i int) string { return fmt.Sprintf("%d,%d,%v", 31+i/20, 15*(i%20), value(i)) }),
			"station,t,level\n31,300,19.5\n32,300,20.5\n33,300,21.5\n"},
		"known covariates, levels among them": {ReadOptions{Known: []string{"promo", "weather"}, Targets: []string{"sales"}},
			likeTable("shop,day,sales,promo,weather", 120, func(i int) string {
				return fmt.Sprintf("%s,%s,%v,%d,%s", shop[i%6], day(i/6, "2006-01-02"), value(i), i%2, []string{"rain", "sun", "snow"}[i%3])
			}),
			"shop,day,sales,promo,weather\nKiel,2023-03-26,20,1,sun\n"},
		"static covariates": {ReadOptions{},
			likeTable("shop,day,sales,region,floor", 120, func(i int) string {
				return fmt.Sprintf("%s,%s,%v,%s,%d", shop[i%6], day(i/6, "2006-01-02"), value(i), []string{"north", "south", "west"}[i%3], 70+10*(i%6))
			}),
			"shop,day,sales,region,floor\nUlm,2023-03-26,20,south,80\nCham,2023-03-26,20,west,120\n"},
		"a wide table, a channel of which is empty": {ReadOptions{},
			likeTable("date;inflow;outflow", 30, func(i int) string {
				return fmt.Sprintf("%s;%s;%s", day(i, "02.01.2006"), comma(value(i)), comma(2*value(i)))
			}),
			"date;inflow;outflow\n05.04.2023;;41,125\n"},
		"thousands or decimals": {ReadOptions{},
			likeTable("date;inflow", 30, func(i int) string { return fmt.Sprintf("%s;%s", day(i, "02.01.2006"), comma(value(i))) }),
			"date;inflow\n05.04.2023;21,125\n"},
		"days before months without zeros": {ReadOptions{},
			likeTable("date,inflow", 30, func(i int) string { return fmt.Sprintf("%s,%v", day(i, "2/1/2006"), value(i)) }),
			"date,inflow\n5/4/2023,21.125\n"},
		"a layout that was asked for": {ReadOptions{TimeLayout: "%y%m%d"},
			likeTable("when,inflow", 30, func(i int) string { return fmt.Sprintf("%s,%v", day(i, "060102"), value(i)) }),
			"when,inflow\n230405,21.125\n"},
		"parts of a time": {ReadOptions{},
			likeTable("year,month,units", 30, func(i int) string { return fmt.Sprintf("%d,%d,%v", 2019+i/12, 1+i%12, value(i)) }),
			"year,month,units\n2021,7,21.125\n"},
		"a date and an hour": {ReadOptions{Time: "date,hour"},
			likeTable("date,hour,load", 240, func(i int) string { return fmt.Sprintf("%s,%d,%v", day(i/24, "02/01/2006"), i%24, value(i)) }),
			"date,hour,load\n16/03/2023,0,21.125\n"},
		"parts of a name": {ReadOptions{ID: "city,item"},
			likeTable("city,item,day,sales", 120, func(i int) string {
				return fmt.Sprintf("%s,%s,%s,%v", []string{"Kiel", "Bad/Ems"}[i%2], []string{"pen", "ink", "cap"}[i%3], day(i/6, "2006-01-02"), value(i))
			}),
			"city,item,day,sales\nKiel,pen,2023-03-26,20\nKiel,cap,2023-03-26,21\n"},
		"a row for every value": {ReadOptions{},
			likeTable("patient,day,variable,value", 240, func(i int) string {
				return fmt.Sprintf("%s,%s,%s,%v", shop[i%6], day(i/12, "2006-01-02"), []string{"pulse", "weight"}[i/6%2], value(i))
			}),
			"patient,day,variable,value\nUlm,2023-03-26,weight,20\nCham,2023-03-26,pulse,20\n"},
		"workdays": {ReadOptions{},
			likeTable("day,price", 60, func(i int) string { return fmt.Sprintf("%s,%v", day(i/5*7+i%5, "2006-01-02"), value(i)) }),
			"day,price\n2023-05-29,20\n2023-05-30,20.5\n2023-06-01,21\n"},
		"ends of months": {ReadOptions{},
			likeTable("day,price", 30, func(i int) string {
				return fmt.Sprintf("%s,%v", time.Date(2020, time.Month(2+i), 0, 0, 0, 0, 0, time.UTC).Format("2006-01-02"), value(i))
			}),
			"day,price\n2022-07-31,20\n"},
	} {
		t.Run(name, func(t *testing.T) {
			old, _, err := ReadCSV(strings.NewReader(c.old), c.opt)
			if err != nil {
				t.Fatal(err)
			}
			_, rows, _ := strings.Cut(c.new, "\n")
			whole := c.opt
			if old.Joint == "" {
				whole.ID = old.IDColumn
			}
			want, _, err := ReadCSV(strings.NewReader(c.old+rows), whole)
			if err != nil {
				t.Fatal(err)
			}
			for _, opt := range []ReadOptions{{}, c.opt} {
				opt.Like = old
				more, _, err := ReadCSV(strings.NewReader(c.new), opt)
				if err != nil {
					t.Fatal(err)
				}
				got, _, err := old.Updated(more)
				if err != nil {
					t.Fatal(err)
				}
				if fmt.Sprint(got.Channels, got.Known, got.Static, got.IDColumn, got.TimeColumn, got.Step, got.Axis) != fmt.Sprint(want.Channels, want.Known, want.Static, want.IDColumn, want.TimeColumn, want.Step, want.Axis) {
					t.Errorf("the panel is\n%+v, want\n%+v", got, want)
				}
				for i, s := range want.Series {
					g := got.Series[i]
					if g.ID != s.ID || fmt.Sprint(g.Times, g.Values, g.Known) != fmt.Sprint(s.Times, s.Values, s.Known) {
						t.Errorf("series %q ends with %v, want %v", s.ID, g.Row(g.Len()-1), s.Row(s.Len()-1))
					}
				}
			}
		})
	}
}

// The columns of new rows may stand in another order, those of static covariates be missing or empty, and no row need
// have a value.
func TestReadLikeLacks(t *testing.T) {
	old, _, err := ReadCSV(strings.NewReader(likeTable("shop,day,sales,stock,floor", 60, func(i int) string {
		return fmt.Sprintf("s%d,2023-04-%02d,%d,%d,%d", i%6, 1+i/6, i*i%13, i*i%7, 70+10*(i%6))
	})), ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		in, want string
		changes  Changes
		known    float64 // of the first series
	}{
		{"day,floor,stock,sales,shop\n2023-04-11,80,3,4,s1\n", "[4 3]", Changes{Rows: 1}, 80},
		{"day,stock,sales,shop\n2023-04-11,3,4,s1\n", "[4 3]", Changes{Rows: 1}, 80},
		{"day,stock,sales,shop,floor\n2023-04-11,3,4,s1,\n", "[4 3]", Changes{Rows: 1}, 80},
		{"day,stock,sales,shop,floor\n2023-04-11,,,s1,\n", "", Changes{}, 0},
		{"day,stock,sales,shop,floor\n2023-04-11,3,,s1,\n", "[NaN 3]", Changes{Rows: 1}, 80},
	} {
		more, _, err := ReadCSV(strings.NewReader(c.in), ReadOptions{Like: old})
		if err != nil {
			t.Errorf("%q: %v", c.in, err)
			continue
		}
		if _, changes, err := old.Updated(more); err != nil || changes != c.changes {
			t.Errorf("%q: %v %v, want %v", c.in, changes, err, c.changes)
		}
		if c.want == "" {
			continue
		}
		if s := more.Series[0]; fmt.Sprint(s.Values) != c.want || s.Known.Values[0] != c.known {
			t.Errorf("%q: %v, known %v", c.in, s.Values, s.Known.Values)
		}
	}
	for in, want := range map[string]string{
		"day,stock,shop,floor\n2023-04-11,3,s1,80\n":        `column "sales": no such column`,
		"day,stock,sales,shop\n2023-04-11,3,4,new\n":        `series "new" are not known`,
		"stock,sales,shop,floor\n3,4,s1,80\n":               `no such column for the time, "day"`,
		"day,stock,sales,shop,floor\n2023-04-11,3,4,new,\n": "a static covariate needs a value in each series",
	} {
		if _, _, err := ReadCSV(strings.NewReader(in), ReadOptions{Like: old}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: the error %v lacks %q", in, err, want)
		}
	}
	if _, _, err := ReadCSV(strings.NewReader("day,stock,sales,shop\n2023-04-11,,,s1\n"), ReadOptions{Like: old, MinRows: 1}); !errors.Is(err, ErrTooFewRows) {
		t.Errorf("no value, where a row is asked for: %v", err)
	}
}

// Times that a clock stamped a little late are moved onto the steps that they go on with, but not those of another
// clock, nor any where that is not wanted.
func TestReadLikeJitter(t *testing.T) {
	old, _, err := ReadCSV(strings.NewReader(likeTable("ds,y", 40, func(i int) string {
		return fmt.Sprintf("2023-04-%02dT%02d:00:00,%d", 1+i/24, i%24, i*i%13)
	})), ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		in   string
		snap Snap
		rows int // that Updated takes, -1 for none
	}{
		{"ds,y\n2023-04-02T16:00:05,3\n", SnapAuto, 1},
		{"ds,y\n2023-04-02T16:00:05,3\n2023-04-02T17:00:02,3\n", SnapAuto, 2},
		{"ds,y\n2023-04-02T16:05:00,3\n2023-04-02T17:05:00,3\n", SnapAuto, -1},
		{"ds,y\n2023-04-02T16:30:00,3\n", SnapAuto, -1},
		{"ds,y\n2023-04-02T16:02:05,3\n", SnapNever, -1},
	} {
		more, _, err := ReadCSV(strings.NewReader(c.in), ReadOptions{Like: old, Snap: c.snap})
		if err != nil {
			t.Fatal(err)
		}
		_, changes, err := old.Updated(more)
		if (err != nil) != (c.rows < 0) || err == nil && changes.Rows != c.rows {
			t.Errorf("%q, %q: %v, %v", c.in, c.snap, changes, err)
		}
		if at := old.Axis.Stamp(more.Series[0].Times[0]); c.rows > 0 && at != "2023-04-02T16:00:00" {
			t.Errorf("%q: the first row is at %s", c.in, at)
		}
	}
}
