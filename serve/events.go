package serve

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// heartbeat is the time after which a comment tells that the stream is alive.
const heartbeat = 15 * time.Second

type eventsQuestion struct {
	JobQuestion
	Last string `header:"Last-Event-ID" doc:"event after which to go on"`
}

// stream writes the events of a job until it is over or the client is gone.
func (s *Server) stream(ctx huma.Context, j *job, last string) {
	r, w := humago.Unwrap(ctx)
	id := -1
	if n, err := strconv.Atoi(last); err == nil {
		id = n
	}
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	control := http.NewResponseController(w)
	alive := time.NewTicker(heartbeat)
	defer alive.Stop()
	for {
		events, over, more := j.after(id)
		_ = control.SetWriteDeadline(time.Now().Add(heartbeat))
		for _, e := range events {
			id = e.id
			if _, err := fmt.Fprintf(w, "id: %d\nevent: %s\ndata: %s\n\n", e.id, e.kind, e.data); err != nil {
				return
			}
		}
		if control.Flush() != nil || over {
			return
		}
		select {
		case <-more:
		case <-alive.C:
			if _, err := fmt.Fprint(w, ": alive\n\n"); err != nil {
				return
			}
		case <-r.Context().Done():
			return
		}
	}
}
