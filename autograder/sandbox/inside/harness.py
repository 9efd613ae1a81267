"""The worker: loads the student's functions, calls them as asked, and answers on the wire."""

import json
import socket
import traceback
from typing import Any

import numpy as np
import numpy.random  # NumPy loads it when first used, which would be in every worker

from autograder.sandbox.inside import program, retraining
from autograder.sandbox.inside.standins import KnownForward, KnownNet
from utils.checks.compare import Output, Problem, collect
from utils.checks.sgd import HISTORIES
from utils.checks.toy import PARAMS

DTYPES = {"float": "<f8", "int": "<i8"}
FORWARD = KnownForward()  # stands for `forward` in the functions that use it
Header = dict[str, Any]


def serve(connection: socket.socket) -> None:
    """Do jobs until there are no more: read each, make its calls, answer each."""
    stream = connection.makefile("rwb")
    cells = program.Program([])
    while line := stream.readline():
        job = json.loads(line)
        if "echo" in job:
            stream.write(job["echo"].encode() + b"\n")
        else:
            if job["cells"] is not None:
                cells = program.Program(job["cells"])
            _do(job, cells, stream)
        stream.flush()


def _do(job: Header, cells: program.Program, stream: Any) -> None:
    calls = [_read_call(call, stream) for call in job["calls"]]
    stream.write(b"ready\n")
    stream.flush()
    functions: dict[str, Any] = {}
    for number, call in enumerate(calls):
        header, body = _answer(call, cells, functions)
        stream.write(json.dumps({"call": number, **header}).encode() + b"\n" + body)
        stream.flush()


def _read_call(call: Header, stream: Any) -> Header:
    groups: dict[str, dict[str, np.ndarray]] = {"arrays": {}, "known": {}}
    for group, name, dtype, shape in call["arrays"]:
        size = np.dtype(dtype).itemsize * int(np.prod(shape))
        flat = np.frombuffer(bytearray(stream.read(size)), dtype)
        groups[group][name] = flat.reshape(shape)
    outputs = [Output(name, tuple(shape), kind) for name, shape, kind in call["outputs"]]
    return {**call, **groups, "outputs": outputs}


def _answer(
    call: Header, cells: program.Program, functions: dict[str, Any]
) -> tuple[Header, bytes]:
    name = call["function"]
    try:
        if name == retraining.NET:
            return _returned(call, retraining.retrain(call, cells.cells), [])
        if name not in functions:
            supplied = {"forward": FORWARD} if call["stand_in"] == "forward" else {}
            functions[name] = cells.load(name, supplied).get(name)
        function = functions[name]
        if isinstance(function, BaseException):
            raise function
        if not callable(function):
            return {"status": "missing"}, b""
        np.random.seed(call["seed"])
        if call["stand_in"] == "net":
            return _returned(call, *_train(function, call))
        if call["known"]:
            FORWARD.learn(call["known"], call["arrays"])
        return _returned(call, *_call(function, call))
    except NotImplementedError:
        return {"status": "not_implemented"}, b""
    except BaseException as error:
        functions.setdefault(name, error)
        return _raised(error), b""


def _call(function: Any, call: Header) -> tuple[list, list[str]]:
    arguments = _arguments(call)
    returned = function(*(arguments[name] for name in call["order"]))
    return collect(returned, call["outputs"], call["keyed"]), _changed(call, arguments)


def _train(function: Any, call: Header) -> tuple[list, list[str]]:
    arguments = _arguments(call)
    settings = dict(call["scalars"])
    num_iters = settings["num_iters"]
    data = [arguments[name] for name in call["order"]]
    net = KnownNet(arguments["params"], call["known"], call["arrays"]["X_val"], num_iters)
    stats = function(net, *data, **settings)
    histories = np.full((len(HISTORIES), num_iters), np.nan)
    lengths = np.zeros(len(HISTORIES), dtype=np.int64)
    for row, name in enumerate(HISTORIES):
        history = stats[name] if isinstance(stats, dict) and name in stats else []
        values = np.asarray(history, dtype=np.float64).reshape(-1)
        lengths[row] = len(values)
        histories[row, : min(len(values), num_iters)] = values[:num_iters]
    returned = {
        **{name: np.asarray(net.params.get(name)) for name in PARAMS},
        "rows": net.rows,
        "labels": net.labels,
        "seen": net.seen,
        "calls": net.calls,
        "lengths": lengths,
        "histories": histories,
    }
    return collect(returned, call["outputs"], keyed=True), _changed(call, arguments)


def _arguments(call: Header) -> dict[str, Any]:
    arguments: dict[str, Any] = dict(call["scalars"])
    for name, array in call["arrays"].items():
        outer, dot, key = name.partition(".")
        if dot:
            arguments.setdefault(outer, {})[key] = array.copy()
        else:
            arguments[name] = array.copy()
    return arguments


def _changed(call: Header, arguments: dict[str, Any]) -> list[str]:
    changed = []
    for name, array in call["arrays"].items():
        outer, dot, key = name.partition(".")
        value = arguments[outer].get(key) if dot else arguments[name]
        if not np.array_equal(value, array):
            changed.append(name)
    return changed


def _returned(call: Header, values: list, changed: list[str]) -> tuple[Header, bytes]:
    problems: list[Header | None] = []
    body = b""
    for output, value in zip(call["outputs"], values, strict=True):
        if isinstance(value, Problem):
            problems.append({"kind": value.kind, "got": value.got})
        else:
            problems.append(None)
            body += np.asarray(value).astype(DTYPES[output.kind]).tobytes()
    return {"status": "returned", "outputs": problems, "changed": changed}, body


def _raised(error: BaseException) -> Header:
    try:
        text = str(error)[:1000]
    except BaseException:  # a student's __str__ may raise whatever it likes
        text = "(an exception that can't be shown)"
    header: Header = {"status": "raised", "type": type(error).__name__[:100], "text": text}
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename.startswith("<cell "):
            header |= {
                "cell": frame.filename[6:-1],
                "line": frame.lineno,
                "code": (frame.line or "")[:200],
            }
    if isinstance(error, SyntaxError) and str(error.filename).startswith("<cell "):
        header |= {"cell": str(error.filename)[6:-1], "line": error.lineno, "text": error.msg}
        header["code"] = (error.text or "").strip()[:200]
    return header
