"""exp, GELU, softmax and log-sum-exp of 4 Mi floats in PyTorch, into a buffer that is there where PyTorch has one.

Softmax and log-sum-exp take rows of 1024. `gelu` has no `out=` in Python's functional form, but its ATen function has.
"""

import torch

from peer import Row, main, rate

ROWS, COLUMNS = 4096, 1024
LENGTH = ROWS * COLUMNS


def steps():
    """By operation: a step of PyTorch, as a function of input and output buffers."""
    aten = torch.ops.aten
    return {
        "exp": lambda x, out, _: torch.exp(x, out=out),
        "gelu": lambda x, out, _: aten.gelu.out(x, approximate="tanh", out=out),
        "gelu-erf": lambda x, out, _: aten.gelu.out(x, approximate="none", out=out),
        "softmax": lambda x, out, _: aten._softmax.out(x, 1, False, out=out),
        "logsumexp": lambda x, _, sums: torch.logsumexp(x, 1, out=sums),
    }


def values_per_second(op, threads):
    def measure(seconds):
        torch.set_num_threads(threads)
        torch.manual_seed(42)
        x = torch.empty(ROWS, COLUMNS).uniform_(-8, 8)
        out, sums = torch.empty(ROWS, COLUMNS), torch.empty(ROWS)
        step = steps()[op]
        with torch.inference_mode():
            return rate(lambda: step(x, out, sums), LENGTH, seconds)

    return measure


GOAL = 0.83  # Within 1.2 times of PyTorch's time.

ROWS_OF_TABLE = {
    f"{op}-4m-t{threads}": Row(values_per_second(op, threads), GOAL) for threads in (1, 2) for op in steps()
}
# What candle has by itself; no goal of ours.
ROWS_OF_TABLE |= {f"candle-{op}-4m-t1": Row(values_per_second(op, 1), 0.0) for op in steps()}

if __name__ == "__main__":
    main(ROWS_OF_TABLE)
