"""What the author of a benchhost plugin writes against, in Python: derive from `Workload`, end the file with `serve`.

One file, standard library only, Python 3.8 or newer: copy it beside your own. `bench` runs a workload in a unittest.

Timed is a loop over `iterate` with one `synchronise` behind it, by `time.perf_counter_ns` of this process. Python's
cyclic garbage collector runs before each timed block and is off inside it, as in `timeit`; see
`Workload.collects_garbage`. stdout and stderr are the plugin's own: the protocol has a socket to itself.
"""

from __future__ import annotations

import collections
import difflib
import faulthandler
import gc
import importlib
import json
import math
import os
import platform
import signal
import socket
import sys
import tempfile
import threading
import time
import traceback
from dataclasses import asdict, dataclass, field
from typing import Any, Callable, Dict, Iterable, List, Optional, Sequence, Tuple, Type

API = "1.1.0"  # Version of the plugin interface that this file was written for.
PROTOCOL = 1  # Version of the lines on the socket.


class Error(Exception):
    """What a workload raises; its class is the outcome of the case. Lower case, no final stop, names the thing."""

    kind = "failed"


class Failed(Error):
    """Something failed: a file, a device, a library. Exceptions that are no `Error` count as this one."""


class ConfigError(Error):
    """A parameter cannot be used. Name it, the value found and the values accepted."""

    kind = "config"


class Wrong(Error):
    """The work was done but the answer is wrong. A case with a wrong answer has no speed."""

    kind = "wrong"


class Unsupported(Error):
    """This machine cannot run the case, which is skipped. Say what is missing and how it is had."""

    kind = "unsupported"


def ensure_right(right: object, message: str) -> None:
    """Raises `Wrong` with the message unless `right`."""
    if not right:
        raise Wrong(message)


