package modelfile

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"math"
	"slices"
	"strings"

	"tsgen/internal/safetensors"
)

// unsealed stands for the digest in what it is computed of: the whole file, its header and
// its data, with these digits in the digest's place.
var unsealed = strings.Repeat("0", 2*sha256.Size)

// digestMark comes before the digest in the header. Within the texts of the metadata a quotation
// mark has a backslash before it, so that it occurs once.
var digestMark = []byte(`"` + keyDigest + `":"`)

// seal writes metadata and tensors with their digest.
func seal(w io.Writer, metadata map[string]string, tensors []safetensors.Tensor) error {
	metadata[keyDigest] = unsealed
	head, err := safetensors.Head(metadata, tensors)
	if err != nil {
		return err
	}
	h := sha256.New()
	if err := safetensors.WriteAfter(h, head, tensors); err != nil {
		return err
	}
	copy(head[bytes.Index(head, digestMark)+len(digestMark):], hex.EncodeToString(h.Sum(nil)))
	return safetensors.WriteAfter(w, head, tensors)
}

// A verifier computes the digest of a file as it is read.
type verifier struct {
	io.Reader
	hash   hash.Hash
	digest string // the one in the header, empty if there is none
}

// newVerifier returns a reader of r that computes its digest. An error of r that is met in the
// header is met again by who reads.
func newVerifier(r io.Reader) *verifier {
	v := &verifier{hash: sha256.New()}
	var head bytes.Buffer
	_, err := io.CopyN(&head, r, 8)
	if n := binary.LittleEndian.Uint64(append(head.Bytes(), make([]byte, 8)...)); err == nil && n <= safetensors.MaxHeader {
		_, err = io.CopyN(&head, r, int64(n))
	}
	rest := r
	if err != nil && err != io.EOF {
		rest = failing{err}
	}
	covered := head.Bytes()
	if at := bytes.Index(covered, digestMark); at >= 0 {
		if at += len(digestMark); at+len(unsealed) <= len(covered) {
			v.digest = string(covered[at : at+len(unsealed)])
			covered = bytes.Clone(covered)
			copy(covered[at:], unsealed)
		}
	}
	v.hash.Write(covered)
	v.Reader = io.MultiReader(&head, io.TeeReader(rest, v.hash))
	return v
}

// check says whether the file, which has been read to its end, is as it was written.
func (v *verifier) check() error {
	if v.digest != hex.EncodeToString(v.hash.Sum(nil)) {
		return fmt.Errorf("%w: its digest is not that of what it holds", ErrDamaged)
	}
	return nil
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// sum returns the SHA-256 sum of the data of the tensors, as they lie in a file, by which a file
// of format 1 is checked.
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
