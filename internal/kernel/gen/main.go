// Command gen writes the assembly of package kernel, for AVX2 with FMA and for
// AVX-512, from one description of each kernel. It is run by go generate in
// the kernel's folder.
//
// Every kernel follows its Go twin operation by operation; the twin's comments
// explain the method, the comments here only what is special to vectors.
package main

import (
	"log"

	. "github.com/mmcloughlin/avo/build"
)

func main() {
	if err := readConstants("../coef.go"); err != nil {
		log.Fatal(err)
	}
	ConstraintExpr("amd64,!noasm")
	for _, s := range []set{{name: "AVX2", width: 4, size: 8}, {name: "AVX512", width: 8, size: 8}} {
		s.elementwise()
		s.functions()
		s.reductions()
		s.gates()
		s.adam()
		s.products()
		s.conversions()
	}
	for _, s := range []set{{name: "SingleAVX2", width: 8, size: 4}, {name: "SingleAVX512", width: 16, size: 4}} {
		s.elementwise()
		s.functions()
		s.reductions()
		s.gates()
		s.products()
		if !s.zmm() { // processors with AVX-512 run the code of AVX2
			s.normals()
		}
	}
	Generate()
}
