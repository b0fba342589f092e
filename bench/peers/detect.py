"""Anomalies of known place, and what statsforecast makes of them.

    go run ./bench/robust -detect -save anomalies.csv
    python bench/peers/detect.py anomalies.csv

A value is anomalous if it lies outside the in-sample prediction interval of 99.9 % of AutoETS or of
MSTL, which is how statsforecast's documentation detects anomalies. Values of the first two seasons,
ten at least, are not judged.
"""
import sys
import warnings

import pandas as pd
from statsforecast import StatsForecast
from statsforecast.models import MSTL, AutoETS

warnings.filterwarnings("ignore")
LEVEL = 99.9


def found(df, season):
    models = [AutoETS(season_length=season), MSTL(season_length=season)]
    sf = StatsForecast(models=models, freq=1)
    sf.forecast(df=df[["unique_id", "ds", "y"]], h=1, level=[LEVEL], fitted=True)
    fitted = sf.forecast_fitted_values().merge(df[["unique_id", "ds", "anomaly"]], on=["unique_id", "ds"])
    fitted = fitted[fitted.ds >= max(10, 2 * season + 1)]
    out = {}
    for name in ["AutoETS", "MSTL"]:
        outside = (fitted.y < fitted[f"{name}-lo-{LEVEL}"]) | (fitted.y > fitted[f"{name}-hi-{LEVEL}"])
        out[name] = (len(fitted), outside.sum(), (outside & (fitted.anomaly == 1)).sum(), fitted.anomaly.sum())
    return out


def main():
    df = pd.read_csv(sys.argv[1]).rename(columns={"row": "ds"})
    print("| series | model | found where nothing is wrong, of 0.001 | precision | recall |\n|---|---|---|---|---|")
    for kind, both in df.groupby("kind", sort=False):
        season = int(both.season.iloc[0])
        clean, marred = found(both[both.marred == 0], season), found(both[both.marred == 1], season)
        for name in clean:
            n, f, _, _ = clean[name]
            _, g, right, planted = marred[name]
            print(f"| {kind} | {name} | {f / n:.4f} | {right / max(1, g):.2f} | {right / planted:.2f} |")


if __name__ == "__main__":
    main()
