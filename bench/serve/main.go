// Command serve measures a running "tsgen serve" from another process:
//
//	tsgen serve models/ --log none &
//	go run ./bench/serve -url http://127.0.0.1:8080 -n 20000 -write docs/benchmarks/serve.md
//
// It asks for the forecasts of a model with so many requests in flight, and says how
// long answers took, how many were turned away, and what the service's memory
// and goroutines were before, after a quarter of the requests, and after all. A request that
// finds nobody listening any more is none that was accepted: a service that is ended under load loses
// none if there are no errors.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"text/tabwriter"
	"time"

	"tsgen/bench/internal/report"
)

func main() {
	url := flag.String("url", "http://127.0.0.1:8080", "`address` of the service")
	names := flag.String("models", "ets,latent-ode", "`names` of the models to ask")
	n := flag.Int("n", 2000, "`requests` to each model")
	query := flag.String("query", "horizon=12&samples=100", "`parameters` of the forecasts")
	flight := flag.Int("in-flight", 200, "`requests` at a time")
	document := flag.String("write", "", "`document` whose table to replace")
	flag.Parse()
	r, err := report.New(os.Stdout, *document, "load")
	if err != nil {
		log.Fatal(err)
	}
	err = r.Table("load", func(w io.Writer) error {
		fmt.Fprintln(w, "```")
		t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		fmt.Fprintln(t, "model\tanswers\tstatus 429\terrors\tanswers/s\tp50 ms\tp99 ms\tmemory MB before\tat a quarter\tafter\tgoroutines before\tafter")
		for _, name := range strings.Split(*names, ",") {
			if err := measure(t, *url, name, *query, *n, *flight); err != nil {
				return err
			}
		}
		if err := t.Flush(); err != nil {
			return err
		}
		_, err := fmt.Fprintln(w, "```")
		return err
	})
	if err != nil {
		log.Fatal(err)
	}
}

// measure asks one model and writes a row.
func measure(w io.Writer, url, name, query string, n, flight int) error {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: flight}}
	before, err := state(client, url)
	if err != nil {
		return err
	}
	var mu sync.Mutex
	var took []time.Duration
	var busy, wrong, next atomic.Int64
	var ended atomic.Bool
	quarter := make(chan float64, 1)
	begun := time.Now()
	var wg sync.WaitGroup
	for range flight {
		wg.Go(func() {
			for {
				k := next.Add(1)
				if k > int64(n) || ended.Load() {
					return
				}
				if k == int64(n/4) {
					at, _ := state(client, url) // a service that has ended has none
					quarter <- at[memory]
				}
				for {
					start := time.Now()
					status, err := ask(client, url+"/v1/models/"+name+"/forecast?"+query)
					if errors.Is(err, syscall.ECONNREFUSED) {
						ended.Store(true)
						break
					}
					if status == http.StatusTooManyRequests {
						busy.Add(1)
						time.Sleep(50 * time.Millisecond)
						continue
					}
					if status != http.StatusOK || err != nil {
						wrong.Add(1)
						break
					}
					mu.Lock()
					took = append(took, time.Since(start))
					mu.Unlock()
					break
				}
			}
		})
	}
	wg.Wait()
	all := time.Since(begun)
	client.CloseIdleConnections()
	time.Sleep(time.Second)
	after, err := state(client, url)
	if err != nil && !ended.Load() {
		return err
	}
	if len(took) == 0 {
		return fmt.Errorf("%s: no answer, %d errors", name, wrong.Load())
	}
	slices.Sort(took)
	at := func(p float64) float64 { return took[int(p*float64(len(took)-1))].Seconds() * 1000 }
	middle := before[memory]
	select {
	case middle = <-quarter:
	default: // there were fewer
	}
	_, err = fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%.0f\t%.1f\t%.1f\t%.1f\t%.1f\t%.1f\t%.0f\t%.0f\n", name, len(took), busy.Load(), wrong.Load(), float64(len(took))/all.Seconds(),
		at(0.5), at(0.99), before[memory]/1e6, middle/1e6, after[memory]/1e6, before["go_goroutines"], after["go_goroutines"])
	return err
}

// memory is the gauge of what the service has from the system.
const memory = "go_memstats_sys_bytes"

// ask sends a request and returns the status of the answer, if it comes whole.
func ask(client *http.Client, url string) (int, error) {
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, url, http.NoBody)
	if err != nil {
		return 0, err
	}
	r.Header.Set("Accept", "text/csv")
	response, err := client.Do(r)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return response.StatusCode, err
}

// state returns the gauges of the service.
func state(client *http.Client, url string) (map[string]float64, error) {
	response, err := client.Get(url + "/metrics")
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	gauges := make(map[string]float64)
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		var name string
		var value float64
		if _, err := fmt.Sscan(lines.Text(), &name, &value); err == nil {
			gauges[name] = value
		}
	}
	return gauges, lines.Err()
}
