package series

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// halfHours returns the half-hourly stamps of 2014 in Victoria, where clocks
// went back on 6 April and forward on 5 October, at 16:00 UTC of the day
// before.
func halfHours() []string {
	back := time.Date(2014, 4, 5, 16, 0, 0, 0, time.UTC)
	forward := time.Date(2014, 10, 4, 16, 0, 0, 0, time.UTC)
	return stampsOf(17520, "2006-01-02T15:04:05-0700", func(i int) time.Time {
		t := time.Date(2013, 12, 31, 13, 0, 0, 0, time.UTC).Add(time.Duration(i) * 30 * time.Minute)
		if !t.Before(back) && t.Before(forward) {
			return t.In(time.FixedZone("", 10*3600))
		}
		return t.In(time.FixedZone("", 11*3600))
	})
}

// midnights returns the midnights of the same year, one every n days.
func midnights(n int) []string {
	return stampsOf(365/n, "2006-01-02T15:04:05-07:00", func(i int) time.Time {
		zone := time.FixedZone("", 11*3600)
		if d := date(2014, 1, 1+n*i); d.After(date(2014, 4, 6)) && !d.After(date(2014, 10, 5)) {
			zone = time.FixedZone("", 10*3600)
		}
		return time.Date(2014, 1, 1+n*i, 0, 0, 0, 0, zone)
	})
}

func csvOf(stamps []string) string {
	var b strings.Builder
	b.WriteString("ds,y\n")
	for i, s := range stamps {
		fmt.Fprintf(&b, "%s,%d\n", s, i)
	}
	return b.String()
}

// stampsOf lists n stamps of calendar arithmetic done by package time.
func stampsOf(n int, layout string, at func(i int) time.Time) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = at(i).Format(layout)
	}
	return out
}

