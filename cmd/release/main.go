// Command release builds what a release consists of, and needs nothing but Go: static binaries
// of six systems with man pages and completion, packed; checksums; a bill of materials; and
// packages of Debian and of RPM by nfpm, which Go gets.
//
//	go run ./cmd/release -version 1.2.3 -o dist
//	go run ./cmd/release -version 1.2.3 -check
//
// The same sources, version and Go give the same bytes: -check builds the binary of this system
// a second time, from a copy of the sources elsewhere and without any cache, and compares.
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

func main() {
	version := flag.String("version", "", "version of the release, such as 1.2.3")
	out := flag.String("o", "dist", "directory to write")
	only := flag.String("systems", "", "systems to build, such as linux/amd64,windows/arm64 (default all six)")
	check := flag.Bool("check", false, "build the binary of this system twice and compare, and write nothing")
	packages := flag.Bool("packages", true, "packages of Debian and RPM, too")
	flag.Parse()
	if err := run(*version, *out, *only, *check, *packages); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

// A system is what a binary is built for.
type system struct{ os, arch string }

func (s system) String() string { return s.os + "/" + s.arch }

// binary is the name of the system's binary.
func (s system) binary() string {
	if s.os == "windows" {
		return "tsgen.exe"
	}
	return "tsgen"
}

func systems() []system {
	return []system{{"linux", "amd64"}, {"linux", "arm64"}, {"darwin", "amd64"}, {"darwin", "arm64"}, {"windows", "amd64"}, {"windows", "arm64"}}
}

var versions = regexp.MustCompile(`^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.]+)?$`)

func run(version, out, only string, check, packages bool) error {
	if !versions.MatchString(version) {
		return fmt.Errorf("-version is %q, want one such as 1.2.3 or 1.2.3-rc.1", version)
	}
	if check {
		return reproduce(version)
	}
	wanted := systems()
	if only != "" {
		names := strings.Split(only, ",")
		wanted = slices.DeleteFunc(wanted, func(s system) bool { return !slices.Contains(names, s.String()) })
		if len(wanted) != len(names) {
			return fmt.Errorf("-systems is %q, want some of %v", only, systems())
		}
	}
	bin := filepath.Join(out, "bin")
	if err := os.MkdirAll(bin, 0o755); err != nil {
		return err
	}
	extras, err := documents(version)
	if err != nil {
		return err
	}
	var made []string
	for _, s := range wanted {
		path := filepath.Join(bin, fmt.Sprintf("tsgen_%s_%s%s", s.os, s.arch, filepath.Ext(s.binary())))
		if err := build(".", version, s, path); err != nil {
			return err
		}
		archive, err := pack(out, version, s, path, extras)
		if err != nil {
			return err
		}
		fmt.Println(archive)
		made = append(made, archive)
		bill := filepath.Join(out, fmt.Sprintf("tsgen_%s_%s_%s.cdx.json", version, s.os, s.arch))
		if err := writeBill(bill, version, path); err != nil {
			return err
		}
		made = append(made, bill)
		if packages && s.os == "linux" {
			some, err := linuxPackages(out, version, s, path, extras)
			if err != nil {
				return err
			}
			made = append(made, some...)
		}
	}
	return checksums(filepath.Join(out, "SHA256SUMS"), made)
}

// build builds the binary of a system from the module in dir.
func build(dir, version string, s system, to string, env ...string) error {
	to, err := filepath.Abs(to)
	if err != nil {
		return err
	}
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid= -X tsgen/internal/command.built="+version, "-o", to, "./cmd/tsgen")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), append([]string{"GOOS=" + s.os, "GOARCH=" + s.arch, "CGO_ENABLED=0", "GOFLAGS="}, env...)...)
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("building for %s: %w", s, err)
	}
	return nil
}

// digest returns the SHA-256 sum of a file.
func digest(path string) (string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:]), nil
}

// checksums writes the sums of files, as sha256sum -c reads them.
func checksums(path string, files []string) error {
	var b strings.Builder
	slices.Sort(files)
	for _, f := range files {
		sum, err := digest(f)
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "%s  %s\n", sum, filepath.Base(f))
	}
	return os.WriteFile(path, []byte(b.String()), 0o644)
}

// reproduce builds the binary of this system here, and from a copy elsewhere without a cache.
func reproduce(version string) error {
	dir, err := os.MkdirTemp("", "tsgen-release")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	here := system{runtime.GOOS, runtime.GOARCH}
	copied := filepath.Join(dir, "elsewhere")
	for _, part := range []string{"go.mod", "go.sum"} {
		if err := os.MkdirAll(copied, 0o755); err != nil {
			return err
		}
		data, err := os.ReadFile(part)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(copied, part), data, 0o644); err != nil {
			return err
		}
	}
	entries, err := os.ReadDir(".")
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") && e.Name() != "dist" {
			if err := os.CopyFS(filepath.Join(copied, e.Name()), os.DirFS(e.Name())); err != nil {
				return err
			}
		}
	}
	first, second := filepath.Join(dir, "first"), filepath.Join(dir, "second")
	if err := build(".", version, here, first); err != nil {
		return err
	}
	if err := build(copied, version, here, second, "GOCACHE="+filepath.Join(dir, "cache")); err != nil {
		return err
	}
	a, err := digest(first)
	if err != nil {
		return err
	}
	b, err := digest(second)
	if err != nil {
		return err
	}
	if a != b {
		return errors.New("two builds of the same sources differ: " + a + " and " + b)
	}
	fmt.Printf("two builds of %s are the same: %s\n", here, a)
	return nil
}
