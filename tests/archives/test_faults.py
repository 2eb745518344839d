"""Every fault, in every format, is refused with its own code; nothing else is blamed for it."""

import pytest

from checks.archives import BytesSource, open_archive
from tests.archives.box import golden, gz
from tests.archives.faults import FAULTS, FORMATS, Fault

CASES = [
    pytest.param(fault, name, id=f"{fault.name}-{name}") for fault in FAULTS for name in FORMATS
]


@pytest.mark.parametrize(("fault", "name"), CASES)
def test_each_fault_is_refused_by_its_name(fault: Fault, name: str) -> None:
    damaged = fault.apply(golden(name))
    if damaged is None:
        pytest.skip("this fault makes no sense in this format")
    archive = open_archive(BytesSource(damaged))
    codes = {problem.code for problem in archive.problems if problem.severity == "error"}
    assert codes & set(fault.code.split()), archive.problems
    assert not archive.valid


@pytest.mark.parametrize(("fault", "name"), CASES)
def test_the_same_when_compressed_and_read_in_one_pass(fault: Fault, name: str) -> None:
    damaged = fault.apply(golden(name))
    if damaged is None or damaged[:2] == b"\x1f\x8b":
        pytest.skip("nothing to compress")
    archive = open_archive(BytesSource(gz(damaged)))
    codes = {problem.code for problem in archive.problems if problem.severity == "error"}
    assert codes & set(fault.code.split()), archive.problems


def test_there_are_enough_of_them() -> None:
    assert len(FAULTS) >= 20
    assert len(FORMATS) >= 6
