"""The composition root: settings in, wired engines out. The only package that knows every adapter.

Adapters are imported where they are built: whisper, torch and scikit-learn cost seconds, and most commands need none.
"""

from callaudit.assembly.batches import RunOptions, fingerprinter, make_batch, recorded_run, run_fingerprint
from callaudit.assembly.digests import digests_of
from callaudit.assembly.engines import (
    build_engines,
    build_matcher,
    build_text_judge,
    train_classifier,
    train_talk_model,
    word_engines,
)
from callaudit.assembly.executors import build_stage_engines, is_synthetic_model, make_executor
from callaudit.assembly.reports import WrittenReports, clip_source, write_reports
from callaudit.assembly.sources import Plan, find_sources, gone_among
from callaudit.assembly.stores import backup_store, check_store, free_space, make_folder, open_store, sqlite_address

__all__ = [
    "Plan",
    "RunOptions",
    "WrittenReports",
    "backup_store",
    "build_engines",
    "build_matcher",
    "build_stage_engines",
    "build_text_judge",
    "check_store",
    "clip_source",
    "digests_of",
    "find_sources",
    "fingerprinter",
    "free_space",
    "gone_among",
    "is_synthetic_model",
    "make_batch",
    "make_executor",
    "make_folder",
    "open_store",
    "recorded_run",
    "run_fingerprint",
    "sqlite_address",
    "train_classifier",
    "train_talk_model",
    "word_engines",
    "write_reports",
]
