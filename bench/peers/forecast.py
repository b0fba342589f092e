"""Forecasters of others for go run ./bench/forecast -peers python: statsforecast and LightGBM.

Answers requests, a line of JSON each, one after the other. A request has the model, whether it is
to learn from what is given (fit) or to forecast it, the horizon of the task, the steps to
forecast, the season of the task, those that are found in the past, the steps of a year (0 for
none), and series: the place of the first value in the calendar, in steps, and values without
gaps. The answer has for each series and each of the probabilities the values of all steps, the
processor seconds that it took, and how many series had to be forecast by a seasonal naive
forecast. Models of statsforecast learn at each forecast, from all that is known then, LightGBM
once. All have one thread.
"""
import os

for name in ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = "1"

import json
import sys
import time
import warnings

import lightgbm
import numpy as np
import statsforecast
from statsforecast.models import MSTL, AutoARIMA, AutoETS, AutoTheta, SeasonalNaive

warnings.filterwarnings("ignore")

PROBABILITIES = [0.025, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.975]
LEVELS = [20, 40, 60, 80, 95]

# The values at the end of a series that a model sees, so that it ends within a minute or two.
LAST = {"AutoETS": 1000, "AutoTheta": 2000, "AutoARIMA": 1000, "MSTL": 4000}

# The longest season that AutoARIMA has coefficients of; a longer one MSTL takes out before.
LONGEST_ARIMA = 24


def forecaster(name, request, length):
    season = request["season"]
    found = [m for m in sorted(round(m) for m in request["seasons"]) if 2 * m <= length]
    if name == "MSTL":
        return MSTL(season_length=found or [max(season, 2)])
    if name == "AutoARIMA":
        # exact, a series of 700 hours takes a minute of search: the rule is that of R's auto.arima
        approximate = length > 150 or season > 12
        if season <= LONGEST_ARIMA:
            return AutoARIMA(season_length=season, approximation=approximate)
        return MSTL(season_length=season, trend_forecaster=AutoARIMA(approximation=approximate))
    return {"AutoETS": AutoETS, "AutoTheta": AutoTheta, "SeasonalNaive": SeasonalNaive}[name](season_length=season)


def classical(name, request):
    """The quantiles of each series by statsforecast, and how many are seasonal naive instead."""
    answers, replaced = [], 0
    for s in request["series"]:
        y = np.array(s["values"])[-LAST.get(name, len(s["values"])):]
        try:
            quantiles = of_levels(forecaster(name, request, len(y)), y, request["steps"])
        except Exception as failure:
            print(f"{name}: {failure}", file=sys.stderr)
            quantiles = np.array(np.nan)
        if not np.isfinite(quantiles).all():
            replaced += 1
            quantiles = of_levels(SeasonalNaive(season_length=request["season"]), y, request["steps"])
        answers.append(quantiles)
    return answers, replaced


def of_levels(model, y, steps):
    f = model.forecast(y=y, h=steps, level=LEVELS)
    low, high = ([f[f"{side}-{level}"] for level in LEVELS] for side in ("lo", "hi"))
    return np.sort([*low[::-1], f["mean"], *high], axis=0)


