"""Numbers of the environment: within their bounds, or refused in a sentence."""

import pytest

from siach.launch import CannotStart
from siach.launch.bounds import BOUNDS, check, number


@pytest.mark.parametrize("name", BOUNDS)
def test_a_number_is_within_its_bounds(name: str) -> None:
    usual, least, most = BOUNDS[name]
    assert number({}, name) == number({name: " "}, name) == usual
    assert number({name: str(least)}, name) == least and number({name: str(most)}, name) == most
    for wrong in (str(least - 1), str(most + 1), "x", "1.5", "٣", "9" * 40):
        with pytest.raises(CannotStart, match=f"{name} must be a whole number from {least} to {most}"):
            check({name: wrong})
