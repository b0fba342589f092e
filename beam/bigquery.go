package beamtsgen

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
	"google.golang.org/api/bigquery/v2"
	"google.golang.org/api/googleapi"
	"google.golang.org/api/option"

	"tsgen/series"
)

func init() {
	register.DoFn2x0[[]byte, func(int64)](&spanFn{})
	register.DoFn4x1[context.Context, int64, func(string, Block), func(Dead), error](&readTableFn{})
	register.Emitter1[int64]()
}

// A Version is a table of BigQuery as it was when its columns were looked at.
type Version struct {
	Rows     uint64
	Modified uint64 // milliseconds since 1970
}

const (
	bigScheme  = "bq://"
	spanRows   = 100_000 // that a worker reads at a time
	pageRows   = 10_000  // of an answer, which has 10 MB at most
	mostTries  = 6       // of a request that the service could not answer
	firstPause = 250 * time.Millisecond
)

func isBig(name string) bool { return strings.HasPrefix(name, bigScheme) }

// A bigTable is a table of BigQuery, and its service.
type bigTable struct {
	name                    string
	project, dataset, table string
	service                 *bigquery.Service
}

// CheckTable says what is wrong with a name that begins with bq://, if it does.
func CheckTable(name string) error {
	if parts := strings.Split(strings.TrimPrefix(name, bigScheme), "."); isBig(name) && (len(parts) < 3 || slices.Contains(parts, "")) {
		return fmt.Errorf("%s: want %sPROJECT.DATASET.TABLE", name, bigScheme)
	}
	return nil
}

// openBig opens bq://PROJECT.DATASET.TABLE with the credentials of the environment, or with none at the
// emulator that BIGQUERY_EMULATOR_HOST names.
func openBig(ctx context.Context, name string) (*bigTable, error) {
	if err := CheckTable(name); err != nil {
		return nil, err
	}
	parts := strings.Split(strings.TrimPrefix(name, bigScheme), ".")
	n := len(parts)
	var opts []option.ClientOption
	if host := os.Getenv("BIGQUERY_EMULATOR_HOST"); host != "" {
		opts = append(opts, option.WithEndpoint(strings.TrimSuffix(host, "/")+"/bigquery/v2/"), option.WithoutAuthentication())
	}
	service, err := bigquery.NewService(ctx, opts...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return &bigTable{name, strings.Join(parts[:n-2], "."), parts[n-2], parts[n-1], service}, nil
}

// patiently asks the service again when it was busy or failed.
func patiently[T any](ctx context.Context, ask func(...googleapi.CallOption) (T, error)) (answer T, err error) {
	pause := firstPause
	for tried := 1; ; tried++ {
		answer, err = ask()
		var refused *googleapi.Error
		if err == nil || tried == mostTries || errors.As(err, &refused) && refused.Code < 500 && refused.Code != http.StatusTooManyRequests {
			return answer, err
		}
		select {
		case <-ctx.Done():
			return answer, ctx.Err()
		case <-time.After(pause):
			pause *= 2
		}
	}
}

// version returns that of the table, and its description.
func (b *bigTable) version(ctx context.Context) (Version, *bigquery.Table, error) {
	t, err := patiently(ctx, b.service.Tables.Get(b.project, b.dataset, b.table).Context(ctx).Do)
	if err != nil {
		return Version{}, nil, fmt.Errorf("%s: %w", b.name, err)
	}
	return Version{t.NumRows, t.LastModifiedTime}, t, nil
}

// rows returns some rows of the table from one on, counted from 0, but no more than so many: the texts
// of the columns.
func (b *bigTable) rows(ctx context.Context, columns []string, stamps []bool, from, most uint64) ([][]string, error) {
	ask := b.service.Tabledata.List(b.project, b.dataset, b.table).Context(ctx).
		SelectedFields(strings.Join(columns, ",")).StartIndex(from).MaxResults(int64(min(most, pageRows))).FormatOptionsUseInt64Timestamp(true)
	page, err := patiently(ctx, ask.Do)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", b.name, err)
	}
	rows := make([][]string, len(page.Rows))
	for i, row := range page.Rows {
		if len(row.F) != len(columns) {
			return nil, fmt.Errorf("%s: row %d has %d values, want those of %s", b.name, from+uint64(i)+1, len(row.F), strings.Join(columns, ", "))
		}
		cells := make([]string, len(columns))
		for j, cell := range row.F {
			text, ok := cell.V.(string)
			if !ok { // NULL
				continue
			}
			if stamps[j] {
				micros, err := strconv.ParseInt(text, 10, 64)
				if err != nil {
					return nil, fmt.Errorf("%s: row %d: %q is no time stamp of column %s", b.name, from+uint64(i)+1, text, columns[j])
				}
				text = time.UnixMicro(micros).UTC().Format(time.RFC3339Nano)
			}
			cells[j] = text
		}
		rows[i] = cells
	}
	return rows, nil
}

