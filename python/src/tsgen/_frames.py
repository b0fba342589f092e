"""Data frames to and from the Arrow IPC streams that pass between this package and the command.

Columns of mixed types, and results whose times are texts in a layout of their own, pass as CSV;
so does all of pandas where there is no pyarrow.

Frames of pandas, polars and Arrow go in, and come back as they were: their library, index,
types of identifiers, values and times, and the zone of the times.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import narwhals as nw

from tsgen import _arrow


def _naive_utc(text: str, zone: dt.tzinfo | None) -> dt.datetime:
    t = dt.datetime.fromisoformat(text)
    if t.tzinfo is None and zone is not None:
        t = t.replace(tzinfo=zone)
    return t.astimezone(dt.timezone.utc).replace(tzinfo=None) if t.tzinfo else t


@dataclass
class Shape:
    """What a frame was like, so that results come back alike."""

    backend: Any  # an implementation of narwhals
    id_col: str
    time_col: str
    named: bool  # it names its series
    index: list[str] = field(default_factory=list)  # columns that were the index of pandas
    time_dtype: Any = None
    time_text: bool = False
    zone: str | None = None  # of times that are days of it, whose stamps have none
    id_dtype: Any = None
    id_native: Any = None  # the type of pandas, which knows more of them
    ids: dict[str, Any] = field(default_factory=dict)
    value_dtype: Any = None
    series_name: str | None = None  # of a pandas Series

    @property
    def arrow(self) -> bool:
        """Whether results pass as Arrow, in which times that are texts would lose their layout."""
        return _arrow.available(self.backend) and (not self.time_text or self.time_dtype.is_numeric())

    @property
    def format(self) -> list[str]:
        """Arguments that say so."""
        return ["--format", "arrows" if self.arrow else "csv"]


def _is_named(zone: str) -> bool:
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        return False
    return True


class Table:
    """A frame, with its shape."""

    def __init__(self, data: Any, id_col: str, time_col: str) -> None:
        data, index, name = _columns(data, id_col, time_col)
        frame = nw.from_native(data, eager_only=True)
        if time_col not in frame.columns:
            raise ValueError(f"the frame has no column {time_col!r} of times, and its index is none; it has {frame.columns}")
        self.frame = frame
        self.shape = shape = Shape(frame.implementation, id_col, time_col, id_col in frame.columns, index, series_name=name)
        times = frame[time_col]
        shape.time_dtype = times.dtype
        shape.time_text = not times.dtype.is_temporal()
        if times.dtype == nw.Datetime and times.dtype.time_zone:
            zone = str(times.dtype.time_zone)
            if _is_named(zone) and all(t.timetz().replace(tzinfo=None) == dt.time() for t in times.unique().to_list()):
                shape.zone = zone
        if shape.named:
            ids = frame[id_col]
            shape.id_dtype = ids.dtype
            if shape.backend.is_pandas():
                shape.id_native = ids.to_native().dtype
            shape.ids = {str(v): v for v in ids.unique().to_list()}
        values = [c for c in frame.columns if c not in (id_col, time_col) and frame[c].dtype.is_numeric()]
        if values and all(frame[c].dtype == nw.Float32 for c in values):
            shape.value_dtype = nw.Float32

    @property
    def columns(self) -> list[str]:
        """The columns beside those of identifiers and times."""
        return [c for c in self.frame.columns if c not in (self.shape.id_col, self.shape.time_col)]

    def packed(self) -> bytes:
        """The frame as the command reads it."""
        if not _arrow.available(self.shape.backend):
            return self.csv()
        frame = self.frame
        if self.shape.zone is not None:
            frame = frame.with_columns(nw.col(self.shape.time_col).dt.replace_time_zone(None).cast(nw.Date))
        stream = _arrow.write(frame)
        return self.csv() if stream is None else stream

    def csv(self) -> bytes:
        """The frame as CSV. Times with a zone have their offset."""
        shape = self.shape
        columns: list[Iterable[Any]] = []
        for c in self.frame.columns:
            values = self.frame[c].to_list()
            if c == shape.time_col and not shape.time_text:
                columns.append(_stamps(values, shape.time_dtype == nw.Date or shape.zone is not None))
            else:
                columns.append("" if v is None or v != v else _cell(v) for v in values)
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(self.frame.columns)
        writer.writerows(zip(*columns))
        return out.getvalue().encode()


def _cell(v: Any) -> Any:
    if isinstance(v, bool):
        return int(v)
    return v


def _stamps(values: list[Any], date: bool) -> Iterable[str]:
    known: dict[Any, str] = {}
    for v in values:
        text = known.get(v)
        if text is None:
            text = known[v] = _date(v) if date else v.isoformat()
        yield text


def _date(v: Any) -> str:
    return str((v.date() if isinstance(v, dt.datetime) else v).isoformat())


def _columns(data: Any, id_col: str, time_col: str) -> tuple[Any, list[str], str | None]:
    """The data with all in columns, the columns that were the index, and the name of a Series."""
    module = type(data).__module__.split(".")[0]
    if module != "pandas":
        return data, [], None
    name: str | None = None
    if type(data).__name__ == "Series":
        name = str(data.name) if data.name is not None else "y"
        data = data.to_frame(name)
    names = list(data.index.names)
    if len(names) == 1 and names[0] is None:
        if time_col in data.columns or not _is_time(data.index):
            return data, [], name  # rows are merely numbered
        data = data.rename_axis(time_col)
        names = [time_col]
    elif len(names) == 1 and time_col not in data.columns and names[0] not in (id_col, time_col) and _is_time(data.index):
        data = data.rename_axis(time_col)
        names = [time_col]
    index = [n for n in names if n in (id_col, time_col)]
    return (data.reset_index() if index else data), index, name


def _is_time(index: Any) -> bool:
    return type(index).__name__ == "DatetimeIndex"


def read(raw: bytes, shape: Shape, times: tuple[str, ...] = ()) -> Any:
    """A frame of the shape from what the command wrote. The named columns are of times, beside that
    of the shape."""
    built = _of_arrow(raw, shape, times) if shape.arrow else _of_csv(raw, shape, times)
    if not shape.backend.is_pandas():
        return nw.from_dict(built, backend=shape.backend).to_native()
    import pandas as pd

    native = pd.DataFrame({c: s.to_native() for c, s in built.items()})
    return native.set_index(index) if (index := [c for c in shape.index if c in built]) else native


def _of_arrow(raw: bytes, shape: Shape, times: tuple[str, ...]) -> dict[str, Any]:
    frame = _arrow.read(raw, shape.backend)
    built: dict[str, Any] = {}
    for c in frame.columns:
        s = frame[c]
        if c == shape.id_col and shape.named:
            built[c] = _ids(c, [str(v) for v in s.to_list()], shape)
        elif c == shape.time_col or c in times:
            built[c] = _instants(s, shape)
        elif c.endswith(("-imputed", "-anomaly")):
            built[c] = s == 1
        elif s.dtype.is_numeric():
            built[c] = s.cast(shape.value_dtype or nw.Float64)
        else:
            built[c] = s
    return built


def _instants(s: Any, shape: Shape) -> Any:
    """Times of the type of the shape."""
    dtype = shape.time_dtype
    if dtype == nw.Datetime and s.dtype == nw.Datetime and bool(dtype.time_zone) == bool(s.dtype.time_zone):
        if dtype.time_zone:
            s = s.dt.convert_time_zone(str(dtype.time_zone))
        return s.cast(nw.Datetime(dtype.time_unit, dtype.time_zone))
    return _times(s.name, [str(v) for v in s.to_list()], shape)


def _of_csv(raw: bytes, shape: Shape, times: tuple[str, ...]) -> dict[str, Any]:
    rows = list(csv.reader(io.StringIO(raw.decode())))
    header, body = rows[0], rows[1:]
    columns = dict(zip(header, zip(*body))) if body else {c: () for c in header}
    built: dict[str, Any] = {}
    for c, cells in columns.items():
        if c == shape.id_col and shape.named:
            built[c] = _ids(c, cells, shape)
        elif c == shape.time_col or c in times:
            built[c] = _times(c, cells, shape)
        else:
            built[c] = _values(c, cells, shape)
    return built


def _ids(name: str, cells: Iterable[str], shape: Shape) -> Any:
    if not shape.ids or any(c not in shape.ids for c in cells):
        return nw.new_series(name, [str(c) for c in cells], nw.String, backend=shape.backend)
    values = [shape.ids[c] for c in cells]
    if shape.id_native is not None:
        import pandas as pd

        return nw.from_native(pd.Series(values, name=name, dtype=shape.id_native), series_only=True)
    if isinstance(shape.id_dtype, (nw.Categorical, nw.Enum)):
        return nw.new_series(name, values, nw.String, backend=shape.backend).cast(shape.id_dtype)
    return nw.new_series(name, values, shape.id_dtype, backend=shape.backend)


def _times(name: str, cells: Iterable[str], shape: Shape) -> Any:
    dtype = shape.time_dtype
    if shape.time_text:
        if dtype.is_integer():
            whole = [float(c) for c in cells]
            if all(v == int(v) for v in whole):
                return nw.new_series(name, [int(v) for v in whole], dtype, backend=shape.backend)
            return nw.new_series(name, whole, nw.Float64, backend=shape.backend)
        if dtype.is_numeric():
            return nw.new_series(name, [float(c) for c in cells], dtype, backend=shape.backend)
        return nw.new_series(name, list(cells), dtype, backend=shape.backend)
    of = ZoneInfo(shape.zone) if shape.zone else None
    known: dict[str, Any] = {}
    for c in cells:
        if c not in known:
            known[c] = _naive_utc(c, of)
    if dtype == nw.Date:
        return nw.new_series(name, [known[c].date() for c in cells], nw.Date, backend=shape.backend)
    unit = dtype.time_unit
    naive = nw.new_series(name, [known[c] for c in cells], nw.Datetime(unit), backend=shape.backend)
    zone = dtype.time_zone
    if zone is None:
        return naive
    return naive.dt.replace_time_zone("UTC").dt.convert_time_zone(str(zone) if isinstance(zone, ZoneInfo) else zone)


def _values(name: str, cells: Iterable[str], shape: Shape) -> Any:
    try:
        numbers = [float(c) if c else None for c in cells]
    except ValueError:
        return nw.new_series(name, list(cells), nw.String, backend=shape.backend)
    if name.endswith(("-imputed", "-anomaly")):
        return nw.new_series(name, [v == 1 for v in numbers], nw.Boolean, backend=shape.backend)
    return nw.new_series(name, numbers, shape.value_dtype or nw.Float64, backend=shape.backend)


def usual(id_col: str, time_col: str, held: dict[str, Any]) -> Shape:
    """The shape of results of a model file of which no frame is known."""
    for backend in (nw.Implementation.PANDAS, nw.Implementation.POLARS, nw.Implementation.PYARROW):
        try:
            backend.to_native_namespace()
        except ImportError:
            continue
        shape = Shape(backend, id_col, time_col, True, time_dtype=nw.Datetime("us"))
        try:
            zone = dt.datetime.fromisoformat(held["first"]).tzinfo
        except ValueError:
            shape.time_dtype, shape.time_text = nw.String(), True
        else:
            if zone is not None:
                shape.time_dtype = nw.Datetime("us", "UTC")
        return shape
    raise ImportError("results need pandas, polars or pyarrow; install one of them")
