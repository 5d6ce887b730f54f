"""The registry: every function of the language, one entry each, grouped by topic.

To add a function, add its entry to the module of its topic; nothing else needs to know.
"""

from . import arithmetic, elementary, linalg, losses, reduce, special  # noqa: F401  (they register)
from .define import REGISTRY

__all__ = ["REGISTRY"]
