package anomaly

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/seriestest"
	"tsgen/models/baseline"
	"tsgen/models/statespace"
	"tsgen/series"
)

// panel returns series of an autoregression of 0.6 with the given noise, at irregular times
// unless regular.
func panel(number, length int, regular bool, noise func(rng *rand.Rand) float64) *series.Panel {
	return remembering(0.6, number, length, regular, noise)
}

// remembering is panel with another memory.
func remembering(memory float64, number, length int, regular bool, noise func(rng *rand.Rand) float64) *series.Panel {
	p := &series.Panel{Channels: []string{"y"}, IDColumn: "id"}
	if regular {
		p.Step = series.Step{Width: 1}
	}
	for i := range number {
		rng := rand.New(rand.NewPCG(11, uint64(i)))
		s := &series.Series{ID: strconv.Itoa(i)}
		x, t := 0.0, 0.0
		for range length {
			step := 1.0
			if !regular {
				step = 0.3 + rng.ExpFloat64()
			}
			t += step
			keep := math.Pow(memory, step)
			x = keep*x + math.Sqrt(1-keep*keep)*noise(rng)
			s.Times, s.Values = append(s.Times, t), append(s.Values, x)
		}
		p.Series = append(p.Series, s)
	}
	return p
}

func gaussian(rng *rand.Rand) float64 { return rng.NormFloat64() }

// heavy draws of Student's distribution with four degrees of freedom.
func heavy(rng *rand.Rand) float64 {
	square := 0.0
	for range 4 {
		z := rng.NormFloat64()
		square += z * z
	}
	return rng.NormFloat64() / math.Sqrt(square/4)
}

// counted returns how many values are found anomalous, and how many were judged.
func counted(found []Found) (alarms, judged float64) {
	for _, f := range found {
		for k, p := range f.P {
			if !math.IsNaN(p) {
				judged++
			}
			if f.Anomaly[k] {
				alarms++
			}
		}
	}
	return alarms, judged
}

// In clean data the share of values found is the rate that is asked for, with light tails and
// heavy ones, at regular times and irregular ones.
func TestRate(t *testing.T) {
	seriestest.Long(t)
	for _, c := range []struct {
		name    string
		m       forecast.Model
		regular bool
		noise   func(*rand.Rand) float64
	}{
		{"gaussian", baseline.AR{Order: 1}, true, gaussian},
		{"heavy", baseline.AR{Order: 1}, true, heavy},
		{"irregular", statespace.Model{Plain: true}, false, gaussian},
	} {
		number, length := 20, 300
		if !c.regular {
			number, length = 4, 100
		}
		found, err := Detect(t.Context(), c.m, panel(number, length, c.regular, c.noise), Options{Rate: 0.01, Season: 1})
		if err != nil {
			t.Fatal(err)
		}
		alarms, judged := counted(found)
		// Of a binomial, and what the tails are off by.
		off := 3*math.Sqrt(0.01*judged) + 0.004*judged
		if math.Abs(alarms-0.01*judged) > off {
			t.Errorf("%s: %.0f of %.0f values are found, want %.0f", c.name, alarms, judged, 0.01*judged)
		}
	}
}

// Series that remember much, whose deviations from forecasts of several times depend on each
// other, and whose model is poor as long as it knows little of them, have no more found than asked for.
func TestRatePersistent(t *testing.T) {
	seriestest.Long(t)
	const rate = 0.001
	p := remembering(0.9, 60, 500, true, gaussian)
	found, err := Detect(t.Context(), baseline.AR{Order: 10}, p, Options{Rate: rate, Season: 1})
	if err != nil {
		t.Fatal(err)
	}
	alarms, judged := counted(found)
	if most := rate*judged + 2*math.Sqrt(rate*judged); alarms > most {
		t.Errorf("%.0f of %.0f values are found, want %.0f at most", alarms, judged, most)
	}
}

// In a series that is constant but for one value, that value is found and no other.
func TestConstant(t *testing.T) {
	p := panel(1, 200, true, func(*rand.Rand) float64 { return 0 })
	p.Series[0].Values[150] = 1
	found, err := Detect(t.Context(), baseline.Naive{}, p, Options{Season: 1})
	if err != nil {
		t.Fatal(err)
	}
	for k, anomalous := range found[0].Anomaly {
		if anomalous != (k == 150) {
			t.Errorf("value %d: anomaly %v, p %v", k, anomalous, found[0].P[k])
		}
	}
}

