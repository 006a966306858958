"""Recordings: bytes to sound and back to evidence clips. The only room that runs another program."""
