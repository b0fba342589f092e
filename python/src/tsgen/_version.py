"""The version of the package; the wheels have that of the binary that they carry."""

__version__ = "0.0.0"
