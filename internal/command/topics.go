package command

import (
	"strings"

	"github.com/spf13/cobra"

	"tsgen/series/holidays"
)

// helpTopics returns what 'tsgen help' tells beside the verbs.
func helpTopics() []*cobra.Command {
	return []*cobra.Command{
		{
			Use:   "times",
			Short: "What time stamps and steps are read",
			Long: `Stamps may be in any common layout: dates with / . or -, names of months, AM and PM,
2010Q1, 2015M01, 2019-W02, 201501, ISO 8601, RFC 1123, decimal years, days of a
spreadsheet, seconds since 1970 and their thousandths. 2015/1 is a quarter, half or week of
2015 in a column named so (quarter, Quartal, trimestre, semester, week, KW, ...), else a month.
Names of months may be English, German, French, Spanish, Italian, Portuguese, Dutch, Swedish
or Danish; forecasts have English ones. FY2018 Q1 is taken for the quarter of that year. Whether the day or the month
comes first follows from the whole column; where it does not, tsgen stops and
--time-layout d/m/y, m/d/y or y/m/d settles it. --time-layout also takes layouts such
as 02/01/2006 15:04 or %d/%m/%Y. --zone Europe/Berlin is the zone of stamps without
one. --time date,hour and --id store,item take several columns. Forecasts come in the
layout and the columns that came in.

Without a date beside them 01:11, 47:59 and 00:01:30 are hours, minutes and seconds that have
passed since some beginning, as is "0 days 01:30:00"; --time-layout [mm]:ss reads minutes and seconds.

Steps follow the slots of the calendar that occur: Monday to Saturday, office hours,
the 1st and the 15th, the last business day, periods of 4, 4 and 5 weeks. Few stamps off the grid, or all a little
off, are moved onto it and counted. A series of a panel may have a step of its own.
Where only one row in so many has a value, as of quarters in a table of months, fit and
backtest leave out the rows between, unless the step or the season is said.

  --step STEP        hour, 15 minutes, business-day, mon-sat, month, 4-4-5, irregular, ...
                     (--time-step of backtest)
  --snap WHETHER     move stamps onto the grid: auto, never or always`,
		},
		{
			Use:   "paths",
			Short: "Sample paths, sums, hierarchies and comparisons of forecasts",
			Long: `--paths writes sample paths instead of quantiles, in which times and channels depend on
each other as the model says: unique_id,path,ds,value. They depend on --seed and the name
of a series alone, and their quantiles are those of the forecast.

--sum forecasts sums over periods (week, month, horizon, ...), with intervals from such
paths; --aggregate has means, maxima or minima in their place.

--hierarchy country,region,store forecasts the sums over stores, regions and the whole
beside the series that these columns name, such that all adds up, in means and in each
path. --reconcile says how: mint by the shrunk covariance of past errors (Wickramasuriya
et al. 2019), wls by their variances, structural by the number of series, ols as they are.

--compare sets the forecasts of several model files side by side, and their scores if all
were examined alike.

What a closed form estimated of the series of the model file is not estimated again: where
those of FILE begin with the same values, the parameters stay and the rest brings them up
to date ('tsgen update' stores it).`,
		},
		{
			Use:   "exit",
			Short: "Exit statuses, and errors as JSON",
			Long: exitHelp + `

With --json, which every verb has, the result is one JSON document on standard output, and so
is an error, beside its sentence on standard error:

  {"error": {"status": 3, "code": "data", "message": "sales.csv:17: ...",
             "file": "sales.csv", "line": 17, "column": "y", "value": "12a"}}

The codes are failed, usage, data, mismatch and interrupted, of the statuses 1, 2, 3, 4 and 130.`,
		},
		{
			Use:   "pictures",
			Short: "What pictures show, and how large they are",
			Long: `--plot of many verbs and 'tsgen plot' write PNG, SVG or PDF, by the name of the file.

  --series NAMES    draw these series, in this order (default the first three or six)
  --history N       draw the last N times of the history
  --size WxH        1200x800 (pixels of PNG at 144 dots an inch), 8x5in, 20x12cm
  --actual FILE     of forecast: draw what came after, too
  --level LEVELS    of forecast and plot: the intervals
  --roll FILE       of generate: series of values from 0 to 1, such as music by its notes,
                    as a piano roll
  --grid FILE       of generate: a map of what a vae learned, its windows over a grid of
                    the first two latent variables, --side in a row, as lines, or as
                    images where the likelihood is bernoulli

  tsgen forecast --plot fan.svg --series north,south --history 60 --actual december.csv

Names in scripts that the program's own font lacks, such as Chinese, Korean or Arabic, are
set in a font of the system. Where there is none, tsgen says which characters are missing.`,
		},
		{
			Use:   "data",
			Short: "The files that are read",
			Long: `A file of series is CSV, Parquet, Arrow (IPC file, Feather 2 or stream) or JSON lines,
which its content tells ('tsgen help formats'), in one of two forms:

  long  a column that names the series, a column of times, columns of values
  wide  a column of times, and a column of values for each channel

A table with a column for each time, months or dates as its names, is refused: turn it.
The columns, the separator, the layout of the times and their step are detected
and said on standard error; --id, --time, --target and --delimiter say otherwise.
Titles, comments and units about the header, and notes and totals below the data are
left out and said. Numbers may have marks between thousands, currencies, percent signs
and parentheses for a minus; where it is open whether a mark is of decimals or of
thousands, --decimal or --thousands settles it.
UTF-8, UTF-16 and UTF-32 with a byte order mark, and Windows-1252 are told apart;
--encoding names another. Cells may be empty where a value is missing. Times may be unequally spaced.

Tunes in MIDI (.mid) are read, too, and fit takes several: each is a series whose
channels are the notes, 1 where one sounds, in the longest steps in which the tunes'
notes begin. Drums, loudness, tempo and instruments are left out.

What cannot be meant is refused with its line, and the remedy: a stamp far from all
others, such as a wrong year (stray-time); a gap beyond the sense of the step
(long-gap); a number such as -999 that stands for a missing value (placeholder).
--max-gap accepts gaps, --na names cells that mean a missing value, and --accept
CODE,... goes on in spite of a finding.

'tsgen help times' tells how stamps, steps and zones are read.

  --duplicates HOW   rows of a series at the same time: error, mean, sum, first, last
  --every STEP --aggregate HOW   bring rows together, as minutes to hours or events to
                     days: mean, sum, first, last or count; models keep it for new rows
  --delimiter CHAR   between cells, or tab, or blanks
  --decimal MARK, --thousands MARK   in numbers: 1.234,5 has , before decimals and .
                     between thousands
  --na CELLS         that mean a missing value, as the empty one does
  --encoding NAME    of the text, such as utf-16le or latin-1
  --max-bytes N, --max-cell N, --max-ratio N   bounds of what is read

Seasons are looked for in what an examination does not hold out: those of the
calendar (day, week, year) and others that the data show. What is found is said;
--season 24,168 says them instead, whole or not, and --season none that there are none.
Series of different steps, such as weekly ones beside daily, have the seasons of their own
step each, and models of their own; --season says those of the panel's, the finest.

The numbers of large files are held in a temporary file in the folder of TMPDIR, else /tmp,
and in memory as far as they are worked on (Linux, macOS): 20 to 80 bytes for each row.

Covariates, known ahead or static, are told by 'tsgen help covariates'.`,
		},
		{
			Use:   "covariates",
			Short: "What is known ahead, and what never changes",
			Long: `--known names columns of covariates whose future values are known, such as prices or
plans ('tsgen help holidays' for holidays); yes and no count as 1 and 0, and other texts
become an indicator for each of them, such as weather=rain. A text that was not learned, or
one where numbers or yes and no were, is an error later. Their values after the end of the series stand in rows without values of the
channels, or in the file that 'tsgen future' writes for forecast --at. 'tsgen models' says
which models use them. ar, arima, ets, theta, stl, linear-map and zeroshot forecast what a
regression on them leaves, unless bare=true. An absurd value, such as a price of 999999, is
told of and taken for the usual, unless the series then does something unusual too or ends
with it; --outliers keep leaves it.

Columns that never change within a series of a panel, such as the region of a shop or the
age of a patient, are static covariates: numbers as they are, texts an indicator for each.
They are found in five series or more, also where only the first row of a series has them,
and said; a series that lacks one has the median of the others. The networks that are
trained and the boosted trees, which all series share, learn from them. Forecasts of the same series need no columns of them, other series do.
--static region,size names them, --static none leaves them out.`,
		},
		{
			Use:   "formats",
			Short: "Parquet, Arrow, JSON lines, databases, and what -o writes",
			Long: `What is read its content tells: CSV, Parquet, Arrow (an IPC file, Feather version 2, or an
IPC stream), and JSON objects, one for each row, one after the other or in an array. Texts
may be packed by gzip, zstd or bzip2. Nested columns are left out, and said. Nulls and NaN
are missing values. Time stamps with a zone are taken by its clock.

What is written has the format that the ending of -o says:

  .csv .txt          CSV                .arrow .feather .ipc   an Arrow IPC file
  .tsv .tab          with tabs          .arrows                an Arrow IPC stream
  .parquet .pq       Parquet            .jsonl .ndjson         JSON lines
                                        .json                  an array of JSON objects

Texts may have .gz behind it. --format csv, tsv, parquet, arrow, arrows, jsonl or json
says it for standard output and other names. Stamps of ISO 8601 become dates and time
stamps of Parquet and Arrow, with their zone; other layouts stay texts, as they came.

A database stays with its own tool, and a pipe:

  sqlite3 -csv -header shop.db 'SELECT day, store, sales FROM sales' | tsgen fit -
  duckdb -csv -c "SELECT * FROM 'sales/*.parquet'" | tsgen fit -`,
		},
		{
			Use:   "holidays",
			Short: "Holidays, of countries or of a file, known ahead",
			Long: `--holidays DE,US-NY of fit, backtest and components gives models that use what is known ahead
the holidays of countries (ISO 3166), or of parts of them: for each holiday a covariate of
the day, and of the days before and after. Steps of several days count those that they
have. The holidays are stored with the model for 40 years, so that forecast needs no
file of them. Only those that come within the series are taken: of others nothing can
be learned. 'tsgen models' says which models use them.

--holidays dates.csv takes one's own, beside codes or alone: a table of the columns date
(or ds) and holiday (or name), and, if there are any, lower_window and upper_window, the
days before (as in -2) and after that may be unlike others; else it is one day each.

Days of the month at which daily series stand out beyond doubt in eight months or more, such
as the first, the 15th or the last weekday, as on pay-days, are found and known ahead in the
same way, with no flag; --holidays none leaves them out.

Of US-CA, CT, IL, MA, ME, NY, TX and UT holidays of the state are known, too; for the
other states those of the United States are taken. The codes are:

` + wrapped(holidays.Codes()),
		},
		{
			Use:   "values",
			Short: "Which values forecasts can have: counts, shares, bounds",
			Long: `What the values of a channel can be is seen in them, said by fit, stored in the model
and kept by what it forecasts, imputes and generates, calibrated or not:

  never negative   no negative value, each series for itself
  whole numbers    of at least 10 values never negative: whole quantiles and paths; means
                   stay what they are. Likewise the multiples of a number, of 30 values.
  shares           from 0 to 1, where the name says so (share, rate, ratio, probability, ...),
                   channels sum to 1, or values are both, are near to both or come back near
                   to 1: nothing beyond 0 or 1. A price below 1 is none.
                   Percent likewise, where 100 is reached three times and never passed.
  ratings          whole numbers from 1 to 5, 7 or 10, whose end is reached often: none beyond.
  never falling    readings of a meter, totals to date, or what never rises: nothing below, or
                   above, the last value of the series, and no path goes back.

What a model holds possible beyond a bound counts as a value at the bound, or, where no
value of the past is near the bound, as one short of it. Scores are those of what is
kept. Files of earlier versions forecast as they did.

--min and --max of fit, backtest, forecast, impute and generate say otherwise: a number,
none, or such by channel:

  tsgen fit sales.csv --min 0 --max 500
  tsgen fit shop.csv --min profit=none,stock=0
  tsgen forecast --min none      any number, whole or not`,
		},
		{
			Use:   "scores",
			Short: "What the scores of fit, backtest and score mean",
			Long: `Less is better for all but the coverages, which should be 0.80 and 0.95.

  MASE      error of the mean, in units of the seasonal naive error within the history
  SQL       error of the quantiles, in the same units
  MSIS      error of the 95 % interval, in the same units
  sMAPE     error of the mean in percent, 0 to 200
  CRPS      error of the whole distribution, in the unit of the data
  WQL       error of the quantiles as a part of the values' magnitude
  cov 80    share of the values within the 80 % interval
  cov 95    share of the values within the 95 % interval`,
		},
		{
			Use:   "training",
			Short: "How fit examines, calibrates, chooses, stops and goes on",
			Long: `Choice. Without -m, fit has all models that suit the series forecast their past from
several moments, and fits a blend of the best, or one alone where the past calls that
better, and says why. Those that are hopeless on few series and moments go no further;
networks are trained where there are 100 observations and five horizons. The work is
counted, not timed: the same series and seed give the same model on any machine, within
about a minute on two cores. --effort low takes a tenth of that, high five times as
much; a number says it too: 10 is low, 100 normal, 1 enough for one short series of
many. --time-limit bounds the clock as well; the table names what it cut. Scores are of
intervals that the other moments calibrate, the blend's with the weights that these give.
Of few series a chosen network is trained three times, from other seeds each, for the
mean, as by --seeds 3. Of large panels some series are compared, of long series the end,
and no model that would cost three times the work, or more, on all series.

Examination. Of a model named by -m, fit holds out the last horizon of every series at
first: the model learns from what comes before, forecasts the horizon, and is scored
beside the seasonal naive forecast, an autoregression and, of at most 20000
observations, the median of several models in closed form. Of more than 4096 series the
forecasts of so many, evenly spread, are scored. Then it is fitted again, to everything.
Too short series are fitted without a table; --no-examine fits at once.

Outliers. Absurd values, far outside all others at their step of the season, which return
neither often nor by the calendar, zeros beside values never near to them, codes such as
9999, values that stay the same to all digits where others vary, slumps and surges after
which all is as before, and breaks of level, spread and season are told of with stamp and
line. To models absurd values and what has passed are missing, stuck ones too but the first,
and what comes before a break has the level, spread or season after it. Scores are against the values as they are. Promotions, storms,
seasonal peaks and demand that is mostly zero stay. --outliers keep leaves all as it is.

Calibration. Intervals are corrected by how far past values lay from what would
have been forecast of them. Models in closed form, and zeroshot, look back from several
earlier moments; of models that are trained, the held-out forecast tells.
--calibrate=false leaves the intervals as the model has them.

Interruption. An interrupted training of one model, which -m names or the choice takes
alone, keeps the best so far in OUTPUT.partial, which forecast can read. If it stopped in
the middle, by that or by --time-limit, --resume goes on and ends with the model that an
uninterrupted fit would have given, and OUTPUT.partial goes. A fit that is killed leaves a
checkpoint there, of every 30 s or as --checkpoint says; it takes at most a hundredth of
the time. Series, options and, without -o, the output are those in the file. Comparisons
of models keep nothing, and blends no training that could go on.

Start. --from MODEL begins a training with the weights of a model file, its kind, options,
seasons and horizon: a few --updates bring it to new data. Sizes must agree. Scores
flatter a model that has seen what is held out, and fit says so.

  tsgen fit sales.csv -m latent-ode --time-limit 10m
  tsgen fit new.csv --from model.tsgen --updates 200 -o new.tsgen
  tsgen fit --resume model.tsgen`,
		},
	}
}

// wrapped writes words in lines.
func wrapped(words []string) string {
	var b strings.Builder
	width := 0
	for _, w := range words {
		if width += len(w) + 1; width > 88 {
			b.WriteString("\n")
			width = len(w) + 1
		}
		b.WriteString(w + " ")
	}
	return b.String()
}
