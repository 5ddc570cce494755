"""The tables of docs/scaling.md are those that benchmarks/scaling.py works out."""

import importlib.util
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def scaling():
    spec = importlib.util.spec_from_file_location("scaling", ROOT / "benchmarks/scaling.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def figures(scaling):
    return json.loads(scaling.FIGURES.read_text(encoding="utf-8"))


def test_the_document_has_the_tables_that_are_worked_out(scaling, figures):
    document = scaling.DOCUMENT.read_text(encoding="utf-8")
    assert scaling.filled(document, scaling.tables(figures)) == document


def test_what_takes_twice_as_long_costs_twice_as_much(scaling, figures):
    def cost(of):
        [row] = [line for line in scaling.tables(of)["ingest"].splitlines() if line.startswith("| cost")]
        return float(row.split("|")[3].removesuffix(" $ ").replace(",", ""))

    slower = figures | {"ingest_ms": {name: took * 2 for name, took in figures["ingest_ms"].items()}}
    assert cost(slower) == pytest.approx(cost(figures) * 2, rel=0.1)


def test_bytes_add_up(scaling, figures):
    rows = scaling.tables(figures)["bytes"].splitlines()
    assert len(rows) == len(figures["bytes"]) + 3
    assert scaling.size(sum(figures["bytes"].values())) in rows[-1]


@pytest.mark.parametrize(
    ("value", "shown"), [(0, "0"), (0.0123, "0.012"), (7, "7.0"), (42.4, "42"), (1234.5, "1,200"), (98765, "99,000")]
)
def test_figures_are_written_with_two_digits(scaling, value, shown):
    assert scaling.figure(value) == shown


def test_durations_and_sizes_are_written_as_people_read_them(scaling):
    assert [scaling.duration(hours) for hours in (2.5, 72, 24 * 3650)] == ["2.5 h", "3.0 days", "10 years"]
    assert [scaling.size(count) for count in (10, 25_000, 3.2e15)] == ["10 B", "25 KB", "3.2 PB"]
