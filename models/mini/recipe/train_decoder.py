"""Train the decoder alone on what the encoder already hears: cheap steps, many of them.

    python train_decoder.py SENTENCES.txt[,MORE.txt] DATA[:SHARE][,MORE] MINUTES OUT.ckpt PEAK_LR RESUME.ckpt [LAYERS]

The encoder hears initials and finals long before the decoder can spell them, and most of the time of a step is its
own. So it stands still, a second process encodes windows, and each encoded batch is used several times in another
order. A part of the input tokens is replaced at random, so that the decoder listens more than it guesses. LAYERS gives
it more layers than the checkpoint has; new ones start as doing nothing (`train.py` knows two).
"""

from __future__ import annotations

import math
import random
import sys
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 the name everyone gives it
import train
from train import FULL_WINDOW, Net, PhoneSet, Spoken, batch, save, tokens_in_use

LENGTHS = (800, 1600, FULL_WINDOW, FULL_WINDOW, FULL_WINDOW)
USES = 8  # of one encoded batch
BUFFER = 150  # batches
REPLACED = 0.03  # share of the input tokens
WARMUP_STEPS = 200


class Encoded(torch.utils.data.IterableDataset):
    """Endless encoded batches: features (size, frames / 2, state) in bfloat16, input tokens, target tokens."""

    def __init__(self, net: Net, spoken: Spoken) -> None:
        self.net, self.spoken = net, spoken

    def __iter__(self):
        torch.set_num_threads(1)
        rng = random.Random()
        np.random.seed(rng.randrange(2**31))
        while True:
            frames = rng.choice(LENGTHS)
            mel, inputs, targets, _ = batch(self.spoken, rng, frames, max(4, train.FRAMES_PER_BATCH // frames))
            with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
                yield self.net.encode(mel).bfloat16(), inputs, targets


def replayed(stream, rng):
    """Each batch `USES` times, mixed with the others of the buffer."""
    held = []
    for fresh in stream:
        held.append([fresh, USES])
        for _ in range(USES if len(held) >= BUFFER else USES - 2):
            at = rng.randrange(len(held))
            yield held[at][0]
            held[at][1] -= 1
            if not held[at][1]:
                held[at] = held[-1]
                held.pop()


def disturbed(inputs, net):
    """Input tokens with some of the text ones replaced by others in use."""
    text = inputs < train.TOKENIZER.eot
    hit = text & (torch.rand(inputs.shape) < REPLACED)
    other = net.used[torch.randint(0, len(net.used), inputs.shape)]
    return torch.where(hit, other, inputs)


def deepened(net, layers):
    """Add decoder layers that do nothing yet."""
    from whisper.model import ResidualAttentionBlock

    while len(net.whisper.decoder.blocks) < layers:
        block = ResidualAttentionBlock(train.STATE, 3, cross_attention=True)
        with torch.no_grad():
            for layer in (block.attn.out, block.cross_attn.out, block.mlp[2]):
                layer.weight.zero_()
                layer.bias.zero_()
        net.whisper.decoder.blocks.append(block)
    train.DIMS.n_text_layer = len(net.whisper.decoder.blocks)


def restored(sentences, state, layers=0):
    """The net of a checkpoint, its token table widened to the sentences."""
    text = "\n".join(Path(name).read_text(encoding="utf-8") for name in sentences).split("\n")
    weights, used = dict(state["net"]), state["used"]
    depth = 1 + max(int(key.split(".")[3]) for key in weights if key.startswith("whisper.decoder.blocks."))
    train.DIMS.n_text_layer = depth
    net = Net(sorted({*used, *tokens_in_use(text)}))
    known = weights.pop("embedding")
    net.load_state_dict(weights, strict=False)
    with torch.no_grad():
        net.embedding[net.rank[torch.tensor(used)]] = known
    deepened(net, layers)
    return net


def main() -> None:
    """Train as the command line says."""
    sentences, data, minutes, out, peak_lr, resume, *layers = sys.argv[1:]
    torch.set_num_threads(1)
    state = torch.load(resume, weights_only=True)
    phones = PhoneSet(state["phones"])
    spoken, budget_s, step = Spoken(data.split(","), phones), float(minutes) * 60, state["step"]
    net = restored(sentences.split(","), state, int(layers[0]) if layers else 0)
    trained = [net.embedding, *(p for p in net.whisper.decoder.parameters() if p.requires_grad)]
    optimiser = torch.optim.AdamW(trained, lr=1e-5, betas=(0.9, 0.98), weight_decay=0.01)
    stream = torch.utils.data.DataLoader(Encoded(net, spoken), batch_size=None, num_workers=1, prefetch_factor=4)
    start = saved = time.time()
    mean, steps = 0.0, 0
    for features, inputs, targets in replayed(stream, random.Random()):
        share = (time.time() - start) / budget_s
        if share >= 1:
            break
        cool = 0.03 + 0.97 * (0.5 + 0.5 * math.cos(math.pi * share))
        for group in optimiser.param_groups:
            group["lr"] = float(peak_lr) * min(1, (steps + 1) / WARMUP_STEPS) * cool
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = net.decode(disturbed(inputs, net), features)
        labels = torch.where(targets >= 0, net.rank[targets.clamp(min=0)], targets)
        loss = F.cross_entropy(logits.float().flatten(0, 1), labels.flatten(), ignore_index=-100, label_smoothing=0.05)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimiser.step()
        net.pin()
        steps, mean = steps + 1, mean * 0.99 + loss.item() * 0.01 if mean else loss.item()
        if steps % 100 == 0:
            print(f"{steps}: text {mean:.3f} {time.time() - start:.0f} s", flush=True)
        if time.time() - saved > 300:
            saved = time.time()
            save(net, phones, step, out)
    save(net, phones, step, out)
    net.export(out + ".whisper.pt")


if __name__ == "__main__":
    main()
