"""Holds the package to what goes in and comes out; the numbers are the command's."""

from __future__ import annotations

import csv
import io
import pickle
import re
import subprocess
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import tsgen
from tsgen import DataError, MismatchError, TSGen, UsageError, _arrow, _frames

ROOT = Path(__file__).resolve().parents[2]
AIR = ROOT / "testdata" / "airpassengers.csv"


def air() -> pd.DataFrame:
    return pd.read_csv(AIR, parse_dates=["ds"])


def panel(n: int = 40) -> pd.DataFrame:
    ds = pd.date_range("2024-01-01", periods=n, freq="D")
    return pd.concat(
        [pd.DataFrame({"unique_id": i, "ds": ds, "y": [float(i + k % 7 + (k * i) % 3) for k in range(n)]}) for i in (7, 11)],
        ignore_index=True,
    )


def test_same_as_the_command(tmp_path: Path) -> None:
    """A forecast has the numbers of the command, to the last digit."""
    model = TSGen("ets", level=[80]).fit(air(), h=12)
    got = model.predict(6)
    binary = tsgen.command_path()
    subprocess.run([binary, "fit", AIR, "-m", "ets", "--horizon", "12", "-q", "-o", tmp_path / "m.tsgen"], check=True, capture_output=True)
    text = subprocess.run(
        [binary, "forecast", "-m", tmp_path / "m.tsgen", "--horizon", "6", "--level", "80", "-q"], check=True, capture_output=True, text=True
    ).stdout
    rows = list(csv.DictReader(io.StringIO(text)))
    assert list(got.columns) == ["ds", "ets", "ets-lo-80", "ets-hi-80"]
    assert got["ets"].tolist() == [float(r["ets"]) for r in rows]
    assert got["ets-hi-80"].tolist() == [float(r["ets-hi-80"]) for r in rows]
    assert got["ds"].tolist() == [pd.Timestamp(r["ds"]) for r in rows]
    assert model.scores_[0]["model"] == "ets" and model.scores_[0]["SQL"] > 0


def frames() -> dict[str, Any]:
    df = panel()
    return {
        "pandas": df,
        "pandas, index": df.set_index(["unique_id", "ds"]),
        "pandas, categories": df.assign(unique_id=df.unique_id.astype(str).astype("category")),
        "pandas, float32": df.astype({"y": "float32"}),
        "pandas, zone": df.assign(ds=df.ds.dt.tz_localize("Europe/Berlin")),
        "pandas, text": df.assign(ds=df.ds.dt.strftime("%d.%m.%Y"), unique_id=df.unique_id.map("{:03d}".format)),
        "pandas, numbers": df.assign(ds=list(range(40)) * 2),
        "polars": pl.from_pandas(df),
        "polars, dates": pl.from_pandas(df).with_columns(pl.col("ds").cast(pl.Date)),
        "polars, zone": pl.from_pandas(df).with_columns(pl.col("ds").dt.replace_time_zone("America/New_York")),
        "arrow": pa.Table.from_pandas(df, preserve_index=False),
    }


@pytest.mark.parametrize("name", list(frames()))
def test_frames_come_back_alike(name: str) -> None:
    """Library, index, types and zone of a frame are those of its forecast, whose times go on."""
    df = frames()[name]
    got = TSGen("seasonal-naive", level=[80]).fit(df, h=7).predict(7)
    assert type(got) is type(df)
    if isinstance(df, pd.DataFrame):
        assert got.index.names == df.index.names
        flat, before = got.reset_index(), df.reset_index()
        assert flat["unique_id"].dtype == before["unique_id"].dtype
        assert flat["ds"].dtype.kind == before["ds"].dtype.kind
        assert getattr(flat["ds"].dt, "tz", None) == getattr(before["ds"].dt, "tz", None) if flat["ds"].dtype.kind == "M" else True
        assert flat["seasonal-naive"].dtype == before["y"].dtype
        assert set(flat["unique_id"]) == set(before["unique_id"])
        if before["ds"].dtype.kind == "M":
            assert flat["ds"].iloc[0] == before["ds"].iloc[39] + pd.DateOffset(days=1)
        elif before["ds"].dtype.kind in "if":
            assert flat["ds"].iloc[0] == 40
        else:
            assert flat["ds"].iloc[0] == "10.02.2024"
        values, last = flat["seasonal-naive"].tolist()[:7], before["y"].tolist()[33:40]
    else:
        old, new = (df.schema, got.schema)
        types = (lambda s: {n: s.field(n).type for n in s.names}) if isinstance(df, pa.Table) else dict
        assert types(new)["unique_id"] == types(old)["unique_id"] and types(new)["ds"] == types(old)["ds"]
        values, last = got["seasonal-naive"].to_pylist()[:7] if isinstance(df, pa.Table) else got["seasonal-naive"].to_list()[:7], panel()["y"].tolist()[33:40]
    assert values == last


