package series

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Numbers and tables as people and programs of offices write them, with the values
// written out by hand.
func TestForms(t *testing.T) {
	nan := "-"
	for _, test := range []struct {
		name, in string
		opt      ReadOptions
		want     string // the values, row by row
		remarks  string // part of them
	}{
		{"commas between thousands, points before decimals", "ds,y\n2020,\"1,234.50\"\n2021,\"12,345,678.9\"\n2022,5\n", ReadOptions{}, "1234.5 12345678.9 5", `marks between thousands are left out: "y"`},
		{"thousands in a quoted file of commas", "ds,y\n2020,\"1,000\"\n2021,\"102,576\"\n2022,995\n", ReadOptions{}, "1000 102576 995", `marks between thousands are left out: "y"`},
		{"points between thousands, a comma before decimals", "ds;y\n2020;1.234,5\n2021;995\n2022;1.000\n", ReadOptions{}, "1234.5 995 1000", `numbers with a decimal comma: "y"`},
		{"points between thousands, several", "ds;y\n2020;1.234.567\n2021;1.234\n", ReadOptions{}, "1234567 1234", "marks between thousands"},
		{"another column shows the comma", "year;y;z\n2020;1.234;0,5\n2021;995;1,5\n", ReadOptions{}, "1234 0.5 995 1.5", "marks between thousands"},
		{"another column shows the point", "year;y;z\n2020;1.234;0.5\n2021;2.345;1.5\n", ReadOptions{}, "1.234 0.5 2.345 1.5", ""},
		{"a leading zero shows the point", "ds;y\n2020;0.234\n2021;1.005\n", ReadOptions{}, "0.234 1.005", ""},
		{"other decimals show the point", "ds;y\n2020;1.25\n2021;1.005\n", ReadOptions{}, "1.25 1.005", ""},
		{"points as asked for", "ds;y\n2020;995\n2021;1.000\n2022;1.005\n", ReadOptions{Thousands: '.'}, "995 1000 1005", "marks between thousands"},
		{"points before decimals, as asked for", "ds;y\n2020;995\n2021;1.000\n2022;1.005\n", ReadOptions{Decimal: '.'}, "995 1 1.005", ""},
		{"commas as asked for", "ds;y\n2020;995\n2021;1,000\n2022;1,005\n", ReadOptions{Decimal: ','}, "995 1 1.005", "decimal comma"},
		{"thousands of commas as asked for", "ds;y\n2020;995\n2021;1,000\n2022;1,005\n", ReadOptions{Thousands: ','}, "995 1000 1005", "marks between thousands"},
		{"three decimals in a file of commas", "t,y\n1,1.005\n2,12.345\n3,2.500\n", ReadOptions{}, "1.005 12.345 2.5", ""},
		{"three decimals in a file of tabs", "t\ty\n1\t1.005\n2\t12.345\n", ReadOptions{}, "1.005 12.345", `the points in "y" are taken as those of decimals`},
		{"blanks between thousands", "ds;y\n2020;1 234,5\n2021;12 345\n", ReadOptions{}, "1234.5 12345", "decimal comma"},
		{"narrow blanks that do not break", "ds,y\n2020,1\u202f234\n2021,12\u00a0345.5\n", ReadOptions{}, "1234 12345.5", "marks between thousands"},
		{"apostrophes of Switzerland", "ds;y\n2020;1'234.5\n2021;12’345\n", ReadOptions{}, "1234.5 12345", "marks between thousands"},
		{"lakhs", "ds,y\n2020,\"12,34,567\"\n2021,\"1,02,576.5\"\n", ReadOptions{}, "1234567 102576.5", "marks between thousands"},
		{"dollars", "ds,y\n2020,\"$1,234.50\"\n2021,-$5\n2022,$-6\n2023,7\n", ReadOptions{}, "1234.5 -5 -6 7", `currencies are left out: "y"`},
		{"euros behind", "ds;y\n2020;1.234,50 €\n2021;5,00\u00a0€\n2022;-6,5 €\n", ReadOptions{}, "1234.5 5 -6.5", `currencies are left out: "y"`},
		{"codes of currencies", "ds,y\n2020,EUR 5\n2021,EUR 7.25\n", ReadOptions{}, "5 7.25", `currencies are left out: "y"`},
		{"crowns", "ds;y\n2020;1 234,50 kr\n2021;5 kr\n", ReadOptions{}, "1234.5 5", "currencies are left out"},
		{"percent", "ds,y\n2020,5%\n2021,-12.5 %\n2022,\n2023,1%\n", ReadOptions{}, "5 -12.5 - 1", "percent signs are left out, and 5% is 5"},
		{"parentheses", "ds,y\n2020,\"(1,234)\"\n2021,5\n2022,($6)\n", ReadOptions{}, "-1234 5 -6", `numbers in parentheses are negative: "y"`},
		{"a minus behind", "ds,y\n2020,12.50-\n2021,5\n", ReadOptions{}, "-12.5 5", ""},
		{"the minus of typography", "ds,y\n2020,−12.5\n2021,5\n", ReadOptions{}, "-12.5 5", ""},
		{"exponents", "ds;y\n2020;1,5e3\n2021;2E-1\n", ReadOptions{}, "1500 0.2", "decimal comma"},
		{"thousands among missing values", "ds,y\n2020,NA\n2021,\"1,234\"\n2022,\n", ReadOptions{}, "- 1234", "marks between thousands"},

		{"bars", "ds|y|z\n2020|1|2\n2021|3|4,5\n", ReadOptions{Targets: []string{"y"}}, "1 3", ""},
		{"runs of blanks", "  year      flow\n  1871      1120\n  1872     1160.5\n", ReadOptions{}, "1120 1160.5", ""},
		{"blanks, and quoted names", "t \"the value\"\n1  2\n2\t 3\n", ReadOptions{}, "2 3", ""},
		{"blanks within cells of a file of commas", "ds,y\n2020-01-01 00:00,1\n2020-01-01 01:00,2\n", ReadOptions{}, "1 2", ""},
		{"carriage returns", "ds,y\r2020,1\r2021,2\r", ReadOptions{}, "1 2", ""},
		{"a title above the header", "Sales of \"all\" shops\n\nds,y\n2020,1\n2021,2\n", ReadOptions{}, "1 2", "what stands above the header is not used: lines 1 to 2"},
		{"a title with separators", "Sales, by year\nyear,y,z\n2020,1,5\n2021,2,6\n", ReadOptions{}, "1 5 2 6", "above the header is not used: line 1"},
		{"a title of a spreadsheet", "Sales by year,,\n,,\nyear,y,z\n2020,1,5\n2021,2,6\n", ReadOptions{}, "1 5 2 6", "above the header is not used: lines 1 to 2"},
		{"comments", "# station 7\n# from 2020, on\nds,y\n2020,1\n2021,2\n", ReadOptions{}, "1 2", "above the header is not used: lines 1 to 2"},
		{"a header that is a comment", "# made by a program\n# ds,y\n2020,1\n2021,2\n", ReadOptions{}, "1 2", "above the header is not used: line 1"},
		{"a header that is a comment, blanks", "# t y\n1 5\n2 6\n", ReadOptions{}, "5 6", ""},
		{"units below the header", "year,flow,temp\n,m³/s,°C\n2020,1,5\n2021,2,6\n", ReadOptions{}, "1 5 2 6", "what stands below the header is not used: line 2"},
		{"a line break in a name", "ds,\"flow\n(m³/s)\"\n2020,1\n2021,2\n", ReadOptions{Targets: []string{"flow (m³/s)"}}, "1 2", ""},
		{"a source below the data", "ds,y\n2020,1\n2021,2\n\nSource: office of statistics\n", ReadOptions{}, "1 2", `below the data is not used: line 5 on, "Source: office of statistics"`},
		{"a total below the data", "ds,y\n2020-01-01,1\n2020-01-02,2\nTotal,3\n", ReadOptions{}, "1 2", `below the data is not used: line 4 on, "Total"`},
		{"a total and notes", "day;y;z\n01.02.2020;1;5\n13.02.2020;2;6\nSumme;3;11\n;;\n* vorläufig;;\nQuelle: Amt\n", ReadOptions{}, "1 5 2 6", `line 4 on, "Summe"`},
		{"dates between the months and the marks", "Monat;Umsatz\n2015.01;1.234,50\n2015.02;2.345\n", ReadOptions{Time: "Monat"}, "1234.5 2345", "decimal comma"},
		{"a row of texts that is no unit", "id,year,y\na,2020,\na,2021,2\n", ReadOptions{}, "- 2", ""},
		{"yes and no as values", "ds,up\n2020,yes\n2021,no\n2022,\n2023,YES\n", ReadOptions{Targets: []string{"up"}}, "1 0 - 1", ""},
		{"formulas as identifiers", "id,ds,y\n=1+a,2020,1\n=1+a,2021,2\n", ReadOptions{}, "1 2", `a spreadsheet runs identifiers such as "=1+a" as formulas`},
		{"identifiers that look like numbers", "id;ds;y\n1.000;2020;1,5\n1.000;2021;2,5\n", ReadOptions{ID: "id"}, "1.5 2.5", ""},
	} {
		p, s, err := ReadCSV(strings.NewReader(test.in), test.opt)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		var got []string
		for _, v := range p.Series[0].Values {
			text := FormatNumber(v)
			if text == "" {
				text = nan
			}
			got = append(got, text)
		}
		if values := strings.Join(got, " "); values != test.want {
			t.Errorf("%s: values %s, want %s", test.name, values, test.want)
		}
		if said := strings.Join(s.Remarks, "; "); !strings.Contains(said, test.remarks) || test.remarks == "" && said != "" && len(test.opt.Targets) == 0 && p.IDColumn == "" {
			t.Errorf("%s: remarks %q, want %q", test.name, said, test.remarks)
		}
		if line := p.Series[0].Line(0); !strings.HasPrefix(lineOf(test.in, line), strings.Trim(firstCell(p), "\"")) && p.IDColumn == "" {
			t.Errorf("%s: line %d of the first row is %q", test.name, line, lineOf(test.in, line))
		}
	}
}

