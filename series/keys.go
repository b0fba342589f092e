package series

import (
	"cmp"
	"strings"
)

// Keys write what names the rows of a panel in the columns in which it came:
// identifiers, and time stamps in their layout and zone. They are not safe for
// concurrent use.
type Keys struct {
	header []string
	joint  string // between the parts of an identifier
	ids    int    // columns of identifiers
	stamps *stamper
	times  int // columns of times
}

// Keys returns what writes the keys of the panel's rows: identifiers only if asked
// for. idName and timeName name the columns for which the panel has no name.
func (p *Panel) Keys(withID bool, idName, timeName string) *Keys {
	k := &Keys{joint: p.Joint, stamps: newStamper(p.Axis)}
	if withID {
		k.header = []string{cmp.Or(p.IDColumn, idName)}
		if p.Joint != "" {
			k.header = strings.Split(p.IDColumn, p.Joint)
		}
	}
	k.ids = len(k.header)
	times := strings.Split(cmp.Or(p.TimeColumn, timeName), "\t")
	if strings.Count(p.Axis.Layout, "\t") != len(times)-1 { // not the columns of this axis
		times = []string{strings.Join(times, " ")}
	}
	k.header, k.times = append(k.header, times...), len(times)
	return k
}

// Header returns the names of the columns.
func (k *Keys) Header() []string { return k.header[:len(k.header):len(k.header)] }

// Append appends the cells of a row of the series called id at time t.
func (k *Keys) Append(row []string, id string, t float64) []string {
	switch {
	case k.ids == 1:
		row = append(row, id)
	case k.ids > 1:
		parts := strings.SplitN(id, k.joint, k.ids)
		row = append(row, parts...)
		for range k.ids - len(parts) {
			row = append(row, "")
		}
	}
	s := k.stamps.stamp(t)
	if k.times == 1 {
		return append(row, strings.ReplaceAll(s, "\t", " "))
	}
	parts := strings.SplitN(s, "\t", k.times)
	row = append(row, parts...)
	for range k.times - len(parts) { // a time that the layout cannot hold
		row = append(row, "")
	}
	return row
}
