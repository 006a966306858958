"""Strings to comparable strings and tokens: script, normalisation with a map back, segmentation, sound."""
