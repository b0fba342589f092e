package series

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// fewestOfOwn is the number of observations from which on a series of a panel may
// have a step of its own.
const fewestOfOwn = 8

// regularize finds the panel's step and those of series that have another, moves
// stamps that lie off a grid onto it, and returns the number of gaps and what the
// user should know.
func (p *Panel) regularize(opt *ReadOptions) (gaps int, remarks []string, err error) {
	if opt.Step != "" {
		return p.forceStep(opt.Step)
	}
	if opt.Snap != SnapNever {
		if n := p.jitterLike(opt.Like); n > 0 {
			remarks = append(remarks, likeRemark(n))
		}
	}
	if p.stepsLike(opt.Like) {
		return p.countGaps(), remarks, nil
	}
	p.Step, gaps = detectStep(p.Axis, p.Series)
	if !p.Step.Regular() {
		off := gaps
		var more []string
		gaps, more = p.finestStep(opt.Snap)
		if remarks = append(remarks, more...); !p.Step.Regular() {
			if n := p.distances(); off > 0 && off*2 < n {
				remarks = append(remarks, fmt.Sprintf(
					"%d of %d distances between times do not fit the usual one; the series are taken as irregular", off, n))
			}
			return 0, remarks, nil
		}
	}
	if remark := p.ownSteps(); remark != "" {
		remarks = append(remarks, remark)
		gaps = p.countGaps()
	}
	return gaps, remarks, nil
}

// distances returns the number of distances between neighbouring times.
func (p *Panel) distances() int {
	n := 0
	for _, s := range p.Series {
		n += max(0, s.Len()-1)
	}
	return n
}

// finestStep finds a step for a panel that has none in common: days of a place
// written in UTC, the finest of the steps that the series have, or a grid onto
// which stamps are moved.
func (p *Panel) finestStep(how Snap) (gaps int, remarks []string) {
	if gaps, remark, ok := p.localDays(); ok {
		return gaps, []string{remark}
	}
	if len(p.Series) > 1 {
		finest := Step{}
		regular := true
		for _, s := range p.Series {
			if s.Len() < 3 {
				continue
			}
			own, _ := detectStep(p.Axis, []*Series{s})
			if regular = regular && own.Regular(); regular && (!finest.Regular() || p.meanWidth(own) < p.meanWidth(finest)) {
				finest = own
			}
		}
		if g, ok := snapTo(p.Axis, finest, p.Series); regular && finest.Regular() && ok && g.off == 0 {
			p.Step = finest
			return g.gaps, nil
		}
	}
	if gaps, remark, ok := p.snap(how); ok {
		return gaps, []string{remark}
	}
	return 0, nil
}

// countGaps returns the number of distances that are wider than a step of the
// series.
func (p *Panel) countGaps() int {
	gaps := 0
	for _, s := range p.Series {
		q := p.For(s)
		for i := 1; i < s.Len(); i++ {
			if q.Coordinate(s.Times[i])-q.Coordinate(s.Times[i-1]) > 1.5 {
				gaps++
			}
		}
	}
	return gaps
}

// ownSteps gives series whose observations are regular, but farther apart than the
// panel's step, a step of their own, and says so.
func (p *Panel) ownSteps() string {
	if len(p.Series) < 2 {
		return ""
	}
	width := p.meanWidth(p.Step)
	counts := make(map[string]int)
	var names []string
	n := 0
	for i, s := range p.Series {
		if s.Len() < fewestOfOwn || leastSpacing(s) < 1.5*width {
			continue
		}
		own, gaps := detectStep(p.Axis, []*Series{s})
		if !own.Regular() || own.Same(p.Step) || 4*gaps > s.Len() {
			continue
		}
		p.own(i).Step = own
		name := own.Describe(p.Axis.Calendar())
		if counts[name]++; counts[name] == 1 {
			names = append(names, name)
		}
		n++
	}
	if n == 0 {
		return ""
	}
	if n == len(p.Series) {
		for _, s := range p.Series { // the panel's step is nobody's
			if s.Step != p.Series[0].Step {
				return fmt.Sprintf("series have steps of their own: %s", strings.Join(names, ", "))
			}
		}
		p.Step = p.Series[0].Step
		for i := range p.Series {
			p.own(i).Step = Step{}
		}
		return fmt.Sprintf("all series are %s, but not on the same slots; each goes on by its own", names[0])
	}
	return fmt.Sprintf("%d of %d series have a step of their own and go on by it: %s", n, len(p.Series), strings.Join(names, ", "))
}

