package beamtsgen

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"tsgen/forecast"
	"tsgen/internal/command"
	"tsgen/models"
	"tsgen/series"
)

// badLine finds the line of what tsgen says of its standard input.
var badLine = regexp.MustCompile(`^stdin:(\d+): (.*)`)

const (
	misused = 2  // the exit status of tsgen for a command line that is wrong
	mostBad = 50 // rows of a series that cannot be read, before the series is dead
)

// A runner runs verbs of tsgen on shards, and keeps what cannot be used.
type runner struct {
	ctx  context.Context
	dir  string // for files
	rows []Dead
	lost []Dead // series of the shard

	unknown []Dead // series that are not of the shard
}

// newRunner returns a runner with a folder of its own, to be removed by close.
func newRunner(ctx context.Context) (*runner, error) {
	dir, err := os.MkdirTemp("", "tsgen-shard-")
	return &runner{ctx: ctx, dir: dir}, err
}

// close counts and passes on what cannot be used, and removes the folder.
func (r *runner) close(dead func(Dead)) error {
	deadRows.Inc(r.ctx, int64(len(r.rows)))
	deadSeries.Inc(r.ctx, int64(len(r.lost)+len(r.unknown)))
	for _, d := range slices.Concat(r.rows, r.lost, r.unknown) {
		dead(d)
	}
	return os.RemoveAll(r.dir)
}

// path returns that of a file of the runner's own.
func (r *runner) path(name string) string { return filepath.Join(r.dir, name) }

// file returns the path of a file of the runner's own with the content.
func (r *runner) file(name string, content []byte) (string, error) {
	path := r.path(name)
	return path, os.WriteFile(path, content, 0o600)
}

// forSeries calls do for 0 to n-1 on all processors, each with a runner of the same folder, and keeps
// what they cannot use in the order of the numbers.
func (r *runner) forSeries(n int, do func(i int, r *runner) error) error {
	own := make([]runner, n)
	err := forecast.EachSeries(r.ctx, n, func(i int) error {
		own[i] = runner{ctx: r.ctx, dir: r.dir}
		return do(i, &own[i])
	})
	for i := range own {
		r.rows, r.lost = append(r.rows, own[i].rows...), append(r.lost, own[i].lost...)
	}
	return err
}

// lose notes a series that cannot be used.
func (r *runner) lose(first row, reason string) {
	r.lost = append(r.lost, Dead{File: first.file, Key: readable(first.key), Reason: reason})
}

func (r *runner) drop(bad row, reason string) {
	r.rows = append(r.rows, Dead{File: bad.file, Line: bad.line, Key: readable(bad.key), Reason: reason})
}

// A step is what is done with some series: a table of answers, or why there is none. The error is one
// that ends the job.
type step func(x *shard) (answer []byte, reason string, err error)

// all returns the answers for the shard. Where the step fails with all series, each is asked about
// alone, and those that fail are lost.
func (r *runner) all(x *shard, do step) ([]byte, error) {
	if len(x.rows) == 0 {
		return nil, nil
	}
	answer, reason, err := do(x)
	if err != nil || reason == "" {
		return answer, err
	}
	one := x.series()
	if len(one) == 1 {
		r.lose(x.rows[0], reason)
		return nil, nil
	}
	var joined []byte
	for _, x := range one {
		answer, err := r.all(x, do)
		if err != nil {
			return nil, err
		}
		joined = appendTable(joined, answer)
	}
	return joined, nil
}

// verb returns the step of a verb of tsgen, which reads the shard from standard input.
func (r *runner) verb(args []string) step {
	return func(x *shard) (answer []byte, reason string, err error) {
		for tried := 0; len(x.rows) > 0; tried++ {
			text, lines := x.csv()
			var out, notes bytes.Buffer
			status := command.Run(r.ctx, args, bytes.NewReader(text), &out, &notes)
			if status == 0 {
				return out.Bytes(), "", nil
			}
			if err := r.ctx.Err(); err != nil {
				return nil, "", err
			}
			reason := strings.TrimPrefix(lastLine(notes.String()), "tsgen: ")
			if status == misused { // whatever the series
				return nil, "", fmt.Errorf("tsgen %s: %s", strings.Join(args, " "), reason)
			}
			line, what := place(reason)
			at, ok := lines[line]
			switch {
			case !ok:
				return nil, reason, nil
			case tried == 0: // there may be more of them, which a whole shard would tell one by one
				r.clean(x, 0)
			default:
				r.drop(x.rows[at], what)
				x.rows = slices.Delete(x.rows, at, at+1)
			}
		}
		return nil, "", nil
	}
}

// place returns the line of standard input that tsgen speaks of, and what it says of it.
func place(reason string) (line int, what string) {
	m := badLine.FindStringSubmatch(reason)
	if m == nil {
		return 0, reason
	}
	line, _ = strconv.Atoi(m[1])
	return line, m[2]
}

// clean takes the rows out of the shard that cannot be read where their series stands alone. The least
// number of rows of a series is that of series.ReadOptions.
func (r *runner) clean(x *shard, least int) {
	var good []row
	for _, one := range x.series() {
		if r.read(one, least) {
			good = append(good, one.rows...)
		}
	}
	x.rows = good
}

// read takes out of a series what cannot be read, and reports whether that is not too much.
func (r *runner) read(x *shard, least int) bool {
	opt := series.ReadOptions{Name: "stdin", ID: strings.Join(x.table.ID, ","), Time: x.table.Time, Delimiter: rune(x.table.Delimiter[0]), MinRows: least}
	for bad := 0; len(x.rows) > 0; bad++ {
		text, lines := x.csv()
		_, _, err := series.ReadCSV(bytes.NewReader(text), opt)
		var parse *series.ParseError
		if !errors.As(err, &parse) {
			return true // the verb says what else there is
		}
		at, ok := lines[parse.Line]
		if !ok {
			return true
		}
		_, what := place(err.Error())
		if bad == mostBad {
			r.lose(x.rows[at], fmt.Sprintf("more than %d rows that cannot be read, such as line %d: %s", mostBad, x.rows[at].line, what))
			return false
		}
		r.drop(x.rows[at], what)
		x.rows = slices.Delete(x.rows, at, at+1)
	}
	return true
}

// appendTable appends a table to one of the same columns, without its header.
func appendTable(all, text []byte) []byte {
	if len(all) > 0 {
		if i := bytes.IndexByte(text, '\n'); i >= 0 {
			text = text[i+1:]
		}
	}
	return append(all, text...)
}

func lastLine(notes string) string {
	lines := strings.Split(strings.TrimSpace(notes), "\n")
	for _, l := range slices.Backward(lines) {
		if strings.HasPrefix(l, "tsgen: ") {
			return l
		}
	}
	return lines[len(lines)-1]
}

// named gives the columns of a forecast by one of several kinds of models the name of the kind that was
// asked for, so that the tables of all series have the same columns.
func named(table []byte, kind string) []byte {
	header, rows, ok := bytes.Cut(table, []byte("\n"))
	if !ok {
		return table
	}
	columns := strings.Split(string(header), ",")
	last, own := columns[len(columns)-1], ""
	for _, name := range models.Names() {
		if (last == name || strings.HasPrefix(last, name+"-")) && len(name) > len(own) {
			own = name
		}
	}
	if own == "" || own == kind {
		return table
	}
	for i, c := range columns {
		if c == own || strings.HasPrefix(c, own+"-") {
			columns[i] = kind + strings.TrimPrefix(c, own)
		}
	}
	return slices.Concat([]byte(strings.Join(columns, ",")), []byte("\n"), rows)
}
