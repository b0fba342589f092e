// Package beamtsgen runs tsgen over collections of series that no single machine holds, on
// Apache Beam: in process (prism), on Flink, Spark or Dataflow.
//
// A job reads rows from many files ([Read]), brings the rows of a series together wherever they
// stand, and cuts the series into shards by a hash of their keys. Each shard is given to the same
// code that the command tsgen runs ([Forecast], [Impute], [Each], [Backtest], [Score]), so that its
// answers are the command's, byte for byte, whatever the number of workers and of shards. One model
// is fitted to a sample of the series ([Fit]) and goes to all shards, or each series has its own
// ([FitForecast], [FitEach]).
//
//	rows, dead := beamtsgen.Read(s, "sales-*.csv.gz", table)
//	model, _ := beamtsgen.Fit(s, rows, table, beamtsgen.FitOptions{Kind: "ar", Series: 10000})
//	parts, failed := beamtsgen.Forecast(s, rows, model, table, beamtsgen.Job{Flags: []string{"--horizon", "24"}})
//	beamtsgen.Write(s, "out", formats.CSV, table, parts)
//	beamtsgen.WriteDead(s, "out/dead.csv", dead, failed)
//
// Rows and series that cannot be used go to a table of their own with file, line and reason, and
// the job goes on. Files of object stores need an import of Beam's file system for them, such as
// io/filesystem/gcs.
package beamtsgen
