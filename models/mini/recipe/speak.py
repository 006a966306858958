"""Speak sentences with espeak-ng over a telephone line and keep their mel power.

    python speak.py SENTENCES.txt FIRST LAST OUT [--kept]

writes OUT.bin (float16 log10 mel power, 80 bands, one row per 10 ms) and OUT.tsv (first row, rows, sentence). Needs the
Debian package espeak-ng. Chinese characters are given to it as pinyin with tone sandhi. `--kept` speaks with the voices
that are kept aside for measuring.
"""

import random
import subprocess
import sys
import tempfile
from multiprocessing import Pool
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import soundfile
import torch
from pypinyin import Style, lazy_pinyin
from scipy.signal import butter, resample_poly, sosfilt
from whisper.audio import HOP_LENGTH, N_FFT, mel_filters

torch.set_num_threads(1)
VOICES = (
    "m1 m2 m3 m4 m5 m6 m7 m8 f1 f2 f3 f4 f5 Annie Alex Andy Gene Michael Lee Mike belinda linda steph paul rob adam"
    " aunty grandpa Andrea Denis Alicia antonio benjamin boris caleb david ed edward Gene2 gustave announcer Hugo john"
    " Marco Mario max miguel pablo quincy robert steph2 travis victor sandro shelby norbert grandma anika"
).split()
KEPT_VOICES = "Henrique iven Jacky marcelo michel Mr pedro steph3 Nguyen zac Diogo edward2".split()
LINE_HZ = 8000
SPOKEN_HZ = 22050  # espeak-ng's own rate
LONGEST_S = 9
GROUP = 48  # utterances that go through one codec together
BREAK = np.zeros(LINE_HZ // 5, np.float32)
TELEPHONE_BAND = butter(4, [300, 3400], btype="band", fs=LINE_HZ, output="sos")
CODECS = (
    (None, 8),
    ("gsm", 3),
    (("amr", ["-c:a", "libopencore_amrnb", "-b:a", "12.2k"]), 1),
    (("amr", ["-c:a", "libopencore_amrnb", "-b:a", "7.95k"]), 1),
    (("mp3", ["-c:a", "libmp3lame", "-b:a", "16k"]), 2),
    (("ogg", ["-c:a", "libopus", "-b:a", "12k"]), 2),
    (("wav", ["-c:a", "adpcm_ima_wav"]), 1),
)
MU = 255  # G.711 mu-law
FILTERS = mel_filters("cpu", 80)
WINDOW = torch.hann_window(N_FFT)


def pinyin(sentence):
    """Numbered pinyin of a sentence, tone sandhi applied, commas kept as pauses."""
    spaced = sentence.replace("，", " , ")
    return " ".join(lazy_pinyin(spaced, style=Style.TONE3, neutral_tone_with_five=True, tone_sandhi=True))


def speak(sentence, voice, speed, pitch):
    """Samples at 8 kHz in [-1, 1], silence trimmed to 50 ms at both ends; None if nothing was said."""
    voice = f"cmn-latn-pinyin+{voice}"
    command = ["espeak-ng", "-b", "1", "-v", voice, "-s", str(speed), "-p", str(pitch), "--stdout", pinyin(sentence)]
    wav = subprocess.run(command, capture_output=True, check=True).stdout
    samples = np.frombuffer(wav[44 : len(wav) - (len(wav) - 44) % 2], dtype=np.int16).astype(np.float32) / 32768
    samples = resample_poly(samples, 2 * LINE_HZ // 100, SPOKEN_HZ // 50)
    loud = np.flatnonzero(np.abs(samples) > 2e-3)
    return samples[max(0, loud[0] - 400) : loud[-1] + 400] if len(loud) else None


def telephone(samples):
    """The same through a 300-3400 Hz band and G.711 companding."""
    samples = sosfilt(TELEPHONE_BAND, samples)
    samples = samples / (np.abs(samples).max() + 1e-6) * 0.5
    companded = np.round(np.sign(samples) * np.log1p(MU * np.abs(samples)) / np.log1p(MU) * 127) / 127
    return (np.sign(companded) * np.expm1(np.abs(companded) * np.log1p(MU)) / MU).astype(np.float32)


def through(codec, samples, folder):
    """The samples after one lossy codec, in a temporary folder; same length."""
    if codec == "gsm":
        path = folder / "coded.wav"
        soundfile.write(path, samples, LINE_HZ, format="WAV", subtype="GSM610")
        decoded = soundfile.read(path, dtype="float32")[0]
    else:
        suffix, options = codec
        path, ffmpeg = folder / f"coded.{suffix}", [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-loglevel", "error"]
        raw = ["-f", "f32le", "-ar", str(LINE_HZ), "-ac", "1"]
        subprocess.run(
            [*ffmpeg[:1], "-loglevel", "error", "-y", *raw, "-i", "-", *options, str(path)],
            input=samples.tobytes(),
            check=True,
        )
        out = subprocess.run([*ffmpeg, "-i", str(path), *raw, "-"], capture_output=True, check=True).stdout
        decoded = np.frombuffer(out, np.float32)
    fitted = np.zeros_like(samples)
    fitted[: min(len(samples), len(decoded))] = decoded[: len(samples)]
    return fitted


def log_mel_power(samples):
    """log10 mel power as Whisper computes it before its own normalisation, float16 (80, frames)."""
    audio = torch.from_numpy(resample_poly(samples, 2, 1).astype(np.float32))
    spectrum = torch.stft(audio, N_FFT, HOP_LENGTH, window=WINDOW, return_complex=True)
    return torch.clamp(FILTERS @ (spectrum[..., :-1].abs() ** 2), min=1e-10).log10().half().numpy()


def utterances(job):
    """Sentences of one group with the mel power of each; the whole group goes through one codec."""
    first, sentences, voices = job
    rng, spoken = random.Random(first), []
    for sentence in sentences:
        samples = speak(sentence, rng.choice(voices), rng.randint(140, 250), rng.randint(20, 80))
        if samples is not None and len(samples) <= LINE_HZ * LONGEST_S:
            spoken.append((sentence, telephone(samples)))
    if not spoken:
        return []
    codec = rng.choices([codec for codec, _ in CODECS], [weight for _, weight in CODECS])[0]
    line = np.concatenate([part for _, samples in spoken for part in (samples, BREAK)])
    if codec:
        with tempfile.TemporaryDirectory() as folder:
            line = through(codec, line, Path(folder))
    powers, at = [], 0
    for sentence, samples in spoken:
        powers.append((sentence, log_mel_power(line[at : at + len(samples)])))
        at += len(samples) + len(BREAK)
    return powers


def main():
    """Speak the sentences named on the command line."""
    arguments = [a for a in sys.argv[1:] if a != "--kept"]
    source, first, last, out = arguments[0], int(arguments[1]), int(arguments[2]), arguments[3]
    voices = KEPT_VOICES if "--kept" in sys.argv else VOICES
    sentences = Path(source).read_text(encoding="utf-8").split("\n")[first:last]
    jobs = [(first + at, sentences[at : at + GROUP], voices) for at in range(0, len(sentences), GROUP)]
    row = 0
    with Path(out + ".bin").open("wb") as mel, Path(out + ".tsv").open("w", encoding="utf-8") as index, Pool() as pool:
        for group in pool.imap(utterances, jobs):
            for sentence, power in group:
                mel.write(np.ascontiguousarray(power.T).tobytes())
                index.write(f"{row}\t{power.shape[1]}\t{sentence}\n")
                row += power.shape[1]
    print(f"{row / 360000:.1f} hours")


if __name__ == "__main__":
    main()
