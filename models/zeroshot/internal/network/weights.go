package network

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
)

// WriteWeights writes weights as float32, little-endian.
func WriteWeights(w io.Writer, values []float64) error {
	b := make([]byte, 0, 4*len(values))
	for _, v := range values {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(v)))
	}
	_, err := w.Write(b)
	return err
}

// SetWeights sets the weights to those that WriteWeights wrote. It fails if they are not
// as many as the network has, or not finite.
func (n *Network) SetWeights(b []byte) error {
	if len(b) != 4*len(n.Params.Values) {
		return fmt.Errorf("network: %d bytes of weights, want %d", len(b), 4*len(n.Params.Values))
	}
	for i := range n.Params.Values {
		v := float64(math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:])))
		if math.IsNaN(v - v) {
			return fmt.Errorf("network: weight %d is %v", i, v)
		}
		n.Params.Values[i] = v
	}
	return nil
}
