"""Train a compact Whisper from scratch on spoken sentences (speak.py) and save it in openai-whisper's own format.

    python train.py SENTENCES.txt[,MORE.txt] DATA[:SHARE][,MORE] MINUTES OUT.ckpt [PEAK_LR [RESUME.ckpt]]

DATA.bin and DATA.tsv come from speak.py; SHARE is how often to draw from them. Writes OUT.ckpt (to resume from) and
OUT.ckpt.whisper.pt (for whisper.load_model).

The encoder is helped by a CTC loss over initials and finals; the decoder learns Whisper's own token sequence,
timestamps included, and <|nospeech|> for windows of noise. Windows grow from 4 s to 30 s as training goes on, packed as
callaudit packs them; a resumed training stays with the longer ones.
"""

import math
import random
import sys
import time
from itertools import accumulate
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 the name everyone gives it
import whisper
from pypinyin import Style, pinyin
from whisper.model import ModelDimensions, Whisper
from whisper.tokenizer import get_tokenizer

STATE = 192
DIMS = ModelDimensions(
    n_mels=80,
    n_audio_ctx=1500,
    n_audio_state=STATE,
    n_audio_head=3,
    n_audio_layer=4,
    n_vocab=51865,
    n_text_ctx=448,
    n_text_state=STATE,
    n_text_head=3,
    n_text_layer=2,
)
TOKENIZER = get_tokenizer(True, language="zh", task="transcribe")
PROMPT = list(TOKENIZER.sot_sequence)
FIRST_TIME = TOKENIZER.timestamp_begin
FRAMES_PER_BATCH = 16000  # mel frames of 10 ms
FULL_WINDOW = 3000
PHONE_CLASSES, BLANK = 121, 120
UNUSED_LOGIT = -40.0
WARMUP_STEPS = 400
EMPTY_SHARE = 0.04  # windows without speech


class PhoneSet:
    """Numbers initials and finals as they are met; the numbers travel with the checkpoint."""

    def __init__(self, numbers=()):
        self.numbers = dict(numbers)

    def encode(self, sentence):
        """Phone numbers of a sentence, initials and finals."""
        text = sentence.replace("，", "")
        initials = pinyin(text, style=Style.INITIALS, strict=False, errors="default")
        finals = pinyin(text, style=Style.FINALS, strict=False, errors="default")
        return [
            self.numbers.setdefault(part[0], len(self.numbers))
            for pair in zip(initials, finals, strict=True)
            for part in pair
            if part[0]
        ]


class Spoken:
    """Utterances in memory: mel power, text tokens, phones."""

    def __init__(self, names, phones):
        mels, start, shares = [], 0, []
        self.spans, self.sentences = [], []
        for name, _, share in (name.partition(":") for name in names):
            mels.append(np.fromfile(name + ".bin", dtype=np.float16).reshape(-1, 80))
            for line in Path(name + ".tsv").read_text(encoding="utf-8").splitlines():
                row, rows, sentence = line.split("\t")
                self.spans.append((start + int(row), int(rows)))
                self.sentences.append(sentence)
            start += len(mels[-1])
            shares += [float(share or 1)] * (len(self.spans) - len(shares))
        self.shares = list(accumulate(shares))
        self.mel = np.concatenate(mels)
        self.tokens = [TOKENIZER.encode(s) for s in self.sentences]
        self.phones = [phones.encode(s) for s in self.sentences]

    def picks(self, rng, count):
        """Numbers of some utterances, drawn by the shares of their data."""
        return rng.choices(range(len(self.spans)), cum_weights=self.shares, k=count)


def line_noise(rows):
    """Noise power of one line, (rows, 80): a level and a tilt drawn at random."""
    tilt = np.linspace(0, np.random.uniform(-1.5, 0.5), 80)
    floor = 10 ** np.random.uniform(-7.5, -2.6) * 10**tilt
    return (floor * np.random.exponential(1, (rows, 80))).astype(np.float32)