def require(module: str, hint: str = "") -> Any:
    """Imports a package that not everybody has: `torch = benchhost.require("torch", hint="pip install torch")`.

    Call it in `create` or `setup`, so that the plugin can be looked at without the package; raises `Unsupported`.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        way_out = f"; install it with `{hint}`" if hint else ""
        raise Unsupported(f"{sys.executable} cannot import `{module}` ({error}){way_out}") from error


_TYPES = {bool: "true or false", int: "a whole number", float: "a number", str: "text", list: "a list"}
_KINDS = ("time", "throughput", "memory", "energy", "quality", "count", "ratio")


@dataclass(frozen=True)
class Param:
    """A parameter: key in a suite, value where the suite is silent (it also says the type), one sentence.

    `min` and `max` are the ends of what is accepted, `choices` the only texts accepted.
    """

    name: str
    default: Any
    help: str = ""
    unit: str = ""
    min: Optional[float] = None
    max: Optional[float] = None
    choices: Sequence[str] = ()
    type: Any = None
    """Of a parameter that is None until a suite sets it: `Param("rounds", None, type=int)`."""

    def check(self, value: Any) -> Any:
        """The value as the workload gets it, or `ConfigError`."""
        if value is None and self.default is None:
            return None
        kind = self.type or type(self.default)
        if kind is float and type(value) is int:
            value = float(value)
        found = f"parameter {_quoted(self.name)} is {_quoted(value)}"
        if type(value) is not kind:
            raise ConfigError(f"{found}, expected {_TYPES.get(kind, kind.__name__)}")
        if self.choices and value not in self.choices:
            raise ConfigError(f"{found}, which is no choice{_near(value, self.choices)}")
        low = -math.inf if self.min is None else self.min
        high = math.inf if self.max is None else self.max
        if kind in (int, float) and not low <= value <= high:
            ends = f"at least {low:.12g}" if high == math.inf else f"{low:.12g} to {high:.12g}"
            ends = f"at most {high:.12g}" if low == -math.inf else ends
            raise ConfigError(f"{found}, expected {ends} {self.unit}".rstrip())
        return value


@dataclass(frozen=True)
class Metric:
    """A metric of the workload's own: `Metric.lower("loss", "nat", kind="quality", help="loss of the last step")`.

    `kind`: time, throughput, memory, energy, quality, count or ratio (stored as 0 to 1, shown in per cent).
    """

    name: str
    unit: str = ""
    direction: str = "neither"
    kind: str = "count"
    help: str = ""

    @classmethod
    def lower(cls, name: str, unit: str = "", kind: str = "count", help: str = "") -> Metric:
        """Better when lower."""
        return cls(name, unit, "lower", kind, help)

    @classmethod
    def higher(cls, name: str, unit: str = "", kind: str = "count", help: str = "") -> Metric:
        """Better when higher."""
        return cls(name, unit, "higher", kind, help)

    @classmethod
    def neutral(cls, name: str, unit: str = "", kind: str = "count", help: str = "") -> Metric:
        """Only shown: neither direction is better."""
        return cls(name, unit, "neither", kind, help)


@dataclass(frozen=True)
class Work:
    """Work of one iteration, for items/s, GFLOP/s and GB/s. What is not known stays 0.

    `item` is the plural of an item; a multiply-add is two `flop`; `bytes` of memory that it cannot avoid to move.
    """

    items: float = 0.0
    item: str = ""
    flop: float = 0.0
    bytes: float = 0.0


@dataclass
class Ctx:
    """Where one instance runs, and how it talks back.

    `threads` it may use (OMP_NUM_THREADS and its like say the same), `cpus` it is pinned to (none: not pinned), the
    `device` asked for (`cpu`, `cuda`, `cuda:1`), `seed` of everything random, number of the `repetition`, and
    `scratch_dir`, an empty folder that the host removes.
    """

    threads: int = 1
    cpus: Sequence[int] = ()
    device: str = "cpu"
    seed: int = 42
    repetition: int = 0
    scratch_dir: str = ""
    _say: Callable[[Dict[str, Any]], None] = field(default=lambda line: None, repr=False)
    _spans: Dict[str, int] = field(default_factory=dict, repr=False)
    _ends: bool = field(default=False, repr=False)
    _finished: bool = field(default=False, repr=False)
    _seen_s: float = field(default=0.0, repr=False)

    def span(self, name: str) -> _Span:
        """A phase of the iteration: `with ctx.span("forward"): …` becomes metric `time.forward`, per iteration.

        At most 16 names; about half a microsecond each. Wait for a device before the phase ends.
        """
        return _Span(self._spans, name)

    def should_stop(self) -> bool:
        """Whether the host wants this iteration to end early. Long ones look now and then."""
        return self._ends

    def finish(self) -> None:
        """Says that there is nothing more to do after this iteration; the host then stops sampling."""
        self._finished = self._ends = True

    def progress(self) -> None:
        """Shows life during a long iteration, so that the host does not take it for hung."""
        if time.monotonic() - self._seen_s > 0.1:
            self._seen_s = time.monotonic()
            self._say({"say": "progress"})

    def info(self, message: str) -> None:
        """Writes a line to the log of the case: what is worth knowing about this measurement."""
        self._say({"say": "log", "level": "info", "message": _cut(str(message), 1000)})

    def warn(self, message: str) -> None:
        """Writes a warning: the number may be less good than it looks."""
        self._say({"say": "log", "level": "warn", "message": _cut(str(message), 1000)})


class _Span:
    __slots__ = ("spans", "name", "started")

    def __init__(self, spans: Dict[str, int], name: str) -> None:
        self.spans, self.name = spans, name

    def __enter__(self) -> None:
        self.started = time.perf_counter_ns()

    def __exit__(self, *_: object) -> None:
        elapsed = time.perf_counter_ns() - self.started
        if self.name in self.spans or len(self.spans) < 16:
            self.spans[self.name] = self.spans.get(self.name, 0) + elapsed


class Workload:
    """A piece of work that can be measured. The host calls, always on one thread:

        create → setup → [prepare] iterate → verify    once, untimed: is the answer right at all?
               → iterate …                             warm-up, discarded
               → (iterate … report) …                  samples; only `iterate` and `synchronise` are timed
               → verify → teardown

    The first line of a workload's own docstring is what people see.
    """

    name: str = ""
    params: Any = ()
    """The class lists `Param`s; in an instance, their values by name."""
    metrics: Sequence[Metric] = ()
    collects_garbage: bool = False
    """True leaves the cyclic garbage collector on while time is taken, where it belongs to what is measured."""

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        for name in vars(cls):
            if name.isupper() and (hasattr(Workload, name.lower()) or name == "PREPARES_EACH_ITERATION"):
                known = "prepare, whose presence is enough" if name.startswith("PREPARES") else name.lower()
                raise TypeError(f"{cls.__name__} has {name}, which nobody reads (did you mean {known}?)")

    def __init__(self, params: Dict[str, Any], ctx: Ctx) -> None:
        self.params, self.ctx = params, ctx

    def create(self) -> None:
        """Refuses parameters that do not work together, and machines that cannot run them. Cheap."""

    def setup(self) -> None:
        """Imports heavy packages, loads data, builds models. Timed as phase `setup`, not part of a sample."""

    def prepare(self) -> None:
        """Makes the input of the next iteration, untimed. Whoever has it is sampled one iteration at a time."""

    def iterate(self) -> Any:
        """The measured body."""
        raise NotImplementedError(f"{type(self).__name__} has no `iterate`")

    def synchronise(self) -> None:
        """Waits until an asynchronous device has finished; called at the end of each timed block, inside it."""

    def verify(self) -> None:
        """Proves the answer of the last iteration: raises `Wrong`, or lets an `assert` fail."""

    def work(self) -> Work:
        """Work of one iteration. Asked after `setup`."""
        return Work()

    def report(self) -> Dict[str, Optional[float]]:
        """Values of `metrics` for the sample just taken, untimed. None is not reported."""
        return {}

    def teardown(self) -> None:
        """Releases what the end of the process does not."""


def serve(name: str, workloads: Sequence[Type[Workload]], version: str = "0.0.0", summary: str = "") -> None:
    """Answers the host until it says goodbye. The last line of a plugin, below `if __name__ == "__main__":`."""
    descriptor = os.environ.pop("BENCHHOST_FD", "")
    if not descriptor.isdigit():
        folder = os.path.dirname(os.path.abspath(sys.argv[0]))
        sys.stderr.write(f"this is a plugin of benchhost, which starts it: benchhost run --plugin {folder}\n")
        sys.exit(2)

    def meta() -> Dict[str, Any]:
        build = {"compiler": f"Python {platform.python_version()}"}
        facts = {"schema": 1, "name": name, "version": version, "summary": summary, "api": API, "build": build}
        return {**facts, "workloads": [_describe(workload) for workload in workloads]}

    faulthandler.enable()
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True, errors="backslashreplace")  # type: ignore[union-attr]
    try:
        _Plugin(int(descriptor), workloads, meta).answer_all()
    except (KeyboardInterrupt, OSError):
        sys.exit(130)  # Ctrl-C, or nobody is left to talk to: there is nobody to tell.


@dataclass
class Report:
    """What `bench` found: own metrics, work, nanoseconds in each phase per iteration, log, and the instance."""

    metrics: Dict[str, float]
    work: Work
    spans: Dict[str, float]
    iterations: int
    elapsed_ns: int
    log: List[str]
    workload: Any


def bench(workload: Type[Workload], params: Optional[Dict[str, Any]] = None, iterations: int = 1, **ctx: Any) -> Report:
    """Runs a workload in this process, for its author's tests: from create to teardown, with one sample.

    `ctx`: `threads`, `device`, `seed` … of `Ctx`. Raises whatever goes wrong, also what the host would refuse: an
    unknown parameter, a metric that is not declared or no finite number.
    """
    log: List[str] = []
    with tempfile.TemporaryDirectory(prefix="benchhost-") as scratch:
        context = Ctx(**{"scratch_dir": scratch, **ctx})
        context._say = lambda line: log.append(line["message"]) if line["say"] == "log" else None
        instance = _Instance(workload, params or {}, context)
        work = instance.setup()["work"]
        done, elapsed, spans = 0, 0, collections.Counter()  # type: ignore[var-annotated]
        block = 1 if _overrides(workload, "prepare") else iterations
        while done < iterations and not instance.ctx._finished:
            instance.prepare()
            sample = instance.run(block)
            done, elapsed = done + sample["iterations"], elapsed + sample["elapsed_ns"]
            spans.update(instance.ctx._spans)
        metrics = instance.metrics()["metrics"]
        instance.verify()
        instance.teardown()
    per_iteration = {name: ns / done for name, ns in spans.items()}
    return Report(metrics, Work(**work), per_iteration, done, elapsed, log, instance.workload)


# What follows is the machinery: one instance, the host's requests, the socket, and words.


class _Instance:
    """A workload and its context; each method is a request and returns the fields of its answer."""

    def __init__(self, workload: Type[Workload], given: Dict[str, Any], ctx: Ctx) -> None:
        meta, self.ctx, self.running, self.frozen = _describe(workload), ctx, False, False
        params = {param.name: param for param in workload.params}
        for key in given:
            if key not in params:
                raise ConfigError(f"unknown parameter {_quoted(key)} of {meta['name']}{_near(key, params)}")
        values = {key: param.check(given.get(key, param.default)) for key, param in params.items()}
        self.workload = workload(values, ctx)
        self.workload.create()

    def setup(self) -> Dict[str, Any]:
        self.workload.setup()
        said = self.workload.work()
        if not isinstance(said, Work):
            raise Failed(f"work() returned {_quoted(said)}, expected a benchhost.Work")
        work = asdict(said)
        for key in ("items", "flop", "bytes"):
            work[key] = _number(f"{key} of work()", work[key])
        return {"work": work}

    def prepare(self) -> None:
        self.workload.prepare()

    def run(self, iterations: int) -> Dict[str, Any]:
        workload, ctx, iterate, clock = self.workload, self.ctx, self.workload.iterate, time.perf_counter_ns
        ctx._spans.clear()
        ctx._ends, self.running, collecting, done = ctx._finished, True, gc.isenabled(), 0
        gc.collect()
        if not workload.collects_garbage:
            gc.disable()
        try:
            started = clock()
            while done < iterations:
                iterate()
                done += 1
                if ctx._ends:
                    break
            workload.synchronise()
            elapsed = clock() - started
        finally:
            self.running = False
            if collecting:
                gc.enable()
        if not self.frozen:  # gc.get_freeze_count() would count what is frozen, one by one.
            self.frozen = True
            gc.collect()
            gc.freeze()  # What the first block leaves is not looked at again, so that collections stay short.
        stopped = ctx._ends and not ctx._finished
        return {"iterations": done, "elapsed_ns": elapsed, "finished": ctx._finished, "stopped": stopped}

    def metrics(self) -> Dict[str, Any]:
        declared, values = [metric.name for metric in self.workload.metrics], {}
        said = self.workload.report() or {}
        if not isinstance(said, dict):
            raise Failed(f"report() returned {_quoted(said)}, expected values by the name of their metric")
        for name, value in said.items():
            if name not in declared:
                raise Failed(f"metric {_quoted(name)} is not declared in `metrics`{_near(name, declared)}")
            if value is not None:
                values[name] = _number(f"metric {_quoted(name)}", value)
        return {"metrics": values, "spans": dict(self.ctx._spans)}

    def verify(self) -> None:
        try:
            answer = self.workload.verify()  # type: ignore[func-returns-value]
        except AssertionError as error:
            line = traceback.extract_tb(error.__traceback__)[-1].line
            raise Wrong(str(error) or f"this does not hold: {line}") from error
        if answer is not None:
            raise Failed(f"verify returned {answer!r}; it raises benchhost.Wrong when the answer is wrong")

    def teardown(self) -> None:
        gc.unfreeze()
        self.workload.teardown()


class _Plugin:
    """Answers the host's requests, one after the other; whatever goes wrong is an answer too."""

    def __init__(self, descriptor: int, workloads: Sequence[Type[Workload]], meta: Callable[[], Any]) -> None:
        self.socket, self.lock = socket.socket(fileno=descriptor), threading.Lock()
        # Children of this process must not keep the host waiting for the end of the plugin.
        self.socket.set_inheritable(False)
        os.register_at_fork(after_in_child=lambda: os.close(self.socket.detach()))
        self.workloads, self.meta = {each.name: each for each in workloads}, meta
        self.instance: Optional[_Instance] = None
        signal.signal(signal.SIGTERM, self.on_sigterm)

    def answer_all(self) -> None:
        for line in self.socket.makefile("rb"):
            said = ""
            try:
                request = json.loads(line)
                said = request["say"]
                answer = _encoded({"say": "done", **(self.do(said, request) or {})})
            except KeyboardInterrupt:
                raise
            except BaseException as error:
                answer = _encoded(_error(error))
            self.send(answer)
            if said == "bye":
                return

    def do(self, said: str, request: Dict[str, Any]) -> Optional[Dict[str, Any]]:
        if said == "describe":
            return {"protocol": PROTOCOL, "pid": os.getpid(), "meta": self.meta()}
        if said == "create":
            name = request["workload"]
            if name not in self.workloads:
                raise ConfigError(f"unknown workload {_quoted(name)}{_near(name, self.workloads)}")
            known = ("threads", "cpus", "device", "seed", "repetition", "scratch_dir")
            ctx = Ctx(**{key: request[key] for key in known if key in request})
            ctx._say = lambda remark: self.send(_encoded(remark))
            self.instance = _Instance(self.workloads[name], request.get("params", {}), ctx)
        elif said in ("setup", "prepare", "run", "metrics", "verify", "teardown"):
            if self.instance is None:
                raise Failed(f"asked to {said} before create")
            arguments = [request["iterations"]] if said == "run" else []
            answer: Optional[Dict[str, Any]] = getattr(self.instance, said)(*arguments)
            return answer
        elif said != "bye":
            raise Failed(f"protocol {PROTOCOL} has no request {_quoted(said)}")
        return None

    def send(self, line: bytes) -> None:
        with self.lock:
            self.socket.sendall(line)

    def on_sigterm(self, *_: object) -> None:
        """Ends a timed block after its iteration; at any other time the process."""
        if self.instance is None or not self.instance.running:
            os._exit(143)
        self.instance.ctx._ends = True


