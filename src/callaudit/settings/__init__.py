"""Settings: `callaudit.toml`, then environment (`CALLAUDIT_…`), then command-line flags, into one frozen object.

In the environment a section is set off by two underscores: `CALLAUDIT_SPEECH__MODEL=small`.
"""

from callaudit.settings.load import load_settings
from callaudit.settings.sections import (
    AudioSettings,
    BatchSettings,
    ClassifierSettings,
    FolderSettings,
    HangupSettings,
    LexiconSettings,
    ReportSettings,
    Section,
    Settings,
    SpeechSettings,
)

__all__ = [
    "AudioSettings",
    "BatchSettings",
    "ClassifierSettings",
    "FolderSettings",
    "HangupSettings",
    "LexiconSettings",
    "ReportSettings",
    "Section",
    "Settings",
    "SpeechSettings",
    "load_settings",
]
