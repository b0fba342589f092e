package serve

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A verb is a question that models are asked: one of the command.
type verb struct {
	name, path, summary, about string

	// parameters are those that the question has, by the names of the command's flags.
	parameters []string

	// tables are those that a JSON document may have. The first is what a body of CSV is;
	// history and data are standard input of the command, the others files of flags of
	// their names.
	tables []string

	answers []string // types of answers; of none they are those of tables

	pictures bool // it can draw
	json     bool // the command has a flag for JSON
	modelled bool // it asks a model
}

// types returns the media types of answers, the usual one first.
func (v *verb) types() []string {
	all := slices.Clone(v.answers)
	if all == nil {
		all = []string{typeJSON, typeCSV, typeArrowStream, typeArrowFile}
	}
	if v.pictures {
		all = append(all, typePNG, typeSVG, typePDF)
	}
	return all
}

// answer answers a question.
func (s *Server) answer(ctx context.Context, v *verb, q *Question) (*answer, error) {
	limit := s.Deadline
	if q.Deadline > 0 {
		limit = min(limit, time.Duration(q.Deadline*float64(time.Second)))
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	a := &asked{Server: s, verb: v, Question: q}
	defer a.close()
	if err := a.prepare(); err != nil {
		return nil, err
	}
	leave, err := s.questions.enter(ctx)
	if err != nil {
		return nil, asProblemOf(ctx, err)
	}
	defer leave()
	return a.run(ctx)
}

// asProblemOf returns the problem of an error that ends a question before the command runs.
func asProblemOf(ctx context.Context, err error) error {
	if p, ok := err.(*Problem); ok {
		return p
	}
	return problemOf(ctx, 1, err)
}

// An asked is a question under way.
type asked struct {
	*Server
	*verb
	*Question
	model   string            // path
	given   map[string]string // parameters
	tables  map[string][]byte // that came
	sent    string            // type in which they came, as document has it, "" if none came
	dir     string            // of the files of this question, "" if there are none
	release func()
	accept  string // media type of the answer
}

func (a *asked) close() {
	if a.release != nil {
		a.release()
	}
	if a.dir != "" {
		_ = os.RemoveAll(a.dir)
	}
}

// prepare reads the request and checks it.
func (a *asked) prepare() (err error) {
	if a.modelled {
		if a.model, err = a.models.existing(a.Name); err != nil {
			return err
		}
	}
	d, release, err := a.table(a.writer, a.request)
	if err != nil {
		return err
	}
	a.release = release
	a.given = make(map[string]string)
	for name, values := range a.request.URL.Query() {
		if slices.Contains(a.parameters, name) {
			a.given[name] = strings.Join(values, ",")
		}
	}
	a.tables = make(map[string][]byte)
	if len(d.data) > 0 {
		a.sent = d.kind
	}
	switch {
	case d.kind == typeJSON:
		b, err := parseBody(d.data, a.verb.tables, a.parameters, a.Rows)
		if err != nil {
			return err
		}
		a.tables = b.tables
		maps.Copy(a.given, b.given)
	case len(bytes.TrimSpace(d.data)) > 0 && len(a.verb.tables) == 0:
		return newProblem(http.StatusBadRequest, codeUsage, "this takes no body")
	case len(bytes.TrimSpace(d.data)) > 0:
		a.tables[a.verb.tables[0]] = d.data
	}
	if err := a.bounded(); err != nil {
		return err
	}
	return a.negotiate()
}

// bounded says which parameter is beyond the limits. What is no number the command says.
func (a *asked) bounded() error {
	for _, l := range []struct {
		name string
		most int
	}{{"horizon", a.Horizon}, {"samples", a.Samples}, {"paths", a.Samples}, {"number", a.Series}, {"length", a.Rows}} {
		if n, err := strconv.Atoi(a.given[l.name]); err == nil && n > l.most {
			return newProblem(http.StatusRequestEntityTooLarge, codeTooLarge, fmt.Sprintf("%s is %d, and this service answers for %d at most", l.name, n, l.most))
		}
	}
	if n, err := strconv.Atoi(a.given["number"]); err == nil {
		if l, err := strconv.Atoi(a.given["length"]); err == nil && n*l > a.Rows {
			return newProblem(http.StatusRequestEntityTooLarge, codeTooLarge, fmt.Sprintf("%d series of %d times are more than the %d rows that this service answers with", n, l, a.Rows))
		}
	}
	return nil
}

// negotiate chooses the media type of the answer: what the client accepts, else what it sent.
func (a *asked) negotiate() error {
	can := a.types()
	if i := slices.Index(can, a.sent); i > 0 {
		can = slices.Insert(slices.Delete(can, i, i+1), 0, a.sent)
	}
	if a.accept = accepted(a.Accept, can); a.accept == "" {
		return newProblem(http.StatusNotAcceptable, codeUsage, fmt.Sprintf("the Accept is %.100q, and the answer can be %s", a.Accept, strings.Join(can, ", ")))
	}
	return nil
}

// accepted returns the media type that an Accept header likes best, of those that can be had,
// the first if it says nothing; "" if it likes none.
func accepted(header string, can []string) string {
	if strings.TrimSpace(header) == "" {
		return can[0]
	}
	best, weight := "", 0.0
	for part := range strings.SplitSeq(header, ",") {
		kind, parameters, _ := strings.Cut(part, ";")
		kind = strings.ToLower(strings.TrimSpace(kind))
		q := 1.0
		for p := range strings.SplitSeq(parameters, ";") {
			if text, is := strings.CutPrefix(strings.TrimSpace(p), "q="); is {
				if v, err := strconv.ParseFloat(text, 64); err == nil {
					q = v
				}
			}
		}
		for _, c := range can {
			group, _, _ := strings.Cut(c, "/")
			if q > weight && (kind == c || kind == "*/*" || kind == group+"/*") {
				best, weight = c, q
				break
			}
		}
	}
	return best
}

// file returns the path of a file of this question.
func (a *asked) file(name string) (string, error) {
	if a.dir == "" {
		dir, err := os.MkdirTemp("", "tsgen-serve-")
		if err != nil {
			return "", err
		}
		a.dir = dir
	}
	return filepath.Join(a.dir, name), nil
}

// stored writes a table to a file of this question and returns its path.
func (a *asked) stored(name string) (string, error) {
	path, err := a.file(name + ".csv")
	if err != nil {
		return "", err
	}
	return path, os.WriteFile(path, a.tables[name], 0o600)
}

// run runs the command and returns its answer.
func (a *asked) run(ctx context.Context) (*answer, error) {
	if a.name == "score" {
		return a.score(ctx)
	}
	args := a.flags(a.name)
	switch {
	case a.name == "report":
		args = append(args, a.model, "--output=-")
	case a.modelled:
		args = append(args, "--model="+a.model)
	}
	picture, err := "", error(nil)
	switch a.accept {
	case typePNG, typeSVG, typePDF:
		extension := map[string]string{typePNG: ".png", typeSVG: ".svg", typePDF: ".pdf"}[a.accept]
		if picture, err = a.file("picture" + extension); err != nil {
			return nil, err
		}
		args = append(args, "--plot="+picture)
	case typeJSON:
		if a.verb.json {
			args = append(args, "--json")
		}
	case typeArrowStream:
		args = append(args, "--format=arrows")
	case typeArrowFile:
		args = append(args, "--format=arrow")
	}
	var stdin []byte
	for i, name := range a.verb.tables {
		data, came := a.tables[name]
		switch {
		case !came:
		case i == 0 && (name == "history" || name == "data"):
			stdin = data
			args = append(args, "-")
		default:
			path, err := a.stored(name)
			if err != nil {
				return nil, err
			}
			args = append(args, "--"+name+"="+path)
		}
	}
	out, notes, err := a.call(ctx, args, stdin)
	if err != nil {
		return nil, err
	}
	switch {
	case picture != "":
		if out, err = os.ReadFile(picture); err != nil {
			return nil, problemOf(ctx, 1, err, a.dir)
		}
	case a.accept == typeHTML: // it tells the command line
		out = bytes.ReplaceAll(out, []byte(a.Dir+string(filepath.Separator)), nil)
	case a.accept == typeJSON && !a.verb.json:
		if out, err = asJSON(out, notes); err != nil {
			return nil, err
		}
	}
	return newAnswer(a.accept, out, notes), nil
}

// flags returns the verb and the flags that the parameters are.
func (a *asked) flags(verb string) []string {
	args := []string{verb}
	for _, name := range slices.Sorted(maps.Keys(a.given)) {
		args = append(args, "--"+name+"="+a.given[name])
	}
	if len(a.verb.tables) > 0 && slices.Contains(a.parameters, "time") {
		args = append(args, "--max-bytes="+strconv.FormatInt(a.Body, 10))
	}
	return args
}

// call runs the command and returns what it writes and what it notes.
func (a *asked) call(ctx context.Context, args []string, stdin []byte) (out []byte, notes []string, err error) {
	var stdout, stderr bytes.Buffer
	exit, err := a.Run(ctx, Call{Args: args, Stdin: bytes.NewReader(stdin), Stdout: &stdout, Stderr: &stderr, Load: a.models.load, Bounds: a.bounds()})
	if err != nil {
		return nil, nil, problemOf(ctx, exit, err, a.dir, a.Dir)
	}
	for line := range strings.Lines(stderr.String()) {
		notes = append(notes, strings.TrimSpace(strings.ReplaceAll(line, a.dir+string(filepath.Separator), "")))
	}
	return stdout.Bytes(), notes, nil
}

// score has the model forecast the times of the actual values, and scores that.
func (a *asked) score(ctx context.Context) (*answer, error) {
	if _, came := a.tables["actual"]; !came {
		return nil, newProblem(http.StatusBadRequest, codeUsage, "send the actual values: CSV as the body, or a JSON document with actual")
	}
	actual, err := a.stored("actual")
	if err != nil {
		return nil, err
	}
	made, err := a.file("forecast.csv")
	if err != nil {
		return nil, err
	}
	past, err := a.file("history.csv")
	if err != nil {
		return nil, err
	}
	args := append(a.flags("forecast"), "--model="+a.model, "--at="+actual, "--output="+made)
	args = slices.DeleteFunc(args, func(arg string) bool { return strings.HasPrefix(arg, "--by=") })
	history, came := a.tables["history"]
	if came {
		args = append(args, "-")
	} else {
		file, _, err := a.models.load(a.model)
		if err != nil {
			return nil, problemOf(ctx, 4, err, a.Dir)
		}
		var b bytes.Buffer
		if err := file.History.WriteCSV(&b); err != nil {
			return nil, err
		}
		history = b.Bytes()
	}
	if err := os.WriteFile(past, history, 0o600); err != nil {
		return nil, err
	}
	_, notes, err := a.call(ctx, args, history)
	if err != nil {
		return nil, err
	}
	scoring := []string{"score", made, actual, "--history=" + past, "--json"}
	if by := a.given["by"]; by != "" {
		scoring = append(scoring, "--by="+by)
	}
	out, more, err := a.call(ctx, scoring, nil)
	if err != nil {
		return nil, err
	}
	out = bytes.ReplaceAll(out, []byte(a.dir+"/"), nil)
	return newAnswer(typeJSON, out, append(notes, more...)), nil
}

// A tableAnswer is a table as JSON.
type tableAnswer struct {
	Columns []string `json:"columns"`
	Rows    [][]any  `json:"rows"`
	Notes   []string `json:"notes,omitempty"`
}

// asJSON returns a CSV table as JSON: its numbers as numbers with the same digits, its empty
// cells as null. The first columns, which name series and times, stay texts.
func asJSON(table []byte, notes []string) ([]byte, error) {
	all, err := csv.NewReader(bytes.NewReader(table)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("serve: the command's table cannot be read: %w", err)
	}
	t := tableAnswer{Rows: [][]any{}, Notes: notes}
	for i, cells := range all {
		if i == 0 {
			t.Columns = cells
			continue
		}
		row := make([]any, len(cells))
		for k, c := range cells {
			named := t.Columns[k] == "ds" || t.Columns[k] == "unique_id"
			switch {
			case c == "":
			case !named && json.Valid([]byte(c)) && strings.ContainsAny(c[:1], "-0123456789"):
				row[k] = json.Number(c)
			default:
				row[k] = c
			}
		}
		t.Rows = append(t.Rows, row)
	}
	return json.Marshal(t)
}

// newAnswer returns an answer with its notes in a header, as much of them as fits.
func newAnswer(kind string, body []byte, notes []string) *answer {
	if strings.HasPrefix(kind, "text/") {
		kind += "; charset=utf-8"
	}
	a := &answer{ContentType: kind, Vary: "Accept", Body: body}
	for len(notes) > 0 {
		text, err := json.Marshal(notes)
		if header := strconv.QuoteToASCII(string(text)); err == nil && len(header) < 4096 {
			a.Notes = asciiJSON(text)
			break
		}
		notes = notes[:len(notes)-1]
	}
	return a
}

// asciiJSON returns a JSON text with what is not ASCII as escapes.
func asciiJSON(text []byte) string {
	var b strings.Builder
	for _, r := range string(text) {
		switch {
		case r < 0x80:
			b.WriteRune(r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			r -= 0x10000
			fmt.Fprintf(&b, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		}
	}
	return b.String()
}