func date(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

// monthEnd returns the last day of month m of year y.
func monthEnd(y int, m time.Month) time.Time { return date(y, m+1, 0) }

// businessDay returns the i-th weekday from Monday, 1 January 1996.
func businessDay(i int) time.Time { return date(1996, 1, 1+i/5*7+i%5) }

// The step, its name and the usual season are found from stamps of every
// calendar, clock changes and leap years included, and every stamp comes back
// as it was written.
func TestSteps(t *testing.T) {
	const days = "2006-01-02"
	for _, test := range []struct {
		name   string
		stamps []string
		want   Step
		words  string
		season int
	}{
		{"days over a leap year", stampsOf(400, days, func(i int) time.Time { return date(1996, 1, 1+i) }), Step{Width: day}, "daily", 7},
		{"weeks", stampsOf(60, days, func(i int) time.Time { return date(1999, 12, 4+7*i) }), Step{Width: week}, "weekly", 52},
		{"business days", stampsOf(300, days, businessDay), Step{BusinessDay: true}, "business days", 5},
		{"business days at 17:30", stampsOf(300, "2006-01-02 15:04", func(i int) time.Time { return businessDay(i).Add(17*time.Hour + 30*time.Minute) }),
			Step{BusinessDay: true, Anchor: 63000}, "business days", 5},
		{"one working week", stampsOf(5, days, businessDay), Step{Width: day}, "daily", 7},
		{"months", stampsOf(60, days, func(i int) time.Time { return date(1949, time.Month(1+i), 1) }), Step{Months: 1}, "monthly", 12},
		{"months, year-month", stampsOf(60, "2006-01", func(i int) time.Time { return date(1949, time.Month(1+i), 1) }), Step{Months: 1}, "monthly", 12},
		{"months on the 15th at noon", stampsOf(60, "2006-01-02T15:04:05", func(i int) time.Time { return date(1949, time.Month(1+i), 15).Add(12 * time.Hour) }),
			Step{Months: 1, Anchor: 14*day + 43200}, "monthly", 12},
		{"ends of months", stampsOf(60, days, func(i int) time.Time { return monthEnd(1995, time.Month(1+i)) }), Step{Months: 1, Anchor: 30 * day}, "monthly", 12},
		{"ends of quarters", stampsOf(60, days, func(i int) time.Time { return monthEnd(1995, time.Month(3+3*i)) }), Step{Months: 3, Anchor: 30 * day}, "quarterly", 4},
		{"the 30th, and February", []string{"2019-12-30", "2020-01-30", "2020-02-29", "2020-03-30"}, Step{Months: 1, Anchor: 29 * day}, "monthly", 12},
		{"quarters", stampsOf(60, days, func(i int) time.Time { return date(1949, time.Month(2+3*i), 1) }), Step{Months: 3}, "quarterly", 4},
		{"half years", stampsOf(60, days, func(i int) time.Time { return date(1949, time.Month(2+6*i), 1) }), Step{Months: 6}, "every 6 months", 2},
		{"years", stampsOf(60, days, func(i int) time.Time { return date(1871+i, 1, 1) }), Step{Months: 12}, "yearly", 1},
		{"decades", stampsOf(9, days, func(i int) time.Time { return date(1871+10*i, 1, 1) }), Step{Months: 120}, "every 10 years", 1},
		{"year 5", stampsOf(30, days, func(i int) time.Time { return date(5, time.Month(5+i), 1) }), Step{Months: 1}, "monthly", 12},
		{"minutes", stampsOf(90, "2006-01-02 15:04", func(i int) time.Time { return date(1996, 2, 29).Add(time.Duration(i) * time.Minute) }), Step{Width: 60}, "every minute", 60},
		{"ten seconds", stampsOf(90, "2006-01-02 15:04:05", func(i int) time.Time { return date(1996, 2, 29).Add(time.Duration(i) * 10 * time.Second) }), Step{Width: 10}, "every 10 seconds", 6},
		{"milliseconds", stampsOf(90, "2006-01-02 15:04:05.000", func(i int) time.Time { return date(1996, 2, 29).Add(time.Duration(i) * time.Millisecond) }), Step{Width: 0.001}, "every 0.001 seconds", 1},
		{"half hours through clock changes", halfHours(), Step{Width: 1800}, "every 30 minutes", 48},
		{"local days through clock changes", midnights(1), Step{Days: 1}, "daily", 7},
		{"local weeks through clock changes", midnights(7), Step{Days: 7}, "weekly", 52},
		{"local months through clock changes", []string{"2014-02-01T00:00:00+11:00", "2014-03-01T00:00:00+11:00", "2014-04-01T00:00:00+11:00", "2014-05-01T00:00:00+10:00", "2014-06-01T00:00:00+10:00"},
			Step{Months: 1}, "monthly", 12},
		{"uneven", []string{"2020-01-01", "2020-01-02", "2020-01-05", "2020-01-10", "2020-01-17"}, Step{}, "irregular", 1},
		{"uneven months", []string{"2020-01", "2020-03", "2020-05", "2020-08", "2020-10"}, Step{}, "irregular", 1},
		{"tenths", []string{"0.1", "0.2", "0.30000000000000004", "0.4", "0.7"}, Step{Width: 0.1}, "step 0.1", 1},
		{"rounded months of a year", []string{"1949", "1949.083", "1949.167", "1949.25", "1949.333", "1949.417", "1949.5", "1950.5"}, Step{Months: 1}, "monthly", 12},
		{"visits", []string{"0", "192", "367", "747", "1124"}, Step{}, "irregular", 1},
	} {
		p := mustRead(t, csvOf(test.stamps))
		got := p.Step
		if !p.Axis.Calendar() && math.Abs(got.Width-test.want.Width) < 1e-4 {
			got = test.want
		}
		if got != test.want || p.Season() != test.season || !strings.HasPrefix(p.Step.Describe(p.Axis.Calendar()), test.words) {
			t.Errorf("%s: step %+v (%s), season %d; want %+v (%s), %d", test.name, p.Step,
				p.Step.Describe(p.Axis.Calendar()), p.Season(), test.want, test.words, test.season)
			continue
		}
		for i, s := range p.Series[0].Times {
			if got := p.Axis.Stamp(s); got != test.stamps[i] && p.Axis.Calendar() {
				t.Errorf("%s: stamp %q came back as %q", test.name, test.stamps[i], got)
				break
			}
		}
		checkCoordinates(t, test.name, p)
	}
}

// checkCoordinates holds the coordinate of a panel against its properties.
func checkCoordinates(t *testing.T, name string, p *Panel) {
	t.Helper()
	times := p.Series[0].Times
	tolerance := 1e-9
	if !p.Axis.Calendar() {
		tolerance = GridTolerance
	}
	first, last := times[0], times[len(times)-1]
	u0 := p.Coordinate(first)
	if p.Step.Regular() {
		for _, x := range times {
			if u := p.Coordinate(x) - u0; math.Abs(u-math.Round(u)) > tolerance {
				t.Errorf("%s: %s is %v steps from the first", name, p.Axis.Stamp(x), u)
				return
			}
		}
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		a := first + (1.2*rnd.Float64()-0.1)*(last-first)
		b := a + math.Exp(20*rnd.Float64()-18)*(last-first)
		if p.Axis.Calendar() {
			b = math.Max(b, a+2e-6)
		}
		ua, ub := p.Coordinate(a), p.Coordinate(b)
		if !(ua < ub) {
			t.Errorf("%s: coordinates %v, %v of %v < %v", name, ua, ub, a, b)
			return
		}
		if back := p.TimeAt(ua); math.Abs(back-a) > 1e-4 || p.Coordinate(back) != ua && math.Abs(p.Coordinate(back)-ua) > 1e-9*math.Max(1, math.Abs(ua)) {
			t.Errorf("%s: TimeAt(Coordinate(%v)) = %v", name, a, back)
			return
		}
		// Continuity: a small step in time is a small step of the coordinate.
		if d := p.Coordinate(a+1e-4) - ua; p.Axis.Calendar() && p.Step.Width == 0 && d > 0.01 {
			t.Errorf("%s: the coordinate jumps by %v at %v", name, d, a)
			return
		}
	}
}

// Times after the end of a series follow the calendar, and those of irregular
// series the usual distance.
func TestFuture(t *testing.T) {
	for _, test := range []struct {
		name   string
		stamps []string
		want   string
	}{
		{"months", []string{"1960-10-01", "1960-11-01", "1960-12-01"}, "1961-01-01 1961-02-01 1961-03-01"},
		{"ends of months", []string{"2019-10-31", "2019-11-30", "2019-12-31"}, "2020-01-31 2020-02-29 2020-03-31"},
		{"quarters", []string{"2019-04", "2019-07", "2019-10"}, "2020-01 2020-04 2020-07"},
		{"years", []string{"1898", "1899", "1900"}, "1901 1902 1903"},
		{"leap days", []string{"2012-02-29", "2016-02-29", "2020-02-29"}, "2024-02-29 2028-02-29 2032-02-29"},
		{"business days", []string{"2020-01-01", "2020-01-02", "2020-01-03", "2020-01-06", "2020-01-07", "2020-01-08", "2020-01-09"}, "2020-01-10 2020-01-13 2020-01-14"},
		{"hours", []string{"2020-02-28 22:00", "2020-02-28 23:00"}, "2020-02-29 00:00 2020-02-29 01:00 2020-02-29 02:00"},
		{"in the last zone", []string{"2014-10-05T01:00:00+1000", "2014-10-05T01:30:00+1000", "2014-10-05T03:00:00+1100"}, "2014-10-05T03:30:00+1100 2014-10-05T04:00:00+1100 2014-10-05T04:30:00+1100"},
		{"unix", []string{"1577836800", "1577840400"}, "1577844000 1577847600 1577851200"},
		{"tenths", []string{"0.1", "0.2", "0.3"}, "0.4 0.5 0.6"},
		{"irregular dates", []string{"2020-01-01", "2020-01-03", "2020-01-04", "2020-01-09", "2020-01-11"}, "2020-01-13 2020-01-15 2020-01-17"},
		{"irregular months", []string{"2020-01", "2020-03", "2020-05", "2020-08"}, "2020-10 2020-12 2021-02"},
		{"irregular years", []string{"1900", "1902", "1905", "1907"}, "1909 1911 1913"},
		{"irregular numbers", []string{"0", "1.5", "2", "4.5"}, "6 7.5 9"},
	} {
		p := mustRead(t, csvOf(test.stamps))
		var got []string
		for _, x := range p.Future(p.Series[0], 3) {
			got = append(got, p.Axis.Stamp(x))
		}
		if s := strings.Join(got, " "); s != test.want {
			t.Errorf("%s (%s): got %s, want %s", test.name, p.Step.Describe(p.Axis.Calendar()), s, test.want)
		}
	}
	alone := &Panel{Channels: []string{"y"}, Axis: Axis{Layout: "2006-01-02"}, Series: []*Series{{Times: []float64{0}, Values: []float64{1}}}}
	if got := alone.Future(alone.Series[0], 2); got[0] != day || got[1] != 2*day {
		t.Errorf("a single observation: %v", got)
	}
	if got := alone.Future(alone.Series[0], 0); len(got) != 0 {
		t.Errorf("none asked for: %v", got)
	}
}

// On business days the coordinate counts working days; from Friday to Monday is
// one step, weekend included.
func TestCoordinateBusinessDays(t *testing.T) {
	p := &Panel{Axis: Axis{Layout: "2006-01-02"}, Step: Step{BusinessDay: true}}
	at := func(d int, h float64) float64 { return float64(date(2020, 1, d).Unix()) + 3600*h }
	friday := p.Coordinate(at(3, 0))
	for _, test := range []struct {
		d    int
		h    float64
		want float64
	}{
		{2, 0, -1}, {2, 12, -0.5}, {3, 0, 0}, {4, 12, 0.5}, {6, 0, 1}, {6, 12, 1.5}, {10, 0, 5}, {13, 0, 6},
	} {
		if got := p.Coordinate(at(test.d, test.h)) - friday; got != test.want {
			t.Errorf("January %d, %v h: %v, want %v", test.d, test.h, got, test.want)
		}
	}
}

// Times beyond any calendar have coordinates, and only NaN gives NaN.
func TestCoordinateFarAway(t *testing.T) {
	for _, step := range []Step{{Months: 1}, {Days: 1}, {BusinessDay: true}, {Width: 60}, {}} {
		p := &Panel{Axis: Axis{Layout: "2006-01-02"}, Step: step}
		for _, x := range []float64{-math.MaxFloat64, -1e15, 1e15, math.MaxFloat64, math.Inf(1), math.NaN()} {
			if u := p.Coordinate(x); math.IsNaN(u) != math.IsNaN(x) {
				t.Errorf("%+v: coordinate %v of %v", step, u, x)
			}
			if v := p.TimeAt(x); math.IsNaN(v) != math.IsNaN(x) {
				t.Errorf("%+v: time %v at %v", step, v, x)
			}
		}
	}
}

// Months begin where package time has them begin, and times lie in the months of that package,
// to the microsecond, for some hundred thousand years.
func TestMonths(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 8))
	for i := range 20_000 {
		k := rnd.IntN(7_200_000) - 3_600_000
		if i < 5000 {
			k = 22_000 + i
		}
		y := floorDiv(k, 12)
		first := time.Date(y, time.Month(k-12*y+1), 1, 0, 0, 0, 0, time.UTC)
		start, days := monthStart(k)
		if want := first.AddDate(0, 1, -1).Day(); start != float64(first.Unix()) || days != want {
			t.Fatalf("month %d begins at %v and has %d days, want %d and %d", k, start, days, first.Unix(), want)
		}
		for _, c := range []float64{start, start - 1, start + rnd.Float64()*31*day, start - 1e-6, start - 1e-7} {
			if y, mo, _ := civilTime(c).Date(); monthOf(c) != 12*y+int(mo)-1 {
				t.Fatalf("%v is of month %d, want %d-%d", c, monthOf(c), y, mo)
			}
		}
	}
}
