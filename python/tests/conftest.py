import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

try:
    import tsgen  # the wheel that is tested
except ImportError:
    sys.path.insert(0, str(ROOT / "python" / "src"))
    import tsgen  # noqa: F401


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test depends on the working directory, or writes to it."""
    monkeypatch.chdir(tmp_path)
    if "TSGEN_BINARY" not in os.environ and os.environ.get("TSGEN_TEST_BINARY"):
        monkeypatch.setenv("TSGEN_BINARY", os.environ["TSGEN_TEST_BINARY"])
