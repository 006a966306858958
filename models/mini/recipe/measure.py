"""Measure the character error rate of a checkpoint on sentences kept aside, one utterance a window and packed.

    python measure.py MODEL.pt DATA...

DATA.bin and DATA.tsv come from speak.py (`--kept`: voices that were not trained on). Greedy `whisper.decode`, commas
left out on both sides; windows as train.py packs them.
"""

from __future__ import annotations

import sys

import whisper
from train import PhoneSet, Spoken, character_error_rate


def main():
    """Print one line for each data set."""
    path, *names = sys.argv[1:]
    model = whisper.load_model(path, device="cpu")
    for name in names:
        spoken = Spoken([name], PhoneSet())
        rates = ", ".join(
            f"{packed} a window {character_error_rate(model, spoken, packed):.1%}" for packed in (1, 4, 12)
        )
        print(f"{name}: {len(spoken.sentences)} sentences, {rates}")


if __name__ == "__main__":
    main()
