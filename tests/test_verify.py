"""Each invariant is checked: a node that breaks it, made by hand, is caught."""

from fractions import Fraction

import pytest

from exprdiff import graph
from exprdiff.dims import dim
from exprdiff.graph import ADD, CONTRACT, NUMBER, Node, input_, interning, make, number
from exprdiff.indexed import Indexed, operators
from exprdiff.ops import REGISTRY  # noqa: F401  (registers the operators)
from exprdiff.verify import InvariantError, verify

N, D = dim("n"), dim("d")


@pytest.fixture(autouse=True)
def table():
    with interning() as table:
        yield table


def forge(table, op, operands=(), labels=(), attrs=(), shape=(), dtype="real", **other):
    """Return a node that no constructor would make, entered in the table all the same."""
    node = object.__new__(Node)
    node.op, node.operands, node.labels = op, tuple(operands), tuple(map(tuple, labels))
    node.attrs, node.shape, node.dtype = attrs, tuple(shape), dtype
    node.serial = len(table.nodes)
    donor = table.make(op, node.operands, node.labels, attrs, node.shape, dtype)
    del table.nodes[next(k for k, v in table.nodes.items() if v is donor)]
    for slot in Node.__slots__:
        if not hasattr(node, slot):
            setattr(node, slot, getattr(donor, slot))
    for name, value in other.items():
        setattr(node, name, value)
    table.nodes[object()] = node
    return node


def caught(node, rule):
    with pytest.raises(InvariantError, match=rule):
        verify([node])


def test_a_sound_graph_passes():
    x, w = input_("x", (N, D)), input_("w", (D,))
    i, j = graph.fresh(2)
    y = operators["exp"](Indexed(x, (i, j)) * Indexed(w, (j,))).sum((j,)) + 1
    verify([y.node, x, w, number(True), number(Fraction(1, 3)), graph.eye(N), graph.arange(N)])


def test_of_another_table():
    x = input_("x")
    with interning():
        caught(x, "current table")


def test_made_by_hand(table):
    node = forge(table, graph.INPUT, attrs=("x",))
    table.nodes.clear()
    caught(node, "current table")


class TestLabels:
    def test_for_each_operand(self, table):
        x = input_("x")
        node = forge(table, operators["exp"], [x], [()])
        node.labels = ()
        caught(node, "each operand has its labels")

    def test_for_each_axis(self, table):
        x = input_("x", (N,))
        node = forge(table, operators["exp"], [x], [(0,)], shape=(N,))
        node.labels = ((),)
        caught(node, "each axis of an operand has a label")

    def test_of_one_size(self, table):
        x, y = input_("x", (N,)), input_("y", (D,))
        caught(
            forge(table, operators["maximum"], [x, y], [(0,), (0,)], shape=(N,)),
            "a label has one size",
        )

    def test_numbered_without_gaps(self, table):
        x = input_("x", (N, D))
        caught(forge(table, CONTRACT, [x], [(0, 7)], (1,), (N,)), "labels are canonical")

    def test_of_a_map_are_its_own(self, table):
        x = input_("x", (N, D))
        caught(forge(table, operators["exp"], [x], [(0, 1)], shape=(N,)), "no label of their own")


def test_operands_are_older(table):
    x = input_("x")
    node = forge(table, operators["exp"], [x], [()], serial=-1)
    caught(node, "operands are older")


def test_a_map_has_the_type_of_its_op(table):
    x = input_("x")
    caught(forge(table, operators["exp"], [x], [()], dtype="bool"), "the type of its op")


def test_a_leaf_has_no_operands(table):
    caught(forge(table, graph.CONSTANT, [input_("x")], [()], ("pi", 3.0)), "a leaf has no operands")


class TestContractions:
    def test_are_real(self, table):
        x = input_("x")
        caught(forge(table, CONTRACT, [x], [()], (2,), dtype="int"), "a contraction is real")

    def test_a_delta_stands_between_two_labels_of_the_result(self, table):
        x = input_("x", (N,))
        node = forge(table, CONTRACT, [x, graph.eye(N)], [(1,), (1, 0)], (1,), (N,))
        caught(node, "a delta stands")

    def test_a_selection_is_made_once(self, table):
        m, x = input_("m", (N,), "bool"), input_("x", (N,))
        node = forge(table, CONTRACT, [m, x, m], [(0,)] * 3, (1,), (N,))
        caught(node, "selection is made once")

    def test_do_something(self, table):
        x = input_("x", (N,))
        caught(forge(table, CONTRACT, [x], [(0,)], (1,), (N,)), "a contraction does something")

    def test_of_nothing_keep_their_shape(self, table):
        verify([forge(table, CONTRACT, attrs=(2,), shape=(N,))])

    def test_have_canonical_coefficients(self, table):
        x = input_("x")
        node = forge(table, CONTRACT, [x], [()], (2,))
        node.attrs = (Fraction(4, 2),)
        verify([node])  # equal numbers; the table's keys tell them apart
        node.attrs = (float("nan"),)
        caught(node, "coefficients are canonical")


class TestSums:
    def test_have_several_terms(self, table):
        x = input_("x")
        caught(forge(table, ADD, [x], [()], (2,)), "several terms")

    def test_have_a_coefficient_for_each(self, table):
        x, y = input_("x"), input_("y")
        node = forge(table, ADD, [x, y], [(), ()], (1, 1))
        node.attrs = (1,)
        caught(node, "each term has a coefficient")

    def test_collect_like_terms(self, table):
        x = input_("x")
        caught(forge(table, ADD, [x, x], [(), ()], (1, 2)), "like terms are collected")


def test_an_integral_number_is_an_int(table):
    node = forge(table, NUMBER, attrs=(1,))
    node.attrs = (Fraction(2, 1),)
    caught(node, "an integral number is an int")


@pytest.mark.parametrize("right", [True, False])
def test_total_is_right(table, right):
    x = input_("x")
    op = operators["exp" if right else "log"]
    node = forge(table, op, [x], [()], total=not right)
    caught(node, "total is right")


def test_the_message_shows_the_node(table):
    x = input_("speed", (N,))
    with pytest.raises(InvariantError, match=r"input \{'speed'\}"):
        verify([forge(table, CONTRACT, [x], [(0,)], (1,), (N,))])


def test_nodes_are_unique():
    assert (
        make(operators["exp"], [input_("x")], [()]) is operators["exp"](Indexed(input_("x"))).node
    )
