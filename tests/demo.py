"""Sample submissions for `make demo`: python -m tests.demo DEST."""

import sys
from pathlib import Path
from typing import Any

from tests.gallery import RELEASE as UNTOUCHED
from tests.gallery import (
    TESTS,
    complete_notebook,
    load_notebook,
    read_example,
    train_weights,
    write_submission,
)
from utils.data_utils import open_dataset

MISTAKES = {
    "chen_forgot_the_biases": "forward_no_b1",
    "dora_sums_the_loss": "loss_sum",
    "emil_no_relu_backward": "backward_no_relu_mask",
    "fay_freezes_the_biases": "train_biases_frozen",
    "gus_loops_for_ever": "forward_loops_for_ever",
}
FIRST_RUN: dict[str, Any] = {
    "learning_rate": 1e-4,
    "learning_rate_decay": 0.95,
    "reg": 0.25,
    "num_iters": 1000,
}


def main(destination: Path) -> None:
    """Write a handful of submissions, each a student's folder."""
    data = open_dataset()
    print("Training a tuned net and an untuned one for the samples ...", flush=True)
    tuned = train_weights(data, seed=2, verbose=True)
    untuned = train_weights(data, **FIRST_RUN)
    inner = "two_layer_net"
    write_submission(destination / "ada_complete" / inner, complete_notebook(), tuned)
    write_submission(destination / "ben_untouched" / inner, load_notebook(UNTOUCHED))
    for student, mutant in MISTAKES.items():
        example = read_example(TESTS / "mutants" / f"{mutant}.py")
        notebook = complete_notebook({example.cell: example.text})
        write_submission(destination / student / inner, notebook, tuned)
    write_submission(destination / "hana_did_not_tune" / inner, complete_notebook(), untuned)
    (destination / "ivo_handed_in_nothing" / inner).mkdir(parents=True, exist_ok=True)
    print(f"{len(list(destination.iterdir()))} submissions are in {destination}.")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
