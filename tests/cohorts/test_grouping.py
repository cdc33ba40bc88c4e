from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courseplatform.cohorts.setting_up.grouping import are_in_line, propose_groups
from courseplatform.people.models import OrgUnit, User


def people(size, managers=(), units=4):
    """That many people; `managers[i]` is the number of person i's line manager, or None."""
    made = [User(display_name=f"Leder {n}", org_unit=OrgUnit(name=f"Enhed {n % units}")) for n in range(size)]
    shared = [OrgUnit(name=f"Enhed {n}") for n in range(units)]
    for number, person in enumerate(made):
        person.org_unit = shared[number % units]
    for number, manager in enumerate(managers[:size]):
        if manager is not None and manager < size and manager != number:
            made[number].line_manager = made[manager]
    return made


@given(st.integers(0, 60), st.lists(st.none() | st.integers(0, 59), max_size=60), st.integers(1, 8))
def test_every_person_is_placed_once_or_named_and_never_beside_their_manager(size, managers, units):
    everybody = people(size, managers, units)

    proposal = propose_groups(everybody)

    placed = [person for group in proposal.groups for person in group] + proposal.left_over
    assert sorted(person.pk for person in placed) == sorted(person.pk for person in everybody)
    assert not any(are_in_line(*pair) for group in proposal.groups for pair in combinations(group, 2))
    assert all(len(group) <= 8 for group in proposal.groups)


@pytest.mark.parametrize("size", range(4, 61))
def test_groups_have_four_to_eight_members_and_differ_by_one_at_most(size):
    sizes = [len(group) for group in propose_groups(people(size)).groups]

    assert min(sizes) >= 4
    assert max(sizes) <= 8
    assert max(sizes) - min(sizes) <= 1


def test_units_are_spread():
    groups = propose_groups(people(24, units=4)).groups

    assert [len(group) for group in groups] == [6, 6, 6, 6]
    for group in groups:
        units = [person.org_unit for person in group]
        assert max(units.count(unit) for unit in units) <= 2


def test_a_manager_of_half_the_cohort_still_finds_a_place():
    proposal = propose_groups(people(24, managers=[None, *[0] * 11]))

    assert proposal.left_over == []


def test_somebody_who_fits_nowhere_is_left_over_rather_than_placed_beside_their_manager():
    proposal = propose_groups(people(5, managers=[None, 0]))

    assert [person.display_name for person in proposal.left_over] == ["Leder 1"]
