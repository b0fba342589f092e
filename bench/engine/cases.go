package main

// A measured is one line of the table: the name that bench/peers/engine.py
// gives it and the Go benchmark. In the benchmark's name, PATH stands for the
// kernel's path.
type measured struct{ name, benchmark string }

var table = []measured{
	{"product NN 32x64x64", "Product/NN/32x64x64/PATH"},
	{"product NT 32x64x64", "Product/NT/32x64x64/PATH"},
	{"product TN 32x64x64", "Product/TN/32x64x64/PATH"},
	{"product NN 128x20x20", "Product/NN/128x20x20/PATH"},
	{"product NT 128x20x20", "Product/NT/128x20x20/PATH"},
	{"product TN 128x20x20", "Product/TN/128x20x20/PATH"},
	{"product NN 128x256x256", "Product/NN/128x256x256/PATH"},
	{"product NT 128x256x256", "Product/NT/128x256x256/PATH"},
	{"product TN 128x256x256", "Product/TN/128x256x256/PATH"},
	{"exp of 10000", "Elements/Exp/PATH"},
	{"tanh of 10000", "Elements/Tanh/PATH"},
	{"sigmoid of 10000", "Elements/Sigmoid/PATH"},
	{"MLP 4-20-20-4", "MLP/4-20-20-4"},
	{"MLP 4-64-64-4", "MLP/4-64-64-4"},
	{"GRU step", "GRUStep"},
	{"VRNN series", "VRNN/series/shards=1"},
	{"VRNN chorales", "VRNN/chorales/shards=1"},
}

// suites are the packages whose benchmarks are run, with what is run of them.
var suites = []struct{ dir, pattern string }{
	{"internal/kernel", "^BenchmarkProduct$/./^(32x64x64|128x20x20|128x256x256)$/^PATH$"},
	{"internal/kernel", "^BenchmarkElements$/^(Exp|Tanh|Sigmoid)$/^PATH$"},
	{"internal/ad", "^Benchmark(MLP|GRUStep)$"},
	{"internal/nn", "^BenchmarkVRNN$/^(series|chorales)$/^shards=1$"},
}
