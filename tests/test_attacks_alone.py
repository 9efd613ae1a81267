"""No attack is in vain by a mistake of its own: each has a control that shows that it would work.

Most are run in a room of tests/rooms, where there is no wall, and must do there what they say
("alone"). Once more with only the layer that they say stops them, they must do it no longer. Of
the others, the grade says in words that nothing else would cause what came of them ("says"), or
its status alone does. tests/test_attacks.py has the same attacks before the whole wall.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import pytest

from autograder.assignment import ROOT
from tests.attack_suite import TELLING, Attack, attacks
from tests.graded import selected
from tests.levels import demand
from tests.terminal import environment

ATTACKS = attacks()
ALONE = [attack for attack in ATTACKS if attack.alone]

# What the layers that an attack's "stopped by" names are in a room; others are tested elsewhere.
LAYERS = {
    "seccomp": "seccomp",
    "Landlock": "Landlock",
    "namespaces": "namespaces",
    "size of the scratch folder": "namespaces",
    "number of files in the scratch folder": "namespaces",
    "scratch folder without programs": "namespaces",
    "limit on address space": "limits",
    "limit on file size": "limits",
    "limit on descriptors": "limits",
}


def layers_of(attack: Attack) -> str:
    """The layers that stop an attack, as a room knows them; "" if it doesn't."""
    named = attack.stopped_by.replace(",", " and").split(" and ")
    known = [LAYERS.get(name.strip(), "") for name in named]
    return "+".join(known) if all(known) else ""


GUARDED = [attack for attack in ALONE if layers_of(attack)]

# Attacks with WAYS, and those of them that may do nothing even in a room: for want of a right
# that a room's root has not, of a program or terminal, or of a younger kernel.
WAYS: dict[str, set[int]] = {
    "ending_job_control": {3, 4, 6},
    "leaving_kill": set(),
    "leaving_limits": {*range(12), 13, 14, 15},
    "leaving_pair": set(),
    "leaving_programs": {3},
    "leaving_rights": {4, 5},
    "leaving_scratch": set(),
    "leaving_shared": set(),
    "leaving_trap": {11, 14, 24},
    "reading_secret": set(),
    "starving_fork": set(),
    "starving_memory_files": {2},
}

# Attacks that no control can be made for, by the reason.
WITHOUT: dict[str, tuple[str, ...]] = {
    "it is honest, and earns what is right": ("lying_npz_honest", "lying_views"),
    "it is a race with the grader's own reading of its output": ("starving_own_output",),
}
AT_ONCE = 4  # rooms; most of them wait most of the time


def in_rooms(arguments: Sequence[str]) -> list[dict[str, Any]]:
    """What attacks do in rooms of their own."""
    demand("A")  # a room needs the same of a machine
    command = [sys.executable, "-m", "tests.rooms"]
    running = [
        subprocess.Popen(
            [*command, *arguments[start::AT_ONCE]], cwd=ROOT, text=True, stdout=subprocess.PIPE,
            env=environment(OPENBLAS_NUM_THREADS="1"),
        ) for start in range(AT_ONCE)
    ]  # fmt: skip
    try:
        said = "".join(process.communicate(timeout=300)[0] for process in running)
    finally:
        for process in running:
            process.kill()
            process.wait()
    return [json.loads(line) for line in said.splitlines()]


@pytest.fixture(scope="module")
def alone(request: pytest.FixtureRequest) -> dict[str, dict[str, Any]]:
    wanted = [attack.name for attack in selected(request, "attack")]
    return {told["attack"]: told for told in in_rooms(wanted)}


@pytest.fixture(scope="module")
def guarded(request: pytest.FixtureRequest) -> dict[str, dict[str, Any]]:
    wanted = [f"{a.name}@{layers_of(a)}" for a in selected(request, "guarded_attack")]
    return {told["attack"]: told for told in in_rooms(wanted)}


@pytest.fixture(scope="module")
def open_ways(request: pytest.FixtureRequest) -> dict[str, dict[int, bool]]:
    found: dict[str, dict[int, bool]] = {}
    for told in in_rooms([f"{name}:ways" for name in selected(request, "name")]):
        does = bool({"out", "hit", "ended", "forged"} & set(told["facts"]))
        found.setdefault(told["attack"], {})[told["way"]] = does
    return found


@pytest.mark.parametrize("attack", ALONE, ids=lambda attack: attack.name)
def test_it_works_where_there_is_no_wall(attack: Attack, alone: dict[str, dict]) -> None:
    told = alone[attack.name]
    assert attack.alone in told["facts"], told


@pytest.mark.parametrize("guarded_attack", GUARDED, ids=lambda attack: attack.name)
def test_its_layer_alone_stops_it(guarded_attack: Attack, guarded: dict[str, dict]) -> None:
    told = guarded[guarded_attack.name]
    assert guarded_attack.alone not in told["facts"], told
    assert "no room" not in told["said"], told
    if guarded_attack.gets == ("passed",):  # its strike in vain, it answers right
        assert "fooled" in told["facts"], told


@pytest.mark.parametrize("name", WAYS)
def test_each_of_its_ways_works(name: str, open_ways: dict[str, dict[int, bool]]) -> None:
    ways = open_ways[name]
    assert {number for number, is_open in ways.items() if not is_open} <= WAYS[name]
    assert len(ways) > max(WAYS[name], default=0)


@pytest.mark.parametrize("harmless", ["lying_zero", "lying_npz_honest"])
def test_a_room_sees_nothing_where_nothing_is_done(harmless: str) -> None:
    """Its judges let no zeros pass, and its readers take what is honest."""
    (told,) = in_rooms([harmless])
    assert told["facts"] == []


def test_each_attack_has_a_control() -> None:
    without = {name for names in WITHOUT.values() for name in names}
    for attack in ATTACKS:
        has = [bool(attack.alone or attack.says), set(attack.gets) <= set(TELLING)]
        assert any(has) != (attack.name in without), attack.name
    assert without <= {attack.name for attack in ATTACKS}
