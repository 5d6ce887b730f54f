"""``python -m exprdiff``."""

from .cli import main

main()
