"""The estimator."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tsgen import _frames
from tsgen._command import Progress, run
from tsgen._errors import UsageError
from tsgen._progress import shown


class Picture:
    """A picture, which notebooks show; ``save`` writes it."""

    def __init__(self, data: bytes, kind: str) -> None:
        self.data = data
        self.kind = kind

    def _repr_png_(self) -> bytes | None:
        return self.data if self.kind == "png" else None

    def _repr_svg_(self) -> str | None:
        return self.data.decode() if self.kind == "svg" else None

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the picture to a file."""
        Path(path).write_bytes(self.data)


class TSGen:
    """Fits a generative model of time series, and forecasts with it.

    Frames are of pandas, polars or Arrow, long (``unique_id``, ``ds``, ``y``) or wide (``ds``
    and a column for each channel), and results come back in the same library, with the same
    index, types and zone.

    Parameters
    ----------
    model:
        The kind of model, or ``"auto"``: the one that forecasts the past best.
    season:
        Steps in a season, or several; None has them found in the data, 0 means none.
    level:
        Levels of the intervals in percent.
    horizon:
        Steps ahead to fit for; None has it chosen by the data.
    seed:
        Of all that is random. The same seed gives the same results on any machine.
    effort, time_limit:
        Work of ``model="auto"``: ``"low"``, ``"normal"`` or ``"high"``; seconds that the
        choice or a training may take.
    options:
        Options of the model, as ``tsgen models NAME`` lists them.
    known:
        Columns of covariates that are known ahead.
    target:
        Columns of values; None means ``y`` if there is one, else all others.
    id_col, time_col:
        Names of the columns.
    progress:
        True shows the progress of a fit, False does not, None does so in a notebook; or a
        function that is called with each step.

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.read_csv("testdata/airpassengers.csv", parse_dates=["ds"])
    >>> model = TSGen(model="ets", level=[80]).fit(df, h=12)
    >>> model.predict(12).columns.tolist()
    ['ds', 'ets', 'ets-lo-80', 'ets-hi-80']
    """

    def __init__(
        self,
        model: str = "auto",
        season: float | Sequence[float] | None = None,
        level: Sequence[float] = (80, 95),
        *,
        horizon: int | None = None,
        seed: int = 1,
        effort: str | None = None,
        time_limit: float | None = None,
        options: dict[str, Any] | None = None,
        known: Sequence[str] | None = None,
        target: Sequence[str] | str | None = None,
        id_col: str = "unique_id",
        time_col: str = "ds",
        progress: bool | Progress | None = None,
    ) -> None:
        self.model = model
        self.season = season
        self.level = list(level)
        self.horizon = horizon
        self.seed = seed
        self.effort = effort
        self.time_limit = time_limit
        self.options = options
        self.known = known
        self.target = target
        self.id_col = id_col
        self.time_col = time_col
        self.progress = progress
        self._home: tempfile.TemporaryDirectory[str] | None = None
        self._shape: _frames.Shape | None = None
        self.report_: dict[str, Any] = {}

    # What scikit-learn's tools ask for.

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The parameters of the constructor."""
        return {k: getattr(self, k) for k in self._parameters()}

    def set_params(self, **params: Any) -> TSGen:
        """Sets parameters of the constructor."""
        for k, v in params.items():
            if k not in self._parameters():
                raise UsageError(f"TSGen has no parameter {k!r}; it has {', '.join(self._parameters())}")
            setattr(self, k, v)
        return self

    @staticmethod
    def _parameters() -> list[str]:
        return [
            "model", "season", "level", "horizon", "seed", "effort", "time_limit", "options", "known", "target",
            "id_col", "time_col", "progress",
        ]  # fmt: skip

    def __repr__(self) -> str:
        return f"TSGen(model={self.model!r}, {'fitted' if self._home else 'not fitted'})"

    # Fits and forecasts.

    def fit(self, df: Any, h: int | None = None) -> TSGen:
        """Fits to the series of a frame, for forecasts of h steps.

        ``report_`` has the scores of what was compared, ``scores_`` those as rows.
        """
        table = self._table(df)
        args = ["fit", "-", "--json", "--model", self.model, "--seed", str(self.seed), "--progress", "json"]
        if (steps := h if h is not None else self.horizon) is not None:
            args += ["--horizon", str(steps)]
        if self.effort is not None:
            args += ["--effort", self.effort]
        if self.time_limit is not None:
            args += ["--time-limit", f"{self.time_limit}s"]
        for name, value in (self.options or {}).items():
            args += ["--set", f"{name}={str(value).lower() if isinstance(value, bool) else value}"]
        home = tempfile.TemporaryDirectory(prefix="tsgen-")
        args += ["--output", str(Path(home.name) / "model.tsgen"), *self._season(), *self._data(table)]
        with shown(self.progress) as progress:
            self.report_ = json.loads(run(args, table.packed(), progress))
        self._home, self._shape = home, table.shape
        return self

    @property
    def scores_(self) -> list[dict[str, Any]]:
        """The scores of the models that were compared, best first as the command lists them."""
        return [{"model": s["model"], **s.get("scores", {})} for s in self.report_.get("scores", [])]

    def predict(self, h: int | None = None, X_df: Any = None, level: Sequence[float] | None = None) -> Any:
        """Forecasts h steps after the series that the model was fitted to.

        X_df has the times to forecast with the covariates known ahead; without h, its times.
        """
        return self._forecast(None, h, X_df, level)

    def forecast(
        self, df: Any, h: int | None = None, X_df: Any = None, level: Sequence[float] | None = None
    ) -> Any:
        """Forecasts the series of a frame: by the model, if it is fitted, else by one fitted to them."""
        if self._home is None:
            return self.fit(df, h)._forecast(None, h, X_df, level)
        return self._forecast(df, h, X_df, level)

    def paths(self, n: int = 100, h: int | None = None, df: Any = None, X_df: Any = None) -> Any:
        """Draws n futures of each series, in which times and channels depend on each other."""
        return self._forecast(df, h, X_df, None, ["--paths", str(n)])

    def _forecast(
        self, df: Any, h: int | None, X_df: Any, level: Sequence[float] | None, more: Sequence[str] = ()
    ) -> Any:
        args = ["forecast", "--seed", str(self.seed), "--level", _words(level or self.level), *more]
        with tempfile.TemporaryDirectory(prefix="tsgen-") as scratch:
            if X_df is not None:
                future = _frames.Table(X_df, self.id_col, self.time_col)
                if h is not None:
                    future.frame = _first(future, h)
                path = Path(scratch) / "future"
                path.write_bytes(future.packed())
                args += ["--at", str(path)]
            elif h is not None:
                args += ["--horizon", str(h)]
            return self._ask(args, df)

    def cross_validation(
        self,
        df: Any,
        h: int,
        n_windows: int = 1,
        step_size: int | None = None,
        refit: bool = False,
        models: Sequence[str] | None = None,
    ) -> Any:
        """Forecasts the past from several origins, beside what came: a row for each origin,
        series and time. ``models`` are the kinds to compare, this one's if None."""
        kinds = list(models) if models else [self.model]
        if kinds == ["auto"]:
            kinds = []  # those in closed form
        table = self._table(df)
        args = ["backtest", "-", "--json", "--horizon", str(h), "--windows", str(n_windows), "--seed", str(self.seed)]
        args += ["--level", _words(self.level), *self._season(), *self._data(table)]
        if kinds:
            args += ["--models", ",".join(kinds)]
        if step_size is not None:
            args += ["--step", str(step_size)]
        if refit:
            args.append("--refit")
        with tempfile.TemporaryDirectory(prefix="tsgen-") as scratch:
            path = Path(scratch) / "forecasts"
            self.report_ = json.loads(run([*args, "--output", str(path), *table.shape.format], table.packed()))
            return _frames.read(path.read_bytes(), table.shape, ("cutoff",))

    # What else a model can do.

    def impute(self, df: Any = None, level: Sequence[float] | None = None) -> Any:
        """Fills in missing values and rows, with intervals."""
        return self._ask(["impute", "--seed", str(self.seed), "--level", _words(level or self.level)], df)

    def generate(self, n: int = 1, length: int | None = None, seed: int | None = None) -> Any:
        """Draws new series from what the model learned."""
        args = ["generate", "--number", str(n), "--seed", str(self.seed if seed is None else seed)]
        if length is not None:
            args += ["--length", str(length)]
        return self._ask(args, None)

    def detect(self, df: Any = None, rate: float | None = None) -> Any:
        """Says of every value how improbable it is by those before it, and which are anomalous.

        A model that is not fitted has df judged by one in closed form."""
        args = ["detect", "--seed", str(self.seed)]
        if rate is not None:
            args += ["--rate", str(rate)]
        if self._home is None and df is not None:
            table = self._table(df)
            return _frames.read(run([*args, "-", *self._season(), *self._data(table), *table.shape.format], table.packed()), table.shape)
        return self._ask(args, df)

    def plot(
        self,
        df: Any = None,
        h: int | None = None,
        *,
        series: Sequence[str] | None = None,
        history: int | None = None,
        size: tuple[int, int] | None = None,
        actual: Any = None,
        kind: str = "png",
    ) -> Picture:
        """Draws the history and the forecast, and what came after it, if that is given.

        ``kind`` is png, svg or pdf."""
        with tempfile.TemporaryDirectory(prefix="tsgen-") as scratch:
            path = Path(scratch) / f"picture.{kind}"
            args = ["forecast", "--plot", str(path), "--level", _words(self.level)]
            if h is not None:
                args += ["--horizon", str(h)]
            if series is not None:
                args += ["--series", ",".join(map(str, series))]
            if history is not None:
                args += ["--history", str(history)]
            if size is not None:
                args += ["--size", f"{size[0]}x{size[1]}"]
            if actual is not None:
                came = Path(scratch) / "actual"
                came.write_bytes(self._table(actual).packed())
                args += ["--actual", str(came)]
            self._ask(args, df)
            return Picture(path.read_bytes(), kind)

    def report(self, path: str | os.PathLike[str]) -> None:
        """Writes all about the model and its data as one HTML file."""
        run(["report", self._file(), "--output", os.fspath(path)])

    def info(self) -> dict[str, Any]:
        """What the model file holds."""
        return dict(json.loads(run(["info", self._file(), "--json"])))

    # Keeping models.

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the model file, which the command reads as well."""
        shutil.copyfile(self._file(), path)

    @classmethod
    def load(cls, path: str | os.PathLike[str], df: Any = None, **params: Any) -> TSGen:
        """Reads a model file. Results come in the library of df, which need have no more than a
        row, or else in pandas, polars or Arrow, the first that is there."""
        model = cls(**params)
        home = tempfile.TemporaryDirectory(prefix="tsgen-")
        shutil.copyfile(path, Path(home.name) / "model.tsgen")
        model._home = home
        held = model.info()
        model.model = held["kind"]
        if df is not None:
            model._shape = model._table(df).shape
        else:
            model._shape = _frames.usual(model.id_col, model.time_col, held)
        return model

    def __getstate__(self) -> dict[str, Any]:
        state = self.__dict__.copy()
        state["_home"] = Path(self._file()).read_bytes() if self._home else None
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        data = state.pop("_home")
        self.__dict__.update(state)
        self._home = None
        if data is not None:
            self._home = tempfile.TemporaryDirectory(prefix="tsgen-")
            Path(self._file()).write_bytes(data)

    # How the command is asked.

    def _file(self) -> str:
        if self._home is None:
            raise UsageError("this model is not fitted; call fit(df) first")
        return str(Path(self._home.name) / "model.tsgen")

    def _ask(self, args: list[str], df: Any) -> Any:
        """Asks the model about the series of a frame, or those that it was fitted to."""
        args += ["--model", self._file()]
        if df is None:
            assert self._shape is not None
            return _frames.read(run([*args, *self._shape.format]), self._shape)
        table = self._table(df)
        return _frames.read(run([*args, "-", *self._columns(table), *table.shape.format], table.packed()), table.shape)

    def _table(self, df: Any) -> _frames.Table:
        try:
            return _frames.Table(df, self.id_col, self.time_col)
        except (TypeError, ValueError) as e:
            raise UsageError(str(e)) from e

    def _season(self) -> list[str]:
        if self.season is None:
            return []
        several = self.season if isinstance(self.season, Sequence) else [self.season]
        return ["--season", "none" if list(several) in ([], [0], [1]) else _words(several)]

    def _columns(self, table: _frames.Table) -> list[str]:
        """How the columns of a frame are to be taken."""
        args = ["--time", self.time_col]
        if table.shape.named:
            args += ["--id", self.id_col]
        if table.shape.time_text and table.shape.time_dtype.is_numeric():
            args += ["--time-layout", "number"]
        return args

    def _data(self, table: _frames.Table) -> list[str]:
        args = self._columns(table)
        known = list(self.known or [])
        target = [self.target] if isinstance(self.target, str) else list(self.target or [])
        if not target:
            target = ["y"] if "y" in table.columns else [c for c in table.columns if c not in known]
        args += ["--target", ",".join(target)]
        if known:
            args += ["--known", ",".join(known)]
        return args


def _words(numbers: Sequence[float]) -> str:
    return ",".join(f"{n:g}" for n in numbers)


def _first(table: _frames.Table, h: int) -> Any:
    """The first h rows of each series."""
    import narwhals as nw

    frame = table.frame.with_row_index("tsgen-row")
    keys = [table.shape.id_col] if table.shape.named else []
    place = nw.col("tsgen-row").rank("ordinal")
    return frame.filter((place.over(*keys) if keys else place) <= h).drop("tsgen-row")
