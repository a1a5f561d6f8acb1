"""Charts as inline SVG: bars and lines by month, drawn by Altair without script, font or link.

Which numbers are drawn, and the words around a chart, are the caller's.
"""

import functools
import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ParamSpec

Drawn = ParamSpec("Drawn")

# Okabe and Ito's colours, which people with any kind of colour blindness can tell apart.
BLUE, ORANGE, GREEN, SKY, GREY = "#0072B2", "#D55E00", "#009E73", "#56B4E9", "#8A94A0"
PALE = {BLUE: "#B8D6E8", GREEN: "#B4DED2"}
INK, LINE = "#52606D", "#E1E7EC"

WIDTH, WIDE, HEIGHT = 430, 900, 168
PADDING = {"left": 44, "right": 22, "top": 8, "bottom": 24}
MONTH_LABELS = 7

# What the page sets for all charts alike, and what would read out their parts in English.
SPARE_ATTRIBUTES = re.compile(
    r' (?:aria-[a-z]+|role|class|font-family|font-size|pointer-events|opacity)="[^"]*"'
)


@dataclass(frozen=True)
class Point:
    """A month's value in the unit of the axis; None leaves a gap."""

    month: str
    value: float | None
    is_firm: bool = True


def trust_specification(draw: Callable[Drawn, str]) -> Callable[Drawn, str]:
    """Let a chart be built without Altair checking each of its parts, most of the time it takes."""

    @functools.wraps(draw)
    def draw_trusted(*args: Drawn.args, **kwargs: Drawn.kwargs) -> str:
        from altair.utils import schemapi

        with schemapi.debug_mode(False):
            return draw(*args, **kwargs)

    return draw_trusted


def choose_months(months: Sequence[str]) -> list[str]:
    """The months that get a label: few enough to be read, the last one always among them."""
    step = max(1, -(-len(months) // MONTH_LABELS))
    return list(reversed(list(reversed(months))[::step]))


def encode_axes(months: Sequence[str], number_format: str) -> dict[str, Any]:
    """The axes that all charts share."""
    import altair

    return {
        "x": altair.X(
            "month:O",
            sort=None,
            scale=altair.Scale(domain=list(months)),
            axis=altair.Axis(values=choose_months(months), labelAngle=0, title=None),
        ),
        "y": altair.Y(
            "value:Q",
            scale=altair.Scale(zero=True, nice=True),
            axis=altair.Axis(format=number_format, tickCount=4, title=None),
        ),
    }


def render(chart: Any, alt: str, width: int = WIDTH) -> str:
    """The chart as an SVG element that scales to its place and is read out by the given text.

    Its size does not depend on the fonts of the machine; names of fonts and namespaces are left to
    the page.
    """
    import vl_convert

    configured = (
        chart.properties(width=width, height=HEIGHT, padding=PADDING, autosize={"type": "none"})
        .configure(aria=False, background="transparent")
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=INK,
            labelFontSize=11,
            labelOverlap=False,
            labelLimit=0,
            gridColor=LINE,
            domainColor=LINE,
            ticks=False,
            labelPadding=6,
        )
        .configure_axisX(grid=False, domainColor=GREY)
        .configure_axisY(domain=False, minExtent=0, maxExtent=0)
    )
    svg = vl_convert.vegalite_to_svg(configured.to_dict(validate=False))
    body = svg[svg.index(">", svg.index("<svg")) + 1 :]
    right = width + PADDING["left"] + PADDING["right"]
    bottom = HEIGHT + PADDING["top"] + PADDING["bottom"]
    opening = (
        f'<svg class="chart" role="img" aria-label="{html.escape(alt)}" '
        f'viewBox="0 0 {right} {bottom}">'
    )
    return opening + SPARE_ATTRIBUTES.sub("", body)


@trust_specification
def draw_bars(points: Sequence[Point], color: str, alt: str) -> str:
    """Bars by month; those that are not firm are paler."""
    import altair

    values = [
        {
            "month": point.month,
            "value": point.value,
            "color": color if point.is_firm else PALE[color],
        }
        for point in points
        if point.value is not None
    ]
    months = [point.month for point in points]
    chart = (
        altair.Chart(altair.InlineData(values=values))
        .mark_bar(width={"band": 0.72})
        .encode(**encode_axes(months, ",~f"), color=altair.Color("color:N", scale=None))
    )
    return render(chart, alt)


@trust_specification
def draw_lines(lines: Sequence[tuple[str, Sequence[Point]]], alt: str) -> str:
    """Lines of shares by month, each in its colour; points that are not firm are hollow."""
    import altair

    values = [
        {
            "month": point.month,
            "value": point.value,
            "color": color,
            "fill": color if point.is_firm else "white",
        }
        for color, points in lines
        for point in points
    ]
    months = sorted({point.month for _, points in lines for point in points})
    base = altair.Chart(altair.InlineData(values=values)).encode(**encode_axes(months, ".0%"))
    strokes = base.mark_line(strokeWidth=2, invalid="break-paths-show-path-domains").encode(
        color=altair.Color("color:N", scale=None)
    )
    dots = (
        base.mark_point(size=26, strokeWidth=1.5)
        .encode(fill=altair.Fill("fill:N", scale=None), stroke=altair.Stroke("color:N", scale=None))
        .transform_filter("isValid(datum.value)")
    )
    return render(strokes + dots, alt)


@trust_specification
def draw_flows(flows: Sequence[tuple[str, Sequence[Point]]], alt: str) -> str:
    """Stacked bars by month, each part in its colour, at full width; negative values hang."""
    import altair

    values = [
        {"month": point.month, "value": point.value, "color": color, "order": order}
        for order, (color, points) in enumerate(flows)
        for point in points
        if point.value is not None
    ]
    months = sorted({point.month for _, points in flows for point in points})
    chart = (
        altair.Chart(altair.InlineData(values=values))
        .mark_bar(width={"band": 0.72})
        .encode(
            **encode_axes(months, ",~f"),
            color=altair.Color("color:N", scale=None),
            order=altair.Order("order:Q"),
        )
    )
    return render(chart, alt, WIDE)


def draw_trend(values: Sequence[float | None], alt: str) -> str:
    """A small line without axes, for beside a number; "" with fewer than two values."""
    known = [(index, value) for index, value in enumerate(values) if value is not None]
    if len(known) < 2:
        return ""
    lowest = min(value for _, value in known)
    spread = max(value for _, value in known) - lowest or 1.0
    step = 96 / max(1, len(values) - 1)
    places = [(2 + index * step, 22 - 18 * (value - lowest) / spread) for index, value in known]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    x, y = places[-1]
    return (
        f'<svg class="trend" role="img" aria-label="{html.escape(alt)}" viewBox="0 0 100 26">'
        f'<polyline points="{line}" fill="none" stroke="{GREY}" stroke-width="1.5"/>'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.4" fill="{BLUE}"/></svg>'
    )
