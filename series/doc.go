// Package series reads, checks, describes and writes panels of time series:
// one or many records of one or several channels, each with its own times,
// equally spaced or not, with any value missing.
//
// # Tables
//
// [ReadCSV] takes two forms. A long table has a column of identifiers, one of
// time stamps and one or more of values; a wide one is a single series without
// identifiers, a column for each channel. Comma, semicolon, tab, bar or runs of
// blanks separate the cells; a byte order mark, either line ending, gzip, zstd, bzip2, UTF-16, UTF-32 and
// Windows-1252 are seen through. What
// [ReadOptions] does not name is found out, and [Sniffed] tells the choice:
//
//   - time: the column named ds, timestamp, datetime, date, time, ... year, t,
//     ... that comes first in that list and can be read; else the first with
//     calendar stamps; else the first whose numbers strictly increase. A table
//     with none of them has its rows numbered from 1.
//
//   - identifiers: a column named unique_id, series_id, item_id, id, series,
//     record, subject, patient, ... with values that repeat; else, if times
//     occur more than once, the first column within whose values they do not.
//
//   - channels: a column target, or y (y2, y_load, ...) beside ds, and then no
//     other; else every column that holds numbers and is not named like an
//     identifier or a part of a date. A column of text is left out, but a text
//     in a column that is numeric for at least half is an error that names the
//     line.
//
//   - static covariates: other columns that differ between series but never change within
//     one, such as an age at entry, of numbers or of few texts; or those that
//     [ReadOptions] names as Static. They are known at any time. They may stand in the
//     first row of each series alone, and one series in ten may lack them: it has their
//     median, or none of the texts.
//
//   - covariates known ahead of time, such as holidays or prices: the columns
//     that [ReadOptions] names as Known. The last rows of a series may have them
//     alone, for times that are still to come; [ReadFuture] reads more of them.
//
// Numbers may be written as people do, with marks between thousands, a decimal
// comma, a currency, a percent sign, or in parentheses for a minus. Where every mark of
// a column stands once in a number and before three digits, and neither the separator of
// the file nor another column tells what it parts, the column is refused. Titles,
// comments and units about the header, and notes and totals below the data, are left out
// and said.
//
// Covariates known ahead may be true and false, yes and no, or other texts, each of
// which is then a covariate of its own, 1 where the column has it and else 0.
//
// Empty cells, NA, N/A, NaN and null are missing values, channel by channel.
// Infinite values, ragged rows, repeated times and empty identifiers are
// errors; rows out of order are sorted. Errors in the data are a [*ParseError].
//
// # Times
//
// All stamps of a table are in one layout, which is found from all rows, by
// own inference and not cell by cell as date parsers do: a column tells what a
// cell cannot. Dates of three numbers may have day, month or year first, with /,
// - or . between; a number above 12, else the order of the rows and their
// distances decide between day and month, and where they do not the table is
// refused. A year with a number, 2015/1, is the quarter, half or week of the year that the
// column's name says, where all numbers can be that, and else a month. There are names of
// months, in some other languages too, AM and PM, quarters, fiscal ones too, weeks of ISO 8601,
// zones, fractions of seconds, and zeros of the clock that are left out. Numbers
// in a column with a calendar name are years, 200601, 20060102 and longer, years
// with a fraction, days of a spreadsheet, or seconds since 1970 and their
// thousandths, if all of them are; in a column named t, step, hour, ... they are
// plain numbers. A date may stand in several columns ([ReadOptions].Time). A
// column without another role that looks like dates but cannot be read is an
// error, and rows are not numbered instead.
//
// Calendar times are held as float64 seconds since 1970 UTC with a resolution of
// a microsecond (exact from 1698 to 2242, whole seconds at any time); finer
// stamps are errors. The zone of every stamp is kept, as far as it follows from
// the time: a file with summer time is written as it came.
//
// A panel is regular if every distance between neighbouring times is a whole
// number of median distances: a gap is no irregularity. Months (also ends of
// months), days where clocks change, business days and other slots of the
// calendar that leave some out ([Step]) are recognised, anything else is a fixed
// width. Stamps off a grid are moved onto it if they are at most one in a hundred,
// or if all are but a tenth of a step off ([Snap]). A series of a panel whose
// observations are regular but farther apart than the others' has a step of its
// own.
//
// # Data frames
//
// [FromDataFrame] and [Panel.DataFrame] go from and to the data frames of
// gota. Files do not pass through gota, for three reasons. Its reader holds no
// line numbers, so that an error could not say where it is. In a column
// declared as numbers it turns what it cannot read into NaN without a word,
// and its writer rounds to six decimals, so that only columns of strings would
// be right. And with these it is slower than encoding/csv, which the reader of
// this package replaces. From the table of columns on, both take the same way.
package series
