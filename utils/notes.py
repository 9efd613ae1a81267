"""What a search notes of its trainings, with those of an earlier one that was interrupted."""

import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from utils.kept import KeptError, Results, Settings, read_best, read_kept, write_kept


@dataclass
class Notes:
    """What was found, now and earlier, and the file that it is kept in."""

    path: Path
    probe: str
    earlier: Results
    best_net: Any
    best_val_acc: float
    best_number: int = -1  # of the settings to try; an earlier net comes before them all
    found: dict[int, tuple[Settings, float]] = field(default_factory=dict)
    writable: bool = True

    @property
    def results(self) -> Results:
        """In the order of the settings, whichever training ended first."""
        return self.earlier + [self.found[number] for number in sorted(self.found)]

    def add(self, number: int, settings: Settings, net: Any, accuracy: float) -> None:
        """Note what the settings of this number led to, and keep it."""
        self.found[number] = settings, accuracy
        if accuracy > self.best_val_acc or (
            accuracy == self.best_val_acc and number < self.best_number
        ):
            self.best_net, self.best_val_acc, self.best_number = net, accuracy, number
        self.keep()

    def keep(self) -> None:
        """Write all of it into the file, as long as that can be written."""
        if not (self.writable and self.results):
            return
        stats = getattr(self.best_net, "stats", {})
        histories = {name: np.asarray(value, float) for name, value in stats.items()}
        params = {} if self.best_net is None else self.best_net.params
        try:
            write_kept(self.path, self.probe, self.results, {**params, **histories})
        except OSError as error:
            print(f"The results can't be kept in {self.path.name} ({error.strerror}); "
                  "the search goes on.")  # fmt: skip
            self.writable = False


def earlier(path: Path, probe: str, template: Any) -> tuple[Results, Any, float]:
    """Earlier results, their best net and its accuracy; nothing if either can't be used."""
    try:
        results = read_kept(path, probe)
    except KeptError as error:
        print(f"{error}: the search begins anew.")
        return [], None, -1.0
    best = max(results, key=lambda result: np.nan_to_num(result[1], nan=-1.0), default=({}, -1.0))
    if not best[1] >= 0:
        return results, None, -1.0
    net = copy.copy(template)
    try:
        net.params, net.stats = read_best(path, template.params)
    except KeptError as error:
        print(f"{error}: the search begins anew.")
        return [], None, -1.0
    return results, net, best[1]
