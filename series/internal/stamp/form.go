package stamp

import (
	"slices"
	"strings"
)

// A form is the layout of one cell, in the pieces in which the cells of a column
// may differ: those of more precision have more of the clock.
type form struct {
	date                 string
	sep                  string // between date and clock, empty if there is no clock
	hour, minute, second string // with their separators; seconds without a fraction
	half                 string // AM or PM with what stands before it
	zone                 string // with what stands before it
	after                string // the year behind the clock of asctime

	optClock, optMinute, optSecond bool
}

// text returns the layout.
func (f *form) text() string {
	clock := f.hour
	second := f.second
	if f.optSecond {
		second = "[" + second + "]"
	}
	if f.optMinute {
		clock += "[" + f.minute + second + "]"
	} else {
		clock += f.minute + second
	}
	clock += f.half + f.zone
	if f.sep == "" {
		return f.date + f.zone + f.after
	}
	if f.optClock {
		return f.date + "[" + f.sep + clock + "]" + f.after
	}
	return f.date + f.sep + clock + f.after
}

// unite returns the form that cells of both forms have, if there is one.
func unite(a, b form) (form, bool) {
	if a.date != b.date || a.after != b.after {
		return form{}, false
	}
	if (a.sep == "") != (b.sep == "") {
		full, bare := a, b
		if a.sep == "" {
			full, bare = b, a
		}
		full.optClock = true
		return full, bare.zone == "" && !strings.Contains(full.zone, "-07")
	}
	if a.sep != b.sep || a.hour != b.hour || a.half != b.half || a.zone != b.zone {
		return form{}, false
	}
	u := a
	u.optClock = a.optClock || b.optClock
	if (a.minute == "") != (b.minute == "") {
		u.minute, u.optMinute = a.minute+b.minute, true
	} else if a.minute != b.minute {
		return form{}, false
	}
	u.optMinute = u.optMinute || a.optMinute || b.optMinute
	if (a.second == "") != (b.second == "") {
		u.second, u.optSecond = a.second+b.second, true
	} else if a.second != b.second {
		return form{}, false
	}
	u.optSecond = u.optSecond || a.optSecond || b.optSecond
	return u, true
}

// A token is a run of digits, of letters, or one other character.
type token struct {
	text string
	kind byte // '0' digits, 'a' letters, else the character
}

func tokens(s string) []token {
	var t []token
	for i := 0; i < len(s); {
		j := i + 1
		class := classOf(s[i])
		for class != 0 && j < len(s) && classOf(s[j]) == class {
			j++
		}
		if class == 0 {
			class = s[i]
		}
		t = append(t, token{s[i:j], class})
		i = j
	}
	return t
}

// classOf returns '0' for digits, 'a' for letters and 0 for others.
func classOf(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return '0'
	case c|0x20 >= 'a' && c|0x20 <= 'z':
		return 'a'
	}
	return 0
}

// longest is the length of the longest cell that is looked at.
const longest = 48

// forms returns the forms of which the cell may be, best first.
func forms(cell string) []form {
	if len(cell) < 4 || len(cell) == 4 && cell[1]|0x20 != 'q' || len(cell) > longest { // 1Q95 is the shortest
		return nil
	}
	var all []form
	for _, split := range clocks(cell) {
		for _, date := range dates(split.date, split.form.after != "") {
			f := split.form
			f.date = date
			all = append(all, f)
		}
	}
	return all
}

// A split is a cell cut into its date and the form of the rest.
type split struct {
	date string
	form form
}

// clocks cuts the clock off a cell: at its first colon, behind a T, or else there
// is none.
func clocks(cell string) []split {
	if i := colon(cell); i > 0 {
		start := i
		for start > 0 && classOf(cell[start-1]) == '0' {
			start--
		}
		if n := i - start; n < 1 || n > 2 || start == 0 {
			return nil
		}
		sep := start
		for sep > 0 && cell[sep-1] == ' ' {
			sep--
		}
		f := form{sep: " ", hour: "15", minute: ":04"}
		switch {
		case sep == start && strings.IndexByte("Tt:-_;", cell[sep-1]) >= 0:
			sep--
			f.sep = cell[sep:start]
		case sep == start || sep == 0:
			return nil
		case cell[sep-1] == ',':
			sep--
			f.sep = ", "
		}
		rest := cell[i+1:]
		if !digitsAt(rest, 2) {
			return nil
		}
		rest = rest[2:]
		if len(rest) > 2 && rest[0] == ':' && digitsAt(rest[1:], 2) {
			f.second = ":05"
			rest = rest[3:]
			if len(rest) > 1 && (rest[0] == '.' || rest[0] == ',') {
				rest = strings.TrimLeft(rest[1:], "0123456789")
			}
		}
		return tails(cell[:sep], f, rest)
	}
	// The basic format of ISO 8601, and hours alone.
	for i := 4; i < len(cell)-1; i++ {
		if cell[i] != 'T' && cell[i] != ' ' && cell[i] != '_' || classOf(cell[i-1]) != '0' {
			continue
		}
		n := 0
		for i+1+n < len(cell) && classOf(cell[i+1+n]) == '0' {
			n++
		}
		f := form{sep: cell[i : i+1], hour: "15"}
		switch {
		case n == 6:
			f.minute, f.second = "04", "05"
		case n == 4 && cell[i] != ' ':
			f.minute = "04"
		case n == 2, n == 1 && cell[i] == ' ':
		default:
			continue
		}
		rest := cell[i+1+n:]
		if len(rest) > 1 && f.second != "" && (rest[0] == '.' || rest[0] == ',') {
			rest = strings.TrimLeft(rest[1:], "0123456789")
		}
		found := tails(cell[:i], f, rest)
		return append(found, split{date: cell})
	}
	return []split{{date: cell}}
}