def test_frames_pass_as_arrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Frames go in and come out as Arrow, not as CSV; pandas without pyarrow passes as CSV to the same numbers."""
    want = TSGen("seasonal-naive", level=[80]).fit(panel(), h=7).predict(7)

    def never(*_: Any) -> bytes:
        raise AssertionError("CSV was written or read")

    with monkeypatch.context() as m:
        m.setattr(_frames.Table, "csv", never)
        m.setattr(_frames, "_of_csv", never)
        for name in ("pandas", "pandas, zone", "pandas, numbers", "polars", "polars, dates", "polars, zone", "arrow"):
            TSGen("seasonal-naive", level=[80]).fit(frames()[name], h=7).predict(7)
    with monkeypatch.context() as m:
        m.setattr(_arrow, "available", lambda _: False)
        pd.testing.assert_frame_equal(TSGen("seasonal-naive", level=[80]).fit(panel(), h=7).predict(7), want)


def test_series_with_an_index() -> None:
    """A pandas Series over a DatetimeIndex without a name is a series, and comes back over one."""
    s = pd.Series(range(30), index=pd.date_range("2024-01-01", periods=30), dtype=float, name="sales")
    got = TSGen("drift").fit(s, h=5).predict(3)
    assert isinstance(got.index, pd.DatetimeIndex) and got.index[0] == pd.Timestamp("2024-01-31")
    assert got["drift"].tolist() == pytest.approx([30, 31, 32])


def test_zone_over_a_change_of_clocks() -> None:
    """Days of a zone stay days of it where the clocks change."""
    ds = pd.date_range("2024-03-01", periods=25, freq="D", tz="Europe/Berlin")
    got = TSGen("naive").fit(pd.DataFrame({"ds": ds, "y": range(25)}), h=10).predict(10)
    assert got["ds"].tolist() == list(pd.date_range("2024-03-26", periods=10, freq="D", tz="Europe/Berlin"))


def test_covariates() -> None:
    """Covariates known ahead are taken from X_df, of which h rows of each series count."""
    df = panel(60)
    df["promo"] = [k % 5 == 0 for k in range(60)] * 2
    df["y"] += 20.0 * df["promo"]
    future = panel(80).groupby("unique_id").tail(20)[["unique_id", "ds"]].assign(promo=[k % 5 == 0 for k in range(20)] * 2)
    model = TSGen("regression", known=["promo"], target="y").fit(df, h=10)
    got = model.predict(10, X_df=future)
    assert len(got) == 20
    jump = got["regression"].iloc[0] - got["regression"].iloc[1]
    assert 15 < jump < 25
    with pytest.raises(TSGenErrors):
        model.predict(10)


TSGenErrors = (DataError, MismatchError)


def test_cross_validation() -> None:
    """Past forecasts stand beside what came, from as many origins as are asked for."""
    got = TSGen(level=[90]).cross_validation(panel(), 7, n_windows=2, models=["naive", "seasonal-naive"])
    assert got["cutoff"].nunique() == 2 and got["cutoff"].dtype.kind == "M" and len(got) == 28
    assert (got["ds"] > got["cutoff"]).all() and {"y", "naive", "seasonal-naive-hi-90"} <= set(got.columns)


def test_detect_impute_generate_paths() -> None:
    """The other abilities give frames alike, with flags as truth values."""
    df = air()
    df.loc[100, "y"] *= 3
    found = TSGen().detect(df)
    assert found["y-anomaly"].dtype == bool and found.loc[found["y-anomaly"], "ds"].tolist() == [df.ds[100]]
    gaps = air()
    gaps.loc[[40, 41], "y"] = None
    model = TSGen("lgssm").fit(gaps, h=12)
    filled = model.impute()
    assert filled.loc[filled["y-imputed"], "ds"].tolist() == [gaps.ds[40], gaps.ds[41]] and filled["y"].notna().all()
    drawn = model.paths(5, h=4)
    assert len(drawn) == 20 and drawn["path"].nunique() == 5
    made = TSGen("gauss").fit(panel(200), h=10).generate(3, length=10)
    assert len(made) == 30


def test_forecast_of_other_series() -> None:
    """A fitted model continues other series; one that is not is fitted to them."""
    df = air()
    model = TSGen("ar", level=[80]).fit(df.iloc[:120], h=12)
    assert model.forecast(df, 3)["ds"].iloc[0] == pd.Timestamp("1961-01-01")
    assert TSGen("naive").forecast(df, 3)["naive"].tolist() == [432.0] * 3


def test_save_load_pickle(tmp_path: Path) -> None:
    """A model that is kept forecasts as before, in the library that is asked for."""
    model = TSGen("ets", level=[80]).fit(air(), h=12)
    want = model.predict(3)
    model.save(tmp_path / "m.tsgen")
    pd.testing.assert_frame_equal(pickle.loads(pickle.dumps(model)).predict(3), want)
    again = TSGen.load(tmp_path / "m.tsgen", level=[80])
    assert again.model == "ets" and again.predict(3)["ets"].tolist() == want["ets"].tolist()
    assert isinstance(TSGen.load(tmp_path / "m.tsgen", df=pl.from_pandas(air())).predict(3), pl.DataFrame)


def test_plot_and_report(tmp_path: Path) -> None:
    """Pictures have the size and the kind that are asked for, and notebooks show them."""
    model = TSGen("naive").fit(panel(), h=7)
    picture = model.plot(h=5, size=(600, 400), series=["11"])
    data = picture._repr_png_()
    assert data is not None and data[:8] == b"\x89PNG\r\n\x1a\n" and int.from_bytes(data[16:20], "big") == 600
    assert "<svg" in (model.plot(kind="svg")._repr_svg_() or "")
    model.report(tmp_path / "r.html")
    assert "The forecast" in (tmp_path / "r.html").read_text()


def test_impute_by_another_model() -> None:
    """A model that does not impute has the gaps filled by one that does."""
    gappy = air()
    gappy.loc[70:72, "y"] = float("nan")
    filled = TSGen("naive").fit(gappy, h=3).impute()
    assert filled["y"].notna().all() and filled["y-imputed"].sum() == 3
    assert (abs(filled["y"] - air()["y"]) < 40).all()


def test_errors() -> None:
    """Errors are those of the command's statuses, with its message, and say what to do."""
    with pytest.raises(UsageError, match="prophet"):
        TSGen("prophet").fit(air())
    daily = pd.DataFrame({"ds": pd.date_range("2020-01-01", periods=40), "y": range(40)})
    with pytest.raises(MismatchError, match="daily"):
        TSGen("naive").fit(air(), h=3).forecast(daily, h=3)
    bad = air().astype({"y": object})
    bad.loc[5, "y"] = "many"
    with pytest.raises(DataError, match="many") as e:
        TSGen("naive").fit(bad)
    assert e.value.status == 3 and e.value.code == "data"
    with pytest.raises(UsageError, match="not fitted"):
        TSGen().predict(3)
    with pytest.raises(ValueError, match="no column 'ds'"):
        TSGen().fit(pd.DataFrame({"when": [1, 2], "y": [1, 2]}))


