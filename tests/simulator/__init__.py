"""Calls made of nothing: a script of turns and events, a seed, and a recording whose truth is known to the millisecond.

`shapes` writes scripts, `render` turns one into sound and truth, `bridge` hands both to callaudit's own stages.
Benchmarks and tests share it. The sound is made by numpy alone; voices are those of `voice`.
"""
