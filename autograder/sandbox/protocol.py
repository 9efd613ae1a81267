"""The wire between grader and worker: what is asked, and the strict reading of what comes back.

A job goes out as one JSON line and the raw bytes of its arrays. For each call, in order, the worker
answers with one JSON line and the raw bytes of the outputs, whose dtype and shape the grader has
dictated. Everything from the worker is a student's claim: nothing in it is evaluated or unpickled,
sizes are known beforehand, and words are cut and cleaned.
"""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograder.sandbox.job import STATUSES, Answer, Call, Job
from autograder.text import clean
from utils import strict_json
from utils.checks.compare import Output, Problem

READY = b"ready\n"  # the worker has read its job; all that follows may be a student's
HEADER_LIMIT = 16_384  # bytes of an answer's JSON line
DTYPES = {"float": np.dtype("<f8"), "int": np.dtype("<i8")}


class WireError(Exception):
    """The worker's bytes are not what was dictated."""


def encode_job(job: Job, with_cells: bool = True) -> bytes:
    """The bytes of a job; without its cells for a worker that has them already."""
    calls: list[dict] = []
    blobs: list[memoryview] = []  # joined at the end: a training set is copied only once
    for call in job.calls:
        arrays = []
        for group, values in (("arrays", call.arrays), ("known", call.known)):
            for name, array in values.items():
                array = np.asarray(array, order="C")
                arrays.append([group, name, array.dtype.str, list(array.shape)])
                blobs.append(array.reshape(-1).view(np.uint8).data)
        calls.append(
            {
                "function": call.function,
                "arrays": arrays,
                "scalars": dict(call.scalars),
                "order": list(call.order),
                "outputs": [[o.name, list(o.shape), o.kind] for o in call.outputs],
                "keyed": call.keyed,
                "seed": call.seed,
                "stand_in": call.stand_in,
            }
        )
    header = {
        "cells": [[cell.label, cell.source] for cell in job.cells] if with_cells else None,
        "calls": calls,
    }
    return json.dumps(header).encode() + b"\n" + b"".join(blobs)


def encode_echo(word: str) -> bytes:
    """The bytes that ask a worker for a word, which it sends back on a line of its own."""
    return json.dumps({"echo": word}).encode() + b"\n"


def answer_limit(calls: Sequence[Call]) -> int:
    """Most bytes that honest answers to the calls can take."""
    return len(READY) + sum(HEADER_LIMIT + sum(_size(o) for o in call.outputs) for call in calls)


class AnswerReader:
    """Reads a worker's answers to some calls as their bytes come.

    Attributes
    ----------
    answers : list of Answer
        Those that are complete, in the calls' order.
    position : int
        How many bytes have been read.
    """

    def __init__(self, calls: Sequence[Call]):
        self.calls = calls
        self.answers: list[Answer] = []
        self.position = 0
        self._header: tuple[Answer, int] | None = None  # read, while its arrays are to come

    @property
    def is_done(self) -> bool:
        """Whether every call is answered."""
        return len(self.answers) == len(self.calls)

    def read(self, data: bytes | bytearray) -> None:
        """Read on in all that has come so far.

        Raises
        ------
        WireError
            If it isn't what was dictated.
        """
        while not self.is_done:
            call = self.calls[len(self.answers)]
            if self._header is None and not self._read_header(data, call):
                return
            assert self._header is not None
            answer, size = self._header
            if len(data) - self.position < size:
                return
            body = bytes(data[self.position : self.position + size])
            self.answers.append(_with_arrays(answer, call, body))
            self.position, self._header = self.position + size, None
        if self.position < len(data):
            raise WireError("more was sent than was asked for")

    def _read_header(self, data: bytes | bytearray, call: Call) -> bool:
        end = data.find(b"\n", self.position, self.position + HEADER_LIMIT)
        if end < 0:
            if len(data) - self.position >= HEADER_LIMIT:
                raise WireError("an answer's header is too long")
            return False
        line = bytes(data[self.position : end])
        self._header = _decode_header(line, len(self.answers), call)
        self.position = end + 1
        return True


def _decode_header(line: bytes, number: int, call: Call) -> tuple[Answer, int]:
    header = _strict_json(line)
    status = header.get("status")
    if header.get("call") != number or status not in STATUSES:
        raise WireError("an answer's header is not of this call")
    if status != "returned":
        return Answer(status, error=_error_line(header)), 0
    problems = header.get("outputs")
    changed = header.get("changed")
    if not isinstance(problems, list) or len(problems) != len(call.outputs):
        raise WireError("an answer doesn't say what became of each output")
    if not isinstance(changed, list) or not all(isinstance(name, str) for name in changed):
        raise WireError("an answer doesn't say which arguments were changed")
    outputs: dict[str, np.ndarray | Problem] = {}
    size = 0
    for output, problem in zip(call.outputs, problems, strict=True):
        if problem is None:
            size += _size(output)
        else:
            outputs[output.name] = _problem(problem)
    names = tuple(name for name in call.arrays if name in changed)
    return Answer("returned", outputs, names), size


def _with_arrays(answer: Answer, call: Call, body: bytes) -> Answer:
    if answer.status != "returned":
        return answer
    outputs: dict[str, np.ndarray | Problem] = {}
    position = 0
    for output in call.outputs:
        if output.name in answer.outputs:
            outputs[output.name] = answer.outputs[output.name]
            continue
        size = _size(output)
        flat = np.frombuffer(body[position : position + size], DTYPES[output.kind])
        outputs[output.name] = flat.reshape(output.shape)
        position += size
    return Answer("returned", outputs, answer.changed)


def _problem(claim: Any) -> Problem:
    if not isinstance(claim, dict) or claim.get("kind") not in Problem.KINDS:
        raise WireError("an answer names no known problem")
    return Problem(claim["kind"], clean(claim.get("got"), 80))


def _error_line(header: dict) -> str:
    kind, text = clean(header.get("type"), 60), clean(header.get("text"), 300)
    if not kind:
        return ""
    cell, line = clean(header.get("cell"), 60), header.get("line")
    if not cell:
        return f"{kind}: {text}"
    where = f'cell "{cell}"'
    if isinstance(line, int) and not isinstance(line, bool) and 0 < line < 100_000:
        where += f", line {line}"
    code = clean(header.get("code"), 120)
    return f"{kind}: {text} ({where}{': ' + code if code else ''})"


def _strict_json(line: bytes) -> dict:
    try:
        header = strict_json.loads(line)
    except (ValueError, RecursionError):
        raise WireError("an answer's header is not strict JSON") from None
    if not isinstance(header, dict):
        raise WireError("an answer's header is not an object")
    return header


def _size(output: Output) -> int:
    return DTYPES[output.kind].itemsize * int(np.prod(output.shape, dtype=np.int64))
