// Package serve answers questions to fitted models over HTTP, and fits models.
//
// The service has no state but a directory of model files. What a request asks
// is a command line of tsgen: its parameters are the flags, its body is standard
// input, and the answer is what the command writes, byte for byte. The package
// adds what a network needs: names of models in place of files, limits, a bounded
// queue, deadlines, tokens, jobs whose course can be watched, and a page for people.
package serve
