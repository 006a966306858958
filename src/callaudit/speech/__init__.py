"""Speech: where somebody talks, which tones the exchange sends, and what was said.

`activity` finds stretches of speech, `tones` the busy tone, `packing` fills Whisper's windows with speech of several
calls, `engine` transcribes them, and `hygiene` sets aside what Whisper made up.
"""
