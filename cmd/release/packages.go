package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// nfpm makes the packages; it is a module of its own, so that go.mod does not carry its modules.
const nfpm = "github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.47.0"

// linuxPackages writes the packages of Debian and of RPM for a system.
func linuxPackages(out, version string, s system, binary string) ([]string, error) {
	config := fmt.Sprintf(`name: tsgen
arch: %s
platform: linux
version: %s
maintainer: the authors of tsgen
description: Generative models of time series
license: BSD-3-Clause
mtime: 1980-01-01T00:00:00Z
contents:
  - src: %s
    dst: /usr/bin/tsgen
    file_info: {mode: 0755, mtime: 1980-01-01T00:00:00Z}
  - src: LICENSE
    dst: /usr/share/doc/tsgen/copyright
    file_info: {mode: 0644, mtime: 1980-01-01T00:00:00Z}
`, s.arch, version, filepath.ToSlash(binary))
	f, err := os.CreateTemp("", "nfpm-*.yaml")
	if err != nil {
		return nil, err
	}
	defer os.Remove(f.Name())
	if _, err := f.WriteString(config); err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	var made []string
	for _, kind := range []string{"deb", "rpm"} {
		path := filepath.Join(out, fmt.Sprintf("tsgen_%s_%s.%s", version, s.arch, kind))
		cmd := exec.Command("go", "run", nfpm, "package", "--config", f.Name(), "--packager", kind, "--target", path)
		cmd.Env = append(os.Environ(), "SOURCE_DATE_EPOCH=315532800")
		if said, err := cmd.CombinedOutput(); err != nil {
			return made, fmt.Errorf("%s: %w: %s", kind, err, strings.TrimSpace(string(said)))
		}
		fmt.Println(path)
		made = append(made, path)
	}
	return made, nil
}
