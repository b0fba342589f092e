// Package neighbour disturbs measurements as other programs on a machine do: by a process
// that copies memory as fast as it can, and with that takes what the cores share, caches and
// bandwidth.
package neighbour

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Start starts the process, if one is wanted, from the root of the repository, and returns
// the function that ends it.
func Start(wanted bool) (stop func(), err error) {
	if !wanted {
		return func() {}, nil
	}
	folder, err := os.MkdirTemp("", "neighbour")
	if err != nil {
		return nil, err
	}
	binary := filepath.Join(folder, "stream")
	if out, err := exec.Command("go", "build", "-o", binary, "./bench/internal/neighbour/stream").CombinedOutput(); err != nil {
		os.RemoveAll(folder)
		return nil, fmt.Errorf("compiling the neighbour: %w\n%s", err, out)
	}
	cmd := exec.Command(binary)
	in, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		os.RemoveAll(folder)
		return nil, fmt.Errorf("the neighbour: %w", err)
	}
	return func() {
		in.Close()
		cmd.Wait() //nolint:errcheck // it is of no use any more
		os.RemoveAll(folder)
	}, nil
}
