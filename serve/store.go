package serve

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"tsgen/forecast"
	"tsgen/internal/atomicfile"
	"tsgen/internal/panics"
	"tsgen/models"
	"tsgen/models/modelfile"
)

// Ends of the names of files.
const (
	suffix        = ".tsgen"
	partialSuffix = suffix + ".partial" // of a fit that was interrupted
)

// A store is a directory of model files. It holds those that were asked last ready, and reads a
// file again when another has been renamed to its place.
type store struct {
	dir  string
	most int // that are held ready

	mu     sync.Mutex
	loaded map[string]*loaded // by path
	use    uint64             // counts the uses
	facts  map[string]*Model  // what was found of files, by path
}

// A loaded is a file that is held ready.
type loaded struct {
	mu   sync.Mutex // held while it is read
	info fs.FileInfo
	file *modelfile.File
	m    forecast.Model
	used uint64
}

func newStore(dir string, most int) *store {
	return &store{dir: dir, most: most, loaded: make(map[string]*loaded), facts: make(map[string]*Model)}
}

// isName reports whether a text can be the name of a model.
func isName(text string) bool {
	for i, c := range []byte(text) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case i > 0 && (c == '.' || c == '_' || c == '-'):
		default:
			return false
		}
	}
	return 0 < len(text) && len(text) <= 100
}

// path returns the path of the model of a name.
func (s *store) path(name string) (string, error) {
	if !isName(name) || strings.HasSuffix(name, suffix) || strings.HasSuffix(name, ".partial") {
		return "", newProblem(http.StatusBadRequest, codeUsage,
			fmt.Sprintf("%.120q is no name of a model, want letters, digits, . _ and -, at most 100, of which the first is a letter or a digit", name))
	}
	return filepath.Join(s.dir, name+suffix), nil
}

// existing returns the path of a model that there is.
func (s *store) existing(name string) (string, error) {
	path, err := s.path(name)
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(path); err != nil {
		return "", newProblem(http.StatusNotFound, codeUnknown, fmt.Sprintf("there is no model %q; GET /v1/models lists those that there are, POST /v1/fit?name=%s makes one", name, name))
	}
	return path, nil
}

// same reports whether two looks at a path saw the same file.
func same(a, b fs.FileInfo) bool {
	return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}

// load is a Loader. What it returns belongs to the caller, but for what models and files
// refer to, which is only read.
func (s *store) load(path string) (*modelfile.File, forecast.Model, error) {
	s.mu.Lock()
	l := s.loaded[path]
	if l == nil {
		l = &loaded{}
		s.loaded[path] = l
	}
	s.use++
	l.used = s.use
	s.forget()
	s.mu.Unlock()

	l.mu.Lock()
	defer l.mu.Unlock()
	// The look comes before the reading: a file that comes between the two is read again
	// the next time.
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, err
	}
	if l.info == nil || !same(l.info, info) {
		m, file, err := models.Load(path)
		if err != nil {
			return nil, nil, err
		}
		l.info, l.file, l.m = info, file, m
	}
	file, history := *l.file, *l.file.History
	file.History = &history
	return &file, l.m, nil
}

// forget lets go what was asked longest ago, if more is held than may be.
func (s *store) forget() {
	for len(s.loaded) > s.most {
		oldest := ""
		for path, l := range s.loaded {
			if oldest == "" || l.used < s.loaded[oldest].used {
				oldest = path
			}
		}
		delete(s.loaded, oldest)
	}
}

// held returns how many models are held ready.
func (s *store) held() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.loaded)
}

// A Model says what a model file holds.
type Model struct {
	Name       string    `json:"name"`
	Kind       string    `json:"kind,omitempty" doc:"kind of model"`
	Abilities  []string  `json:"abilities,omitempty" doc:"what it can be asked"`
	Digest     string    `json:"digest" doc:"SHA-256 of the file"`
	Bytes      int64     `json:"bytes"`
	Modified   time.Time `json:"modified"`
	Horizon    int       `json:"horizon,omitempty" doc:"steps ahead for which it was fitted"`
	Season     int       `json:"season,omitempty"`
	Series     int       `json:"series,omitempty"`
	Rows       int       `json:"observations,omitempty"`
	Channels   []string  `json:"channels,omitempty"`
	Known      []string  `json:"known,omitempty" doc:"covariates that are known ahead"`
	Step       string    `json:"step,omitempty"`
	First      string    `json:"first,omitempty"`
	Last       string    `json:"last,omitempty"`
	Version    string    `json:"version,omitempty" doc:"tsgen that fitted it"`
	Unfinished bool      `json:"unfinished,omitempty" doc:"its training can go on"`
	Partial    bool      `json:"partial,omitempty" doc:"there is an interrupted fit of this name, which POST /v1/fit?resume=NAME goes on with"`
	Scores     []Score   `json:"scores,omitempty" doc:"of its examination and of the models that it was compared with"`
	Error      string    `json:"error,omitempty" doc:"why it cannot be used"`
}

