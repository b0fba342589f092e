package main

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/spf13/cobra/doc"

	"tsgen/internal/command"
)

// moment is that of all files of an archive, so that the same files make the same archive.
func moment() time.Time { return time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC) }

// documents returns what stands beside the binary in an archive, by its name there: licence,
// README, man pages, and completion, which the binary of this system writes.
func documents(version string) (map[string][]byte, error) {
	dir, err := os.MkdirTemp("", "tsgen-documents")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	here := system{runtime.GOOS, runtime.GOARCH}
	own := filepath.Join(dir, here.binary())
	if err := build(".", version, here, own); err != nil {
		return nil, err
	}
	files := make(map[string][]byte)
	for _, name := range []string{"LICENSE", "README.md", "CHANGELOG.md"} {
		if files[name], err = os.ReadFile(name); err != nil {
			return nil, err
		}
	}
	if err := manual(files); err != nil {
		return nil, fmt.Errorf("man pages: %w", err)
	}
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if files["completion/tsgen."+shell], err = exec.Command(own, "completion", shell).Output(); err != nil {
			return nil, fmt.Errorf("completion of %s: %w", shell, err)
		}
	}
	return files, nil
}

// manual adds the man pages, of moment.
func manual(files map[string][]byte) error {
	dir, err := os.MkdirTemp("", "tsgen-manual")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	date := moment()
	if err := doc.GenManTree(command.Documented(), &doc.GenManHeader{Title: "TSGEN", Section: "1", Source: "tsgen", Manual: "tsgen", Date: &date}, dir); err != nil {
		return err
	}
	pages, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, p := range pages {
		if files["man/man1/"+p.Name()], err = os.ReadFile(filepath.Join(dir, p.Name())); err != nil {
			return err
		}
	}
	return nil
}

// pack writes the archive of a system: a zip for Windows, else a tar packed by gzip.
func pack(out, version string, s system, binary string, extras map[string][]byte) (string, error) {
	name := fmt.Sprintf("tsgen_%s_%s_%s", version, s.os, s.arch)
	files := maps.Clone(extras)
	var err error
	if files[s.binary()], err = os.ReadFile(binary); err != nil {
		return "", err
	}
	path, write := filepath.Join(out, name+".tar.gz"), writeTar
	if s.os == "windows" {
		path, write = filepath.Join(out, name+".zip"), writeZip
	}
	f, err := os.Create(path)
	if err != nil {
		return "", err
	}
	if err := write(f, name, s.binary(), files); err != nil {
		f.Close()
		return "", err
	}
	return path, f.Close()
}

// mode returns the permissions of a file of an archive whose binary has the given name.
func mode(name, binary string) os.FileMode {
	if name == binary {
		return 0o755
	}
	return 0o644
}

func writeTar(w io.Writer, dir, binary string, files map[string][]byte) error {
	packed := gzip.NewWriter(w)
	t := tar.NewWriter(packed)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		header := &tar.Header{Name: dir + "/" + name, Mode: int64(mode(name, binary)), Size: int64(len(files[name])), ModTime: moment(), Format: tar.FormatUSTAR}
		if err := t.WriteHeader(header); err != nil {
			return err
		}
		if _, err := t.Write(files[name]); err != nil {
			return err
		}
	}
	if err := t.Close(); err != nil {
		return err
	}
	return packed.Close()
}

func writeZip(w io.Writer, dir, binary string, files map[string][]byte) error {
	z := zip.NewWriter(w)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		header := &zip.FileHeader{Name: dir + "/" + name, Method: zip.Deflate, Modified: moment()}
		header.SetMode(mode(name, binary))
		part, err := z.CreateHeader(header)
		if err != nil {
			return err
		}
		if _, err := part.Write(files[name]); err != nil {
			return err
		}
	}
	return z.Close()
}
