package plots

import (
	"errors"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"tsgen/forecast"
	"tsgen/series"
)

// Components draws series side by side, three at most, each above its components with their 80 %
// intervals. Beside its first channel that of one series, or of two, has others while there is room.
func Components(p *series.Panel, all []*forecast.Components, opt Options) (*Figure, error) {
	if p == nil || len(p.Series) == 0 || len(all) != len(p.Series) {
		return nil, errors.New("plots: no components to draw, or of other series")
	}
	const most = 3
	v := &views{panel: p, width: p.Width(), all: len(p.Series), opt: opt}
	chosen, err := opt.chosen(p.Series, most)
	if err != nil {
		return nil, err
	}
	for _, i := range chosen {
		v.series = append(v.series, &view{views: v, s: p.Series[i], from: last(p.Series[i], opt.Context)})
	}
	channels := min(v.width, max(1, most/len(chosen)))
	names := append([]string{"values"}, forecast.ComponentNames(all)...)
	if v.width == 1 {
		names[0] = p.Channels[0]
	}
	fig := &Figure{legend: []key{{"series", markLine, ink()}, {"component", markLine, blue()}, {"80 % interval", markArea, tint(blue(), 0.3)}}}
	fig.subtitle = strings.Join(v.leftOut(channels), "; ")
	if opt.Title == "" {
		opt.Title = "Components"
	}
	height := 0.9*vg.Inch + vg.Length(len(names))*1.3*vg.Inch
	if fig.opt, err = opt.withDefaults(9*vg.Inch, height); err != nil {
		return nil, err
	}
	columns := len(v.series) * channels
	size := panelSize(fig.opt, len(names), columns)
	for r, name := range names {
		row := make([]panel, columns)
		for i := range row {
			one, c := v.series[i/channels], i%channels
			label := name
			if i > 0 {
				label = ""
			}
			if row[i], err = one.component(all[chosen[i/channels]], c, name, r == 0, label, size); err != nil {
				return nil, err
			}
			if r == 0 && columns > 1 {
				row[i].title = v.columnName(one, c)
			}
			if r < len(names)-1 {
				hideNumbers(&row[i].plot.X)
			}
		}
		fig.rows = append(fig.rows, row)
	}
	return fig, nil
}

// columnName names a channel of a series as far as there are several.
func (v *views) columnName(one *view, c int) string {
	var parts []string
	if len(v.series) > 1 {
		parts = append(parts, one.name())
	}
	if v.width > 1 {
		parts = append(parts, v.panel.Channels[c])
	}
	return strings.Join(parts, " ")
}

// component draws a channel of the series or a component of it into a panel of about the given size.
func (v *view) component(of *forecast.Components, channel int, name string, whole bool, label string, size vg.Point) (panel, error) {
	x, y := newExtent(), newExtent()
	lx, ly := v.line(channel)
	x.add(lx...)
	line := &path{x: lx, y: ly, style: draw.LineStyle{Color: ink(), Width: thin}}
	b := &band{color: tint(blue(), 0.3)}
	if !whole {
		const z80 = 1.2816
		line = &path{style: draw.LineStyle{Color: blue(), Width: thin}}
		for k, own := range of.Names {
			if own != name {
				continue
			}
			for i := v.from; i < v.s.Len(); i++ {
				t := v.s.Times[i]
				m, sd := of.Mean[k][i*v.width+channel], of.SD[k][i*v.width+channel]
				line.x, line.y = append(line.x, t), append(line.y, m)
				if name != forecast.Remainder {
					b.x, b.lo, b.hi = append(b.x, t), append(b.lo, m-z80*sd), append(b.hi, m+z80*sd)
				}
			}
		}
	}
	y.add(line.y...)
	y.add(b.lo...)
	y.add(b.hi...)
	x, err := x.padded(0.015)
	if err != nil {
		return panel{}, err
	}
	if y, err = y.padded(0.05); err != nil {
		return panel{}, err
	}
	drawn := v.newPanel(x, y, label, size)
	if b.x != nil {
		drawn.plot.Add(b)
	}
	addGrid(drawn.plot)
	drawn.plot.Add(line)
	return drawn, nil
}
