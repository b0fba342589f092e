package main

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"math"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
)

// slot is the room of one constant in the table: as many copies as the widest
// register holds.
const slot = 64

// table is the read-only data of all kernels: first the masks of the AVX2
// tails, then one slot for each constant in use.
type table struct {
	base  operand.Mem
	known map[string]*types.Const
	at    map[uint64]int
}

var constants table

// readConstants type-checks the file of the kernel's constants and starts the
// table.
func readConstants(path string) error {
	files := token.NewFileSet()
	f, err := parser.ParseFile(files, path, nil, 0)
	if err != nil {
		return err
	}
	pkg, err := new(types.Config).Check("kernel", files, []*ast.File{f}, nil)
	if err != nil {
		return err
	}
	constants = table{known: map[string]*types.Const{}, at: map[uint64]int{}}
	for _, name := range pkg.Scope().Names() {
		if c, ok := pkg.Scope().Lookup(name).(*types.Const); ok {
			constants.known[name] = c
		}
	}
	constants.base = GLOBL("constants", attr.RODATA|attr.NOPTR)
	for i := range 8 {
		var m uint64
		if i < 4 {
			m = math.MaxUint64
		}
		DATA(8*i, operand.U64(m))
	}
	return nil
}

// named returns the float64 constant of that name in coef.go.
func named(name string) operand.Mem {
	c, ok := constants.known[name]
	if !ok {
		panic(fmt.Sprintf("gen: no constant %s", name))
	}
	x, _ := constant.Float64Val(constant.ToFloat(c.Val()))
	return float(x)
}

// namedBits returns the integer constant of that name in coef.go.
func namedBits(name string) operand.Mem {
	c, ok := constants.known[name]
	if !ok {
		panic(fmt.Sprintf("gen: no constant %s", name))
	}
	b, exact := constant.Uint64Val(constant.ToInt(c.Val()))
	if !exact {
		panic(fmt.Sprintf("gen: constant %s is no uint64", name))
	}
	return bits(b)
}

func float(x float64) operand.Mem { return bits(math.Float64bits(x)) }

// bits returns the slot of a constant, filling it at its first use.
func bits(b uint64) operand.Mem {
	at, ok := constants.at[b]
	if !ok {
		at = slot * (1 + len(constants.at))
		constants.at[b] = at
		for i := range slot / 8 {
			DATA(at+8*i, operand.U64(b))
		}
	}
	return constants.base.Offset(at)
}
