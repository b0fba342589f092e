package serve

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"runtime/metrics"
	"slices"
	"strings"
	"sync"
	"time"
)

// buckets are the upper bounds of durations in the histograms, in seconds.
var buckets = [...]float64{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60}

// A meter counts requests, in the text format of Prometheus.
type meter struct {
	mu     sync.Mutex
	status map[[2]string]uint64 // by route and status
	took   map[string]*histogram
}

// A histogram is that of the durations of a route.
type histogram struct {
	count [len(buckets) + 1]uint64
	sum   float64
}

func newMeter() *meter {
	return &meter{status: make(map[[2]string]uint64), took: make(map[string]*histogram)}
}

// count counts a request. route is a pattern, of which there are few.
func (m *meter) count(route string, status int, took time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.status[[2]string{route, fmt.Sprint(status)}]++
	h := m.took[route]
	if h == nil {
		h = &histogram{}
		m.took[route] = h
	}
	s := took.Seconds()
	i, _ := slices.BinarySearch(buckets[:], s)
	h.count[i]++
	h.sum += s
}

// write writes what was counted.
func (m *meter) write(w io.Writer) {
	m.mu.Lock()
	defer m.mu.Unlock()
	fmt.Fprint(w, "# HELP tsgen_requests_total Requests by route and status.\n# TYPE tsgen_requests_total counter\n")
	keys := slices.SortedFunc(maps.Keys(m.status), func(a, b [2]string) int { return strings.Compare(a[0]+a[1], b[0]+b[1]) })
	for _, k := range keys {
		fmt.Fprintf(w, "tsgen_requests_total{route=%q,status=%q} %d\n", k[0], k[1], m.status[k])
	}
	fmt.Fprint(w, "# HELP tsgen_request_seconds Time from the arrival of a request to the end of its answer.\n# TYPE tsgen_request_seconds histogram\n")
	for _, route := range slices.Sorted(maps.Keys(m.took)) {
		h := m.took[route]
		sum := uint64(0)
		for i, bound := range buckets {
			sum += h.count[i]
			fmt.Fprintf(w, "tsgen_request_seconds_bucket{route=%q,le=\"%g\"} %d\n", route, bound, sum)
		}
		sum += h.count[len(buckets)]
		fmt.Fprintf(w, "tsgen_request_seconds_bucket{route=%q,le=\"+Inf\"} %d\n", route, sum)
		fmt.Fprintf(w, "tsgen_request_seconds_sum{route=%q} %g\ntsgen_request_seconds_count{route=%q} %d\n", route, h.sum, route, sum)
	}
}

// metrics answers with the state of the service in the text format of Prometheus.
func (s *Server) metrics(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	s.meter.write(w)
	gauge := func(name, help string, v any) {
		fmt.Fprintf(w, "# HELP %s %s\n# TYPE %s gauge\n%s %v\n", name, help, name, name, v)
	}
	gauge("tsgen_questions_running", "Questions that are being answered.", s.questions.running())
	gauge("tsgen_questions_waiting", "Questions that wait.", s.questions.waiting.Load())
	gauge("tsgen_body_bytes", "Bytes of the bodies that are held.", s.memory.held.Load())
	gauge("tsgen_models_loaded", "Models that are held ready.", s.models.held())
	fmt.Fprint(w, "# HELP tsgen_jobs Fits by state.\n# TYPE tsgen_jobs gauge\n")
	status := s.jobs.status()
	for _, state := range slices.Sorted(maps.Keys(status)) {
		fmt.Fprintf(w, "tsgen_jobs{state=%q} %d\n", state, status[state])
	}
	samples := []metrics.Sample{{Name: "/sched/goroutines:goroutines"}, {Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/total:bytes"}}
	metrics.Read(samples)
	gauge("go_goroutines", "Goroutines.", samples[0].Value.Uint64())
	gauge("go_memstats_heap_alloc_bytes", "Bytes of objects of the heap.", samples[1].Value.Uint64())
	gauge("go_memstats_sys_bytes", "Bytes that the program has from the system.", samples[2].Value.Uint64())
	gauge("process_start_time_seconds", "Start of the service, in seconds since 1970.", s.started.Unix())
}
