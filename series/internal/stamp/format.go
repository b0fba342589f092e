package stamp

import (
	"strconv"
	"strings"
)

// Holds reports whether a stamp of the layout tells the civil time exactly.
func (l *Layout) Holds(seconds int64, nanos int) bool {
	n := floorDiv(int(seconds), 86400)
	clock := seconds - int64(n)*86400
	switch f := l.fine; {
	case f.months > 0:
		_, m, d := date(n)
		return clock == 0 && nanos == 0 && d == 1 && (m-1)%f.months == 0
	case f.days == 7:
		return clock == 0 && nanos == 0 && dayOfWeek(n) == 1
	case f.days > 0:
		return clock == 0 && nanos == 0
	default:
		return (clock*1e9+int64(nanos))%f.nanos == 0
	}
}

// Append writes the civil time with the offset from UTC, in seconds, behind dst.
func (l *Layout) Append(dst []byte, seconds int64, nanos, zone int) []byte {
	n := floorDiv(int(seconds), 86400)
	y, m, d := date(n)
	clock := int(seconds - int64(n)*86400)
	h, minutes, s := clock/3600, clock/60%60, clock%60
	if l.has(week) || l.has(weekBare) {
		y, _ = isoWeek(n)
	}
	for i := 0; i < len(l.parts); i++ {
		p := &l.parts[i]
		switch p.kind {
		case literal:
			dst = append(dst, p.text...)
		case open:
			if l.zeroFrom(i, h, minutes, s, nanos) {
				for depth := 1; depth > 0; {
					i++
					switch l.parts[i].kind {
					case open:
						depth++
					case shut:
						depth--
					}
				}
			}
		case year:
			dst = padded(dst, y, 4)
		case yearBare:
			dst = strconv.AppendInt(dst, int64(y), 10)
		case yearShort:
			dst = padded(dst, ((y%100)+100)%100, 2)
		case halfYear:
			dst = append(dst, p.text[0], byte('1'+(m-1)/6))
		case quarter:
			dst = append(dst, p.text[0], byte('1'+(m-1)/3))
		case halfBare:
			dst = append(dst, byte('1'+(m-1)/6))
		case quarterBare:
			dst = append(dst, byte('1'+(m-1)/3))
		case weekBare:
			_, w := isoWeek(n)
			if i > 0 && l.parts[i-1].kind == year || len(p.text) == len("0WW") { // with nothing between
				dst = padded(dst, w, 2)
				break
			}
			dst = strconv.AppendInt(dst, int64(w), 10)
		case yearDayBare:
			dst = strconv.AppendInt(dst, int64(n-days(y, 1, 1)+1), 10)
		case month:
			dst = strconv.AppendInt(dst, int64(m), 10)
		case monthZero:
			dst = padded(dst, m, 2)
		case monthName:
			dst = append(dst, cased(months[m-1][:3], p.text)...)
		case monthLong:
			dst = append(dst, cased(months[m-1], p.text)...)
		case week:
			_, w := isoWeek(n)
			dst = padded(append(dst, p.text[0]), w, 2)
		case weekday:
			dst = append(dst, byte('0'+dayOfWeek(n)))
		case dayName:
			dst = append(dst, cased(weekdays[dayOfWeek(n)-1][:3], p.text)...)
		case dayLong:
			dst = append(dst, cased(weekdays[dayOfWeek(n)-1], p.text)...)
		case day:
			dst = strconv.AppendInt(dst, int64(d), 10)
		case dayZero:
			dst = padded(dst, d, 2)
		case dayBlank:
			if d < 10 {
				dst = append(dst, ' ')
			}
			dst = strconv.AppendInt(dst, int64(d), 10)
		case yearDay:
			dst = padded(dst, n-days(y, 1, 1)+1, 3)
		case hour:
			dst = strconv.AppendInt(dst, int64(h), 10)
		case hourZero:
			dst = padded(dst, h, 2)
		case half:
			dst = strconv.AppendInt(dst, int64((h+11)%12+1), 10)
		case halfZero:
			dst = padded(dst, (h+11)%12+1, 2)
		case minute:
			dst = strconv.AppendInt(dst, int64(minutes), 10)
		case minuteZero:
			dst = padded(dst, minutes, 2)
		case second:
			dst = strconv.AppendInt(dst, int64(s), 10)
		case secondZero:
			dst = padded(dst, s, 2)
		case fraction:
			dst = appendFraction(dst, p.text, nanos)
		case afternoon:
			text := "AM"
			if h >= 12 {
				text = "PM"
			}
			dst = append(dst, cased(text, p.text)...)
		case offset:
			dst = appendZone(dst, p.text, zone)
		case zoneName:
			dst = append(dst, "UTC"...)
		}
	}
	return dst
}

// zeroFrom reports whether what stands in the optional part i, and in those within
// it, would be zero.
func (l *Layout) zeroFrom(i, h, m, s, nanos int) bool {
	for depth := 0; i < len(l.parts); i++ {
		switch l.parts[i].kind {
		case open:
			depth++
		case shut:
			if depth--; depth == 0 {
				return true
			}
		case hour, hourZero, half, halfZero:
			if h != 0 {
				return false
			}
		case minute, minuteZero:
			if m != 0 {
				return false
			}
		case second, secondZero, fraction:
			if s != 0 || nanos != 0 {
				return false
			}
		}
	}
	return true
}

// padded writes n with leading zeros to the width.
func padded(dst []byte, n, width int) []byte {
	for unit := pow10(width - 1); unit > 1 && n < unit; unit /= 10 {
		dst = append(dst, '0')
	}
	return strconv.AppendInt(dst, int64(n), 10)
}

func pow10(n int) int {
	p := 1
	for range n {
		p *= 10
	}
	return p
}

// cased returns a name in the case of the sample.
func cased(name, sample string) string {
	switch {
	case sample[1] >= 'a' && sample[0] < 'a':
		return name
	case sample[0] < 'a':
		return strings.ToUpper(name)
	}
	return strings.ToLower(name)
}

func appendFraction(dst []byte, text string, nanos int) []byte {
	decimals := padded(nil, nanos, 9)
	n := min(len(text)-1, 9)
	decimals = decimals[:n]
	if text[1] == '9' {
		for len(decimals) > 0 && decimals[len(decimals)-1] == '0' {
			decimals = decimals[:len(decimals)-1]
		}
		if len(decimals) == 0 {
			return dst
		}
	}
	return append(append(dst, text[0]), decimals...)
}

func appendZone(dst []byte, text string, zone int) []byte {
	if zone == 0 && text[0] == 'Z' {
		return append(dst, 'Z')
	}
	sign := byte('+')
	if zone < 0 {
		sign, zone = '-', -zone
	}
	dst = padded(append(dst, sign), zone/3600, 2)
	switch {
	case strings.HasSuffix(text, ":00"):
		dst = padded(append(dst, ':'), zone/60%60, 2)
	case strings.HasSuffix(text, "00"):
		dst = padded(dst, zone/60%60, 2)
	}
	return dst
}