// forceStep gives the panel a step by its words and moves all stamps onto it.
func (p *Panel) forceStep(words string) (gaps int, remarks []string, err error) {
	step, err := ParseStep(words)
	switch {
	case err != nil:
		return 0, nil, err
	case !step.Regular():
		p.Step = step
		return 0, nil, nil
	case !p.Axis.Calendar() && step.Width == 0:
		return 0, nil, fmt.Errorf("--step %s: %w: the times are plain numbers; give a number", words, ErrStep)
	}
	if found, gaps := detectStep(p.Axis, p.Series); found.Same(step) {
		p.Step = found
		return gaps, nil, nil
	}
	clock := 0.0
	if len(p.Series) > 0 && p.Axis.Calendar() {
		clock = commonPhase(civils(p.Axis, p.Series), day)
	}
	switch {
	case step.Months > 0:
		step.Anchor = p.commonMonthDay()
	case step.weekdays() != 0:
		step.Anchor = clock
	case step.Fiscal:
		step = p.commonFiscal()
	}
	g, ok := snapTo(p.Axis, step, p.Series)
	if !ok {
		return 0, nil, fmt.Errorf("--step %s: %w: two times of a series fall on the same step; --every %s brings them together", words, ErrStep, words)
	}
	for i := range p.Series {
		p.own(i).Times = g.times[i]
	}
	p.Step = step
	if g.off > 0 {
		n := p.distances() + len(p.Series)
		remarks = append(remarks, strings.TrimSuffix(p.snapped(g, n), "; --snap never leaves them where they were"))
	}
	return g.gaps, remarks, nil
}

// commonFiscal returns the periods of 4, 4 and 5 weeks nearest to the panel's times.
func (p *Panel) commonFiscal() Step {
	var best Step
	least := math.Inf(1)
	for _, s := range p.Series {
		if s.Len() == 0 {
			continue
		}
		for _, step := range fiscalSteps(p.Axis.civil(s.Times[0])) {
			off := 0.0
			q := &Panel{Axis: p.Axis, Step: step}
			for _, t := range s.Times {
				u := q.Coordinate(t)
				off += math.Abs(u - math.Round(u))
			}
			if off /= float64(s.Len()); off < least {
				best, least = step, off
			}
		}
	}
	return best
}

// civils returns what the clock showed at all times of the series.
func civils(a Axis, series []*Series) []float64 {
	var c []float64
	for _, s := range series {
		for _, t := range s.Times {
			c = append(c, a.civil(t))
		}
	}
	return c
}

// Adopt gives the panel a step along slots of the calendar that leave others out,
// such as business days, if all its times lie on them, and reports whether it did: a
// short panel does not show which slots those that it continues have.
func (p *Panel) Adopt(step Step) bool {
	if step.weekdays() == 0 && step.MonthDays == 0 && step.Close == 0 && step.Workday == 0 && !step.Fiscal || !p.Axis.Calendar() {
		return false
	}
	q := *p
	q.Step = step
	for _, s := range p.Series {
		if _, _, err := q.Grid(s); err != nil {
			return false
		}
	}
	p.Step = step
	return true
}

// AdoptSteps gives the panel the step of another, and its series the steps and the seasons of
// those of their names there, if the other has series with steps of their own or none of p's
// has the times that show a step, and if all times lie on these steps. It reports whether it did.
func (p *Panel) AdoptSteps(of *Panel) bool {
	byID := make(map[string]*Series)
	for _, s := range of.Series {
		if s.Step.Regular() {
			byID[s.ID] = s
		}
	}
	shown := func(s *Series) bool { return s.Len() > 2 }
	if !of.Step.Regular() || of.Axis.Calendar() != p.Axis.Calendar() || len(byID) == 0 && slices.ContainsFunc(p.Series, shown) {
		return false
	}
	return p.takeSteps(of)
}

