package holidays

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"tsgen/series"
)

func day(t *testing.T, date string) int {
	t.Helper()
	d, err := time.Parse("2006-01-02", date)
	if err != nil {
		t.Fatal(err)
	}
	return int(d.Unix() / 86400)
}

// Holidays fall on the days that governments have published.
func TestOf(t *testing.T) {
	for _, test := range []struct{ code, date string }{
		{"DE", "2024-03-29"}, {"DE", "2024-05-20"}, {"de", "2024-10-03"}, {"DE-BY", "2024-01-06"}, {"DE-BY", "2024-05-30"},
		{"US", "2024-11-28"}, {"US", "2023-11-10"}, {"US-NY", "2024-11-05"}, {"US-NY", "2024-02-12"}, {"US-NY", "2024-07-04"}, {"US-MA", "2024-04-15"},
		{"US-WY", "2024-01-15"}, {"GB", "2024-08-26"}, {"FR", "2024-07-14"}, {"JP", "2024-02-23"}, {"AU-NSW", "2024-06-10"}, {"CH-ZH", "2024-08-01"},
	} {
		all, err := Of(test.code, 2023, 2024)
		if err != nil {
			t.Error(err)
			continue
		}
		want := day(t, test.date)
		if !slices.ContainsFunc(all, func(h Holiday) bool { return slices.Contains(h.Days, want) }) {
			t.Errorf("%s has no holiday on %s", test.code, test.date)
		}
		if !slices.ContainsFunc(all, func(h Holiday) bool { return slices.Contains(h.Days, day(t, "2024-12-25")) }) && test.code != "JP" {
			t.Errorf("%s has no Christmas", test.code)
		}
	}
	for code, like := range map[string]string{"DEU": "DE", "US-NJJ": "US-NJ", "ZZ": "", "DE_BY": "DE-BY"} {
		if _, err := Of(code, 2024, 2024); !errors.Is(err, ErrCode) || !strings.Contains(err.Error(), like) {
			t.Errorf("%s: %v, want %s to be named", code, err, like)
		}
	}
}

// Events are the days and those around them, each day of the year once, and only those that come
// within the series.
func TestEvents(t *testing.T) {
	all, err := Of("DE", 2022, 2030)
	if err != nil {
		t.Fatal(err)
	}
	events := Events(all, day(t, "2023-12-20"), day(t, "2024-01-10"))
	var names []string
	for _, e := range events {
		names = append(names, e.Name)
	}
	// The day after the first of Christmas is the second, and the day before that the first.
	want := "Neujahrstag, Weihnachtstag, Zweiter Weihnachtsfeiertag, Neujahrstag -1, Neujahrstag +1, Weihnachtstag -1, Zweiter Weihnachtsfeiertag +1"
	if got := strings.Join(names, ", "); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

// A file of one's own gives names and windows, and its faults are told with their place.
func TestRead(t *testing.T) {
	all, err := Read(strings.NewReader("holiday,ds,lower_window,upper_window\nfair,2024-05-02,-2,0\nfair,2025-05-03,-2,1\nclosed,2024-08-01,0,0\n"), "h.csv")
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 2 || all[0].Before != 2 || all[0].After != 1 || all[1].Before != 0 || !slices.Equal(all[0].Days, []int{day(t, "2024-05-02"), day(t, "2025-05-03")}) {
		t.Errorf("got %+v", all)
	}
	for text, want := range map[string]string{
		"date,holiday\n1.2.2024,x\n":                "h.csv:2: column \"date\": \"1.2.2024\": not a time",
		"when,what\n2024-01-01,x\n":                 "want a column date or ds",
		"date\n":                                    "no rows",
		"date,holiday,lower_window\n2024-01-01,x,2": "h.csv:2: column \"lower_window\"",
		"date,holiday\n2024-01-01,\n":               "h.csv:2: column \"holiday\": missing",
	} {
		var at *series.ParseError
		if _, err := Read(strings.NewReader(text), "h.csv"); !errors.As(err, &at) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// Of months only holidays that the season does not have are learned of, and only those that are
// told from each other.
func TestLearnable(t *testing.T) {
	months := "ds,y\n"
	for year := 2015; year < 2024; year++ {
		for month := 1; month <= 12; month++ {
			months += time.Date(year, time.Month(month), 1, 0, 0, 0, 0, time.UTC).Format("2006-01") + ",1\n"
		}
	}
	p, _, err := series.ReadCSV(strings.NewReader(months), series.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	all, err := Of("DE", 2014, 2030)
	if err != nil {
		t.Fatal(err)
	}
	if p, err = p.WithEvents(Events(all, day(t, "2015-01-01"), day(t, "2023-12-31"))); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range Learnable(p) {
		names = append(names, e.Name)
	}
	if got := strings.Join(names, ", "); !strings.Contains(got, "Karfreitag") || strings.Contains(got, "Weihnachtstag") || strings.Contains(got, "Neujahr") {
		t.Errorf("learned of %s", got)
	}
}

// Parts that have no list of their own have that of the country, and only they are said to.
func TestAsCountry(t *testing.T) {
	for code, want := range map[string]string{"US-WY": "US", "us-oh": "US", "US-NY": "", "US": "", "DE-BY": "", "DE": "", "XX-YY": ""} {
		if got := AsCountry(code); got != want {
			t.Errorf("%s: %q, want %q", code, got, want)
		}
	}
}
