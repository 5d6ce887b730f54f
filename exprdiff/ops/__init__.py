"""The registry: every function of the language, one entry each, grouped by topic.

To add a function, add its entry to the module of its topic; nothing else needs to know.
"""

from . import (  # noqa: F401  (they register)
    arithmetic,
    calculus,
    cumulative,
    elementary,
    linalg,
    losses,
    matrices,
    products,
    reduce,
    shaping,
    special,
)
from .define import REGISTRY

__all__ = ["REGISTRY"]
