package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestArchives holds archives to their files, permissions included, and to the same bytes of
// the same files.
func TestArchives(t *testing.T) {
	files := map[string][]byte{"tsgen": []byte("binary"), "LICENSE": []byte("text"), "man/man1/tsgen.1": []byte("page")}
	var first, second bytes.Buffer
	for _, b := range []*bytes.Buffer{&first, &second} {
		if err := writeTar(b, "d", "tsgen", files); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("the same files make two archives")
	}
	unpacked, err := gzip.NewReader(&first)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for r := tar.NewReader(unpacked); ; n++ {
		h, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		data, _ := io.ReadAll(r)
		name := strings.TrimPrefix(h.Name, "d/")
		if string(data) != string(files[name]) || (h.Mode == 0o755) != (name == "tsgen") {
			t.Errorf("%s: %q, mode %o", h.Name, data, h.Mode)
		}
	}
	var zipped bytes.Buffer
	if err := writeZip(&zipped, "d", "tsgen", files); err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(zipped.Bytes()), int64(zipped.Len()))
	if err != nil || len(z.File) != n || n != 3 {
		t.Errorf("%d files in the tar, %v", n, err)
	}
}

// TestBill holds the bill of materials to the modules that a binary of Go says of itself: this
// test's own.
func TestBill(t *testing.T) {
	own, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "bill.json")
	if err := writeBill(path, "1.2.3", own); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var b bill
	if err := json.Unmarshal(data, &b); err != nil {
		t.Fatal(err)
	}
	if b.Format != "CycloneDX" || len(b.Components) == 0 || b.Components[0].Name != "std" || b.Metadata.Component.Version != "1.2.3" || len(b.Serial) != 45 {
		t.Errorf("%s", data)
	}
}

// TestArguments holds the version and the systems to their forms.
func TestArguments(t *testing.T) {
	for _, c := range []struct{ version, only string }{{"", ""}, {"v1", ""}, {"1.2", ""}, {"1.2.3", "plan9/amd64"}} {
		if err := run(c.version, t.TempDir(), c.only, false, false); err == nil {
			t.Errorf("%+v passes", c)
		}
	}
}

// TestManual holds the man pages to those of all verbs, with the flags that the help leaves out, and
// to a date that is always the same.
func TestManual(t *testing.T) {
	files := make(map[string][]byte)
	if err := manual(files); err != nil {
		t.Fatal(err)
	}
	page := string(files["man/man1/tsgen-forecast.1"])
	for _, want := range []string{".SH NAME", "time-layout", `"Jan 1980"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page of forecast lacks %s:\n%.300s", want, page)
		}
	}
	for name := range files {
		if got := installed(name); got != "/usr/share/"+name {
			t.Errorf("packages have %s at %q", name, got)
		}
	}
	if len(files) < 20 {
		t.Errorf("there are %d man pages", len(files))
	}
}