// takeSteps gives the panel the step of another, and its series those of the series of their names
// there, if all times lie on them. It reports whether it did.
func (p *Panel) takeSteps(of *Panel) bool {
	byID := of.ByID()
	if of.Axis.Calendar() != p.Axis.Calendar() {
		return false
	}
	q := *p
	q.Step = of.Step
	for _, s := range p.Series {
		own := &q
		if like := byID[s.ID]; like != nil {
			own = q.For(like)
		}
		if _, _, err := own.Grid(s); err != nil {
			return false
		}
	}
	p.Step = of.Step
	for i := range p.Series {
		s := p.own(i)
		s.Step, s.Seasons = Step{}, nil
		if like := byID[s.ID]; like != nil {
			s.Step, s.Seasons = like.Step, like.Seasons
		}
	}
	return true
}

// ParseStep returns the step that words describe: irregular; second, minute, hour,
// day, week, month, quarter, year, or a number of them ("15 minutes", "3 months");
// business-day; mon-sat, sun-thu and other runs of days; 4-4-5; a duration such as 15m, 6h;
// or a plain number, for times that are numbers. The error wraps ErrStep.
func ParseStep(words string) (Step, error) {
	text := strings.ToLower(strings.TrimSpace(words))
	switch text {
	case "irregular":
		return Step{}, nil
	case "hourly", "daily", "weekly", "monthly", "quarterly", "yearly":
		text = map[string]string{"hourly": "hour", "daily": "day", "weekly": "week", "monthly": "month", "quarterly": "quarter", "yearly": "year"}[text]
	case "4-4-5", "4-5-4", "5-4-4", "445", "454", "544":
		return Step{Fiscal: true}, nil
	case "business-day", "business-days", "business day", "business days", "workday":
		return Step{BusinessDay: true}, nil
	}
	if v, k := parseNumber(text, nil); k == number && v > 0 {
		return Step{Width: v}, nil
	}
	if from, to, ok := strings.Cut(text, "-"); ok {
		if set := dayRange(from, to); set != 0 {
			if set == 0b0011111 {
				return Step{BusinessDay: true}, nil
			}
			return Step{Weekdays: set}, nil
		}
	}
	if d, err := time.ParseDuration(text); err == nil && d > 0 {
		return Step{Width: d.Seconds()}, nil
	}
	i := strings.IndexFunc(text, func(r rune) bool { return r < '0' || r > '9' })
	n, err := strconv.Atoi(text[:max(i, 0)])
	if i == 0 {
		n, err = 1, nil
	}
	if err == nil && n > 0 && n <= 1<<20 {
		switch unit := strings.TrimSuffix(strings.TrimSpace(text[i:]), "s"); unit {
		case "second", "sec":
			return Step{Width: float64(n)}, nil
		case "minute", "min":
			return Step{Width: 60 * float64(n)}, nil
		case "hour":
			return Step{Width: 3600 * float64(n)}, nil
		case "day", "d":
			return Step{Width: day * float64(n)}, nil
		case "week", "w":
			return Step{Width: week * float64(n)}, nil
		case "month":
			return Step{Months: n}, nil
		case "quarter":
			return Step{Months: 3 * n}, nil
		case "year":
			return Step{Months: 12 * n}, nil
		}
	}
	return Step{}, fmt.Errorf("%w: %q; want a number, irregular, business-day, mon-sat, 4-4-5, or a number of seconds, minutes, hours, days, weeks, months, quarters or years such as 15 minutes",
		ErrStep, words)
}

// dayRange returns the set of the days of the week from one to another, by their
// first three letters.
func dayRange(from, to string) uint8 {
	days := [7]string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
	a, b := slices.Index(days[:], from), slices.Index(days[:], to)
	if a < 0 || b < 0 || a == b {
		return 0
	}
	set := uint8(1 << a)
	for d := a; d != b; {
		d = (d + 1) % 7
		set |= 1 << d
	}
	if set == 0b1111111 {
		return 0
	}
	return set
}
