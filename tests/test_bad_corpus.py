"""Every program in corpus/bad has a mistake; its .err file has what exprdiff says of it.

``python -m pytest tests/test_bad_corpus.py --update-golden`` writes the .err files anew. Read the
difference aloud before committing it: is it in the user's terms, is the caret under the mistake,
does the hint mend it?

A first line ``#: wrt=x emit=gradient`` gives options.
"""

import re
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import pytest

import exprdiff
from exprdiff.diagnostics import printable

BAD = Path(__file__).parent / "corpus" / "bad"
PROGRAMS = sorted(BAD.glob("*.expr"))

HEAD = re.compile(r"(?P<name>[\w.]+)(:(?P<line>\d+):(?P<column>\d+))?: error: (?P<message>\S.*)")
EXCERPT = re.compile(r"  (?P<line>\d+) \| (?P<text>.*)")
CARETS = re.compile(r" +\| (?P<before> *)\^+( (?P<label>\S.*))?")
HINT = re.compile(r"  hint: (?P<hint>\S.*)")


def mistake(path: Path) -> exprdiff.ExprDiffError:
    text = path.read_bytes().decode("utf-8")
    options = {}
    if text.startswith("#:"):
        options = dict(item.split("=") for item in text[2:].partition("\n")[0].split())
    with pytest.raises(exprdiff.ExprDiffError) as caught:
        exprdiff.compile(exprdiff.Source(text, name=path.name), **options)
    return caught.value


def terminals() -> set[str]:
    """The names of the grammar's terminals, and what Lark says of its own."""
    import exprdiff.frontend.parser as parser

    names = set(re.findall(r"^([A-Z_]{2,})[.:]", parser._grammar(), re.MULTILINE))
    assert {"NAME", "LPAR", "_SEPARATOR"} <= names
    return names | {"$END", "Unexpected", "Traceback", "lark", "Token("}


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda p: p.stem)
def test_message(path, update_golden):
    update_golden(path.with_suffix(".err"), f"{mistake(path)}\n")


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda p: p.stem)
def test_speaks_to_the_user(path):
    error = mistake(path)
    said = str(error)
    found = [word for word in terminals() if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", said)]
    assert not found
    assert 'File "' not in said
    assert str(files("exprdiff")) not in said
    assert said == "\n".join(d.render(error.source) for d in error.diagnostics)
    for finding in error.diagnostics:
        assert finding.severity == "error"
        assert not finding.message.endswith(".")
        assert len(finding.message) <= 250


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda p: p.stem)
def test_carets_and_attributes_agree_with_the_text(path):
    error = mistake(path)
    source = error.source
    lines = str(error).split("\n")
    head = HEAD.fullmatch(lines[0])
    assert head["name"] == path.name
    assert (error.span, error.hint) == (error.diagnostics[0].span, error.diagnostics[0].hint)
    assert (error.line, error.column) == source.position(error.span.start)
    if error.hint:
        assert f"  hint: {error.hint}" in lines
    if path.stem.startswith("option_") and head["line"] is None:
        assert not any(map(CARETS.fullmatch, lines))  # nothing in the text is to blame
        return
    assert (int(head["line"]), int(head["column"])) == (error.line, error.column)
    shown = 0
    for above, below in pairwise(lines):
        if not EXCERPT.fullmatch(above):
            continue
        excerpt, carets = EXCERPT.fullmatch(above), CARETS.fullmatch(below)
        assert carets, f"no caret under {above!r}"
        line = printable(source.line(int(excerpt["line"])))
        assert excerpt["text"].removeprefix("...").removesuffix("...") in line
        shown += 1
    notes = sum(len(d.notes) for d in error.diagnostics)
    assert shown == len(error.diagnostics) + notes
    assert sum(map(bool, map(HEAD.fullmatch, lines))) == len(error.diagnostics)
    rest = [x for x in lines if not any(p.fullmatch(x) for p in (HEAD, EXCERPT, CARETS, HINT))]
    assert not rest
    first = source.text[error.span.start : error.span.end].partition("\n")[0]
    if first and printable(first) == first and source.line(error.line).isascii():
        column = CARETS.fullmatch(lines[2]).start("before") + len(
            CARETS.fullmatch(lines[2])["before"]
        )
        assert lines[1][column:].startswith(first[:50])


def test_several_mistakes_are_found_in_one_run():
    counts = {p.stem: len(mistake(p).diagnostics) for p in PROGRAMS}
    assert all(counts[p.stem] > 1 for p in PROGRAMS if p.stem.startswith("several_"))
    assert sum(count > 1 for count in counts.values()) >= 5
    assert counts["several_syntax"] == 4


def test_there_are_programs_enough():
    assert len(PROGRAMS) >= 60
    assert {p.stem for p in PROGRAMS} == {p.stem for p in BAD.glob("*.err")}