// A Score is those of a model in an examination; what is not defined is left out.
type Score struct {
	Model  string             `json:"model"`
	Scores map[string]float64 `json:"scores"`
}

// list returns what there is, by name.
func (s *store) list(ctx context.Context) ([]*Model, error) {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, err
	}
	all, partial := []*Model{}, make(map[string]bool)
	for _, e := range entries {
		if name, is := strings.CutSuffix(e.Name(), partialSuffix); is {
			partial[name] = true
		}
	}
	for _, e := range entries {
		name, is := strings.CutSuffix(e.Name(), suffix)
		if !is || !isName(name) {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		m, err := s.describe(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue // it has just been deleted
		}
		if err != nil {
			return nil, err
		}
		m.Partial = partial[name]
		delete(partial, name)
		all = append(all, m)
	}
	for name := range partial {
		if isName(name) {
			all = append(all, &Model{Name: name, Partial: true})
		}
	}
	slices.SortFunc(all, func(a, b *Model) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

// describe returns what the file of a name holds.
func (s *store) describe(name string) (*Model, error) {
	path := filepath.Join(s.dir, name+suffix)
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	known := s.facts[path]
	s.mu.Unlock()
	if known == nil || known.Bytes != info.Size() || !known.Modified.Equal(info.ModTime()) {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		known = facts(name, data)
		known.Modified = info.ModTime()
		s.mu.Lock()
		s.facts[path] = known
		s.mu.Unlock()
	}
	m := *known
	return &m, nil
}

// facts returns what a file holds.
func facts(name string, data []byte) *Model {
	sum := sha256.Sum256(data)
	m := &Model{Name: name, Digest: hex.EncodeToString(sum[:]), Bytes: int64(len(data))}
	file, err := modelfile.Read(bytes.NewReader(data))
	if err != nil {
		m.Error = err.Error()
		return m
	}
	p := file.History
	m.Kind, m.Horizon, m.Season, m.Version = file.Kind, file.Horizon, file.Season, file.Version
	m.Series, m.Channels, m.Known, m.Unfinished = len(p.Series), p.Channels, p.KnownColumns(), file.Training != nil
	m.Step = p.Step.Describe(p.Axis.Calendar())
	first, last := p.Series[0].Times[0], p.Series[0].Times[0]
	for _, one := range p.Series {
		m.Rows += one.Observed()
		first, last = min(first, one.Times[0]), max(last, one.Times[one.Len()-1])
	}
	m.First, m.Last = p.Axis.Stamp(first), p.Axis.Stamp(last)
	for _, sc := range file.Scores {
		m.Scores = append(m.Scores, Score{Model: sc.Model, Scores: finite(sc.Scores)})
	}
	k, err := models.Lookup(file.Kind)
	if err != nil {
		m.Error = err.Error()
		return m
	}
	m.Abilities = []string{"forecast"}
	for _, a := range k.Abilities() {
		m.Abilities = append(m.Abilities, string(a))
	}
	return m
}

// finite returns the scores that are defined.
func finite(scores map[string]float64) map[string]float64 {
	some := make(map[string]float64, len(scores))
	for name, v := range scores {
		if v-v == 0 {
			some[name] = v
		}
	}
	return some
}

// put stores a model file, if it is one that can be used.
func (s *store) put(name string, data []byte) (created bool, err error) {
	path, err := s.path(name)
	if err != nil {
		return false, err
	}
	if err := tried(data); err != nil {
		return false, newProblem(http.StatusUnprocessableEntity, codeMismatch, "the model file cannot be used: "+err.Error())
	}
	_, err = os.Stat(path)
	created = errors.Is(err, fs.ErrNotExist)
	return created, atomicfile.Write(path, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// tried reads a model file and says what is wrong with it.
func tried(data []byte) (err error) {
	defer panics.Catch(&err)
	_, _, err = models.Read(bytes.NewReader(data))
	return err
}

// remove deletes a model and what was kept of a fit of its name.
func (s *store) remove(name string) error {
	path, err := s.path(name)
	if err != nil {
		return err
	}
	gone, goneToo := os.Remove(path), os.Remove(filepath.Join(s.dir, name+partialSuffix))
	if errors.Is(gone, fs.ErrNotExist) && goneToo == nil {
		return nil
	}
	if errors.Is(gone, fs.ErrNotExist) {
		_, err := s.existing(name)
		return err
	}
	return gone
}
