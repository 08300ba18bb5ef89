"""The ratios of a run as a picture: a bar each on a logarithmic scale, and a mark where its goal stands."""

import math
import re
from collections.abc import Sequence
from html import escape

from bench.ground import Figure

ROW, LEFT, WIDTH, RIGHT = 34, 370, 420, 150
LEAST, MOST = 0.01, 100.0
GOAL = re.compile(r"\d+(?:\.\d+)?")


def draw(figures: Sequence[Figure], where: str) -> str:
    """SVG of every figure that has a ratio and a goal; bars that meet it are dark."""
    shown = [one for one in figures if one.ratio is not None and one.goal and GOAL.search(one.goal)]
    height = ROW * len(shown) + 86
    width = LEFT + WIDTH + RIGHT
    size = f'viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="13"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" {size}><title>{escape(where)}</title>',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
    ]
    for power in range(round(math.log10(LEAST)), round(math.log10(MOST)) + 1):
        x = _x(10.0**power)
        parts.append(f'<line x1="{x}" y1="28" x2="{x}" y2="{height - 46}" stroke="#d9dce1"/>')
        parts.append(f'<text x="{x}" y="20" text-anchor="middle" fill="#4a4f57">{10.0**power:g}×</text>')
    for number, one in enumerate(shown):
        parts += _row(one, 34 + ROW * number)
    parts.append(
        f'<text x="12" y="{height - 22}" fill="#4a4f57">bar: measured ratio, dark where the goal is met; '
        f"│ the goal (≤: to be left of it)</text></svg>"
    )
    return "\n".join(parts) + "\n"


def _row(one: Figure, y: int) -> list[str]:
    assert one.ratio is not None
    goals = GOAL.findall(one.goal)
    goal = float(goals[-1])
    end, mark = _x(one.ratio), _x(goal)
    colour = "#1a4fa3" if one.is_met else "#9db4d6"
    return [
        f'<text x="{LEFT - 10}" y="{y + 16}" text-anchor="end" fill="#1c1f24">{escape(_name(one))}</text>',
        f'<rect x="{LEFT}" y="{y + 4}" width="{max(1.0, end - LEFT):.1f}" height="16" fill="{colour}"/>',
        f'<line x1="{mark}" y1="{y}" x2="{mark}" y2="{y + 24}" stroke="#b3261e" stroke-width="2"/>',
        f'<text x="{max(end, mark) + 8:.1f}" y="{y + 16}" fill="#1c1f24">{one.ratio:.2f} ({escape(one.goal)})</text>',
    ]


def _name(one: Figure) -> str:
    name = f"{one.bench}: {one.system}"
    return name if len(name) <= 48 else name[:47] + "…"


def _x(ratio: float) -> float:
    within = min(max(ratio, LEAST), MOST)
    return round(LEFT + WIDTH * math.log10(within / LEAST) / math.log10(MOST / LEAST), 1)
