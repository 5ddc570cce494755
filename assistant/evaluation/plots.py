"""Plots as inline SVG, without any script or outside resource. Colours come from the page's style sheet."""

import math
from collections.abc import Mapping, Sequence
from xml.etree import ElementTree as ET

from assistant.evaluation.statistics import Figure

WIDTH = 460
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 16, 12, 34


def curve(points: Mapping[str, Figure], axis: str) -> str:
    """Plot figures between 0 and 1 in a row, joined by a line, each with its interval.

    Args:
        points: Figures by their label on the horizontal axis.
        axis: What the horizontal axis shows.
    """
    height = 220
    svg = _canvas(height, f"{axis}: " + ", ".join(f"{name} {point.value:.3f}" for name, point in points.items()))
    low = math.floor(min(point.low for point in points.values()) * 10) / 10
    low = min(low, 0.9)
    step = (WIDTH - _LEFT - _RIGHT) / max(1, len(points))
    centres = [_LEFT + step * (position + 0.5) for position in range(len(points))]

    def y(value: float) -> float:
        return _TOP + (1 - (value - low) / (1 - low)) * (height - _TOP - _BOTTOM)

    for tick in range(round(low * 10), 11):
        _line(svg, _LEFT, y(tick / 10), WIDTH - _RIGHT, y(tick / 10), "grid")
        _text(svg, _LEFT - 6, y(tick / 10) + 4, f"{tick / 10:.1f}", "end")
    joined = " ".join(f"{x:.1f},{y(p.value):.1f}" for x, p in zip(centres, points.values(), strict=True))
    ET.SubElement(svg, "polyline", {"points": joined, "class": "line"})
    for x, (name, point) in zip(centres, points.items(), strict=True):
        _line(svg, x, y(point.low), x, y(point.high), "whisker")
        _dot(svg, x, y(point.value), f"{name}: {_shown(point)}")
        _text(svg, x, height - _BOTTOM + 16, name, "middle")
    _text(svg, (WIDTH + _LEFT) / 2, height - 4, axis, "middle")
    return _written(svg)


def rows(figures: Mapping[str, Figure], *, unit: str = "") -> str:
    """Plot one figure a row, as a dot with its interval, with the number at the end.

    Args:
        figures: Figures by row label.
        unit: What the figures count; without it they lie between 0 and 1.
    """
    height = 20 * len(figures) + 26
    top = 1.0 if not unit else max(figure.high for figure in figures.values()) * 1.05 or 1.0
    label, number = 110, 66
    svg = _canvas(height, ", ".join(f"{name} {figure.value:.3g}{unit}" for name, figure in figures.items()))

    def x(value: float) -> float:
        return label + value / top * (WIDTH - label - number)

    for tick in range(5):
        _line(svg, x(top * tick / 4), 4, x(top * tick / 4), height - 20, "grid")
        _text(
            svg,
            x(top * tick / 4),
            height - 6,
            f"{top * tick / 4:.2g}" if not unit else f"{top * tick / 4:.0f}",
            "middle",
        )
    for position, (name, figure) in enumerate(figures.items()):
        y = 20 * position + 14
        _text(svg, label - 8, y + 4, name, "end")
        _line(svg, x(figure.low), y, x(figure.high), y, "whisker")
        _dot(svg, x(figure.value), y, f"{name}: {_shown(figure)}{unit}")
        _text(svg, WIDTH, y + 4, f"{figure.value:.3f}" if not unit else f"{figure.value:,.1f} {unit}", "end")
    return _written(svg)


def histogram(series: Mapping[str, Sequence[float]], axis: str) -> str:
    """Plot how values between 0 and 1 are spread, as a share of each series.

    Args:
        series: Up to two series of values, by name.
        axis: What the horizontal axis shows.
    """
    height, bins = 220, 20
    svg = _canvas(
        height, f"{axis} of {', '.join(f'{len(values)} {name}' for name, values in series.items())} questions"
    )
    shares: dict[str, list[float]] = {}
    for name, values in series.items():
        places = [min(int(value * bins), bins - 1) for value in values]
        shares[name] = [places.count(position) / len(values) for position in range(bins)]
    top = max(max(counts) for counts in shares.values())
    step = (WIDTH - _LEFT - _RIGHT) / bins
    for tick in range(6):
        x = _LEFT + (WIDTH - _LEFT - _RIGHT) * tick / 5
        _line(svg, x, _TOP, x, height - _BOTTOM, "grid")
        _text(svg, x, height - _BOTTOM + 16, f"{tick / 5:.1f}", "middle")
    _text(svg, _LEFT - 6, _TOP + 10, f"{top:.0%}", "end")
    _text(svg, _LEFT - 6, height - _BOTTOM, "0", "end")
    for number, (name, counts) in enumerate(shares.items()):
        for position, share in enumerate(counts):
            if not share:
                continue
            tall = share / top * (height - _TOP - _BOTTOM)
            bar = ET.SubElement(
                svg,
                "rect",
                {
                    "x": f"{_LEFT + step * position + 1:.1f}",
                    "y": f"{height - _BOTTOM - tall:.1f}",
                    "width": f"{step - 2:.1f}",
                    "height": f"{tall:.1f}",
                    "class": f"series{number}",
                },
            )
            title = f"{name}, {position / bins:.2f} to {(position + 1) / bins:.2f}: {share:.1%}"
            ET.SubElement(bar, "title").text = title
    _text(svg, (WIDTH + _LEFT) / 2, height - 4, axis, "middle")
    return _written(svg)


def _canvas(height: int, description: str) -> ET.Element:
    return ET.Element("svg", {"viewBox": f"0 0 {WIDTH} {height}", "role": "img", "aria-label": description})


def _line(svg: ET.Element, x1: float, y1: float, x2: float, y2: float, kind: str) -> None:
    places = {"x1": f"{x1:.1f}", "y1": f"{y1:.1f}", "x2": f"{x2:.1f}", "y2": f"{y2:.1f}"}
    ET.SubElement(svg, "line", places | {"class": kind})


def _dot(svg: ET.Element, x: float, y: float, title: str) -> None:
    dot = ET.SubElement(svg, "circle", {"cx": f"{x:.1f}", "cy": f"{y:.1f}", "r": "4", "class": "dot"})
    ET.SubElement(dot, "title").text = title


def _text(svg: ET.Element, x: float, y: float, words: str, anchor: str) -> None:
    ET.SubElement(svg, "text", {"x": f"{x:.1f}", "y": f"{y:.1f}", "text-anchor": anchor}).text = words


def _shown(figure: Figure) -> str:
    return f"{figure.value:.3f} ({figure.low:.3f} to {figure.high:.3f})"


def _written(svg: ET.Element) -> str:
    return ET.tostring(svg, encoding="unicode")
