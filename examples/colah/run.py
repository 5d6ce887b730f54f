"""Compile e=(a+b)*(b+1), print what is emitted at two levels, and check the numbers at (2, 1).

python examples/colah/run.py
"""

import sys
from pathlib import Path

import exprdiff

LEVELS = {
    1: "the default: as an expert would write it",
    0: "the textbook: a line for every node, a derivative for every node (algorithm 6.2)",
}


def main():
    text = Path(__file__).with_name("model.expr").read_text(encoding="utf-8")
    for level, description in LEVELS.items():
        module = exprdiff.compile(text, optimize=level)
        print(f"-O{level}, {description}\n")
        print(module.source)
        value, derivatives = module.forward(2, 1), tuple(module.gradient(2, 1))
        print(f"-O{level}: forward(2, 1) = {value}, gradient(2, 1) = {derivatives}\n")
        if (value, derivatives) != (6, (2, 5)):
            sys.exit("expected 6 and (2, 5)")


if __name__ == "__main__":
    main()
