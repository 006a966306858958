"""`python -m callaudit`."""

from callaudit.cli import main

main()
