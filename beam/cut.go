package beamtsgen

import (
	"encoding/binary"
	"maps"
	"slices"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/mtime"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
	"github.com/klauspost/compress/zstd"

	"tsgen/internal/shards"
)

func init() {
	register.DoFn4x0[beam.EventTime, string, Block, func(beam.EventTime, int64, []byte)](&cutFn{})
	register.Emitter3[beam.EventTime, int64, []byte]()
	register.Iter1[[]byte]()
}

// cut brings the rows of each shard together, in packs of blocks.
func cut(s beam.Scope, rows beam.PCollection, shards int) beam.PCollection {
	return beam.ParDo(s, &cutFn{Shards: shards}, rows)
}

// mostCut is how many bytes of blocks a worker holds before it packs them.
const mostCut = 16 << 20

// cutFn gives each series to a shard. A runner copies what it shuffles several times, so that the blocks
// of a shard go in few compressed packs: blocks of many series have more in common than the rows of one.
type cutFn struct {
	Shards int

	held map[int64][]byte // blocks of a shard, each after its length
	size int
	time beam.EventTime // the least of what is held
	zip  *zstd.Encoder
}

// Setup makes what all bundles use.
func (f *cutFn) Setup() (err error) {
	f.zip, err = zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	return err
}

// StartBundle forgets what a bundle that failed has left.
func (f *cutFn) StartBundle(func(beam.EventTime, int64, []byte)) {
	f.held, f.size, f.time = make(map[int64][]byte), 0, mtime.MaxTimestamp
}

// ProcessElement gives the rows to their series' shard.
func (f *cutFn) ProcessElement(time beam.EventTime, key string, rows Block, emit func(beam.EventTime, int64, []byte)) {
	block := encodeBlock(rows)
	to := int64(shards.Of(key, f.Shards))
	f.held[to] = append(binary.AppendUvarint(f.held[to], uint64(len(block))), block...)
	f.time = min(f.time, time)
	if f.size += len(block); f.size >= mostCut {
		f.FinishBundle(emit)
	}
}

// FinishBundle passes on what is held, with the time of its rows: what a bundle ends with has else the
// time 0, at which prism takes a side input for whole before it has come.
func (f *cutFn) FinishBundle(emit func(beam.EventTime, int64, []byte)) {
	for _, to := range slices.Sorted(maps.Keys(f.held)) {
		emit(f.time, to, f.zip.EncodeAll(f.held[to], nil))
	}
	f.StartBundle(emit)
}

// unpack calls do with the blocks of packs.
func unpack(next func(*[]byte) bool, do func(*Block)) error {
	unzip, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return err
	}
	defer unzip.Close()
	var blocks []byte
	for pack := ([]byte)(nil); next(&pack); pack = nil {
		if blocks, err = unzip.DecodeAll(pack, blocks[:0]); err != nil {
			return err
		}
		for rest := blocks; len(rest) > 0; {
			size, n := binary.Uvarint(rest)
			if n <= 0 || size > uint64(len(rest)-n) {
				return errBlock
			}
			block, err := decodeBlock(rest[n : n+int(size)])
			if err != nil {
				return err
			}
			do(&block)
			rest = rest[n+int(size):]
		}
	}
	return nil
}
