"""Plugin `{{name}}`: products of matrices in plain Python, in two ways. Replace it with what you want to measure."""

import math
import operator
import random

import benchhost
from benchhost import Metric, Param


class {{Type}}(benchhost.Workload):
    """Multiplies two square matrices of random numbers."""

    name = "{{name}}"
    params = [
        Param("size", 32, "rows and columns of each matrix", unit="rows", min=1, max=1024),
        Param("method", "rows", "how sums are formed", choices=("indices", "rows")),
    ]
    metrics = [Metric.lower("error", "1", kind="quality", help="how far sums over rows are off, at most")]

    def setup(self):
        # Once, before anything is timed. The seed is the suite's: every repetition multiplies the same matrices.
        numbers = random.Random(self.ctx.seed)
        size = self.params["size"]
        self.a = [[numbers.uniform(-1, 1) for _ in range(size)] for _ in range(size)]
        self.b = [[numbers.uniform(-1, 1) for _ in range(size)] for _ in range(size)]
        self.signs = [numbers.choice((-1, 1)) for _ in range(size)]
        self.multiply = {"indices": by_indices, "rows": by_rows}[self.params["method"]]

    def iterate(self):
        # The measured body. `with self.ctx.span("…"):` around a part of it makes a metric of its own.
        self.product = self.multiply(self.a, self.b)

    def verify(self):
        # Before anything is timed, and after the last sample. A case with a wrong answer has no speed.
        error = self.error()
        benchhost.ensure_right(error < 1e-12, f"a sum over a row of the product is off by {error:.1e}")

    def work(self):
        # Of one iteration: what makes items/s and GFLOP/s. A multiply-add is two operations.
        size = self.params["size"]
        return benchhost.Work(items=size * size, item="values", flop=2 * size**3, bytes=3 * 8 * size * size)

    def report(self):
        # Metrics of its own, after each sample, untimed.
        return {"error": self.error()}

    def error(self):
        """How far (A·B)·s is from A·(B·s), which takes another way to the same numbers."""
        found = times(self.product, self.signs)
        expected = times(self.a, times(self.b, self.signs))
        return max(abs(x - y) for x, y in zip(found, expected)) / len(found)


def by_indices(a, b):
    """Three loops, as in a textbook."""
    size = len(a)
    return [[sum(a[i][k] * b[k][j] for k in range(size)) for j in range(size)] for i in range(size)]


def by_rows(a, b):
    """Rows of the one with columns of the other, which are cut once."""
    columns = list(zip(*b))
    return [[sum(map(operator.mul, row, column)) for column in columns] for row in a]


def times(matrix, vector):
    """The product of a matrix and a vector, every sum exact."""
    return [math.fsum(x * y for x, y in zip(row, vector)) for row in matrix]


if __name__ == "__main__":
    benchhost.serve("{{name}}", [{{Type}}], version="0.1.0", summary="Products of matrices in plain Python.")
