package series

import (
	"fmt"
	"slices"
	"strings"
)

// WithStatic returns the panel with covariates that never change within a series, before those
// that it has. There is a row of finite values, one for each name, for each series.
func (p *Panel) WithStatic(names []string, values [][]float64) *Panel {
	if len(names) == 0 {
		return p
	}
	q := p.With(make([]*Series, len(p.Series)))
	q.Static = slices.Concat(names, p.Static)
	q.Known = slices.Concat(names, p.Known)
	width := len(p.Known)
	for i, s := range p.Series {
		x := *s
		if width == 0 && s.Len() > 0 {
			x.Known.Times = slices.Compact([]float64{s.Times[0], s.Times[s.Len()-1]})
		}
		x.Known.Values = make([]float64, 0, len(x.Known.Times)*len(q.Known))
		for k := range x.Known.Times {
			x.Known.Values = append(append(x.Known.Values, values[i]...), s.Known.Values[k*width:(k+1)*width]...)
		}
		q.Series[i] = &x
	}
	return q
}

// BareOfStatic returns the panel without its static covariates; p itself if it has none.
func (p *Panel) BareOfStatic() *Panel {
	n, width := len(p.Static), len(p.Known)
	if n == 0 {
		return p
	}
	q := p.With(make([]*Series, len(p.Series)))
	q.Static, q.Known = nil, p.Known[n:]
	for i, s := range p.Series {
		x := *s
		x.Known = Track{}
		if width > n {
			x.Known.Times = s.Known.Times
			for k := range s.Known.Times {
				x.Known.Values = append(x.Known.Values, s.Known.Values[k*width+n:(k+1)*width]...)
			}
		}
		q.Series[i] = &x
	}
	return q
}

// StaticValues returns the static covariates of each series, nil for one without a track.
func (p *Panel) StaticValues() [][]float64 {
	all := make([][]float64, len(p.Series))
	for i, s := range p.Series {
		if len(s.Known.Times) > 0 {
			all[i] = s.Known.Values[:len(p.Static):len(p.Static)]
		}
	}
	return all
}

// WithStaticOf returns the panel with the static covariates that series of the same identifiers
// have in another. The error wraps ErrColumns and names a series that is not among them.
func (p *Panel) WithStaticOf(other *Panel) (*Panel, error) {
	values := other.staticByID()
	own := make([][]float64, len(p.Series))
	for i, s := range p.Series {
		if own[i] = values[s.ID]; own[i] == nil {
			return nil, fmt.Errorf("%w: the static covariates %s of series %q are not known; give them in columns", ErrColumns, strings.Join(quoted(other.Static), ", "), s.ID)
		}
	}
	return p.WithStatic(other.Static, own), nil
}

// staticByID returns the static covariates of each series by its identifier.
func (p *Panel) staticByID() map[string][]float64 {
	values := make(map[string][]float64, len(p.Series))
	for i, v := range p.StaticValues() {
		values[p.Series[i].ID] = v
	}
	return values
}