def window(spoken, rng, frames, picks):
    """One window as the packing makes it: Whisper mel (80, frames), tokens, phones, how many utterances fitted.

    Speech regions of one to three utterances, each with the noise of its own line and padding, stand between gaps of
    digital silence; in one window of four the gaps carry noise too.
    """
    power, at = np.zeros((frames, 80), np.float32), rng.randint(0, 25)
    tokens, phones, fitted, left, gain = list(PROMPT), [], 0, 0, 1.0
    for pick in picks:
        row, rows = spoken.spans[pick]
        if at + rows + 25 > frames:
            break
        if left == 0:  # a new region begins
            left, begun = rng.choices([1, 2, 3], [5, 3, 2])[0], at
            gain = 10 ** rng.uniform(-2.0, 0.6)
            at += rng.randint(5, 30)
        if at + rows + 5 > frames:
            break
        power[at : at + rows] += gain * 10.0 ** spoken.mel[row : row + rows].astype(np.float32)
        tokens += [FIRST_TIME + round(at / 2), *spoken.tokens[pick], FIRST_TIME + round((at + rows) / 2)]
        phones += spoken.phones[pick]
        fitted, left = fitted + 1, left - 1
        at += rows + rng.randint(5, 30)
        if left:
            at += rng.randint(5, 40)
        else:
            power[begun : min(at, frames)] += line_noise(min(at, frames) - begun)
            at += rng.randint(15, 60)
    if left:  # the window was full before the region was
        power[begun : min(at, frames)] += line_noise(min(at, frames) - begun)
    if rng.random() < 0.25 or not fitted:
        power += line_noise(frames)
    mel = np.log10(np.maximum(power, 1e-10))
    mel = (np.maximum(mel, mel.max() - 8) + 4) / 4  # Whisper's normalisation
    return mel.T.astype(np.float32), [*tokens, TOKENIZER.eot], phones, fitted


def mask_bands(mel, rng):
    """Hide a band of some windows, in place (SpecAugment)."""
    for row in mel:
        if rng.random() < 0.5:
            width, low = rng.randint(2, 10), rng.randint(0, 70)
            row[low : low + width] = row.mean()


