"""How right labels are: F1 of one class, and its mean over classes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def f1(said: npt.NDArray[np.bool_], true: npt.NDArray[np.bool_]) -> float:
    """Of what was said to be of a class beside what is: the harmonic mean of precision and recall."""
    both = 2 * int((said & true).sum())
    return both / max(1, int(said.sum()) + int(true.sum()))


def macro_f1(said: npt.NDArray[np.int64], labels: npt.NDArray[np.int64]) -> float:
    """The mean of F1 over the classes that occur in either."""
    classes = np.union1d(said, labels)
    return float(np.mean([f1(said == one, labels == one) for one in classes]))