class Boosting:
    """LightGBM for all series together and each quantile, with the lead among the features."""

    LASTS, LAGS, ROWS, EACH = 4, 3, 30000, 4

    def fit(self, request):
        self.horizon = request["horizon"]
        self.seasons = [round(m) for m in request["seasons"]] or [request["season"]] * (request["season"] > 1)
        self.year = request["year"]
        self.m = self.seasons[0] if self.seasons else 8
        rng = np.random.default_rng(1)
        pairs = sum(max(0, len(s["values"]) - self.m - 1) for s in request["series"]) * self.EACH
        every, x, y = max(1, pairs / self.ROWS), [], []
        for number, s in enumerate(request["series"]):
            origins = np.arange(self.m + 1, len(s["values"]), every).astype(int).repeat(self.EACH)
            leads = rng.integers(1, self.horizon + 1, len(origins))
            origins, leads = (a[origins + leads <= len(s["values"])] for a in (origins, leads))
            if len(origins) > 0:
                rows, base, unit = self.rows(s, number, origins, leads)
                x.append(rows)
                y.append((np.array(s["values"])[origins + leads - 1] - base) / unit)
        x, y = np.concatenate(x), np.concatenate(y)
        least = max(2, min(20, len(y) // 50))
        data = lightgbm.Dataset(x, y, params={"min_data_in_leaf": least, "num_threads": 1, "verbose": -1})
        self.models = [lightgbm.train({
            "objective": "quantile", "alpha": p, "num_leaves": 15, "learning_rate": 0.08, "min_data_in_leaf": least,
            "bagging_fraction": 0.6, "bagging_freq": 1, "feature_fraction": 0.6, "num_threads": 1, "verbose": -1, "seed": 1,
        }, data, 150) for p in PROBABILITIES]

    def forecast(self, request):
        answers = []
        for number, s in enumerate(request["series"]):
            leads = np.arange(1, request["steps"] + 1)
            x, base, unit = self.rows(s, number, np.full(len(leads), len(s["values"])), leads)
            answers.append(base + unit * np.sort([m.predict(x, num_threads=1) for m in self.models], axis=0))
        return answers

    def rows(self, s, number, origins, leads):
        """The features of steps after origins, and what their targets are measured from and in."""
        y, m = np.array(s["values"]), self.m
        lag = m if self.seasons else 1
        level = window_mean(y, origins - m, origins)
        spread = np.sqrt(np.maximum(window_mean(y * y, origins - m, origins) - level**2, 0))
        moves = np.abs(y - np.concatenate([np.full(lag, np.nan), y[:-lag]]))
        moves[:lag] = 0
        unit = window_mean(moves, np.maximum(lag, origins - 6 * m), origins)
        smallest = 1e-3 * (np.std(y) or 1)
        unit = np.where(unit > smallest, unit, np.maximum(spread, smallest))
        columns = [at(y, origins - 1 - k) for k in range(self.LASTS)]
        base = columns[0]
        for period in self.seasons:
            same = origins + leads - 1 - (-(-leads // period)) * period
            places = [at(y, same - k * period) for k in range(self.LAGS)]
            if period == self.m:
                base = np.nanmean(places, axis=0)
            columns += places + [at(y, same - 1), np.where(same + 1 < origins, at(y, same + 1), np.nan)]
        columns += [window_mean(y, origins - (k + 2) * m, origins - (k + 1) * m) for k in range(2)] + [base]
        columns = [(c - level) / unit for c in columns]
        place = s["first"] + origins + leads - 1
        columns += [leads, spread / unit, np.log(unit), level / unit, np.full(len(leads), number)]
        columns += [place % period for period in self.seasons + [self.year] * (self.year > 1)]
        return np.stack(columns, axis=1), base, unit


def at(y, places):
    return np.where(places >= 0, y[np.clip(places, 0, len(y) - 1)], np.nan)


def window_mean(y, first, last):
    """The means of the values from first to before last, of those that there are."""
    sums, first = np.concatenate([[0], np.cumsum(y)]), np.maximum(first, 0)
    n = last - first
    return np.where(n > 0, sums[np.maximum(last, 0)] - sums[first], np.nan) / np.maximum(n, 1)


def answer(request, boosting):
    name, replaced = request["model"], 0
    started, made = time.process_time(), []
    if name == "LightGBM":
        if request["fit"]:
            boosting.fit(request)
        else:
            made = boosting.forecast(request)
    elif not request["fit"]:
        made, replaced = classical(name, request)
    took = time.process_time() - started
    return {"quantiles": [q.tolist() for q in made], "seconds": took, "replaced": replaced}


def main():
    sample = {"season": 12, "seasons": [12], "steps": 2, "series": [{"first": 0, "values": (np.arange(60.0) % 12).tolist()}]}
    for name in ("AutoETS", "AutoARIMA", "AutoTheta", "MSTL"):
        classical(name, sample)  # what is compiled once is not counted
    print(json.dumps({"probabilities": PROBABILITIES, "versions": f"statsforecast {statsforecast.__version__}, LightGBM {lightgbm.__version__}"}), flush=True)
    boosting = Boosting()
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line), boosting)), flush=True)


if __name__ == "__main__":
    main()
