// Package modelfile reads and writes model files: a fitted model, the series
// that it was fitted to, and where it came from.
//
// A model file is in the safetensors layout, so that other languages read it
// with the libraries they have. In Python:
//
//	from safetensors import safe_open
//	f = safe_open("model.tsgen", "numpy")
//	f.metadata()["kind"], f.get_tensor("history.times")
//
// Its arrays are the model's weights under their own names, and
//
//	history.times   the times of all series one after the other, n values
//	history.values  their values, n x channels, NaN where missing
//	history.known.times, history.known.values
//	                the same for the covariates that are known ahead, if any
//	history.series  of many series, in format 3, what the metadata say of series else,
//	                as an array of bytes that may end in spaces
//
// Its metadata are texts:
//
//	format       "tsgen/2": a model file, in format 2; "tsgen/3" if there are many series
//	version      the tsgen that wrote it
//	kind         the kind of the model, as the command line spells it
//	options      the model's own options, JSON
//	seed, season, horizon   of the fit, whole numbers
//	outliers     "keep" if models see absurd values and breaks as they are; absent else
//	domains      JSON: for each channel the least and the greatest value that it can have, and
//	             the step of its values; what there is not is left out (forecast.Domain)
//	fingerprint  of the series that the model was fitted to
//	columns      JSON: the names of the columns: id, time, channels and known covariates
//	axis, step   JSON: what the times of the history mean
//	seasons      JSON: the periods of the history's seasons in steps, if they are known
//	series       JSON: the identifier and the numbers of times of each series
//	scores       JSON: the scores of each model of the examination; those that
//	             are not finite are the texts "NaN", "+Inf" and "-Inf"
//	calibration  JSON: how the forecasts' intervals are corrected, if they are
//	             (forecast.Calibration)
//	training     JSON: what the fit was in the middle of, if it was interrupted;
//	             the arrays training.… are then the state of its training
//	digest       the SHA-256 sum of the whole file, in hexadecimal, with 64 zeros
//	             in its own place
//
// A file whose digest is another is refused, whatever has changed. A program that changes
// a file computes the digest anew: in Python, with the file's bytes in b,
//
//	at = b.index(b'"digest":"') + 10
//	b = b[:at] + b"0" * 64 + b[at+64:]
//	b = b[:at] + hashlib.sha256(b).hexdigest().encode() + b[at+64:]
//
// A reader ignores other metadata. Files of every released format stay readable; those of
// format 1 have the sum of their data alone, under the key sha256.
package modelfile
