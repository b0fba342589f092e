package serve

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"time"
)

// Media types of tables and answers.
const (
	typeCSV  = "text/csv"
	typeJSON = "application/json"
	typePNG  = "image/png"
	typeSVG  = "image/svg+xml"
	typePDF  = "application/pdf"
	typeHTML = "text/html"

	typeArrowStream = "application/vnd.apache.arrow.stream"
	typeArrowFile   = "application/vnd.apache.arrow.file"
)

var errTooLarge = errors.New("too large")

// A document is the body of a request.
type document struct {
	data []byte
	kind string // typeJSON, typeCSV for tables as text, or a type of Arrow
}

// read returns the body of a request, unpacked, within the limits. The caller releases it.
func (s *Server) read(w http.ResponseWriter, r *http.Request, most int64) (data []byte, release func(), err error) {
	if r.ContentLength > most {
		return nil, nil, tooLarge(most)
	}
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Now().Add(s.Read)) // it has none in tests without a connection
	defer func() {
		if err == nil {
			_ = control.SetReadDeadline(time.Time{})
		}
	}()
	in := io.Reader(http.MaxBytesReader(w, r.Body, most))
	switch packing := r.Header.Get("Content-Encoding"); packing {
	case "", "identity":
	case "gzip":
		unpacked, err := gzip.NewReader(in)
		if err == io.EOF {
			return nil, func() {}, nil
		}
		if err != nil {
			return nil, nil, newProblem(http.StatusBadRequest, codeUsage, "the body is said to be packed by gzip, and is not: "+err.Error())
		}
		in = unpacked
	default:
		return nil, nil, newProblem(http.StatusUnsupportedMediaType, codeUsage, fmt.Sprintf("the Content-Encoding is %q, want gzip or none", packing))
	}
	data, release, err = s.memory.take(in, most)
	var over *http.MaxBytesError
	var p *Problem
	switch {
	case err == nil, errors.As(err, &p):
	case errors.Is(err, errTooLarge), errors.As(err, &over):
		err = tooLarge(most)
	case errors.Is(err, os.ErrDeadlineExceeded):
		err = newProblem(http.StatusRequestTimeout, codeDeadline, fmt.Sprintf("the body did not arrive within %v", s.Read))
	default:
		err = newProblem(http.StatusBadRequest, codeUsage, "the body cannot be read: "+err.Error())
	}
	return data, release, err
}

func tooLarge(most int64) *Problem {
	return newProblem(http.StatusRequestEntityTooLarge, codeTooLarge,
		fmt.Sprintf("the body has more than %d bytes, unpacked; send fewer series or rows, or start the service with a larger --max-body", most))
}

// table returns the body of a request as a document, whose lines are within the limit.
func (s *Server) table(w http.ResponseWriter, r *http.Request) (d document, release func(), err error) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	d.kind = typeCSV
	switch {
	case kind == typeJSON, kind == typeArrowStream, kind == typeArrowFile:
		d.kind = kind
	case r.Header.Get("Content-Type") == "":
	case err != nil:
		return d, nil, newProblem(http.StatusUnsupportedMediaType, codeUsage, "the Content-Type cannot be read: "+err.Error())
	case kind == typeCSV, kind == "text/plain", kind == "application/csv", kind == "application/octet-stream",
		kind == "application/gzip", kind == "application/zstd", kind == "application/x-www-form-urlencoded" && r.ContentLength == 0:
	default:
		return d, nil, newProblem(http.StatusUnsupportedMediaType, codeUsage,
			fmt.Sprintf("the Content-Type is %q, want %s, %s, %s or %s", kind, typeCSV, typeJSON, typeArrowStream, typeArrowFile))
	}
	if d.data, release, err = s.read(w, r, s.Body); err != nil {
		return d, nil, err
	}
	switch begins := arrowBegins(d.data); {
	case bytes.HasPrefix(d.data, []byte("PAR1")): // of which a page may unpack to anything
		err = newProblem(http.StatusUnsupportedMediaType, codeUsage, "the body is Parquet; send it as Arrow or CSV")
	case begins != "" && d.kind != typeJSON:
		d.kind = begins
	case d.kind == typeArrowStream || d.kind == typeArrowFile:
		if len(d.data) > 0 {
			err = newProblem(http.StatusBadRequest, codeUsage, "the body is said to be Arrow IPC, and does not begin as such")
		}
	case d.kind == typeCSV && bytes.Count(d.data, []byte("\n")) > s.Rows:
		err = tooManyRows(s.Rows)
	}
	if err != nil {
		release()
		return d, nil, err
	}
	return d, release, nil
}

// arrowBegins returns the type of Arrow IPC that data begin as, "" for others.
func arrowBegins(data []byte) string {
	switch {
	case bytes.HasPrefix(data, []byte("ARROW1")):
		return typeArrowFile
	case bytes.HasPrefix(data, []byte{0xff, 0xff, 0xff, 0xff}): // and the length of the schema
		return typeArrowStream
	}
	return ""
}

func tooManyRows(most int) *Problem {
	return newProblem(http.StatusRequestEntityTooLarge, codeTooLarge, fmt.Sprintf("the table has more than %d rows; send fewer", most))
}
