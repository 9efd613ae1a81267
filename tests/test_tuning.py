"""The search over settings: what it finds, keeps, takes up again, and says."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.test_sendable import run_cells
from utils import kept, processes, tuning
from utils.checks import CheckFailed
from utils.checks.accuracy import score_sentences
from utils.kept import KeptError, read_best, read_kept, write_kept
from utils.tuning import search

KEEP = "tuning.json"
RATES = [{"learning_rate": rate, "num_iters": 100} for rate in (1e-3, 2e-3, 3e-3)]
FOUND = {1e-3: 0.3, 2e-3: 0.5, 3e-3: 0.4}
NAN = float("nan")


class Net:
    def __init__(self, value: float):
        self.params = {
            "W1": np.full((3, 4), value, np.float32),
            "b1": np.zeros(3, np.float32),
            "W2": np.zeros((2, 3), np.float32),
            "b2": np.zeros(2, np.float32),
        }
        self.stats = {"loss_history": [value, 1.0], "val_acc_history": [0.25]}


class Training:
    """A `fit` that takes 10 ms an iteration by its own clock, and notes what it was asked for."""

    def __init__(self, found: dict[float, float] | None = None, code: float = 0.0):
        self.found, self.code = FOUND if found is None else found, code
        self.clock = 1000.0
        self.asked: list[dict[str, Any]] = []
        self.stop_at: float | None = None

    def __call__(self, seed: int = 0, **settings: Any) -> tuple[Net, float]:
        self.clock += 0.01 * settings.get("num_iters", 100)
        if settings == {"num_iters": tuning.TIMED}:
            return Net(self.code), 0.1
        self.asked.append(settings)
        rate = settings["learning_rate"]
        if rate == self.stop_at:
            raise KeyboardInterrupt
        return Net(rate), self.found[rate]


@pytest.fixture
def training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Training:
    monkeypatch.chdir(tmp_path)
    training = Training()
    monkeypatch.setattr(tuning.time, "perf_counter", lambda: training.clock)
    return training


def tried(results: list[tuple[dict[str, Any], float]]) -> list[tuple[float, float]]:
    return [(settings["learning_rate"], accuracy) for settings, accuracy in results]


def test_it_finds_the_best(training: Training, capsys: pytest.CaptureFixture[str]) -> None:
    results, best_net, best_val_acc = search(training, RATES)
    assert tried(results) == list(FOUND.items())
    assert best_val_acc == 0.5
    assert np.all(best_net.params["W1"] == np.float32(2e-3))
    assert capsys.readouterr().out.splitlines() == [
        "3 to try, at 10.0 ms an iteration: about 3 s.",
        "1/3 learning_rate 0.001, num_iters 100: 0.300, best 0.300  about 2 s left",
        "2/3 learning_rate 0.002, num_iters 100: 0.500, best 0.500  about 1 s left",
        "3/3 learning_rate 0.003, num_iters 100: 0.400, best 0.500  about 0 s left",
    ]


def test_the_estimate_counts_iterations_and_images(
    training: Training, capsys: pytest.CaptureFixture[str]
) -> None:
    training.stop_at = 1e-3
    settings = [
        {"learning_rate": 1e-3, "num_iters": 40_000, "batch_size": 400},
        {"learning_rate": 2e-3},
    ]
    search(training, settings)
    assert "2 to try, at 10.0 ms an iteration: about 13 min." in capsys.readouterr().out


def test_a_second_call_repeats_nothing(
    training: Training, capsys: pytest.CaptureFixture[str]
) -> None:
    first = search(training, RATES)
    again = search(training, RATES)
    assert len(training.asked) == 3
    assert (again[0], again[2]) == (first[0], first[2])
    for name, value in first[1].params.items():
        assert np.array_equal(again[1].params[name], value)
        assert again[1].params[name].dtype == value.dtype
    assert again[1].stats == first[1].stats
    assert "3 of 3 settings are in tuning.json; they are not repeated." in capsys.readouterr().out


def test_new_settings_join_the_earlier_ones(training: Training) -> None:
    search(training, RATES[:2])
    results, best_net, best_val_acc = search(training, RATES[2:])
    assert tried(results) == list(FOUND.items())
    assert best_val_acc == 0.5 and best_net.params["W1"][0, 0] == np.float32(2e-3)


def test_an_interrupted_search_keeps_its_best_and_goes_on(
    training: Training, capsys: pytest.CaptureFixture[str]
) -> None:
    training.stop_at = 3e-3
    results, best_net, best_val_acc = search(training, RATES)
    assert len(results) == 2 and best_val_acc == 0.5 and best_net is not None
    assert "Interrupted; 2 results and the best net are kept." in capsys.readouterr().out
    training.stop_at = None
    results, best_net, best_val_acc = search(training, RATES)
    assert tried(results) == list(FOUND.items())
    assert best_val_acc == 0.5 and best_net.params["W1"][0, 0] == np.float32(2e-3)
    assert [settings["learning_rate"] for settings in training.asked] == [1e-3, 2e-3, 3e-3, 3e-3]


def test_an_interruption_between_the_two_files(
    training: Training, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace, calls = kept.write_whole, []

    def interrupted(path: Path, data: bytes) -> None:
        calls.append(path)
        if len(calls) == 4:  # the JSON file of the second result
            raise KeyboardInterrupt
        replace(path, data)

    monkeypatch.setattr(kept, "write_whole", interrupted)
    search(training, RATES)
    results, _, best_val_acc = search(training, RATES[:2])
    assert tried(results) == [(1e-3, 0.3), (2e-3, 0.5)] and best_val_acc == 0.5
    assert len(training.asked) == 2


def test_interrupted_before_the_first_result(training: Training) -> None:
    training.stop_at = 1e-3
    assert search(training, RATES) == ([], None, -1.0)
    assert not Path(KEEP).exists()


def test_thirty_seconds_at_a_time(training: Training, capsys: pytest.CaptureFixture[str]) -> None:
    settings = [{**setting, "num_iters": 1000} for setting in RATES]  # 10 s each
    assert len(search(training, settings, seconds=25)[0]) == 2
    assert "25 s are over; run this again to try the other 1." in capsys.readouterr().out
    assert len(search(training, settings, seconds=25)[0]) == 3


def test_one_training_is_begun_however_short_the_time(training: Training) -> None:
    for count in (1, 2, 3, 3):
        assert len(search(training, RATES, seconds=0)[0]) == count


def test_a_training_that_diverges(training: Training, capsys: pytest.CaptureFixture[str]) -> None:
    training.found = {**FOUND, 1e-3: NAN, 3e-3: NAN}
    for _ in range(2):
        results, _, best_val_acc = search(training, RATES)
        assert np.isnan([accuracy for _, accuracy in results]).tolist() == [True, False, True]
        assert best_val_acc == 0.5
    assert "learning_rate 0.001, num_iters 100: diverged, best -1.000" in capsys.readouterr().out
    assert len(training.asked) == 3


def test_where_all_diverge_there_is_no_best(training: Training) -> None:
    training.found = dict.fromkeys(FOUND, NAN)
    for _ in range(2):
        results, best_net, best_val_acc = search(training, RATES)
        assert len(results) == 3 and best_net is None and best_val_acc == -1


def test_other_code_or_data_begins_anew(
    training: Training, capsys: pytest.CaptureFixture[str]
) -> None:
    search(training, RATES)
    training.code = 1.0
    assert len(search(training, RATES[:1])[0]) == 1
    assert "tuning.json was written with other code or data: the search begins anew." in (
        capsys.readouterr().out
    )


def test_settings_that_stand_there_twice_are_tried_once(training: Training) -> None:
    assert len(search(training, [*RATES, *RATES])[0]) == 3
    assert len(training.asked) == 3


def test_two_seeds_are_two_trials(training: Training) -> None:
    results, _, _ = search(training, [{**RATES[0], "seed": seed} for seed in (0, 1)])
    assert [settings["seed"] for settings, _ in results] == [0, 1]


def test_numbers_of_numpy_are_settings(training: Training) -> None:
    rate = np.array([1e-3])[0]
    for setting in ({"learning_rate": rate, "num_iters": np.int64(100)}, RATES[0]):
        search(training, [setting])
    assert training.asked == [RATES[0]]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (1e-3, "one is a float"),
        ((1e-3, 0.25), "one is a tuple"),
        ({"learning_rate": [1e-3, 1e-2]}, "learning_rate must be one number, not [0.001, 0.01]"),
        ({"learning_rate": NAN}, "learning_rate must be one number, not nan"),
        ({"learning_rate": "1e-3"}, "learning_rate must be one number, not '1e-3'"),
        ({"learning_rate": np.ones(2)}, "learning_rate must be one number"),
    ],
)
def test_settings_of_another_form(training: Training, settings: Any, said: str) -> None:
    with pytest.raises(CheckFailed) as raised:
        search(training, [settings])
    assert said in str(raised.value)
    assert not training.asked


def test_nothing_to_try(training: Training) -> None:
    assert search(training, []) == ([], None, -1.0)


def test_a_folder_that_cannot_be_written(
    training: Training, capsys: pytest.CaptureFixture[str]
) -> None:
    results, best_net, best_val_acc = search(training, RATES, keep="absent/tuning.json")
    assert len(results) == 3 and best_net is not None and best_val_acc == 0.5
    said = capsys.readouterr().out
    assert said.count("The results can't be kept in tuning.json (No such file or directory)") == 1


def test_a_disk_that_is_full_leaves_the_earlier_file(
    training: Training, monkeypatch: pytest.MonkeyPatch
) -> None:
    search(training, RATES[:1])
    before = Path(KEEP).read_bytes()

    def full(path: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        assert len(search(training, RATES)[0]) == 3
    assert Path(KEEP).read_bytes() == before
    assert not list(Path().glob("*.part"))


# --- several at a time ---

NOTEBOOK = """
import os, time
import numpy as np

