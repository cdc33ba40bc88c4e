"""MODEL I9, and §12: “HR opens a report for a unit with 4 participants”."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from courseplatform.insights.figures import Count, Figures, Rest, publishable

SIZES = st.dictionaries(st.sampled_from("ABCDEFGH"), st.integers(0, 12), max_size=8)


def people(sizes):
    """Each group as a set of people, so that subtraction can be tried on real sets."""
    return {name: frozenset((name, number) for number in range(size)) for name, size in sizes.items()}


def published_sets(figures, groups, smallest):
    sets = {groups[name] for name, _ in figures.groups}
    if figures.rest:
        sets.add(frozenset().union(*(group for group in groups.values() if len(group) < smallest)))
    if figures.total:
        sets.add(frozenset().union(*groups.values()))
    return sets


def all_that_can_be_worked_out(sets):
    """Everything that adding disjoint sets and subtracting contained ones leads to."""
    known = set(sets)
    while True:
        found = set()
        for one, other in combinations(known, 2):
            for a, b in ((one, other), (other, one)):
                if a < b:
                    found.add(b - a)
            if not one & other:
                found.add(one | other)
        if found <= known:
            return known
        known |= found


@given(SIZES, st.integers(5, 8))
def test_no_group_under_the_limit_can_be_worked_out_from_what_is_shown(sizes, smallest):
    groups = people(sizes)
    figures = publishable({name: Count(0, size) for name, size in sizes.items()}, smallest)

    known = all_that_can_be_worked_out(published_sets(figures, groups, smallest))
    assert [len(found) for found in known if 0 < len(found) < smallest] == []


@given(SIZES, st.integers(5, 8))
def test_what_is_shown_adds_up_to_the_total(sizes, smallest):
    figures = publishable({name: Count(size // 2, size) for name, size in sizes.items()}, smallest)

    if figures.groups:
        shown = sum((count for _, count in figures.groups), figures.rest or Count(0, 0))
        assert shown == figures.total


def test_small_areas_are_added_together():
    figures = publishable({"Børn": Count(4, 5), "Sundhed": Count(3, 5), "It": Count(1, 1), "Kultur": Count(2, 4)}, 5)

    assert figures == Figures(
        groups=(("Børn", Count(4, 5)), ("Sundhed", Count(3, 5))),
        rest=Count(3, 5),
        total=Count(10, 15),
        reason=Rest.TOGETHER,
    )


def test_a_unit_of_four_beside_a_larger_one_leaves_only_the_total():
    figures = publishable({"Børn": Count(9, 20), "It": Count(1, 4)}, 5)

    assert figures == Figures(total=Count(10, 24), reason=Rest.ONLY_TOTAL)


def test_four_people_in_all_show_nothing():
    assert publishable({"It": Count(1, 4)}, 5) == Figures(reason=Rest.NOTHING)


def test_areas_that_are_all_large_enough_stand_by_themselves():
    figures = publishable({"Børn": Count(4, 5), "Sundhed": Count(3, 6)}, 5)

    assert (figures.rest, figures.reason) == (None, Rest.NONE)