// Values far off are found, their neighbours are not, and a level that has moved for good is
// found where it moves and soon no longer.
func TestDetect(t *testing.T) {
	p := panel(2, 300, true, gaussian)
	for _, k := range []int{100, 180, 181, 250} {
		p.Series[0].Values[k] += 9
	}
	for k := 150; k < 300; k++ {
		p.Series[1].Values[k] += 12
	}
	p.Series[0].Values[50] = math.NaN()
	found, err := Detect(t.Context(), baseline.AR{Order: 2}, p, Options{Season: 1})
	if err != nil {
		t.Fatal(err)
	}
	f := found[0]
	for k := range f.P {
		want := k == 100 || k == 180 || k == 181 || k == 250
		if f.Anomaly[k] != want && (want || f.P[k] < 1e-5) {
			t.Errorf("value %d: anomaly %v, p %v", k, f.Anomaly[k], f.P[k])
		}
		if want && !(f.Hi[k] < p.Series[0].Values[k] && f.Lo[k] < f.Expected[k] && f.Expected[k] < f.Hi[k]) {
			t.Errorf("value %d is %v, expected %v from %v to %v", k, p.Series[0].Values[k], f.Expected[k], f.Lo[k], f.Hi[k])
		}
	}
	if !math.IsNaN(f.P[50]) || !math.IsNaN(f.P[3]) {
		t.Error("what is missing, or has no past, is judged")
	}
	late := 0
	for k := 151; k < 300; k++ {
		if found[1].Anomaly[k] && found[1].P[k] < 1e-5 {
			late++
		}
	}
	if !found[1].Anomaly[150] || late > 0 {
		t.Errorf("the level moves: found %v, and %d of the values after", found[1].Anomaly[150], late)
	}
	if _, err := Detect(t.Context(), baseline.Naive{}, panel(1, 8, true, gaussian), Options{}); err == nil {
		t.Error("a series of 8 values is judged")
	}
}

// Series that begin with what is missing are judged from where they have values.
// TestCourses protects how series go that are no noise about a level: of a shop that is shut on a day of each week and for a
// fortnight, the fortnight is found and nothing after it; of prices that rest for weeks each change once, and a price that
// is cut for a week for as long; of demand that is mostly none, nothing, and of a flag that is raised now and then only the
// first time.
func TestCourses(t *testing.T) {
	const length = 300
	rng := rand.New(rand.NewPCG(5, 6))
	shop, price, demand, flag := make([]float64, length), make([]float64, length), make([]float64, length), make([]float64, length)
	wanted := map[string]map[int]bool{"shop": {}, "price": {140: true, 260: true}, "demand": {}, "flag": {}}
	for k := range length {
		shop[k] = math.Round(100 + 20*math.Sin(2*math.Pi*float64(k)/7) + 4*rng.NormFloat64())
		shut := k >= 202 && k < 216
		if shut || k%7 == 6 {
			shop[k] = 0
		}
		if shut && k%7 != 6 {
			wanted["shop"][k] = true
		}
		price[k] = 20
		switch {
		case k >= 260:
			price[k] = 21.5
		case k >= 200 && k < 207:
			price[k] = 18
			wanted["price"][k] = true
		case k >= 140:
			price[k] = 20.7
		}
		if rng.Float64() < 0.12 {
			demand[k] = 1 + float64(rng.IntN(8))
		}
		if k%13 == 12 && k > 30 || k == 250 {
			flag[k] = 1
		}
	}
	wanted["flag"][38] = true
	for name, y := range map[string][]float64{"shop": shop, "price": price, "demand": demand, "flag": flag} {
		p := panel(1, length, true, gaussian)
		p.Series[0].Values = y
		season := 1
		if name == "shop" {
			season = 7
		}
		found, err := Detect(t.Context(), baseline.AR{}, p, Options{Season: season})
		if err != nil {
			t.Fatal(err)
		}
		for k, is := range found[0].Anomaly {
			if is != wanted[name][k] {
				t.Errorf("%s: value %d, %v, expected %v from %v to %v: anomaly %v", name, k, y[k], found[0].Expected[k], found[0].Lo[k], found[0].Hi[k], is)
			}
		}
	}
}

func TestBegin(t *testing.T) {
	p := panel(1, 200, true, gaussian)
	s := p.Series[0]
	for k := range 60 {
		s.Values[k] = math.NaN()
	}
	s.Values[150] += 9
	found, err := Detect(t.Context(), baseline.AR{}, p, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !found[0].Anomaly[150] || math.IsNaN(found[0].P[120]) {
		t.Errorf("p-values %v", found[0].P)
	}
}

// TestDomain keeps what is expected of a channel that was never negative from being so.
func TestDomain(t *testing.T) {
	p := panel(1, 200, true, func(rng *rand.Rand) float64 { return rng.ExpFloat64() })
	for k, x := range p.Series[0].Values {
		p.Series[0].Values[k] = math.Abs(x)
	}
	found, err := Detect(t.Context(), baseline.AR{Order: 2}, p, Options{Season: 1, Rate: 1e-4})
	if err != nil {
		t.Fatal(err)
	}
	at := 0
	for k, lo := range found[0].Lo {
		if lo < 0 || found[0].Expected[k] < lo || found[0].Hi[k] < found[0].Expected[k] {
			t.Errorf("value %d is expected at %v, from %v to %v", k, found[0].Expected[k], lo, found[0].Hi[k])
		}
		if lo == 0 {
			at++
		}
	}
	if at == 0 {
		t.Error("no interval reaches the bound, and nothing is tested")
	}
}
