"""Every text a reviewer reads, in Chinese and English."""

from callaudit.reports.wording.labels import LABELS, Lang, Text, label

__all__ = ["LABELS", "Lang", "Text", "label"]