class Net:
    def __init__(self, params):
        self.params = params

def fit(seed=0, **settings):
    np.random.seed(seed)
    rate = settings.get("learning_rate", 0.0)
    time.sleep(settings.get("sleep", 0.0))
    net = Net({name: rate + np.random.randn(*shape).astype(np.float32)
               for name, shape in SHAPES.items()})
    net.stats = {"loss_history": [float(np.random.rand())], "rate": [rate]}
    if rate > 1:
        raise ValueError(f"{rate} is too high")
    if rate > 0.5:
        print("Training diverged.")
    return net, float("nan") if rate > 0.5 else round(rate, 1)
"""
SHAPES = {"W1": (3, 4), "b1": (3,), "W2": (2, 3), "b2": (2,)}
MIXED = [{"learning_rate": 0.21, "sleep": 0.6}, {"learning_rate": 0.6}, {"learning_rate": 0.22},
         {"learning_rate": 0.1, "seed": 3}, {"learning_rate": 0.15}]  # fmt: skip


@pytest.fixture
def notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tuning.os, "cpu_count", lambda: 2)
    return run_cells(NOTEBOOK, SHAPES=SHAPES)


def test_several_at_a_time_find_the_same(
    notebook: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """In the order of the settings, and of two nets that are equally good, the first."""
    alone, net, best = search(notebook["fit"], MIXED, keep="alone.json")
    capsys.readouterr()
    together, other, their_best = search(notebook["fit"], MIXED, processes=2)
    said = capsys.readouterr().out
    assert repr(together) == repr(alone) and their_best == best == 0.2
    assert other.stats == net.stats and other.stats["rate"] == [0.21]
    for name, value in net.params.items():
        assert np.array_equal(other.params[name], value)
    assert isinstance(other, notebook["Net"])
    assert Path(KEEP).read_text() == Path("alone.json").read_text()
    assert "5 to try, at " in said and " ms an iteration, 2 at a time: about " in said
    assert "Training diverged.\n1/5 learning_rate 0.6: diverged, best -1.000" in said
    assert said.splitlines()[-1].startswith("5/5 ")
    assert len(search(notebook["fit"], MIXED)[0]) == 5  # and can be taken up without processes
    assert "5 of 5 settings are in tuning.json" in capsys.readouterr().out


def test_what_a_training_raises_is_raised_here(notebook: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="5 is too high") as raised:
        search(notebook["fit"], [*MIXED[1:], {"learning_rate": 5}], processes=2)
    assert "<cell " in str(raised.traceback[-1].path)
    assert len(read_kept(Path(KEEP), json.loads(Path(KEEP).read_text())["probe"])) >= 1


def test_thirty_seconds_at_a_time_with_several(
    notebook: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    settings = [{**setting, "num_iters": 10**9} for setting in MIXED]  # by the pace, weeks
    assert len(search(notebook["fit"], settings, seconds=30, processes=2)[0]) == 1
    assert "30 s are over; run this again to try the other 4." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("def fit(**s): return Net({'W1': np.ones((1, 2))}), os.getpid() / 1e9",
         "in another process, fit finds something else"),
        ("import threading\nlock = threading.Lock()\n"
         "def fit(**s):\n    with lock: return Net({'W1': np.ones((1, 2))}), 0.2",
         "lock can't be sent to another process (cannot pickle '_thread.lock' object)"),
        ("import functools\nfit = functools.partial(fit)",
         "the function isn't one that a cell defines"),
    ],
)  # fmt: skip
def test_where_processes_would_not_do_there_are_none(
    notebook: dict[str, Any], cell: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    exec_in(notebook, cell)
    alone = search(notebook["fit"], MIXED, keep="alone.json")
    capsys.readouterr()
    together = search(notebook["fit"], MIXED, processes=2)
    assert f"One training at a time: {said}.\n" in capsys.readouterr().out
    assert repr(together[0]) == repr(alone[0]) and together[2] == alone[2]


def exec_in(session: dict[str, Any], cell: str) -> None:
    session.update(run_cells(cell, **session))


def test_where_the_system_allows_no_processes_there_are_none(
    notebook: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def forbidden() -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(processes.CONTEXT, "Pipe", forbidden)
    assert len(search(notebook["fit"], MIXED, processes=2)[0]) == 5
    assert "One training at a time: Operation not permitted.\n" in capsys.readouterr().out


def test_when_all_processes_have_died_the_rest_is_done_here(notebook: dict[str, Any]) -> None:
    dying = ("def fit(die=0, **s):\n"
             "    if die and os.getpid() != home: os._exit(1)\n    return train(**s)")  # fmt: skip
    cells = NOTEBOOK.replace("def fit", "def train"), dying
    session = run_cells(*cells, SHAPES=SHAPES, home=os.getpid())
    settings = [{**setting, "die": number < 2} for number, setting in enumerate(MIXED)]
    expected = [accuracy for _, accuracy in search(notebook["fit"], MIXED, keep="alone.json")[0]]
    results, _, best_val_acc = search(session["fit"], settings, processes=2)
    assert repr([accuracy for _, accuracy in results]) == repr(expected) and best_val_acc == 0.2


@pytest.mark.parametrize("count", [0, -1, 1.5, "2", None])
def test_a_number_of_processes_that_is_none(training: Training, count: Any) -> None:
    with pytest.raises(CheckFailed, match="processes must be a whole number from 1 on, not "):
        search(training, RATES, processes=count)
    assert not training.asked


# --- the files ---


def change(**entries: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda content: {**content, **entries}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: [],
        lambda content: 3,
        lambda content: {},
        change(schema=2),
        change(more=1),
        change(results={}),
        change(results=[3]),
        change(results=[{"settings": {}}]),
        change(results=[{"settings": {}, "accuracy": 2.0}]),
        change(results=[{"settings": {}, "accuracy": -0.1}]),
        change(results=[{"settings": {}, "accuracy": "0.5"}]),
        change(results=[{"settings": {}, "accuracy": True}]),
        change(results=[{"settings": [], "accuracy": 0.5}]),
        change(results=[{"settings": {"reg": [1]}, "accuracy": 0.5}]),
        change(best_sha256="0"),
        change(best_sha256=None),
    ],
)
def test_a_spoilt_file_begins_anew(
    training: Training, capsys: pytest.CaptureFixture[str], spoil: Callable[[Any], Any]
) -> None:
    search(training, RATES)
    Path(KEEP).write_text(json.dumps(spoil(json.loads(Path(KEEP).read_text()))))
    results, _, best_val_acc = search(training, RATES)
    assert len(training.asked) == 6 and len(results) == 3 and best_val_acc == 0.5
    assert "the search begins anew." in capsys.readouterr().out


@pytest.mark.parametrize(
    "text",
    ["", "{", "\x00", '{"schema": NaN}', '{"schema": 1, "schema": 1}', "[" * 100_000,
     " " * (kept.MAX_BYTES + 1)],
)  # fmt: skip
def test_text_that_is_no_file_of_ours(tmp_path: Path, text: str) -> None:
    (tmp_path / KEEP).write_text(text)
    with pytest.raises(KeptError, match=r"tuning\.json can't be read") as raised:
        read_kept(tmp_path / KEEP, "probe")
    assert len(str(raised.value)) < 200


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / KEEP).write_bytes(b"\xff\xfe\x00\xd8")
    with pytest.raises(KeptError):
        read_kept(tmp_path / KEEP, "probe")


def test_no_file_is_no_results(tmp_path: Path) -> None:
    assert read_kept(tmp_path / KEEP, "probe") == []


def test_what_is_written_is_read(tmp_path: Path) -> None:
    net = Net(2.0)
    results = [({"learning_rate": 1e-3, "num_iters": 10}, 0.25), ({"learning_rate": 1.0}, NAN)]
    write_kept(tmp_path / KEEP, "probe", results, net.params)
    again = read_kept(tmp_path / KEEP, "probe")
    assert again[0] == results[0] and again[1][0] == results[1][0] and np.isnan(again[1][1])
    best, histories = read_best(tmp_path / KEEP, net.params)
    assert histories == {}
    assert all(np.array_equal(best[name], value) for name, value in net.params.items())


@pytest.mark.parametrize("spoil", ["missing", "other bytes", "other shape", "other dtype"])
def test_a_best_net_that_cannot_be_used(tmp_path: Path, spoil: str) -> None:
    net, like = Net(1.0), Net(1.0).params
    write_kept(tmp_path / KEEP, "probe", [], net.params)
    weights = tmp_path / "tuning.npz"
    if spoil == "missing":
        weights.unlink()
    elif spoil == "other bytes":
        weights.write_bytes(weights.read_bytes()[:-1])
    elif spoil == "other shape":
        like["W1"] = np.zeros((4, 4), np.float32)
    else:
        like["W1"] = like["W1"].astype(np.float64)
    with pytest.raises(KeptError, match=r"tuning\.npz"):
        read_best(tmp_path / KEEP, like)


# --- the score of the best ---


@pytest.mark.parametrize(
    ("correct", "points", "chance"),
    [(512, "20", "3.1"), (390, "10", "3.0"), (284, "0", "2.8"), (0, "0", "0.0")],
)
def test_score_and_chance(correct: int, points: str, chance: str) -> None:
    said = score_sentences(correct, 1000)
    assert f"That is {points} of 20 points." in said
    assert f"it would be {correct / 10:.1f} % within ±{chance} points, 19 times out of 20." in said
