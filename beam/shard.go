package beamtsgen

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"tsgen/internal/command"
)

// A shard is the rows of some series.
type shard struct {
	table *Table
	rows  []Row
}

// sort brings the rows into an order that does not depend on how they came.
func (x *shard) sort() {
	slices.SortFunc(x.rows, func(a, b Row) int {
		return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
}

// csv returns the shard as a table, and the row that begins on each line, from line 2 on.
func (x *shard) csv() (text []byte, lines map[int]int) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Comma = rune(x.table.Delimiter[0])
	w.Write(x.table.Columns)
	w.Flush()
	lines = make(map[int]int, len(x.rows))
	line := 1 + strings.Count(b.String(), "\n")
	for i, row := range x.rows {
		lines[line] = i
		from := b.Len()
		w.Write(row.Cells)
		w.Flush() // into memory: it cannot fail
		line += bytes.Count(b.Bytes()[from:], []byte("\n"))
	}
	return b.Bytes(), lines
}

// series returns a shard for each series.
func (x *shard) series() []*shard {
	var all []*shard
	for from := 0; from < len(x.rows); {
		to := from
		for to < len(x.rows) && x.rows[to].Key == x.rows[from].Key {
			to++
		}
		all = append(all, &shard{x.table, slices.Clone(x.rows[from:to])})
		from = to
	}
	return all
}

// readable returns a key as people write it.
func readable(key string) string { return strings.ReplaceAll(key, "\x00", ",") }

// badLine finds the line of what tsgen says of its standard input.
var badLine = regexp.MustCompile(`^stdin:(\d+): (.*)`)

// A runner runs verbs of tsgen on shards.
type runner struct {
	dir  string // for files
	dead func(Dead)
	ctx  context.Context
}

// newRunner returns a runner with a folder of its own, to be removed by close.
func newRunner(ctx context.Context, dead func(Dead)) (*runner, error) {
	dir, err := os.MkdirTemp("", "tsgen-shard-")
	return &runner{dir: dir, dead: dead, ctx: ctx}, err
}

func (r *runner) close() error { return os.RemoveAll(r.dir) }

// file returns the path of a file of the runner's own with the content.
func (r *runner) file(name string, content []byte) (string, error) {
	path := filepath.Join(r.dir, name)
	return path, os.WriteFile(path, content, 0o600)
}

// answer returns what tsgen writes of the shard. Where it fails with all series, each is asked about
// alone, and those that fail go to the dead.
func (r *runner) answer(x *shard, args []string) ([]byte, error) {
	text, reason, err := r.run(x, args)
	if err != nil || reason == "" {
		return text, err
	}
	all := x.series()
	if len(all) == 1 {
		r.lose(x.rows[0], reason)
		return nil, nil
	}
	return r.oneByOne(all, args)
}

// run runs tsgen on the shard and returns what it writes, or why it fails. Rows that it cannot read are
// taken out of the shard and go to the dead.
func (r *runner) run(x *shard, args []string) (written []byte, reason string, err error) {
	for len(x.rows) > 0 {
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
		m := badLine.FindStringSubmatch(reason)
		if m == nil {
			return nil, reason, nil
		}
		line, _ := strconv.Atoi(m[1])
		row, ok := lines[line]
		if !ok {
			return nil, reason, nil
		}
		bad := x.rows[row]
		deadRows.Inc(r.ctx, 1)
		r.dead(Dead{File: bad.File, Line: bad.Line, Key: readable(bad.Key), Reason: m[2]})
		x.rows = slices.Delete(x.rows, row, row+1)
	}
	return nil, "", nil
}

// misused is the exit status of tsgen for a command line that is wrong.
const misused = 2

func (r *runner) lose(first Row, reason string) {
	deadSeries.Inc(r.ctx, 1)
	r.dead(Dead{File: first.File, Key: readable(first.Key), Reason: reason})
}

// oneByOne joins the answers for the series.
func (r *runner) oneByOne(all []*shard, args []string) ([]byte, error) {
	var joined []byte
	for _, x := range all {
		text, err := r.answer(x, args)
		if err != nil {
			return nil, err
		}
		joined = appendTable(joined, text)
	}
	return joined, nil
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
