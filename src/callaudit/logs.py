"""Logging, the same in every process: lines of JSON on standard error; ids and facts, never what was said."""

from __future__ import annotations

import logging
import sys
import traceback
from pathlib import Path


def configure_logging() -> None:
    """Let structlog write warnings and worse to standard error."""
    import structlog

    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        # As it is when something is logged: a display on the terminal shows the line above itself.
        logger_factory=lambda *name: structlog.PrintLogger(sys.stderr),
    )


def place_of(error: BaseException) -> list[str]:
    """Where an error came up, innermost last, without the values: they may hold what was said."""
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames[-3:]]
