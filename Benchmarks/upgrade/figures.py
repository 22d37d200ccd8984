"""What is measured, and when a change of it is too much."""

import dataclasses
import statistics


@dataclasses.dataclass(frozen=True)
class Figure:
    """One figure and its rule: the change for the worse that is let pass, and why it is looked at.

    The larger of the two allowances counts: a share of the baseline, and an amount in the figure's unit.
    """
    area: str
    name: str
    unit: str
    why: str
    better: str = "lower"
    relative: float = 0
    absolute: float = 0
    of_machine: bool = False  # whether another machine's baseline says nothing about it
    of_runs: str = "median"  # or "least", where other work can only add to it

    @property
    def key(self):
        return f"{self.area}: {self.name}"

    def allowance(self, baseline):
        return max(self.relative * abs(baseline), self.absolute)

    def is_fine(self, now, baseline):
        worse = now - baseline if self.better == "lower" else baseline - now
        # What a decimal number loses in binary is no change.
        return worse <= self.allowance(baseline) + 1e-9


@dataclasses.dataclass
class Row:
    """One line of the page; `is_fine` is None where nothing is there to compare with."""
    figure: Figure
    now: float
    baseline: float | None
    is_fine: bool | None


def combined(runs):
    """One value a figure out of several runs' {figure: value}."""
    figures = dict.fromkeys(figure for run in runs for figure in run)
    pick = {"median": statistics.median, "least": min}
    return {figure: pick[figure.of_runs]([run[figure] for run in runs if figure in run]) for figure in figures}


def compare(measured, baseline, is_own):
    """Rows of all that was measured, in its order."""
    for figure, now in measured.items():
        was = baseline.get(figure.key) if is_own or not figure.of_machine else None
        yield Row(figure, now, was, None if was is None else figure.is_fine(now, was))


def number(value):
    """Three figures, never in powers of ten; counts as they are."""
    if value == int(value) or abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"


def _change(row):
    change = row.now - row.baseline
    if row.figure.relative * abs(row.baseline) > row.figure.absolute:
        return f"{100 * change / row.baseline:+.1f} %"
    return f"{change:+.3f}" if abs(change) < 10 else f"{change:+.0f}"


def _allowed(row):
    sign = "+" if row.figure.better == "lower" else "-"
    if row.baseline is None or row.figure.relative * abs(row.baseline) > row.figure.absolute:
        return f"{sign}{100 * row.figure.relative:.0f} %" if row.figure.relative else f"{sign}{row.figure.absolute:g}"
    return f"{sign}{row.figure.absolute:g}" if row.figure.absolute else "none"


def table(rows):
    """Markdown, its columns aligned for a terminal."""
    lines = [("figure", "unit", "now", "baseline", "change", "allowed", "ok?", "why")]
    for row in rows:
        has_baseline = row.baseline is not None
        lines.append((
            row.figure.key, row.figure.unit, number(row.now), number(row.baseline) if has_baseline else "-",
            _change(row) if has_baseline else "-", _allowed(row), {True: "ok", False: "NO", None: "-"}[row.is_fine],
            row.figure.why))
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    lines.insert(1, tuple("-" * width for width in widths))
    return "\n".join("| " + " | ".join(map(str.ljust, line, widths)) + " |" for line in lines)
