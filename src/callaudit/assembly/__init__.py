"""The composition root: settings in, wired engines out. The only package that knows every adapter.

Adapters are imported where they are built: whisper, torch and scikit-learn cost seconds, and most commands need none.
"""

from callaudit.assembly.batches import fingerprinter, make_batch, recorded_run
from callaudit.assembly.engines import (
    build_engines,
    build_matcher,
    build_text_judge,
    train_classifier,
    train_talk_model,
    word_engines,
)
from callaudit.assembly.reports import WrittenReports, clip_source, write_reports
from callaudit.assembly.sources import Plan, find_sources
from callaudit.assembly.stores import check_store, make_folder, open_store, sqlite_address

__all__ = [
    "Plan",
    "WrittenReports",
    "build_engines",
    "build_matcher",
    "build_text_judge",
    "check_store",
    "clip_source",
    "find_sources",
    "fingerprinter",
    "make_batch",
    "make_folder",
    "open_store",
    "recorded_run",
    "sqlite_address",
    "train_classifier",
    "train_talk_model",
    "word_engines",
    "write_reports",
]