def _describe(workload: Type[Workload]) -> Dict[str, Any]:
    """What the host is told of a workload; `Failed` where it cannot be right."""
    who = workload.name or workload.__name__
    for what, kind in (("params", Param), ("metrics", Metric)):
        listed = getattr(workload, what)
        if not isinstance(listed, (list, tuple)) or not all(isinstance(each, kind) for each in listed):
            raise Failed(f"`{what}` of {who} is {_quoted(listed)}, expected a list of {kind.__name__}")
    for param in workload.params:
        if param.default is None and param.type is None:
            raise Failed(f"parameter {_quoted(param.name)} of {who} has no default, which says its type: `type=int`, for one that is unset")
        param.check(param.default)
    for metric in workload.metrics:
        if metric.kind not in _KINDS:
            kind = f"kind {_quoted(metric.kind)}{_near(metric.kind, _KINDS)}"
            raise Failed(f"metric {_quoted(metric.name)} of {who} is of an unknown {kind}")
    for names in ([param.name for param in workload.params], [metric.name for metric in workload.metrics]):
        for name in names:
            if names.count(name) > 1:
                raise Failed(f"{_quoted(name)} of {who} is there twice")
    if not workload.name:
        raise Failed(f"the class {who} has no name: `name = \"…\"`")
    return {
        "name": workload.name,
        "summary": (workload.__doc__ or "").strip().split("\n")[0],
        "prepares_each_iteration": _overrides(workload, "prepare"),
        "verifies": _overrides(workload, "verify"),
        "params": [_told(param) for param in workload.params],
        "metrics": [asdict(metric) for metric in workload.metrics],
    }


