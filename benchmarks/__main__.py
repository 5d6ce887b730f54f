"""The command ``python -m benchmarks``."""

import argparse
import importlib
import sys
from pathlib import Path

from . import TABLES, WORKLOADS, machine

ALL = (*WORKLOADS, *TABLES)


def arguments(words):
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Time exprdiff beside other tools, one thread."
    )
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {', '.join(ALL)}; all without one"
    )
    parser.add_argument("--markdown", metavar="FILE", type=Path, help="write the tables to FILE")
    parser.add_argument(
        "--write", action="store_true", help="write the tables into benchmarks/README.md"
    )
    parser.add_argument(
        "--seconds", type=float, default=3.0, metavar="S", help="time for each table (3)"
    )
    parser.add_argument(
        "--small", action="store_true", help="tiny sizes: whether all agree, not who is fast"
    )
    given = parser.parse_args(words)
    if unknown := [name for name in given.names if name not in ALL]:
        parser.error(f"no benchmark {', '.join(unknown)}; there are {', '.join(ALL)}")
    if given.small and given.write:
        parser.error("--write is for the full sizes")
    return given


def main(words=None):
    """Run the benchmarks that are named, print their tables, and write them where asked."""
    given = arguments(words)
    print("\n".join(machine.one_thread()), flush=True)
    # From here on NumPy may be imported: it finds the variables set.
    peers, harness, report = map(_module, ("peers", "harness", "report"))
    names = given.names or list(ALL)
    results, tables = {}, {}
    peers.warm_up()
    for name in names:
        if name in TABLES:
            tables[name] = _module(name).run(small=given.small)
            print(f"\n{name}:\n{report.plain_table(tables[name])}", flush=True)
            continue
        results[name] = []
        for case in _module(name).cases(small=given.small):
            result = harness.measure(case, given.seconds)
            results[name].append(result)
            print(f"\n{name}: {report.plain(result)}", flush=True)
    facts = machine.facts()
    print("", *facts, sep="\n")
    sections = report.document(facts, results, tables)
    if given.markdown:
        text = "\n\n".join(sections.values()) + "\n"
        given.markdown.write_text(text, encoding="utf-8")
    if given.write:
        complete = set(names) == set(ALL)
        text = report.README.read_text(encoding="utf-8")
        try:
            text = report.replaced(text, sections, complete)
        except ValueError as reason:
            sys.exit(f"README.md is as it was: {reason}")
        report.README.write_text(text, encoding="utf-8")


def _module(name):
    return importlib.import_module(f".{name}", __package__)


if __name__ == "__main__":
    main()
