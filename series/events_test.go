package series

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// eventDays are 2 and 5 January 2024, and 1 February.
var eventDays = []Event{{Name: "fair", Days: []int{19724, 19727, 19754}}}

// Events are 1 on their days by the clock of the series, count in longer steps, hold over no
// gap, and go on as far as they are asked for.
func TestEvents(t *testing.T) {
	for name, test := range map[string]struct {
		in   string
		want []float64 // at the rows, and three steps on
	}{
		"days":     {"ds,y\n2024-01-01,1\n2024-01-02,1\n2024-01-03,1\n2024-01-04,1\n", []float64{0, 1, 0, 0, 1, 0, 0}},
		"a gap":    {"ds,y\n2024-01-01,1\n2024-01-02,1\n2024-01-04,1\n2024-01-06,1\n2024-01-07,1\n", []float64{0, 1, 0, 0, 0, 0, 0, 0}},
		"noon":     {"ds,y\n2024-01-01 12:00,1\n2024-01-02 12:00,1\n2024-01-03 12:00,1\n", []float64{0, 1, 0, 0, 1, 0}},
		"hours":    {"ds,y\n2024-01-01 22:00,1\n2024-01-01 23:00,1\n2024-01-02 00:00,1\n2024-01-02 01:00,1\n", []float64{0, 0, 1, 1, 1, 1, 1}},
		"a zone":   {"ds,y\n2024-01-01T22:00:00-05:00,1\n2024-01-01T23:00:00-05:00,1\n2024-01-02T00:00:00-05:00,1\n", []float64{0, 0, 1, 1, 1, 1}},
		"weeks":    {"ds,y\n2024-01-01,1\n2024-01-08,1\n2024-01-15,1\n", []float64{2, 0, 0, 0, 1, 0}},
		"months":   {"ds,y\n2023-11-01,1\n2023-12-01,1\n2024-01-01,1\n", []float64{0, 0, 2, 1, 0, 0}},
		"ends":     {"ds,y\n2023-11-30,1\n2023-12-31,1\n2024-01-31,1\n", []float64{0, 0, 2, 1, 0, 0}},
		"quarters": {"ds,y\n2023Q3,1\n2023Q4,1\n2024Q1,1\n", []float64{0, 0, 3, 0, 0, 0}},
	} {
		p, _, err := ReadCSV(strings.NewReader(test.in), ReadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		q, err := p.WithEvents(eventDays)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := q.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		s := q.Series[0]
		at := q.Future(s, 3)
		if _, err := q.KnownAt(s, at[2:]); test.want[len(test.want)-1] == 0 && name == "days" && !errors.Is(err, ErrKnown) {
			t.Errorf("%s: known beyond the end: %v", name, err)
		}
		far := q.Foresee([][]float64{at})
		got, err := far.KnownAt(far.Series[0], slices.Concat(s.Times, at))
		if err != nil || !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, %v; want %v", name, got, err, test.want)
		}
	}
}

// Events stand beside other covariates, which need rows of the future as before, while a
// file of the future need not have the events.
func TestEventsBesideCovariates(t *testing.T) {
	p, _, err := ReadCSV(strings.NewReader("ds,y,price\n2024-01-01,1,5\n2024-01-02,2,6\n2024-01-03,3,7\n"), ReadOptions{Known: []string{"price"}})
	if err != nil {
		t.Fatal(err)
	}
	q, err := p.WithEvents(eventDays)
	if err != nil {
		t.Fatal(err)
	}
	if bare := q.BareOfEvents(); !slices.Equal(bare.Series[0].Known.Values, []float64{5, 6, 7}) || !slices.Equal(bare.Known, []string{"price"}) {
		t.Errorf("without events: %q, %v", bare.Known, bare.Series[0].Known)
	}
	future, at, err := ReadFuture(strings.NewReader("ds,price\n2024-01-04,8\n2024-01-05,9\n"), q, ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := future.KnownAt(future.Series[0], at[0]); err != nil || !slices.Equal(got, []float64{8, 0, 9, 1}) {
		t.Errorf("the future: %v, %v", got, err)
	}
	if _, err := p.WithEvents([]Event{{Name: "price"}}); !errors.Is(err, ErrEvents) {
		t.Errorf("an event called price: %v", err)
	}
}

// Series with the same times share the track of their events; one with other times between the same
// ends has its own.
func TestEventsShared(t *testing.T) {
	p, _, err := ReadCSV(strings.NewReader("unique_id,ds,y\n"+
		"a,2024-01-01,1\na,2024-01-02,1\na,2024-01-04,1\na,2024-01-05,1\n"+
		"b,2024-01-01,1\nb,2024-01-02,1\nb,2024-01-04,1\nb,2024-01-05,1\n"+
		"c,2024-01-01,1\nc,2024-01-03,1\nc,2024-01-04,1\nc,2024-01-05,1\n"), ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	q, err := p.WithEvents(eventDays)
	if err != nil {
		t.Fatal(err)
	}
	a, b, c := q.Series[0], q.Series[1], q.Series[2]
	if &a.Known.Values[0] != &b.Known.Values[0] || &a.Known.Values[0] == &c.Known.Values[0] {
		t.Error("a and b are to share a track, and c none of it")
	}
	for _, s := range q.Series {
		alone, err := p.With([]*Series{s}).WithEvents(eventDays)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := s.Known, alone.Series[0].Known; !slices.Equal(got.Times, want.Times) || !slices.Equal(got.Values, want.Values) {
			t.Errorf("%s: %v, want %v", s.ID, got, want)
		}
	}
}
