"""Measure the character error rate of a checkpoint on sentences kept aside, one utterance a window and packed.

    python measure.py MODEL.pt DATA...

DATA.bin and DATA.tsv come from speak.py (`--kept`: voices that were not trained on). Greedy `whisper.decode`, commas
left out on both sides; windows as train.py packs them.
"""

from __future__ import annotations

import random
import sys

import numpy as np
import torch
import whisper
from train import FULL_WINDOW, PhoneSet, Spoken, edits, window

WINDOWS = 40


def error_rate(model, spoken, packed):
    """Errors per character over WINDOWS windows of up to `packed` utterances."""
    rng, wrong, total = random.Random(1), 0, 0
    np.random.seed(1)
    options = whisper.DecodingOptions(language="zh", fp16=False)
    for _ in range(WINDOWS):
        picks = spoken.picks(rng, packed)
        mel, _, _, fitted = window(spoken, rng, FULL_WINDOW, picks)
        told = "".join(spoken.sentences[pick] for pick in picks[:fitted]).replace("，", "")
        heard = whisper.decode(model, torch.from_numpy(mel), options).text.replace("，", "").strip()
        wrong, total = wrong + edits(told, heard), total + len(told)
    return wrong / total


def main():
    """Print one line for each data set."""
    path, *names = sys.argv[1:]
    model = whisper.load_model(path, device="cpu")
    for name in names:
        spoken = Spoken([name], PhoneSet())
        rates = ", ".join(f"{packed} a window {error_rate(model, spoken, packed):.1%}" for packed in (1, 4, 12))
        print(f"{name}: {len(spoken.sentences)} sentences, {rates}")


if __name__ == "__main__":
    main()
