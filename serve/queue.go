package serve

import (
	"context"
	"fmt"
	"io"
	"sync/atomic"
	"time"
)

// A queue lets some in at a time, has more wait, and turns away the rest.
type queue struct {
	slots   chan struct{}
	waiting atomic.Int64
	most    int64 // that wait
}

func newQueue(slots, most int) *queue {
	return &queue{slots: make(chan struct{}, slots), most: int64(most)}
}

// enter returns when it is the caller's turn, with the function that ends it. The error is a
// *Problem if too many wait, else that of the context.
func (q *queue) enter(ctx context.Context) (leave func(), err error) {
	leave = func() { <-q.slots }
	select {
	case q.slots <- struct{}{}:
		return leave, nil
	default:
	}
	if n := q.waiting.Add(1); n > q.most {
		q.waiting.Add(-1)
		return nil, busy(fmt.Sprintf("%d questions are being answered and %d wait; ask again later", cap(q.slots), q.most), time.Second)
	}
	defer q.waiting.Add(-1)
	select {
	case q.slots <- struct{}{}:
		return leave, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// running returns how many are in.
func (q *queue) running() int { return len(q.slots) }

// A budget bounds the bytes that all requests together hold.
type budget struct {
	held atomic.Int64
	most int64
}

// take reads r to its end, at most most bytes of it, counting them against the budget.
// The caller gives them back by release.
func (b *budget) take(r io.Reader, most int64) (data []byte, release func(), err error) {
	const chunk = 64 << 10
	taken := int64(0)
	release = func() { b.held.Add(-taken) }
	grow := func(n int64) error {
		taken += n
		if b.held.Add(n) > b.most {
			return busy("the requests under way fill the memory that the service may use; ask again later", 2*time.Second)
		}
		return nil
	}
	for {
		if len(data) == cap(data) {
			more := int64(max(chunk, cap(data)))
			if err := grow(more); err != nil {
				release()
				return nil, nil, err
			}
			data = append(make([]byte, 0, int64(cap(data))+more), data...)
		}
		n, err := r.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		if int64(len(data)) > most {
			release()
			return nil, nil, errTooLarge
		}
		if err == io.EOF {
			return data, release, nil
		}
		if err != nil {
			release()
			return nil, nil, err
		}
	}
}
