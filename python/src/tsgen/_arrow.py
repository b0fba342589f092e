"""Frames as Arrow IPC streams, by pyarrow or by polars, whichever is there."""

from __future__ import annotations

import io
from typing import Any

import narwhals as nw


def available(implementation: Any) -> bool:
    """Whether frames of a library can pass as Arrow: pandas does so by pyarrow."""
    if implementation.is_polars() or implementation.is_pyarrow():
        return True
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        return False
    return True


def plain(frame: nw.DataFrame[Any]) -> nw.DataFrame[Any]:
    """The frame with truth values as 0 and 1 and decimals as numbers."""
    casts = [nw.col(c).cast(nw.Int8) for c, t in frame.schema.items() if t == nw.Boolean]
    casts += [nw.col(c).cast(nw.Float64) for c, t in frame.schema.items() if t == nw.Decimal]
    return frame.with_columns(*casts) if casts else frame


def write(frame: nw.DataFrame[Any]) -> bytes | None:
    """The frame as a stream; None if a column mixes types, which only text can have."""
    frame = plain(frame)
    out = io.BytesIO()
    if frame.implementation.is_polars():
        import polars as pl

        frame.to_native().write_ipc_stream(out, compat_level=pl.CompatLevel.oldest())
        return out.getvalue()
    import pyarrow as pa

    try:
        table = frame.to_arrow().select(frame.columns)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
        return None
    with pa.ipc.new_stream(out, table.schema) as stream:
        stream.write_table(table)
    return out.getvalue()


def read(raw: bytes, implementation: Any) -> nw.DataFrame[Any]:
    """A frame of a library from a stream."""
    if implementation.is_polars():
        import polars as pl

        return nw.from_native(pl.read_ipc_stream(io.BytesIO(raw)), eager_only=True)
    import pyarrow as pa

    table = pa.ipc.open_stream(raw).read_all()
    return nw.from_native(table if implementation.is_pyarrow() else table.to_pandas(), eager_only=True)
