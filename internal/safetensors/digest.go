package safetensors

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
)

// DigestKey is the key of the metadata that holds the digest of a sealed file: the
// SHA-256 sum, in hexadecimal, of the whole file with zeros in the place of the
// digits. It is the first thing in the header, so that the digits stand at byte
// 35 to 98.
const DigestKey = "digest"

// ErrDigest is the error of a sealed file whose bytes are not those that were sealed.
var ErrDigest = errors.New("its bytes do not have the digest that the file says")

const (
	sealStart   = `{"` + metadataKey + `":{"` + DigestKey + `":"`
	digestFrom  = 8 + len(sealStart)
	digestSize  = 2 * sha256.Size
	digestAfter = digestFrom + digestSize
)

// noDigest stands in the place of a digest while it is computed.
var noDigest = bytes.Repeat([]byte{'0'}, digestSize)

// isSealed reports whether a file that starts so has a digest.
func isSealed(start []byte) bool {
	return len(start) >= digestAfter && string(start[8:digestFrom]) == sealStart
}

// Seal sets the digest of a sealed file to that of its bytes, for programs that have
// edited them. It reports false if the file is not a sealed one.
func Seal(file []byte) bool {
	if !isSealed(file) {
		return false
	}
	copy(file[digestFrom:digestAfter], noDigest)
	sum := sha256.Sum256(file)
	hex.Encode(file[digestFrom:digestAfter], sum[:])
	return true
}

// A verifier computes the digest of what is read through it.
type verifier struct {
	r      io.Reader
	hash   hash.Hash
	start  []byte // of the file, until it is known whether it is sealed
	sealed bool
	said   string
}

// Read implements io.Reader.
func (v *verifier) Read(p []byte) (int, error) {
	n, err := v.r.Read(p)
	switch {
	case v.sealed:
		v.hash.Write(p[:n])
	case len(v.start) < digestAfter:
		v.start = append(v.start, p[:n]...)
		if isSealed(v.start) {
			v.sealed, v.said = true, string(v.start[digestFrom:digestAfter])
			copy(v.start[digestFrom:], noDigest)
			v.hash.Write(v.start)
		}
	}
	return n, err
}

// check reads what is left of the file and says whether the digest is right. There is
// nothing to check in a file that is not sealed.
func (v *verifier) check() error {
	if _, err := io.Copy(io.Discard, v); err != nil {
		return err
	}
	if v.sealed && hex.EncodeToString(v.hash.Sum(nil)) != v.said {
		return ErrDigest
	}
	return nil
}
