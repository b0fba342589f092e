package main

// A measured is one line of the table: the name that bench/peers/engine.py
// gives it, and the folder and name of the Go benchmark. In the benchmark's
// name, PATH stands for the kernel's path.
type measured struct{ name, dir, benchmark string }

var table = []measured{
	{"product NN 32x64x64", "internal/kernel", "Product/NN/32x64x64/PATH"},
	{"product NT 32x64x64", "internal/kernel", "Product/NT/32x64x64/PATH"},
	{"product TN 32x64x64", "internal/kernel", "Product/TN/32x64x64/PATH"},
	{"product NN 128x20x20", "internal/kernel", "Product/NN/128x20x20/PATH"},
	{"product NT 128x20x20", "internal/kernel", "Product/NT/128x20x20/PATH"},
	{"product TN 128x20x20", "internal/kernel", "Product/TN/128x20x20/PATH"},
	{"product NN 128x256x256", "internal/kernel", "Product/NN/128x256x256/PATH"},
	{"product NT 128x256x256", "internal/kernel", "Product/NT/128x256x256/PATH"},
	{"product TN 128x256x256", "internal/kernel", "Product/TN/128x256x256/PATH"},
	{"exp of 10000", "internal/kernel", "Elements/Exp/PATH"},
	{"tanh of 10000", "internal/kernel", "Elements/Tanh/PATH"},
	{"sigmoid of 10000", "internal/kernel", "Elements/Sigmoid/PATH"},
	{"MLP 4-20-20-4", "internal/ad", "MLP/4-20-20-4"},
	{"MLP 4-64-64-4", "internal/ad", "MLP/4-64-64-4"},
	{"GRU step", "internal/ad", "GRUStep"},
	{"VRNN series", "internal/nn", "VRNN/series/shards=1"},
	{"VRNN chorales", "internal/nn", "VRNN/chorales/shards=1"},
	{"SRNN series", "internal/nn", "SRNN/series/shards=1"},
	{"SRNN chorales", "internal/nn", "SRNN/chorales/shards=1"},
}
