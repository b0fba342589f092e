package series_test

import (
	"fmt"
	"log"
	"os"
	"strings"

	"tsgen/series"
)

// A long table with month ends, a gap and a column of remarks is understood.
func ExampleReadCSV() {
	const file = `unique_id,ds,y,note
a,2019-10-31,112,
a,2019-11-30,NA,moved
a,2019-12-31,132,
b,2019-09-30,5,
b,2019-12-31,7.5,
`
	p, sniffed, err := series.ReadCSV(strings.NewReader(file), series.ReadOptions{Name: "sales.csv"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(sniffed)
	for _, remark := range sniffed.Remarks {
		fmt.Println("note:", remark)
	}
	for _, s := range p.Series {
		for _, t := range p.Future(s, 2) {
			fmt.Println(s.ID, p.Axis.Stamp(t))
		}
	}
	// Output:
	// long, id unique_id, time ds (2006-01-02, monthly), channels y; 1 gap, 1 missing value
	// note: not used: "note"
	// a 2020-01-31
	// a 2020-02-29
	// b 2020-01-31
	// b 2020-02-29
}

// A cell that is no number is named with its line and column.
func ExampleReadCSV_error() {
	const file = "ds,y\n2020-01-01,112\n2020-01-02,1l8\n2020-01-03,132\n"
	_, _, err := series.ReadCSV(strings.NewReader(file), series.ReadOptions{Name: "sales.csv"})
	fmt.Println(err)
	// Output:
	// sales.csv:3: column "y": "1l8": not a number: expected one, or an empty cell for a missing value
}

// Times to forecast need not lie on the grid.
func ExampleReadFuture() {
	const history = "ds,y\n2020-01-01,112\n2020-01-02,118\n"
	p, _, err := series.ReadCSV(strings.NewReader(history), series.ReadOptions{})
	if err != nil {
		log.Fatal(err)
	}
	_, at, err := series.ReadFuture(strings.NewReader("ds\n2020-01-02 18:00\n2020-02-01 00:00\n"), p, series.ReadOptions{})
	if err != nil {
		log.Fatal(err)
	}
	for _, t := range at[0] {
		fmt.Println(p.Axis.Stamp(t), p.Coordinate(t)-p.Coordinate(p.Series[0].Times[1]))
	}
	// Output:
	// 2020-01-02T18:00:00 0.75
	// 2020-02-01 30
}

// The last year is set apart.
func ExamplePanel_SplitLast() {
	p, _, err := series.ReadCSV(strings.NewReader("year,flow\n1871,1120\n1872,1160\n1873,963\n"), series.ReadOptions{})
	if err != nil {
		log.Fatal(err)
	}
	_, tail, err := p.SplitLast(1)
	if err != nil {
		log.Fatal(err)
	}
	if err := tail.WriteCSV(os.Stdout); err != nil {
		log.Fatal(err)
	}
	// Output:
	// year,flow
	// 1873,963
}

// A constant channel has the scale 1.
func ExampleFitScaling() {
	x := []float64{2, 100, 4, 100, 6, 100} // two channels
	f := series.FitScaling(x[:4], 2, 0)
	fmt.Println(f.Center, f.Scale)
	fmt.Println(f.Apply(nil, x))
	// Output:
	// [3 100] [1 100]
	// [-1 0 1 0 3 0]
}
