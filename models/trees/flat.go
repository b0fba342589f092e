package trees

import (
	"errors"
	"math"
)

// perNode is the number of values that Flat makes of a node.
const perNode = 3

// Flat returns the trees as numbers: the base and the number of trees, and for each its
// number of nodes and of every node the feature, or -1 of a leaf, the place of its left
// branch, before the right one, and the threshold or the value.
func (b *Boosted) Flat() []float64 {
	v := []float64{b.base, float64(len(b.trees))}
	for _, t := range b.trees {
		v = append(v, float64(len(t)))
		for _, n := range t {
			at := n.threshold
			if n.feature < 0 {
				at = n.value
			}
			v = append(v, float64(n.feature), float64(n.left), at)
		}
	}
	return v
}

// ErrFlat is the error of numbers that are no trees.
var ErrFlat = errors.New("trees: these numbers are no trees")

// FromFlat returns the trees that Flat made numbers of, for rows of so many features. The
// error is ErrFlat if they are no such trees.
func FromFlat(v []float64, columns int) (*Boosted, error) {
	for _, x := range v {
		if math.IsNaN(x - x) {
			return nil, ErrFlat
		}
	}
	whole := func(x float64, low, high int) bool {
		return x == math.Trunc(x) && x >= float64(low) && x <= float64(high)
	}
	if len(v) < 2 || !whole(v[1], 0, len(v)) {
		return nil, ErrFlat
	}
	b := &Boosted{base: v[0], trees: make([]tree, int(v[1]))}
	v = v[2:]
	for i := range b.trees {
		if len(v) == 0 || !whole(v[0], 1, (len(v)-1)/perNode) {
			return nil, ErrFlat
		}
		t := make(tree, int(v[0]))
		v = v[1:]
		for k := range t {
			feature, left := v[0], v[1]
			if !whole(feature, -1, columns-1) || feature >= 0 && !whole(left, k+1, len(t)-2) {
				return nil, ErrFlat
			}
			if t[k].feature = int32(feature); feature < 0 {
				t[k].value = v[2]
			} else {
				t[k].left, t[k].right, t[k].threshold = int32(left), int32(left)+1, v[2]
			}
			v = v[perNode:]
		}
		b.trees[i] = t
	}
	if len(v) > 0 {
		return nil, ErrFlat
	}
	return b, nil
}
