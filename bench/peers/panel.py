"""Forecasts many short series with statsforecast, by AutoETS or another model: processor seconds and peak memory.

    python bench/peers/panel.py FILES... [--horizon 12] [--season 12] [--series N] [--model SeasonalNaive]

The files are CSV with the columns unique_id, ds and y. One process, no other processes.
"""

import argparse
import resource
import time

import pandas as pd
import statsforecast
from statsforecast import StatsForecast, models

parser = argparse.ArgumentParser()
parser.add_argument("files", nargs="+")
parser.add_argument("--horizon", type=int, default=12)
parser.add_argument("--season", type=int, default=12)
parser.add_argument("--series", type=int, default=0)
parser.add_argument("--model", default="AutoETS")
args = parser.parse_args()

table = pd.concat([pd.read_csv(f, parse_dates=["ds"]) for f in args.files])
if args.series:
    table = table[table.unique_id.isin(table.unique_id.unique()[: args.series])]
forecaster = StatsForecast(models=[getattr(models, args.model)(season_length=args.season)], freq="MS", n_jobs=1)
small = table[table.unique_id.isin(table.unique_id.unique()[:2])]
forecaster.forecast(df=small, h=args.horizon, level=[80, 95])  # compiles

cpu, wall = time.process_time(), time.perf_counter()
forecast = forecaster.forecast(df=table, h=args.horizon, level=[80, 95])
cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
n = table.unique_id.nunique()
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(
    f"statsforecast {statsforecast.__version__}, {args.model}: {n} series, {len(forecast)} rows, "
    f"{1000 * cpu / n:.1f} CPU s per 1000 series, {wall:.1f} s, {peak:.0f} MiB"
)
