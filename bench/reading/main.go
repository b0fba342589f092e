// Command reading measures how fast tables are read, and how much memory it takes: its own
// four, or the files that are named.
//
//	go run ./bench/reading [-rows N] [FILE...]
package main

import (
	"bufio"
	"flag"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"tsgen/internal/clock"
	"tsgen/series"
)

func main() {
	log.SetFlags(0)
	rows := flag.Int("rows", 1_000_000, "`rows` of the tables")
	one := flag.Bool("one", false, "read one file in this process")
	flag.Parse()
	if *one {
		if err := read(flag.Arg(0)); err != nil {
			log.Fatal(err)
		}
		return
	}
	if err := run(flag.Args(), *rows); err != nil {
		log.Fatal(err)
	}
}

// run reads every file in a process of its own.
func run(paths []string, rows int) error {
	if len(paths) == 0 {
		dir, err := os.MkdirTemp("", "reading")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		if paths, err = write(dir, rows); err != nil {
			return err
		}
	}
	fmt.Println("| file | MB | MB/s | memory, MiB | numbers, MiB |\n|---|---|---|---|---|")
	for _, path := range paths {
		child := exec.Command(os.Args[0], "-one", path)
		child.Stdout, child.Stderr = os.Stdout, os.Stderr
		if err := child.Run(); err != nil {
			return err
		}
	}
	return nil
}

// read reads a file and prints its row of the table.
func read(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	before := clock.Processor()
	p, _, err := series.ReadFile(path, series.ReadOptions{})
	if err != nil {
		return err
	}
	spent := clock.Processor() - before
	numbers := 0
	for _, s := range p.Series {
		numbers += len(s.Times) + len(s.Values)
	}
	mb := float64(info.Size()) / 1e6
	fmt.Printf("| %s | %.1f | %.0f | %s | %d |\n", strings.TrimSuffix(filepath.Base(path), ".csv"), mb, mb/spent.Seconds(), peak(), numbers*8>>20)
	return nil
}

// peak returns the largest memory of this process in MiB, where the system tells it.
func peak() string {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return "-"
	}
	for line := range strings.Lines(string(status)) {
		var kib int
		if n, _ := fmt.Sscanf(line, "VmHWM: %d kB", &kib); n == 1 {
			return fmt.Sprint(kib >> 10)
		}
	}
	return "-"
}

// write writes the tables and returns their paths.
func write(dir string, rows int) (paths []string, err error) {
	rnd := rand.New(rand.NewPCG(1, 2))
	start := time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, table := range []struct {
		name, header string
		rows         int
		row          func(w *bufio.Writer, i int)
	}{
		{"long", "id,time,value", rows, func(w *bufio.Writer, i int) {
			fmt.Fprintf(w, "S%d,%s,%.3f\n", i/1000, start.Add(time.Duration(i%1000)*time.Hour).Format(time.DateTime), 100+20*rnd.NormFloat64())
		}},
		{"wide", "date,a,b,c,d,e,f,g,h,i,j", rows / 5, func(w *bufio.Writer, i int) {
			w.WriteString(start.Add(time.Duration(i) * 15 * time.Minute).Format(time.DateTime))
			for range 5 {
				fmt.Fprintf(w, ",%.2f,%v", 10*rnd.NormFloat64(), 10*rnd.NormFloat64())
			}
			w.WriteByte('\n')
		}},
		{"daily", "unique_id,ds,y", rows, func(w *bufio.Writer, i int) {
			fmt.Fprintf(w, "item_%04d,%s,%d\n", i/2000, start.AddDate(0, 0, i%2000).Format(time.DateOnly), rnd.IntN(500))
		}},
		{"epoch", "timestamp,load,temp", rows, func(w *bufio.Writer, i int) {
			fmt.Fprintf(w, "%d,%.1f,%.2f\n", start.Unix()+60*int64(i), 5000+500*rnd.NormFloat64(), 20+5*rnd.NormFloat64())
		}},
	} {
		path := filepath.Join(dir, table.name+".csv")
		f, err := os.Create(path)
		if err != nil {
			return nil, err
		}
		w := bufio.NewWriter(f)
		fmt.Fprintln(w, table.header)
		for i := range table.rows {
			table.row(w, i)
		}
		if err := w.Flush(); err != nil {
			return nil, err
		}
		if err := f.Close(); err != nil {
			return nil, err
		}
		paths = append(paths, path)
	}
	return paths, nil
}
