package zeroshot

import (
	_ "embed"
	"math/rand/v2"
	"sync"

	"tsgen/models/zeroshot/internal/network"
)

//go:embed weights.bin
var weights []byte

// pretrained returns the network with its weights.
var pretrained = sync.OnceValue(func() *network.Network {
	n := network.New(rand.New(rand.NewPCG(0, 0)))
	if err := n.SetWeights(weights); err != nil {
		panic(err) // the file belongs to the program
	}
	return n
})
