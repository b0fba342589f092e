"""Shows how a fit goes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tsgen._command import Progress


def _in_notebook() -> bool:
    shell = sys.modules.get("IPython")
    return shell is not None and shell.get_ipython() is not None


@contextmanager
def shown(how: bool | Progress | None) -> Iterator[Progress]:
    """What is called with each step of a fit: a bar of tqdm, where that is installed, or nothing."""
    if callable(how):
        yield how
        return
    bar = _Bar() if how or (how is None and _in_notebook()) else None
    try:
        yield bar.step if bar else _ignore
    finally:
        if bar:
            bar.close()


def _ignore(_: dict[str, Any]) -> None:
    pass


class _Bar:
    def __init__(self) -> None:
        self.phase = ""
        self.bar: Any = None

    def step(self, event: dict[str, Any]) -> None:
        at, of = event.get("update") or event.get("number"), event.get("updates") or event.get("of")
        if at is None or of is None:
            return
        if event["phase"] != self.phase:
            self.close()
            self.phase = event["phase"]
            self.bar = _new(of, self.phase)
        if self.bar is not None:
            self.bar.update(at - self.bar.n)
            self.bar.set_postfix_str(event.get("candidate") or (f"loss {event['loss']:.3g}" if event.get("loss") is not None else ""))

    def close(self) -> None:
        if self.bar is not None:
            self.bar.close()
            self.bar = None


def _new(total: int, phase: str) -> Any:
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return None
    return tqdm(total=total, desc=phase)
