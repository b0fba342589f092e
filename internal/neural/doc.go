// Package neural is what all families of trained models share: the [Frame],
// what a model knows of the panel that it was fitted to; [Record]s, series as a
// model sees them, and [Window]s of them to train on; what is held back to know
// when to stop; training and the state that a model file keeps, a [Fitted].
//
// A family is composed of these. It adds its options, its network, the loss of a
// batch of windows and a draw of the future.
package neural
