// Package midi reads Standard MIDI Files as series of notes and writes such series as
// MIDI. A tune is a series, a note from C-1 to G9 is a channel, whose value is 1 at the
// steps at which it sounds and else 0, and a step is a quarter of a beat or what the tunes
// have: the column of times is named by it. Notes that are struck again without a rest
// between become one, and drums (channel 10), loudness, tempo and instruments are left out.
package midi