// sniffBig finds out how a table of BigQuery is read, from its description and first rows.
func sniffBig(ctx context.Context, name string, opt series.ReadOptions) (t Table, panel *series.Panel, err error) {
	b, err := openBig(ctx, name)
	if err != nil {
		return t, nil, err
	}
	version, about, err := b.version(ctx)
	switch {
	case err != nil:
		return t, nil, err
	case about.Type != "TABLE":
		return t, nil, fmt.Errorf("%s is a %s, whose rows cannot be listed; write them to a table: bq query --destination_table", name, strings.ToLower(about.Type))
	case about.StreamingBuffer != nil:
		return t, nil, fmt.Errorf("%s has rows in its streaming buffer, which have no number yet; wait, or copy it to a table: bq query --destination_table", name)
	case about.Schema == nil || version.Rows == 0:
		return t, nil, fmt.Errorf("%s has no row", name)
	}
	t.Delimiter, t.Version, t.Bytes = ",", version, about.NumBytes
	for _, f := range about.Schema.Fields {
		if f.Mode == "REPEATED" || f.Type == "RECORD" || f.Type == "STRUCT" || f.Type == "RANGE" {
			continue // no text
		}
		t.Columns = append(t.Columns, f.Name)
		t.Stamps = append(t.Stamps, f.Type == "TIMESTAMP")
	}
	rows, err := b.rows(ctx, t.Columns, t.Stamps, 0, version.Rows)
	if err != nil {
		return t, nil, err
	}
	var text bytes.Buffer
	w := csv.NewWriter(&text)
	w.Write(t.Columns)
	w.WriteAll(rows)
	panel, err = sniffText(text.Bytes(), opt)
	return t, panel, err
}

// readTable returns the rows of the table, as Read does, of which a worker reads so many at a time.
func readTable(s beam.Scope, name string, table Table, span int64) (rows, dead beam.PCollection) {
	spans := beam.ParDo(s, &spanFn{Rows: int64(table.Version.Rows), Span: span}, beam.Impulse(s))
	return beam.ParDo2(s, &readTableFn{Name: name, Table: table, Span: span}, beam.Reshuffle(s, spans))
}

// spanFn cuts the rows of a table into spans.
type spanFn struct {
	Rows, Span int64
}

// ProcessElement passes on where they begin.
func (f *spanFn) ProcessElement(_ []byte, emit func(int64)) {
	for from := int64(0); from < f.Rows; from += f.Span {
		emit(from)
	}
}

// readTableFn reads spans of a table of BigQuery.
type readTableFn struct {
	Name  string
	Table Table
	Span  int64
}

// ProcessElement reads one span.
func (f *readTableFn) ProcessElement(ctx context.Context, from int64, emit func(string, Block), dead func(Dead)) error {
	b, err := openBig(ctx, f.Name)
	if err != nil {
		return err
	}
	g := newGatherer(ctx, &f.Table, f.Name, emit, dead)
	if !g.begin(f.Table.Columns) {
		return nil
	}
	at, end := uint64(from), min(uint64(from+f.Span), f.Table.Version.Rows)
	for at < end {
		rows, err := b.rows(ctx, f.Table.Columns, f.Table.Stamps, at, end-at)
		if err != nil {
			return err
		}
		for _, cells := range rows {
			at++
			g.add(int64(at), cells)
		}
		if len(rows) == 0 {
			break
		}
	}
	now, _, err := b.version(ctx)
	switch {
	case err != nil:
		return err
	case now != f.Table.Version || at < end: // rows would be twice or not at all
		return fmt.Errorf("%s has changed while it was read; copy it to a table that does not", f.Name)
	}
	g.done(ctx)
	return nil
}