def _told(param: Param) -> Dict[str, Any]:
    return {key: value for key, value in asdict(param).items() if value is not None and key != "type"}


def _overrides(workload: Type[Workload], method: str) -> bool:
    return getattr(workload, method) is not getattr(Workload, method)


def _error(error: BaseException) -> Dict[str, Any]:
    """An exception as an answer: kind, one sentence, and where it came from."""
    text = " ".join(str(error).split())
    if isinstance(error, Error):
        kind, message, told = error.kind, text or type(error).__name__, error.__cause__
    else:
        kind, message, told = "failed", f"{type(error).__name__}: {text}" if text else type(error).__name__, error
    trace = told.__traceback__ if told else None
    # The way through this file says nothing.
    while trace is not None and trace.tb_frame.f_code.co_filename == __file__ and trace.tb_next is not None:
        trace = trace.tb_next
    detail = "".join(traceback.format_exception(type(told), told, trace)) if told else ""
    return {"say": "error", "kind": kind, "message": _cut(message, 1000), "detail": _cut(detail, 20_000)}


def _encoded(line: Dict[str, Any]) -> bytes:
    return json.dumps(line, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace") + b"\n"


def _cut(text: str, most: int) -> str:
    """The text, or its two ends: the last line of a traceback says most."""
    return text if len(text) <= most else f"{text[: most // 2]} … {text[-most // 2 :]}"


def _quoted(value: Any) -> str:
    return _cut(json.dumps(value, ensure_ascii=False, default=repr), 300)


def _near(word: Any, known: Iterable[str]) -> str:
    """The one that was meant, or all that there are."""
    known = list(known)
    near = difflib.get_close_matches(str(word), known, n=1)
    names = ", ".join(map(_quoted, known))
    return f" (did you mean {_quoted(near[0])}?)" if near else f"; there is {names or 'none'}"


def _number(what: str, value: Any) -> float:
    """A finite number, as a float: also a whole number, or a scalar of numpy or torch."""
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise Failed(f"{what} is {_quoted(value)}, expected a number") from None
    if not math.isfinite(number):
        raise Failed(f"{what} is {number}, expected a finite number")
    return number