// firstCell returns the first stamp of a panel.
func firstCell(p *Panel) string { return p.Axis.Stamp(p.Series[0].Times[0]) }

// lineOf returns a line of a text, from 1, without blanks around it.
func lineOf(text string, line int) string {
	lines := strings.Split(strings.ReplaceAll(text, "\r", "\n"), "\n")
	return strings.TrimSpace(lines[line-1])
}

// What may mean two things, or nothing, is refused where it stands, with what settles it.
func TestFormErrors(t *testing.T) {
	for _, test := range []struct {
		name, in string
		want     error
		line     int
		text     string
	}{
		{"points before three digits", "ds;y\n2020;995\n2021;1.000\n2022;1.005\n", ErrNumber, 3, `column "y": "1.000": not a number that is certain: every "." stands once in a number and before three digits, so that it may part decimals or thousands; say --decimal . or --thousands .`},
		{"commas before three digits", "ds;y\n2020;102,576\n2021;1,000\n", ErrNumber, 2, "say --decimal , or --thousands ,"},
		{"commas before three digits, tabs", "ds\ty\n2020\t102,576\n2021\t1,000\n", ErrNumber, 2, "say --decimal , or --thousands ,"},
		{"points before three digits and none, in a file of commas", "ds,y\n2020,995\n2021,1.000\n2022,1.005\n", ErrNumber, 3, "say --decimal . or --thousands ."},
		{"two currencies", "ds,y\n2020,$5\n2021,€6\n", ErrNumber, 2, `"$" does not stand in the other cells of the column`},
		{"percent in some cells", "ds,y\n2020,5%\n2021,6\n2022,7\n", ErrNumber, 2, `"5%": not a number: "%" does not stand in the other cells`},
		{"parentheses everywhere", "ds,y,z\n2020,(5),1\n2021,(6),2\n", ErrNumber, 2, "all numbers of the column are in parentheses"},
		{"a dash", "ds,y\n2020,5\n2021,-\n2022,7\n", ErrNumber, 3, "--na - says that this means one"},
		{"an open quotation mark", "ds,y,z\n2020,1,2\n2021,\"3,4\n2022,5,6\n", ErrSyntax, 3, "this quotation mark is never closed (character 6)"},
		{"words among the data", "ds,y\n2020,1\nmoved\n2021,2\n", ErrFieldCount, 3, "1, the header has 2"},
		{"cut short", "ds,y,z\n2020-01-01,1,2\n2020-01-02,3\n", ErrFieldCount, 3, "2, the header has 3"},
	} {
		_, _, err := ReadCSV(strings.NewReader(test.in), ReadOptions{Name: "x.csv"})
		var pe *ParseError
		switch {
		case !errors.As(err, &pe) || !errors.Is(err, test.want) || pe.Line != test.line || !strings.Contains(err.Error(), test.text):
			t.Errorf("%s: got %v, want line %d, %v with %q", test.name, err, test.line, test.want, test.text)
		}
	}
}

// A column that is not used is not asked about.
func TestFormsNotUsed(t *testing.T) {
	p, _, err := ReadCSV(strings.NewReader("ds;y;version\n2020;1;1.000\n2021;2;1.001\n"), ReadOptions{Targets: []string{"y"}})
	if err != nil || !slices.Equal(p.Series[0].Values, []float64{1, 2}) {
		t.Error(fmt.Sprint(p, err))
	}
}
