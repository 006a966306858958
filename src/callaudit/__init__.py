"""callaudit finds abusive language and speech after the hang-up in call recordings of Chinese hotlines."""

__version__ = "0.1.0"
