"""Makes the sample calls: readable scenarios in, recordings with their ground truth out.

Needs the program espeak-ng and the packages pypinyin, scipy, pydub, soundfile and imageio-ffmpeg.
"""
