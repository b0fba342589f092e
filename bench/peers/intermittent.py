"""Simulated intermittent demand, and what statsforecast makes of it.

    python bench/peers/intermittent.py demand.csv
    tsgen backtest demand.csv --horizon 14 --windows 2 --models intermittent,ets,ar,theta,naive

160 series of 180 days: negative binomial counts whose mean stays, counts whose mean moves with
them, demand that is rare and large, and counts with a week. The scores are over the same two
origins; intervals of statsforecast are conformal and cut off at zero.
"""
import sys
import warnings

import numpy as np
import pandas as pd

warnings.filterwarnings("ignore")
DAYS, HORIZON, EACH = 180, 14, 40


def simulate(rng):
    rows = []
    for kind in ["static", "moving", "lumpy", "weekly"]:
        for i in range(EACH):
            mean, shape = np.exp(rng.normal(-0.3, 0.8)), np.exp(rng.normal(0, 0.7))
            rare, size = rng.uniform(0.1, 0.5), np.exp(rng.uniform(0.5, 3.5))
            gain, keep = rng.uniform(0.05, 0.25), rng.uniform(0.5, 0.7)
            week = np.exp(rng.normal(0, 0.8, 7))
            now = mean
            for t in range(DAYS):
                if kind == "static":
                    y = rng.poisson(rng.gamma(shape, mean / shape))
                elif kind == "moving":
                    y = rng.poisson(rng.gamma(shape, now / shape))
                    now = (1 - gain - keep) * mean + keep * now + gain * y
                elif kind == "lumpy":
                    y = 1 + rng.poisson(rng.gamma(2, size / 2)) if rng.random() < rare else 0
                else:
                    y = rng.poisson(rng.gamma(3, mean * week[t % 7] / 3))
                rows.append((f"{kind}{i:02d}", pd.Timestamp("2022-01-03") + pd.Timedelta(days=t), int(y)))
    return pd.DataFrame(rows, columns=["unique_id", "ds", "y"])


def wql(df):
    from statsforecast import StatsForecast
    from statsforecast.models import ADIDA, IMAPA, TSB, CrostonSBA
    from statsforecast.utils import ConformalIntervals

    sums = {}
    for window in [1, 0]:
        cut = DAYS - HORIZON * (window + 1)
        past, future = df.groupby("unique_id").head(cut), df.groupby("unique_id").nth(range(cut, cut + HORIZON))
        ci = ConformalIntervals(h=HORIZON, n_windows=4)
        models = [CrostonSBA(prediction_intervals=ci), TSB(0.1, 0.1, prediction_intervals=ci),
                  ADIDA(prediction_intervals=ci), IMAPA(prediction_intervals=ci)]
        made = StatsForecast(models=models, freq="D").forecast(df=past, h=HORIZON, level=[20, 40, 60, 80])
        made = made.merge(future, on=["unique_id", "ds"])
        for name in ["CrostonSBA", "TSB", "ADIDA", "IMAPA"]:
            loss = 0
            for p in np.arange(1, 10) / 10:
                level = round(abs(p - 0.5) * 200)
                column = name if level == 0 else f"{name}-{'lo' if p < 0.5 else 'hi'}-{level}"
                q = np.maximum(made[column], 0)
                loss += 2 / 9 * np.maximum(p * (made.y - q), (p - 1) * (made.y - q)).sum()
            a, b = sums.get(name, (0, 0))
            sums[name] = a + loss, b + made.y.sum()
    return {name: a / b for name, (a, b) in sums.items()}


if __name__ == "__main__":
    demand = simulate(np.random.default_rng(7))
    demand.to_csv(sys.argv[1], index=False)
    for name, value in wql(demand).items():
        print(f"{name:12s} WQL {value:.3f}")
