"""The command line. The whole of it is `lesionlab.cli.program`."""

from lesionlab.cli.program import main

__all__ = ["main"]
