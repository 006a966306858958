"""Calls the detectors have never met: written by hand, and made into sound by another way than `tests.simulator`.

The scripts are `tests/data/kept_aside_calls.toml`, read by `reading`; `sound` makes voices, tones and noises, `studio`
mixes and codes them. Only the values of a script and of its truth are the simulator's, so that one measure judges both.
"""
