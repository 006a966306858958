"""What a model of Whisper's sizes costs on one thread of this machine.

    python -m tests.benchmarks.model_sizes [SIZE ...]

Speed does not depend on what weights say: models of Whisper's dimensions are made with random ones, and decode eight
full windows of 30 s as a run does, each to so many tokens as people say in one. Printed is processor time, and how many
times faster than the windows last that is; nothing but recognition is in it, and no second try for a window that went
wrong.
"""

from __future__ import annotations

import sys
import time

import numpy as np
import torch
from whisper.model import ModelDimensions, Whisper

from callaudit.speech import decoding
from callaudit.speech.decoding import SPARE_TOKENS, TOKENS_PER_SECOND, WindowDecoder, WindowSound
from callaudit.speech.rows import make_steady

SIZES = {"tiny": (384, 6, 4), "base": (512, 8, 6), "small": (768, 12, 12), "medium": (1024, 16, 24)}
"""Width, heads and layers, of encoder and decoder alike (openai/whisper, model card)."""
WINDOWS = 8
WINDOW_S = 30
TOKENS = 120
"""Of a full window: four syllables a second and the marks of time; people at hotlines say 90 to 150."""


def main() -> None:
    """Print a line for each size."""
    torch.set_num_threads(1)
    decoding.FALLBACK_TEMPERATURES = ()
    for name in sys.argv[1:] or ("tiny", "base", "small"):
        seconds = cost_s(*SIZES[name])
        print(
            f"{name}: {seconds / WINDOWS:.2f} s of processor a window, {WINDOWS * WINDOW_S / seconds:.2f} × real time"
        )


def cost_s(width: int, heads: int, layers: int) -> float:
    """Processor time for all windows, in seconds."""
    size = ModelDimensions(80, 1500, width, heads, layers, 51865, 448, width, heads, layers)
    model = Whisper(size).eval()
    for weights in model.parameters():
        torch.nn.init.normal_(weights, std=0.02)
    make_steady(model)
    decoder = WindowDecoder(model, "")
    noise = np.random.default_rng(0).normal(0, 0.05, WINDOW_S * 16_000).astype(np.float32)
    speech_ms = round((TOKENS - SPARE_TOKENS) / TOKENS_PER_SECOND * 1000)
    begun_s = time.process_time()
    decoder.decode([WindowSound(noise, speech_ms)] * WINDOWS)
    return time.process_time() - begun_s


if __name__ == "__main__":
    main()
