package series

import (
	"errors"
	"math"
	"strings"
	"testing"
)

// TestRowsOfValues reads tables with a row for every value, whose variables become channels, and leaves those
// alone that only look like them.
func TestRowsOfValues(t *testing.T) {
	const table = "record,hour,variable,value\n" +
		"7,0,HR,80\n7,0,Temp,36.5\n7,2,HR,82\n7,3,Temp,37\n" +
		"9,1,Temp,38\n9,1,HR,90\n9,4,HR,91\n"
	p, s, err := ReadCSV(strings.NewReader(table), ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(p.Channels, " "); got != "HR Temp" || len(p.Series) != 2 || p.IDColumn != "record" || p.TimeColumn != "hour" {
		t.Fatalf("channels %s, %d series, id %s, time %s", got, len(p.Series), p.IDColumn, p.TimeColumn)
	}
	if x := p.Series[0].Values; x[0] != 80 || x[1] != 36.5 || x[2] != 82 || !math.IsNaN(x[3]) || len(x) != 6 || p.Series[1].Values[1] != 38 {
		t.Errorf("values %v and %v", x, p.Series[1].Values)
	}
	if all := strings.Join(s.Remarks, ";"); !strings.Contains(all, `the 2 variables in "variable" are channels`) {
		t.Errorf("remarks %q", all)
	}
	numbers := strings.NewReplacer("HR", "3", "Temp", "11", "variable", "var").Replace(table)
	if p, _, err = ReadCSV(strings.NewReader(numbers), ReadOptions{Targets: []string{"var_11"}}); err != nil || p.Channels[0] != "var_11" {
		t.Errorf("%v, %v", p, err)
	}
	if _, _, err = ReadCSV(strings.NewReader(table+"9,4,HR,95\n"), ReadOptions{}); err == nil || !errors.Is(err, ErrDuplicateTime) {
		t.Errorf("a variable twice at a time: %v", err)
	}
	// A series for each store and day, with a column that happens to be called so.
	const long = "store,day,channel,value\na,1,web,5\na,2,web,6\na,3,web,4\nb,1,shop,1\nb,2,shop,2\nb,3,shop,2\n"
	if p, _, err = ReadCSV(strings.NewReader(long), ReadOptions{}); err != nil || len(p.Channels) != 1 || p.Channels[0] != "value" {
		t.Errorf("%v, %v", p, err)
	}
}
