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

// lookUp returns the constant of that name in coef.go, for elements of float32 that
// with Single behind its name if there is one.
func (s set) lookUp(name string) constant.Value {
	c, ok := constants.known[name+"Single"]
	if s.size == 8 || !ok {
		c, ok = constants.known[name]
	}
	if !ok {
		panic(fmt.Sprintf("gen: no constant %s", name))
	}
	return c.Val()
}

// named returns a constant of coef.go as an element.
func (s set) named(name string) operand.Op { return s.bits(s.word(name)) }

// word returns the bits of a constant of coef.go as an element.
func (s set) word(name string) uint64 {
	x, _ := constant.Float64Val(constant.ToFloat(s.lookUp(name)))
	return s.floatBits(x)
}

// minus returns the negative of a constant of coef.go.
func (s set) minus(name string) operand.Op {
	x, _ := constant.Float64Val(constant.ToFloat(s.lookUp(name)))
	return s.float(-x)
}

// namedBits returns a constant of coef.go as an integer.
func (s set) namedBits(name string) operand.Op {
	b, exact := constant.Uint64Val(constant.ToInt(s.lookUp(name)))
	if !exact {
		panic(fmt.Sprintf("gen: constant %s is no uint64", name))
	}
	return s.bits(b)
}

func (s set) float(x float64) operand.Op { return s.bits(s.floatBits(x)) }

// floatBits returns the bits of x as an element.
func (s set) floatBits(x float64) uint64 {
	if s.size == 4 {
		return uint64(math.Float32bits(float32(x)))
	}
	return math.Float64bits(x)
}

// bits returns a constant's register, where it is held in one, or its slot.
func (s set) bits(b uint64) operand.Op {
	b = s.repeated(b)
	if v, ok := s.held[b]; ok {
		return v
	}
	return inTable(b)
}

// repeated returns the eight bytes of a table that hold the bits of elements.
func (s set) repeated(b uint64) uint64 {
	if s.size == 4 {
		b |= b << 32
	}
	return b
}

// words returns the bits of constants of coef.go.
func (s set) words(names ...string) []uint64 {
	var w []uint64
	for _, name := range names {
		w = append(w, s.word(name))
	}
	return w
}

// hold loads constants into registers of their own, as many as leave nine or
// ten for the work; the set that it returns uses them.
func (s set) hold(constants ...uint64) set {
	room := 22
	if !s.zmm() {
		room = 7
	}
	held := map[uint64]vec{}
	for _, b := range constants[:min(room, len(constants))] {
		v := s.vec()
		b = s.repeated(b)
		VMOVUPD(inTable(b), v)
		held[b] = v
	}
	s.held = held
	return s
}

// inTable returns the slot of a constant, filling it at its first use.
func inTable(b uint64) operand.Mem {
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
