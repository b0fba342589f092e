package delimited

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// rows reads all rows, each with its line before it.
func rows(in io.Reader, f Format) (all []string, err error) {
	r := NewReader(in, f, 1<<20, 1)
	for {
		cells, line, err := r.Read()
		if err == io.EOF {
			return all, nil
		} else if err != nil {
			return all, err
		}
		row := fmt.Sprint(line)
		for _, c := range cells {
			row += "|" + string(c)
		}
		all = append(all, row)
	}
}

// Rows are split as they are meant, with the line of each, however the reads are cut.
func TestRead(t *testing.T) {
	comma := Format{Separator: ','}
	for _, test := range []struct {
		in     string
		format Format
		want   []string
	}{
		{"a,b\n1,2\n", comma, []string{"1|a|b", "2|1|2"}},
		{"a,b\r\n\r\n1,\r\n", comma, []string{"1|a|b", "3|1|"}},
		{"a , b\n\t1,2 ", comma, []string{"1|a|b", "2|1|2"}},
		{"\"a,\"\"b\"\"\",c\n1,\"x\r\ny\"\n3,4", comma, []string{`1|a,"b"|c`, "2|1|x\ny", "4|3|4"}},
		{`"a" , "b",` + "\n", comma, []string{"1|a|b|"}},
		{"a\t\tb\n\"x\"\t\t\n", Format{Separator: '\t'}, []string{"1|a||b", "2|x||"}},
		{"a§b\n\"§\"§2\n", Format{Separator: '§'}, []string{"1|a|b", "2|§|2"}},
		{"  a   b\n\n 1\t2  \n   \n\"x y\" \"z\"\n", Format{Separator: Blanks}, []string{"1|a|b", "3|1|2", "5|x y|z"}},
		{"a,b\r1,2\r\r\"3\r\",4", Format{Separator: ',', Returns: true}, []string{"1|a|b", "2|1|2", "4|3|4"}},
		{"é,\u00a0ü \n", comma, []string{"1|é|ü"}},
	} {
		for _, cut := range []func(io.Reader) io.Reader{func(r io.Reader) io.Reader { return r }, iotest.OneByteReader, iotest.DataErrReader} {
			got, err := rows(cut(strings.NewReader(test.in)), test.format)
			if err != nil || !slices.Equal(got, test.want) {
				t.Errorf("%q: got %q, %v; want %q", test.in, got, err, test.want)
			}
		}
	}
}

// What is no CSV is refused at its line and character: a quotation mark that is not
// closed where it opens.
func TestErrors(t *testing.T) {
	for _, test := range []struct {
		in              string
		want            error
		line, character int
	}{
		{"a,b\n1,x\"y\n", ErrBareQuote, 2, 4},
		{"a,b\n1,\"x\"y\n", ErrQuote, 2, 6},
		{"a,b\n1,2\n3,\"4\n5,6\n7,8\n", ErrOpenQuote, 3, 3},
		{"a,b\n\"x\ny\",\"z\n", ErrOpenQuote, 3, 4},
		{"a,b\n\"x\",\"" + strings.Repeat("y\n", 1<<20), ErrTooLong, 2, 5},
		{"a,b\n" + strings.Repeat("y", 1<<21), ErrTooLong, 2, 0},
	} {
		_, err := rows(strings.NewReader(test.in), Format{Separator: ','})
		var e *Error
		if !errors.As(err, &e) || !errors.Is(err, test.want) || e.Line != test.line || e.Character != test.character {
			t.Errorf("%.20q: got %+v, want line %d, character %d: %v", test.in, err, test.line, test.character, test.want)
		}
	}
	device := errors.New("gone")
	if _, err := rows(io.MultiReader(strings.NewReader("a,b\n1"), iotest.ErrReader(device)), Format{Separator: ','}); err != device {
		t.Errorf("got %v", err)
	}
}

// Rows of any text are those that encoding/csv reads, where it reads any.
func FuzzRead(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "\"a\"\"\n\",b\r\n\n1,\"\"\r\n", ",\n,,\n\"", "a b\n\"x,y\",z"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		if strings.ContainsAny(in, "\r\v\f\u0085\u00a0\u2000\u3000") || len(in) > 1<<16 {
			return // taken for blanks, or for line ends
		}
		c := csv.NewReader(strings.NewReader(in))
		c.FieldsPerRecord, c.TrimLeadingSpace = -1, true
		r := NewReader(strings.NewReader(in), Format{Separator: ','}, 1<<20, 1)
		for {
			want, err := c.Read()
			got, line, ours := r.Read()
			if err == io.EOF {
				if ours != io.EOF {
					t.Fatalf("read %q, %v behind the end", got, ours)
				}
				return
			}
			if err != nil {
				return // not the same, such as blanks behind a closing mark
			}
			if first, _ := c.FieldPos(0); ours != nil || line != first || len(got) != len(want) {
				t.Fatalf("row %q of line %d is read as %q of line %d, %v", want, first, got, line, ours)
			}
			for i := range got {
				if string(got[i]) != strings.TrimSpace(want[i]) {
					t.Fatalf("row %q of line %d is read as %q", want, line, got)
				}
			}
		}
	})
}
