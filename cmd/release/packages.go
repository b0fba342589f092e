package main

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// nfpm makes the packages; it is a module of its own, so that go.mod does not carry its modules.
const nfpm = "github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.43.4"

// linuxPackages writes the packages of Debian and of RPM for a system, with the man pages and the
// completion of the documents.
func linuxPackages(out, version string, s system, binary string, extras map[string][]byte) (made []string, err error) {
	dir, err := os.MkdirTemp("", "nfpm")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	var contents strings.Builder
	add := func(from, to, mode string) {
		fmt.Fprintf(&contents, "  - {src: %q, dst: %s, file_info: {mode: %s, mtime: 1980-01-01T00:00:00Z}}\n", filepath.ToSlash(from), to, mode)
	}
	add(binary, "/usr/bin/tsgen", "0755")
	for i, name := range slices.Sorted(maps.Keys(extras)) {
		to := installed(name)
		if to == "" {
			continue
		}
		from := filepath.Join(dir, strconv.Itoa(i))
		if err := os.WriteFile(from, extras[name], 0o644); err != nil {
			return nil, err
		}
		add(from, to, "0644")
	}
	config := fmt.Sprintf(`name: tsgen
arch: %s
platform: linux
version: %s
maintainer: the authors of tsgen
description: Generative models of time series
license: BSD-3-Clause
mtime: 1980-01-01T00:00:00Z
contents:
%s`, s.arch, version, contents.String())
	said := filepath.Join(dir, "nfpm.yaml")
	if err := os.WriteFile(said, []byte(config), 0o644); err != nil {
		return nil, err
	}
	for _, kind := range []string{"deb", "rpm"} {
		path := filepath.Join(out, fmt.Sprintf("tsgen_%s_%s.%s", version, s.arch, kind))
		cmd := exec.Command("go", "run", nfpm, "package", "--config", said, "--packager", kind, "--target", path)
		cmd.Env = append(os.Environ(), "SOURCE_DATE_EPOCH=315532800")
		if output, err := cmd.CombinedOutput(); err != nil {
			return made, fmt.Errorf("packages of %s: %s: %w: %s; -packages=false leaves them out", s, kind, err, strings.TrimSpace(string(output)))
		}
		fmt.Println(path)
		made = append(made, path)
	}
	return made, nil
}

// installed returns where a document belongs on a Linux, "" for those that stay out.
func installed(name string) string {
	switch dir, base := path.Split(name); {
	case name == "LICENSE":
		return "/usr/share/doc/tsgen/copyright"
	case dir == "man/man1/":
		return "/usr/share/" + name
	case base == "tsgen.bash":
		return "/usr/share/bash-completion/completions/tsgen"
	case base == "tsgen.zsh":
		return "/usr/share/zsh/site-functions/_tsgen"
	case base == "tsgen.fish":
		return "/usr/share/fish/vendor_completions.d/tsgen.fish"
	}
	return ""
}
