// Package ad differentiates scalar functions of matrices in reverse mode.
//
// A TapeOf, of float64 a Tape, records operations as they are computed. Backward then walks the
// record from its end to its beginning and adds to every parameter's Grad the
// derivative of the result with respect to that parameter. Values and what an
// operation keeps for its backward pass lie in an arena that Reset hands back
// whole, so that a tape that is used again for work of the same shape allocates
// nothing. The gradients in between live only from an operation's last user to
// the operation, and take turns in the same memory.
//
// Matrices are dense and row-major; a batch lies in rows; the numbers of a tape are
// float64 or float32. An operation is a method of TapeOf beside the type of its
// way back, with its equation in the comment. New operations need no entry elsewhere; those that belong to
// another package are recorded with [TapeOf.External].
//
// Operations panic if the shapes of their arguments do not fit, as gonum's do:
// shapes are fixed by the program and not by its data. A tape is not safe for
// concurrent use; parallel work has a tape for each shard.
package ad
