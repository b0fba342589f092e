package forecast

import (
	"encoding/json"
	"math"
)

// storedDomain is a Domain as JSON; a bound that there is not is left out.
type storedDomain struct {
	Min        *float64 `json:"min,omitempty"`
	Max        *float64 `json:"max,omitempty"`
	Step       float64  `json:"step,omitempty"`
	NeverFalls bool     `json:"never_falls,omitempty"`
	NeverRises bool     `json:"never_rises,omitempty"`
	GivenMin   bool     `json:"given_min,omitempty"`
	GivenMax   bool     `json:"given_max,omitempty"`
}

// MarshalJSON implements json.Marshaler.
func (d Domain) MarshalJSON() ([]byte, error) {
	s := storedDomain{Step: d.Step, NeverFalls: d.NeverFalls, NeverRises: d.NeverRises, GivenMin: d.GivenMin, GivenMax: d.GivenMax}
	if !math.IsInf(d.Min, 0) {
		s.Min = &d.Min
	}
	if !math.IsInf(d.Max, 0) {
		s.Max = &d.Max
	}
	return json.Marshal(s)
}

// UnmarshalJSON implements json.Unmarshaler.
func (d *Domain) UnmarshalJSON(text []byte) error {
	var s storedDomain
	if err := json.Unmarshal(text, &s); err != nil {
		return err
	}
	*d = allNumbers()
	if s.Min != nil {
		d.Min, d.low = *s.Min, *s.Min
	}
	if s.Max != nil {
		d.Max, d.high = *s.Max, *s.Max
	}
	d.Step, d.GivenMin, d.GivenMax = s.Step, s.GivenMin, s.GivenMax
	d.NeverFalls, d.NeverRises = s.NeverFalls, s.NeverRises
	return d.Validate()
}
