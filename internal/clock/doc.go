// Package clock tells the processor time of the process, which on a machine that
// others share says more than the time of day. It is for Unix and Windows.
package clock
