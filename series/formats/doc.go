// Package formats reads and writes tables in other formats than CSV: Parquet, Arrow
// IPC and JSON lines. It stands beside package series, which does not import it, so that
// who reads CSV alone pays for no other format.
//
// [Read], [ReadFuture] and [ReadTimes] take any of the formats, which they recognise by
// the content, and then go the way of the functions of package series for CSV: columns,
// time stamps, steps and seasons are found out alike. Errors name the row of a table
// without lines.
//
// Of Parquet and Arrow, numbers, decimals, booleans, texts, dictionaries, dates and
// time stamps are read; nested columns and bytes are left out, and said.
// Nulls and NaN are missing values. Time stamps with a zone are shown by its clock, and
// if all have the same, days and months follow it.
//
// [Write] makes one of the formats of what was written as CSV. A column becomes one of
// numbers, booleans, dates or time stamps if all its cells are; identifiers are whole
// numbers or texts. Time stamps in other layouts than those of ISO 8601 stay texts, as they came.
package formats