// colon returns the place of the first colon that stands between a digit and two
// digits, or -1. Those of Apache's logs are the second.
func colon(cell string) int {
	for i := 1; i+2 < len(cell); i++ {
		if cell[i] != ':' || classOf(cell[i-1]) != '0' || !digitsAt(cell[i+1:], 2) {
			continue
		}
		if i+3 < len(cell) && cell[i+3] != ':' || i+3 == len(cell) || i < 4 || classOf(cell[i-3]) != '0' {
			return i
		}
		if classOf(cell[i-4]) == '0' { // a year, and the clock behind a colon
			return i + 3
		}
		return i
	}
	return -1
}

func digitsAt(s string, n int) bool {
	return len(s) >= n && strings.Trim(s[:n], "0123456789") == ""
}

// tails returns the splits for what stands behind the clock: AM or PM, a zone, a
// year.
func tails(date string, f form, rest string) []split {
	blank := len(rest) - len(strings.TrimLeft(rest, " "))
	if r := rest[blank:]; len(r) >= 2 && r[1]|0x20 == 'm' && (r[0]|0x20 == 'a' || r[0]|0x20 == 'p') && (len(r) == 2 || r[2] == ' ') {
		f.hour = "3"
		if f.half = rest[:blank] + "PM"; r[1] == 'm' {
			f.half = rest[:blank] + "pm"
		}
		rest = r[2:]
	}
	if rest == "" {
		return []split{{date, f}}
	}
	if n := len(rest); n >= 5 && rest[n-5] == ' ' && digitsAt(rest[n-4:], 4) && (n == 5 || rest[n-6] == 'T' || rest[n-6] == 'C' || rest[n-6] == 'Z') {
		f.after, rest = " 2006", rest[:n-5]
	}
	blank = len(rest) - len(strings.TrimLeft(rest, " "))
	before, zone := rest[:blank], rest[blank:]
	var zones []string
	switch {
	case zone == "":
		zones = []string{""}
	case zone == "Z" || zone == "z":
		zones = []string{"Z07:00", "Z0700"}
	case zone == "UTC" || zone == "GMT":
		zones = []string{zone}
	case len(zone) == 6 && zone[3] == ':':
		zones = []string{"-07:00", "Z07:00"}
	case len(zone) == 5:
		zones = []string{"-0700", "Z0700"}
	case len(zone) == 3:
		zones = []string{"-07"}
	default:
		return nil
	}
	if zones[0] != "" && zones[0] != zone && zone != "Z" && zone != "z" && zone[0] != '+' && zone[0] != '-' {
		return nil
	}
	var all []split
	for _, z := range zones {
		g := f
		g.zone = before + z
		all = append(all, split{date, g})
	}
	return all
}

// dates returns the layouts of which a date may be. bare tells that its year
// stands elsewhere.
func dates(date string, bare bool) []string {
	prefix := ""
	t := tokens(date)
	if len(t) > 2 && t[0].kind == 'a' {
		if w := dayNameOf(t[0].text); w != "" {
			prefix, t = w, t[1:]
			for len(t) > 0 && (t[0].kind == ',' || t[0].kind == ' ' || t[0].kind == '.') {
				if !strings.HasSuffix(prefix, " ") || t[0].kind != ' ' {
					prefix += t[0].text
				}
				t = t[1:]
			}
		}
	}
	if len(t) == 0 || len(t) > 7 {
		return nil
	}
	shape := make([]byte, 0, 12) // digits by their number, letters a
	for i, x := range t {
		switch {
		case x.kind != '0':
			if x.kind == ' ' && i > 0 && t[i-1].kind == ' ' {
				continue // any number of blanks is one
			}
			shape = append(shape, x.kind)
		case len(x.text) <= 2:
			shape = append(shape, '2')
		case len(x.text) > 9:
			return nil
		default:
			shape = append(shape, byte('0'+len(x.text)))
		}
	}
	var found []string
	if bare {
		if i := slices.IndexFunc(t, func(x token) bool { return x.kind == 'a' }); i >= 0 {
			if m := monthNameOf(t[i].text); m != "" {
				found = fill(string(shape), m, "a 2", "2 a")
			}
		}
	} else {
		found = shapes(string(shape), t)
	}
	if strings.Contains(strings.ToLower(date), "may") { // the short name and the long one
		for _, l := range found {
			for _, name := range []string{"Jan", "JAN", "jan"} {
				if before, after, ok := strings.Cut(l, name); ok {
					found = append(found, before+inCase("January", name)+after)
				}
			}
		}
	}
	for i := range found {
		found[i] = prefix + found[i]
	}
	return found
}

