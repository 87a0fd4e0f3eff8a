"""llama.cpp on the file and the threads of `language.toml`.

The file is looked for in the folders of BENCHHOST_DATA, as benchhost does it. The prompts have other tokens than ours, but
as many: neither side's time depends on which they are.
"""

import os
import pathlib
import statistics
import sys
import time

from peer import Row, main, rate

FILE = "smollm2-135m/SmolLM2-135M-Instruct.Q4_1.gguf"


def model(threads):
    try:
        import llama_cpp
    except ImportError as error:
        sys.exit(f"llama-cpp-python cannot be imported ({error}): pip install -r requirements.txt builds it")
    folders = os.environ.get("BENCHHOST_DATA", "").split(os.pathsep)
    found = [path for folder in folders if folder and (path := pathlib.Path(folder) / FILE).is_file()]
    if not found:
        sys.exit(f"{FILE} is in no folder of BENCHHOST_DATA")
    return llama_cpp.Llama(
        model_path=str(found[0]), n_threads=threads, n_threads_batch=threads, n_ctx=2048, logits_all=False, verbose=False
    )


def prompt(tokens):
    return [37 * i % 40000 + 100 for i in range(tokens)]


def prefill(tokens, threads):
    """Tokens a second of a prompt, all at once."""

    def measure(seconds):
        llm = model(threads)

        def step():
            llm.reset()
            llm.eval(prompt(tokens))

        return rate(step, tokens, seconds)

    return measure


def decode(tokens, threads):
    """Median time of a token in ns: the likeliest is chosen and evaluated, without a sampler, after a prompt of 20."""

    def measure(seconds):
        import numpy

        llm = model(threads)
        import llama_cpp

        logits = lambda: numpy.ctypeslib.as_array(llama_cpp.llama_get_logits(llm.ctx), shape=(llm.n_vocab(),))
        times = []
        end = time.perf_counter() + seconds
        while not times or time.perf_counter() < end:
            llm.reset()
            llm.eval(prompt(20))
            following = int(logits().argmax())
            for _ in range(tokens - 1):
                started = time.perf_counter()
                llm.eval([following])
                following = int(logits().argmax())
                times.append(time.perf_counter() - started)
        return 1e9 * statistics.median(times)

    return measure


def written(measure):
    return Row(measure, goal=1.0, metric="inter-token-p50", higher=False, against="llama.cpp")


ROWS = {
    "prefill-512-t1": Row(prefill(512, 1), goal=1.0, against="llama.cpp"),
    "prefill-512-t2": Row(prefill(512, 2), goal=1.0, against="llama.cpp"),
    "prefill-100-t1": Row(prefill(100, 1), goal=1.0, against="llama.cpp"),
    "decode-32-t1": written(decode(32, 1)),
    "decode-32-t2": written(decode(32, 2)),
}

if __name__ == "__main__":
    main(ROWS)
