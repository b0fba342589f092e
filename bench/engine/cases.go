package main

// A measured is one line of the table: the name that bench/peers/engine.py gives it, the
// folder of the Go benchmarks, and their names in float64 and float32. PATH stands for the
// kernel's path.
type measured struct {
	name, dir string
	benchmark [2]string
}

// widths are those of our benchmarks, in this order.
var widths = [2]string{"float64", "float32"}

var table = []measured{
	product("NN 32x64x64"), product("NT 32x64x64"), product("TN 32x64x64"),
	product("NN 128x20x20"), product("NT 128x20x20"), product("TN 128x20x20"),
	product("NN 128x256x256"), product("NT 128x256x256"), product("TN 128x256x256"),
	product("NN 512x512x512"), product("NT 512x512x512"), product("TN 512x512x512"),
	elements("exp", "Exp"), elements("tanh", "Tanh"), elements("sigmoid", "Sigmoid"),
	layer("MLP 4-20-20-4", "MLP", "/4-20-20-4"), layer("MLP 4-64-64-4", "MLP", "/4-64-64-4"), layer("GRU step", "GRUStep", ""),
	step("VRNN series", "vrnn/series"), step("VRNN chorales", "vrnn/chorales"),
	step("SRNN series", "srnn/series"), step("SRNN chorales", "srnn/chorales"),
}

// product returns the case of a product of some kind and size.
func product(of string) measured {
	kind, size := of[:2], of[3:]
	name := "/" + kind + "/" + size + "/PATH"
	return measured{"product " + of, "internal/kernel", [2]string{"Product" + name, "ProductSingle" + name}}
}

// elements returns the case of a function that the peers call by the first name.
func elements(name, benchmark string) measured {
	return measured{name + " of 10000", "internal/kernel", [2]string{"Elements/" + benchmark + "/PATH", "ElementsSingle/" + benchmark + "/PATH"}}
}

func layer(name, benchmark, size string) measured {
	return measured{name, "internal/ad", [2]string{benchmark + size, benchmark + "Single" + size}}
}

func step(name, benchmark string) measured {
	return measured{name, "rnn", [2]string{"Update/" + benchmark + "/" + widths[0], "Update/" + benchmark + "/" + widths[1]}}
}
