package beamtsgen

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"
	"google.golang.org/api/bigquery/v2"
	"google.golang.org/api/googleapi"

	"tsgen/series/formats"
)

// A Loader takes the tables that Write wrote to a table of BigQuery.
type Loader struct {
	table    *bigTable
	location string // of the dataset
}

// NewLoader returns the loader of bq://PROJECT.DATASET.TABLE. The error says if there is no such dataset;
// the table need not be there.
func NewLoader(ctx context.Context, name string) (*Loader, error) {
	b, err := openBig(ctx, name)
	if err != nil {
		return nil, err
	}
	d, err := patiently(ctx, b.service.Datasets.Get(b.project, b.dataset).Context(ctx).Do)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return &Loader{b, d.Location}, nil
}

// Load replaces the rows of the table by those of the tables of a verb in a folder, which are CSV, in one
// job, all or nothing, and waits for it. Objects at gs:// are read by the service, other files are sent to
// it. A request that is sent again is of the same job, which is done once. The columns ids hold texts, the
// others stamps or numbers if all those of the first table do.
func (l *Loader) Load(ctx context.Context, folder, verb string, ids []string) error {
	if err := l.load(ctx, folder, verb, ids); err != nil {
		return fmt.Errorf("%s: %w", l.table.name, err)
	}
	return nil
}

func (l *Loader) load(ctx context.Context, folder, verb string, ids []string) error {
	fs, err := filesystem.New(ctx, folder)
	if err != nil {
		return err
	}
	defer fs.Close()
	names, err := fs.List(ctx, InFolder(folder, verb+"-*-of-*."+string(formats.CSV)))
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return fmt.Errorf("there is no table in %s to load", folder)
	}
	slices.Sort(names)
	first, err := filesystem.Read(ctx, fs, names[0])
	if err != nil {
		return err
	}
	columns, err := columnsOf(first, ids)
	if err != nil {
		return err
	}
	b := l.table
	job := &bigquery.Job{
		JobReference: &bigquery.JobReference{ProjectId: b.project, Location: l.location, JobId: "tsgen_" + rand.Text()},
		Configuration: &bigquery.JobConfiguration{Load: &bigquery.JobConfigurationLoad{
			DestinationTable:    &bigquery.TableReference{ProjectId: b.project, DatasetId: b.dataset, TableId: b.table},
			SourceFormat:        "CSV",
			SkipLeadingRows:     1,
			AllowQuotedNewlines: true,
			WriteDisposition:    "WRITE_TRUNCATE",
			Schema:              &bigquery.TableSchema{Fields: columns},
		}},
	}
	if strings.HasPrefix(folder, "gs://") {
		_, last, _ := strings.Cut(names[0], "-of-") // a name of a job has one star at most
		job.Configuration.Load.SourceUris = []string{InFolder(folder, verb+"-*-of-"+last)}
	}
	_, err = patiently(ctx, func(...googleapi.CallOption) (*bigquery.Job, error) {
		ask := b.service.Jobs.Insert(b.project, job).Context(ctx)
		if job.Configuration.Load.SourceUris == nil {
			all := joined(ctx, fs, names)
			defer all.Close()
			ask.Media(all, googleapi.ContentType("application/octet-stream"))
		}
		return ask.Do()
	})
	var refused *googleapi.Error
	if errors.As(err, &refused) && refused.Code == http.StatusConflict {
		err = nil // it has begun, and the answer was lost
	}
	if err != nil {
		return err
	}
	return l.wait(ctx, job.JobReference.JobId)
}

// wait waits until a job is done.
func (l *Loader) wait(ctx context.Context, id string) error {
	const longest = 10 * time.Second
	for pause := firstPause; ; pause = min(2*pause, longest) {
		job, err := patiently(ctx, l.table.service.Jobs.Get(l.table.project, id).Location(l.location).Context(ctx).Do)
		switch {
		case err != nil:
			return err
		case job.Status != nil && job.Status.ErrorResult != nil:
			return fmt.Errorf("the job %s: %s", id, job.Status.ErrorResult.Message)
		case job.Status != nil && job.Status.State == "DONE":
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

// joined returns the rows of tables of the same columns as one table.
func joined(ctx context.Context, fs filesystem.Interface, names []string) io.ReadCloser {
	all, w := io.Pipe()
	go func() {
		var err error
		for i, name := range names {
			var text []byte
			if text, err = filesystem.Read(ctx, fs, name); err != nil {
				break
			}
			if i > 0 {
				head := csv.NewReader(bytes.NewReader(text))
				if _, err = head.Read(); err != nil {
					break
				}
				text = text[head.InputOffset():]
			}
			if _, err = w.Write(text); err != nil {
				break
			}
		}
		w.CloseWithError(err)
	}()
	return all
}

// columnsOf returns the columns of a table with the types of what they hold.
func columnsOf(table []byte, ids []string) ([]*bigquery.TableFieldSchema, error) {
	rows, err := csv.NewReader(bytes.NewReader(table)).ReadAll()
	if err != nil {
		return nil, err
	}
	columns := make([]*bigquery.TableFieldSchema, len(rows[0]))
	for i, name := range rows[0] {
		columns[i] = &bigquery.TableFieldSchema{Name: name, Type: "STRING"}
		all := func(is func(string) bool) bool {
			return !slices.ContainsFunc(rows[1:], func(row []string) bool { return row[i] != "" && !is(row[i]) })
		}
		switch {
		case slices.Contains(ids, name):
		case all(isNumber):
			columns[i].Type = "FLOAT"
		case all(isStamp):
			columns[i].Type = "TIMESTAMP"
		}
	}
	return columns, nil
}

func isNumber(cell string) bool {
	_, err := strconv.ParseFloat(cell, 64)
	return err == nil
}

// isStamp reports whether a cell is a time stamp as BigQuery reads it.
func isStamp(cell string) bool {
	for _, layout := range []string{time.DateOnly, time.DateTime, time.RFC3339} {
		if _, err := time.Parse(layout, cell); err == nil {
			return true
		}
	}
	return false
}

// InFolder returns the name of a file in a folder.
func InFolder(folder, name string) string {
	if i := strings.Index(folder, "://"); i >= 0 { // path.Join takes one of the bars
		return folder[:i+3] + path.Join(folder[i+3:], name)
	}
	return path.Join(folder, name)
}
