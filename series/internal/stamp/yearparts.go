package stamp

import "strings"

// quarters returns the layouts of quarters of years: 2006-Q1, Q1 2006, 1Q06.
func quarters(shape string, t []token, letter string) []string {
	q := letter + "1"
	one := func(i int) bool { return i < len(t) && t[i].kind == '0' && len(t[i].text) == 1 }
	for _, s := range []string{"", "-", " ", ".", ":", "/"} {
		if shape == "4"+s+"a2" && one(len(t)-1) {
			return []string{"2006" + s + q}
		}
		if shape == "a2"+s+"4" && s != "" && one(1) {
			return []string{q + s + "2006"}
		}
		if s != "/" && s != ":" && one(0) { // the number before its letter
			switch shape {
			case "2a" + s + "4":
				return []string{"QQ" + letter + s + "2006"}
			case "2a" + s + "2":
				return []string{"QQ" + letter + s + "06"}
			}
		}
	}
	return nil
}

// fiscal returns the layout of a fiscal year and maybe its quarter: FY2018, FY18 Q1, Q1-FY2018. The year is that of its
// name.
func fiscal(t []token) []string {
	var b strings.Builder
	marks, years, quarters := 0, 0, 0
	for i, x := range t {
		before := byte(0)
		if i > 0 {
			before = t[i-1].text[0] | 0x20
		}
		switch {
		case x.text == "FY" || x.text == "fy":
			marks++
			b.WriteString(x.text)
		case x.text == "Q" || x.text == "q":
			b.WriteString(x.text + "1")
		case x.kind == '0' && before == 'q' && len(x.text) == 1:
			quarters++
		case x.kind == '0' && len(x.text) == 4:
			years++
			b.WriteString("2006")
		case x.kind == '0' && len(x.text) == 2:
			years++
			b.WriteString("06")
		case i > 0 && strings.IndexByte(" -/.'_", x.kind) >= 0:
			b.WriteString(x.text)
		default:
			return nil
		}
	}
	if marks != 1 || years != 1 || quarters > 1 || strings.Contains(strings.ToLower(b.String()), "q") != (quarters == 1) {
		return nil
	}
	return []string{b.String()}
}

// halves returns the layouts of halves of years: 2006H1, 2006-S1, H1 2006.
func halves(shape string, t []token, letter string) []string {
	one := func(i int) bool { return t[i].kind == '0' && len(t[i].text) == 1 }
	for _, s := range []string{"", "-", " ", "/"} {
		if shape == "4"+s+"a2" && one(len(t)-1) {
			return []string{"2006" + s + letter + "1"}
		}
		if shape == "a2"+s+"4" && s != "" && one(1) {
			return []string{letter + "1" + s + "2006"}
		}
	}
	return nil
}

// weeks returns the layouts of weeks of years: 2006-W01, 2006W011.
func weeks(shape, letter string) []string {
	w := letter + "01"
	for _, s := range []string{"", "-", " "} {
		switch shape {
		case "4" + s + "a2":
			return []string{"2006" + s + w}
		case "4" + s + "a2-2":
			return []string{"2006" + s + w + "-1"}
		case "4" + s + "a3":
			return []string{"2006" + s + w + "1"}
		}
	}
	return nil
}
