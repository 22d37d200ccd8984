"""Least squares: a line and a parabola through a few points."""

# The bend that is let pass: two runs of one build differ by as much.
MOST_BEND = 0.1


def polynomial(points, degree):
    """Its coefficients, the constant first."""
    rows = [[sum(x ** (i + j) for x, _ in points) for j in range(degree + 1)] + [sum(y * x ** i for x, y in points)]
            for i in range(degree + 1)]
    for i in range(degree + 1):
        pivot = max(range(i, degree + 1), key=lambda row: abs(rows[row][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        for row in range(degree + 1):
            if row != i:
                share = rows[row][i] / rows[i][i]
                rows[row] = [a - share * b for a, b in zip(rows[row], rows[i])]
    return [rows[i][-1] / rows[i][i] for i in range(degree + 1)]


def line(points):
    return polynomial(points, 1)


def bend(points):
    """How far the fitted parabola's middle hangs below its chord, as a share of the rise: 0 for a line, 1/4 for a square,
    less than 0 where the cost of one more falls."""
    if len(points) < 3:
        return 0
    constant, slope, curve = polynomial(points, 2)
    first, last = points[0][0], points[-1][0]

    def value(x):
        return constant + slope * x + curve * x * x

    rise = value(last) - value(first)
    return ((value(first) + value(last)) / 2 - value((first + last) / 2)) / rise if rise > 0 else 0