// fill returns the layouts of those patterns that are the shape: a stands for the
// name of a month.
func fill(shape, name string, patterns ...string) []string {
	var found []string
	for _, p := range patterns {
		if p == shape {
			found = append(found, strings.Replace(p, "a", name, 1))
		}
	}
	return found
}

// shapes returns the layouts of dates by their shapes.
func shapes(shape string, t []token) []string {
	var letters string
	for _, x := range t {
		if x.kind == 'a' {
			letters = x.text
			break
		}
	}
	sep := "-"
	if len(t) > 1 && strings.IndexByte("/. _", t[1].kind) >= 0 {
		sep = t[1].text
	}
	switch shape {
	case "4" + sep + "2":
		return []string{"2006" + sep + "1"}
	case "2" + sep + "4":
		return []string{"1" + sep + "2006"}
	case "4" + sep + "3":
		return []string{"2006" + sep + "002"}
	case "4" + sep + "2" + sep + "2":
		return []string{"2006" + sep + "1" + sep + "2"}
	case "2" + sep + "2" + sep + "4":
		return []string{"2" + sep + "1" + sep + "2006", "1" + sep + "2" + sep + "2006"}
	case "2" + sep + "2" + sep + "2":
		return []string{"2" + sep + "1" + sep + "06", "1" + sep + "2" + sep + "06", "06" + sep + "1" + sep + "2"}
	case "8":
		return []string{"20060102"}
	case "6":
		return []string{"200601"}
	case "7":
		return []string{"2006002"}
	}
	if letters == "" {
		return nil
	}
	switch letters {
	case "Q", "q":
		if found := fiscal(t); found != nil {
			return found
		}
		return quarters(shape, t, letters)
	case "H", "h", "S", "s":
		return halves(shape, t, letters)
	case "FY", "fy":
		return fiscal(t)
	case "W", "w":
		return weeks(shape, letters)
	case "M", "m":
		for _, s := range []string{"", "-", " ", ":"} {
			if shape == "4"+s+"a2" {
				return []string{"2006" + s + letters + "01"}
			}
		}
		return nil
	}
	name := monthNameOf(letters)
	if name == "" {
		return nil
	}
	var found []string
	for _, s := range []string{"-", " ", "/", ".", ""} {
		for _, p := range [][2]string{
			{"2" + s + "a" + s + "4", "2" + s + name + s + "2006"},
			{"2" + s + "a" + s + "2", "2" + s + name + s + "06"},
			{"4" + s + "a" + s + "2", "2006" + s + name + s + "2"},
			{"4" + s + "a", "2006" + s + name},
			{"a" + s + "4", name + s + "2006"},
			{"a" + s + "2" + s + "4", name + s + "2" + s + "2006"},
		} {
			if p[0] == shape && !slices.Contains(found, p[1]) {
				found = append(found, p[1])
			}
		}
	}
	for _, p := range [][2]string{
		{"2. a 4", "2. " + name + " 2006"},
		{"2. a. 4", "2. " + name + ". 2006"},
		{"a 2, 4", name + " 2, 2006"},
		{"a 2,4", name + " 2,2006"},
		{"a. 2, 4", name + ". 2, 2006"},
		{"2 a, 4", "2 " + name + ", 2006"},
		{"a, 4", name + ", 2006"},
		{"a. 4", name + ". 2006"},
		{"a-2-4", name + "-2-2006"},
		{"a-2", name + "-06"},
		{"a 2", name + " 06"},
		{"a'2", name + "'06"},
		{"a '2", name + " '06"},
		{"a/2", name + "/06"},
	} {
		// Of a month and a number of two digits the number is the year.
		if p[0] == shape && (!strings.HasPrefix(p[0], "a") || len(t[len(t)-1].text) != 1) && !slices.Contains(found, p[1]) {
			found = append(found, p[1])
		}
	}
	return found
}