def batch(spoken, rng, frames, size):
    """Mel (size, 80, frames), input tokens (size, n), target tokens with -100 where none, phones per row."""
    mels, rows, phones = [], [], []
    while len(mels) < size:
        count = max(1, frames // 100)
        if rng.random() < 0.2:
            count = rng.randint(1, 4)
        if rng.random() < EMPTY_SHARE:
            count = 0
        mel, tokens, heard, fitted = window(spoken, rng, frames, spoken.picks(rng, count))
        if fitted or not count:
            mels.append(mel), rows.append(tokens), phones.append(heard)
    longest = max(map(len, rows))
    inputs, targets = np.full((size, longest), TOKENIZER.eot), np.full((size, longest), -100)
    for i, tokens in enumerate(rows):
        inputs[i, : len(tokens)] = tokens
        targets[i, 0] = PROMPT[1] if phones[i] else TOKENIZER.no_speech
        targets[i, len(PROMPT) - 1 : len(tokens) - 1] = tokens[len(PROMPT) :]
    stacked = np.stack(mels)
    mask_bands(stacked, rng)
    return torch.from_numpy(stacked), torch.from_numpy(inputs), torch.from_numpy(targets), phones


class Curriculum(torch.utils.data.IterableDataset):
    """Endless batches; windows grow with the share of the time budget that is spent."""

    def __init__(self, spoken, budget_s, resumed):
        self.spoken, self.budget_s, self.resumed = spoken, budget_s, resumed

    def lengths(self, share):
        """Window lengths in frames at this share of the budget."""
        if self.resumed:
            return [800, 1600, 3000, 3000]
        return (
            [400]
            if share < 0.35
            else [400, 800]
            if share < 0.6
            else [400, 800, 1600]
            if share < 0.8
            else [400, 1600, 3000]
        )

    def __iter__(self):
        rng, start = random.Random(), time.time()
        np.random.seed(rng.randrange(2**31))
        while True:
            frames = rng.choice(self.lengths((time.time() - start) / self.budget_s))
            yield batch(self.spoken, rng, frames, max(4, FRAMES_PER_BATCH // frames))


def tokens_in_use(sentences):
    """Tokens that the sentences, their single characters and the decoder's own signs need."""
    used = {*PROMPT, TOKENIZER.eot, TOKENIZER.no_speech, TOKENIZER.no_timestamps, TOKENIZER.sot_prev, *range(256)}
    used.update(range(FIRST_TIME, FIRST_TIME + 1501))
    for sentence in sentences:
        used.update(TOKENIZER.encode(sentence))
        for character in sentence:
            used.update(TOKENIZER.encode(character))
    return sorted(used)


class Net(torch.nn.Module):
    """Whisper with an embedding of only the tokens in use and a phone head.

    The last feature is pinned to 1 behind the decoder's final norm and to 0 in every used embedding, so that export can
    give each unused token of the full vocabulary a fixed, hopeless logit.
    """

    def __init__(self, used):
        super().__init__()
        self.whisper, self.used = Whisper(DIMS), torch.tensor(used)
        self.rank = torch.full((DIMS.n_vocab,), -1)
        self.rank[self.used] = torch.arange(len(used))
        self.embedding = torch.nn.Parameter(torch.randn(len(used), STATE) * 0.05)
        self.phone_head = torch.nn.Linear(STATE, PHONE_CLASSES)
        self.whisper.decoder.token_embedding.weight.requires_grad = False
        with torch.no_grad():
            self.whisper.decoder.positional_embedding.normal_(0, 0.02)
        self.pin()

    @torch.no_grad()
    def pin(self):
        """Keep the last feature at its fixed values."""
        self.embedding[:, -1] = 0
        self.whisper.decoder.ln.weight[-1] = 0
        self.whisper.decoder.ln.bias[-1] = 1

    def encode(self, mel):
        """Audio features of mel windows (size, 80, frames)."""
        encoder = self.whisper.encoder
        x = F.gelu(encoder.conv2(F.gelu(encoder.conv1(mel)))).permute(0, 2, 1)
        x = (x + encoder.positional_embedding[: x.shape[1]]).to(x.dtype)  # windows shorter than 30 s are allowed here
        for block in encoder.blocks:
            x = block(x)
        return encoder.ln_post(x)

    def decode(self, tokens, audio):
        """Logits over the tokens in use."""
        decoder = self.whisper.decoder
        x = self.embedding[self.rank[tokens]] + decoder.positional_embedding[: tokens.shape[1]]
        x = F.dropout(x, 0.05, self.training)
        for block in decoder.blocks:
            x = block(x, audio, mask=decoder.mask)
        return decoder.ln(x) @ self.embedding.T

    def export(self, path):
        """Save as openai-whisper saves: dims and float16 weights."""
        weights = self.whisper.state_dict()
        table = torch.zeros(DIMS.n_vocab, STATE)
        table[:, -1] = UNUSED_LOGIT
        table[self.used] = self.embedding.detach()
        weights["decoder.token_embedding.weight"] = table
        torch.save({"dims": DIMS.__dict__, "model_state_dict": {k: v.half() for k, v in weights.items()}}, path)


def save(net, phones, step, path):
    """Save what a resumed training needs."""
    weights = {k: v for k, v in net.state_dict().items() if "token_embedding" not in k}  # export fills that table
    used = net.used.tolist()
    torch.save({"net": weights, "phones": phones.numbers, "step": step, "used": used}, path)


def losses(net, mel, inputs, targets, phones):
    """Cross-entropy of the next token, CTC of the phones."""
    with torch.autocast("cpu", dtype=torch.bfloat16):
        audio = net.encode(mel)
        logits, heard = net.decode(inputs, audio), net.phone_head(audio)
    labels = torch.where(targets >= 0, net.rank[targets.clamp(min=0)], targets)
    text = F.cross_entropy(logits.float().flatten(0, 1), labels.flatten(), ignore_index=-100, label_smoothing=0.05)
    lengths = torch.tensor([len(p) for p in phones])
    speech = F.ctc_loss(
        heard.float().log_softmax(-1).transpose(0, 1),
        torch.tensor([n for p in phones for n in p]),
        torch.full((len(phones),), heard.shape[1]),
        lengths,
        blank=BLANK,
        zero_infinity=True,
    )
    return text, speech


def edits(a, b):
    """Edit distance of two texts."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        new = [i]
        for j, y in enumerate(b, 1):
            new.append(min(row[j] + 1, new[-1] + 1, row[j - 1] + (x != y)))
        row = new
    return row[-1]


def character_error_rate(model, spoken, packed, count=40):
    """Errors per character over windows of up to `packed` utterances, through whisper.decode; commas left out."""
    rng, wrong, total = random.Random(1), 0, 0
    np.random.seed(1)
    options = whisper.DecodingOptions(language="zh", fp16=False)
    for _ in range(count):
        picks = spoken.picks(rng, packed)
        mel, _, _, fitted = window(spoken, rng, FULL_WINDOW, picks)
        told = "".join(spoken.sentences[pick] for pick in picks[:fitted]).replace("，", "")
        heard = whisper.decode(model, torch.from_numpy(mel), options).text.replace("，", "").strip()
        wrong, total = wrong + edits(told, heard), total + len(told)
    return wrong / total


def main():
    """Train as the command line says."""
    sentences, data, minutes, out, *options = sys.argv[1:]
    sentences, data = sentences.split(","), data.split(",")
    text = "\n".join(Path(name).read_text(encoding="utf-8") for name in sentences)

    peak_lr, resume = float(options[0]) if options else 1.2e-3, options[1:]
    state = torch.load(resume[0], weights_only=True) if resume else None
    phones = PhoneSet(state["phones"] if state else ())
    spoken, budget_s = Spoken(data, phones), float(minutes) * 60
    used = state["used"] if state else ()
    net = Net(sorted({*used, *tokens_in_use(text.split("\n"))}))
    trained = [p for p in net.parameters() if p.requires_grad]
    optimiser, step = torch.optim.AdamW(trained, lr=peak_lr, betas=(0.9, 0.98), weight_decay=0.01), 0
    if state:
        weights = state["net"]
        known = weights.pop("embedding")
        for key in ("used", "rank"):
            weights.pop(key, None)
        net.load_state_dict(weights, strict=False)
        with torch.no_grad():
            net.embedding[net.rank[torch.tensor(used)]] = known
        step = state["step"]
    stream = torch.utils.data.DataLoader(
        Curriculum(spoken, budget_s, bool(resume)), batch_size=None, num_workers=1, prefetch_factor=4
    )
    start = saved = time.time()
    for mel, inputs, targets, heard in stream:
        share = (time.time() - start) / budget_s
        if share >= 1:
            break
        warm, cool = min(1, (step + 1) / WARMUP_STEPS), 0.03 + 0.97 * (0.5 + 0.5 * math.cos(math.pi * share))
        for group in optimiser.param_groups:
            group["lr"] = peak_lr * warm * cool
        text, speech = losses(net, mel, inputs, targets, heard)
        optimiser.zero_grad()
        (text + (1.0 if step < 1500 else 0.3) * speech).backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimiser.step()
        net.pin()
        step += 1
        if step % 100 == 0:
            print(f"{step}: text {text:.3f} speech {speech:.3f} {time.time() - start:.0f} s", flush=True)
        if time.time() - saved > 600:
            saved = time.time()
            save(net, phones, step, out)
    save(net, phones, step, out)
    net.export(out + ".whisper.pt")
    model = whisper.load_model(out + ".whisper.pt", device="cpu")
    print(f"character error rate, packed, on what it was trained on: {character_error_rate(model, spoken, 12):.3f}")


if __name__ == "__main__":
    main()
