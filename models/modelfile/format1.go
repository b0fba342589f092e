package modelfile

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"slices"

	"tsgen/internal/safetensors"
)

// sum returns the SHA-256 sum of the data of the tensors, as they lie in a
// file, which files of format 1 have in place of a digest.
func sum(tensors []safetensors.Tensor) string {
	h := sha256.New()
	buf := make([]byte, 0, 1<<13)
	for _, t := range tensors {
		for chunk := range slices.Chunk(t.Data, cap(buf)/8) {
			buf = buf[:0]
			for _, v := range chunk {
				buf = binary.LittleEndian.AppendUint64(buf, math.Float64bits(v))
			}
			h.Write(buf)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}