def test_settings_of_the_shell_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program's results do not depend on the environment of whoever runs it."""
    monkeypatch.setenv("TSGEN_HORIZON", "9")
    Path("tsgen.toml").write_text("horizon = 8\n")
    assert len(TSGen("naive").fit(air(), h=3).predict()) == 3


def test_parameters() -> None:
    """scikit-learn's tools can read and set the parameters."""
    m = TSGen("ar", season=12).set_params(level=[50])
    assert m.get_params()["level"] == [50] and m.get_params()["season"] == 12
    with pytest.raises(UsageError, match="levels"):
        m.set_params(levels=[1])


def test_progress() -> None:
    """A function is told of the steps of a training."""
    seen: list[dict[str, Any]] = []
    TSGen("mixer", options={"updates": 20}, progress=seen.append).fit(air(), h=6)
    assert seen and seen[-1]["updates"] == 20


def test_readme(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The lines of the README run as they stand."""
    (tmp_path / "testdata").mkdir()
    (tmp_path / "testdata" / "airpassengers.csv").write_bytes(AIR.read_bytes())
    code = re.search(r"```python\n(.*?)```", (ROOT / "python" / "README.md").read_text(), re.S)
    assert code is not None
    exec(code[1], {})
    assert "ets-hi-95" in capsys.readouterr().out and (tmp_path / "air.tsgen").exists() and (tmp_path / "forecast.png").exists()
