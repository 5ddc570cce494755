"""What is said twice in the project's files is said alike."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]


def test_the_changelog_begins_with_the_version():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    first = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert first[1] == version


def test_pre_commit_has_the_linter_of_the_constraints():
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    (linter,) = [pin for pin in pins if pin.startswith("ruff==")]
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"][0]["hooks"]
    assert {pin for hook in hooks for pin in hook["additional_dependencies"]} == {linter}


def test_ci_tests_every_supported_python():
    jobs = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))["jobs"]
    pythons = jobs["quick"]["strategy"]["matrix"]["python"]
    requires = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["requires-python"]
    assert requires == f">={pythons[0]}"
    extras = re.search(r"\[(.*)\]", jobs["quick"]["steps"][2]["run"])[1].split(",")
    known = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    assert set(extras) <= known.keys()


def requirements_of(*extras):
    """What pyproject.toml asks for, with the extras that an extra names."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"], *(line for extra in extras for line in project["optional-dependencies"][extra])]
    return [one for one in map(Requirement, asked) if one.name != project["name"]]


def pins_of(name):
    """The packages that a file of pip's pins: their versions, and the digests of their files."""
    joined = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", "")
    pins = {}
    for line in joined.splitlines():
        if line and not line.startswith("#"):
            # Nothing but pins and digests: no index, no address.
            found = re.fullmatch(r"([\w.-]+)==(\S+)(?: ; [^#]+?)?((?:\s+--hash=sha256:[0-9a-f]{64})*)\s*", line)
            assert found, line
            pins[canonicalize_name(found[1])] = (found[2], found[3].split())
    return pins


@pytest.mark.parametrize(
    ("lock", "extras"),
    [
        ("requirements.lock", ["local"]),
        ("requirements-test.lock", ["cluster", "local", "mcp", "milvus", "openai", "otel", "postgres", "dev"]),
    ],
)
def test_the_lock_agrees_with_what_it_was_made_from(lock, extras):
    locked, pins = pins_of(lock), pins_of("constraints.txt")
    assert all(digests for _, digests in locked.values())
    wrong = {
        name: (version, pins[name][0])
        for name, (version, _) in locked.items()
        if name in pins and version != pins[name][0]
    }
    assert not wrong, "Run `make lock`."
    missing = [
        str(one) for one in requirements_of(*extras)
        if (found := locked.get(canonicalize_name(one.name))) is None or not one.specifier.contains(found[0], prereleases=True)
    ]  # fmt: skip
    assert not missing, "Run `make lock`."


def test_only_torch_and_what_draws_the_benchmarks_are_in_no_lock():
    alone = {"sentence-transformers", "torch", "transformers", "scikit-learn", "joblib", "sympy", "mpmath", "networkx"}
    alone |= {"narwhals", "cloudpickle"}  # of scikit-learn and joblib
    alone |= {"matplotlib", "contourpy", "cycler", "kiwisolver", "pyparsing"}  # of `make bench`
    assert pins_of("constraints.txt").keys() - pins_of("requirements-test.lock").keys() == alone


def test_a_run_installs_nothing_that_a_test_has_not_seen():
    run, test = pins_of("requirements.lock"), pins_of("requirements-test.lock")
    assert {name: pin for name, pin in run.items() if test.get(name) != pin} == {}
