"""Drives plugins written with benchhost.py as the host does, over a socket, and in process as their authors do.

Run with `python3 -m unittest` in this folder; standard library only.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

import benchhost
from benchhost import ConfigError, Failed, Metric, Param, Unsupported, Work, Workload, Wrong, bench

HERE = os.path.dirname(os.path.abspath(__file__))

PLUGIN = '''
import os, subprocess, sys, time
import benchhost
from benchhost import Metric, Param, Work, Workload

class Good(Workload):
    """Counts its iterations.

    More that nobody sees in a table."""
    name = "good"
    params = [
        Param("length", 8, "how many", unit="values", min=1, max=100),
        Param("rate", 0.5, "a number"),
        Param("mode", "plain", "how", choices=("plain", "printed", "both")),
        Param("last", 0, "finish after so many"),
    ]
    metrics = [Metric.higher("count", "calls", help="calls so far"), Metric.lower("loss", "nat", kind="quality")]
    count = 0

    def setup(self):
        self.ctx.info("set up in " + self.ctx.scratch_dir)
        self.ctx.warn("grüße \\ud800 \\x1b[31m\\n" + "x" * 5000)

    def iterate(self):
        with self.ctx.span("outer"):
            with self.ctx.span("inner"):
                self.count += 1
        if self.params["mode"] == "printed":
            print('{"say":"done","iterations":7}')
        if self.count == self.params["last"]:
            self.ctx.finish()

    def verify(self):
        assert self.count > 0, "nothing was counted"

    def work(self):
        return Work(items=self.params["length"], item="values", flop=2e9)

    def report(self):
        return {"count": self.count, "loss": None}


class Fails(Workload):
    """Fails where it is told to."""
    name = "fails"
    params = [Param("phase", "iterate"), Param("how", "raise")]
    metrics = [Metric.lower("loss", "nat")]

    def __getattribute__(self, name):
        if name in ("create", "setup", "prepare", "iterate", "synchronise", "verify", "report", "teardown", "work"):
            if name == object.__getattribute__(self, "params")["phase"]:
                return object.__getattribute__(self, "fail")
        return object.__getattribute__(self, name)

    def fail(self):
        how = self.params["how"]
        if how == "raise":
            raise KeyError("no such thing\\nand a second line")
        if how == "from":
            try:
                open("/no/such/file")
            except OSError as error:
                raise benchhost.Failed("cannot read the thing") from error
        if how == "assert":
            assert 1 + 1 == 3
        if how in ("Failed", "ConfigError", "Wrong", "Unsupported"):
            raise getattr(benchhost, how)("it is " + how)
        if how == "long":
            raise ValueError("é" * 100_000)
        if how == "silent":
            raise ValueError
        if how == "exit":
            sys.exit(3)
        if how == "os._exit":
            os._exit(9)
        if how == "require":
            benchhost.require("no_such_module", hint="pip install no-such-module")
        return {"nan": {"loss": float("nan")}, "inf": {"loss": float("inf")}, "text": {"loss": "low"},
                "tensor": {"loss": object()}, "undeclared": {"lots": 1.0}, "number": {"loss": 1},
                "false": False, "work": Work(flop=float("nan"))}[how]

    def iterate(self):
        pass


class Prepared(Workload):
    """Wants a fresh input for each iteration."""
    name = "prepared"
    inputs = 0

    def prepare(self):
        self.inputs += 1

    def iterate(self):
        self.inputs -= 1
        assert self.inputs == 0


class Forks(Workload):
    """Starts children."""
    name = "forks"

    def iterate(self):
        pid = os.fork()
        if pid == 0:
            time.sleep(60)
            os._exit(0)
        subprocess.Popen(["sleep", "60"])

    def report(self):
        return {}


class Long(Workload):
    """Goes on until it is told to stop."""
    name = "long"

    def iterate(self):
        while not self.ctx.should_stop():
            self.ctx.progress()
            time.sleep(0.001)


if __name__ == "__main__":
    benchhost.serve("test", [Good, Fails, Prepared, Forks, Long], version="2.1.0", summary="For tests.")
'''

OTHER = '''
import benchhost
from benchhost import Metric, Param, Workload

class Odd(Workload):
    name = "odd"
    {declared}
    def iterate(self): pass

benchhost.serve("odd", [Odd])
'''


class Host:
    """A plugin process with the host's end of its socket."""

    def __init__(self, source: str = PLUGIN) -> None:
        self.folder = tempfile.TemporaryDirectory()
        path = os.path.join(self.folder.name, "bench.py")
        with open(path, "w", encoding="utf-8") as file:
            file.write(source)
        self.socket, theirs = socket.socketpair()
        self.process = subprocess.Popen(
            [sys.executable, path],
            env={**os.environ, "BENCHHOST_FD": str(theirs.fileno()), "PYTHONPATH": HERE},
            pass_fds=[theirs.fileno()],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        theirs.close()
        self.socket.settimeout(20)
        self.lines = self.socket.makefile("rb")
        self.remarks: list = []

    def ask(self, say: str, **fields: object) -> dict:
        """The answer to a request; remarks before it are kept. Empty when the process has ended."""
        self.tell(say, **fields)
        return self.hear()

    def tell(self, say: str, **fields: object) -> None:
        self.write(json.dumps({"say": say, **fields}).encode() + b"\n")

    def write(self, line: bytes) -> None:
        with contextlib.suppress(OSError):
            self.socket.sendall(line)

    def hear(self) -> dict:
        for line in self.lines:
            said = json.loads(line)
            if said["say"] in ("done", "error"):
                return said
            self.remarks.append(said)
        return {}

    def create(self, workload: str, **params: object) -> dict:
        return self.ask(
            "create", workload=workload, params=params, threads=2, cpus=[0], device="cpu", seed=7, repetition=1,
            scratch_dir="/scratch", news="from a later host",
        )

    def started(self, workload: str, **params: object) -> "Host":
        """Created and set up."""
        for answer in (self.create(workload, **params), self.ask("setup")):
            assert answer["say"] == "done", answer
        return self

    def end(self) -> tuple:
        """Exit code, stdout and stderr, after the host has hung up and what the plugin had started is gone."""
        self.lines.close()
        self.socket.close()
        self.process.wait(60)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        out, err = self.process.communicate()
        self.folder.cleanup()
        return self.process.returncode, out.decode(), err.decode()


class Case(unittest.TestCase):
    """Ends the process of a test, whatever happens."""

    def host(self, source: str = PLUGIN) -> Host:
        host = Host(source)
        self.addCleanup(lambda: (host.process.kill(), host.end()))
        return host

    def assertFails(self, answer: dict, kind: str, message: str, detail: str = "") -> None:
        self.assertEqual((answer.get("say"), answer.get("kind")), ("error", kind), answer)
        self.assertEqual(answer["message"], message)
        self.assertIn(detail, answer["detail"])


class Protocol(Case):
    def test_the_plugin_describes_itself(self):
        answer = self.host().ask("describe", protocol=1)

        meta = answer["meta"]
        self.assertEqual(answer["protocol"], 1)
        self.assertEqual([meta[key] for key in ("schema", "name", "version")], [1, "test", "2.1.0"])
        self.assertTrue(meta["build"]["compiler"].startswith("Python 3."))
        good, fails, prepared = meta["workloads"][:3]
        self.assertEqual(good["summary"], "Counts its iterations.")
        self.assertEqual(
            good["params"][0],
            {"name": "length", "default": 8, "help": "how many", "unit": "values", "min": 1, "max": 100, "choices": []},
        )
        self.assertEqual(good["params"][2]["choices"], ["plain", "printed", "both"])
        self.assertEqual(
            good["metrics"][0],
            {"name": "count", "unit": "calls", "direction": "higher", "kind": "count", "help": "calls so far"},
        )
        self.assertEqual([good["verifies"], good["prepares_each_iteration"]], [True, False])
        self.assertEqual([prepared["verifies"], prepared["prepares_each_iteration"]], [False, True])

    def test_a_whole_life(self):
        host = self.host()

        self.assertEqual(host.create("good", length=4, rate=1), {"say": "done"})
        self.assertEqual(host.ask("setup")["work"], {"items": 4.0, "item": "values", "flop": 2e9, "bytes": 0.0})
        self.assertEqual(host.ask("prepare"), {"say": "done"})
        first = host.ask("run", iterations=1)
        self.assertEqual(host.ask("verify"), {"say": "done"})
        many = host.ask("run", iterations=1000)
        metrics = host.ask("metrics")
        self.assertEqual(host.ask("teardown"), {"say": "done"})
        self.assertEqual(host.ask("bye"), {"say": "done"})
        code, out, err = host.end()

        self.assertEqual((first["iterations"], many["iterations"], many["finished"]), (1, 1000, False))
        self.assertGreater(many["elapsed_ns"], 0)
        self.assertEqual(metrics["metrics"], {"count": 1001.0})
        self.assertLess(metrics["spans"]["inner"], metrics["spans"]["outer"])
        self.assertLess(metrics["spans"]["outer"], many["elapsed_ns"])
        self.assertEqual((code, out, err), (0, "", ""))

    def test_remarks_are_valid_lines_whatever_is_in_them(self):
        host = self.host().started("good")

        info, warning = host.remarks
        self.assertEqual(info, {"say": "log", "level": "info", "message": "set up in /scratch"})
        self.assertEqual(warning["level"], "warn")
        self.assertTrue(warning["message"].startswith("grüße ? \x1b[31m\nxxx"))
        self.assertLess(len(warning["message"]), 1100)

    def test_what_is_printed_is_output_and_no_answer(self):
        host = self.host().started("good", mode="printed")

        answer = host.ask("run", iterations=2)
        host.process.kill()
        _, out, _ = host.end()

        self.assertEqual(answer["iterations"], 2)
        self.assertEqual(out, '{"say":"done","iterations":7}\n' * 2)

    def test_finish_ends_a_block_and_every_later_one(self):
        host = self.host().started("good", last=3)

        answers = [host.ask("run", iterations=n) for n in (2, 1000, 1000)]

        self.assertEqual([(a["iterations"], a["finished"]) for a in answers], [(2, False), (1, True), (1, True)])

    def test_sigterm_ends_a_block_after_its_iteration_and_else_the_process(self):
        host = self.host().started("long")
        host.tell("run", iterations=1000)
        host.lines.readline()

        host.process.send_signal(signal.SIGTERM)

        answer = host.hear()
        self.assertEqual((answer["iterations"], answer["finished"], answer["stopped"]), (1, False, True))
        host.process.send_signal(signal.SIGTERM)
        self.assertEqual(host.process.wait(60), 143)

    def test_a_host_that_hangs_up_and_ctrl_c_end_the_plugin_quietly(self):
        for end, code in ((lambda host: host.socket.shutdown(socket.SHUT_RDWR), 0),
                          (lambda host: host.process.send_signal(signal.SIGINT), 130)):
            host = self.host().started("good")
            end(host)
            self.assertEqual(host.process.wait(60), code)
            self.assertEqual(host.end()[2], "")

    def test_children_do_not_keep_the_socket(self):
        host = self.host().started("forks")
        host.ask("run", iterations=1)

        host.process.kill()

        self.assertEqual(host.hear(), {})

    def test_nonsense_is_answered_and_the_next_request_still_works(self):
        host = self.host()

        self.assertFails(host.ask("dance"), "failed", 'protocol 1 has no request "dance"')
        self.assertFails(host.ask("run", iterations=1), "failed", "asked to run before create")
        host.write(b"{]\n")
        self.assertIn("JSONDecodeError", host.hear()["message"])
        self.assertFails(host.create("god"), "config", 'unknown workload "god" (did you mean "good"?)')
        host.started("good")

    def test_started_by_hand_it_says_how_it_is_started(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "bench.py")
            with open(path, "w", encoding="utf-8") as file:
                file.write(PLUGIN)
            environment = {**os.environ, "PYTHONPATH": HERE}
            environment.pop("BENCHHOST_FD", None)

            ended = subprocess.run([sys.executable, path], env=environment, capture_output=True, text=True)

            expected = f"this is a plugin of benchhost, which starts it: benchhost run --plugin {folder}\n"
            self.assertEqual((ended.returncode, ended.stderr), (2, expected))


class Unset(Workload):
    """Has a parameter that is unset until a suite sets it."""

    name = "unset"
    params = [Param("rounds", None, type=int)]

    def iterate(self):
        return self.params["rounds"]


class Optional(unittest.TestCase):
    def test_a_parameter_without_default_is_none_until_it_is_set(self):
        self.assertIsNone(benchhost.bench(Unset).workload.params["rounds"])
        self.assertEqual(benchhost.bench(Unset, {"rounds": 3}).workload.params["rounds"], 3)
        with self.assertRaisesRegex(benchhost.ConfigError, "expected a whole number"):
            benchhost.bench(Unset, {"rounds": "many"})

    def test_a_name_of_the_rust_side_is_answered_with_the_one_here(self):
        with self.assertRaisesRegex(TypeError, "did you mean prepare, whose presence is enough"):
            type("Loud", (Workload,), {"PREPARES_EACH_ITERATION": True})


class Failures(Case):
    def test_an_exception_in_each_phase_is_the_answer_to_its_request(self):
        requests = {"prepare": "prepare", "iterate": "run", "synchronise": "run", "verify": "verify",
                    "report": "metrics", "teardown": "teardown"}
        for phase, request in requests.items():
            host = self.host().started("fails", phase=phase)
            answer = host.ask(request, iterations=1)
            self.assertFails(
                answer, "failed", "KeyError: 'no such thing\\nand a second line'", 'raise KeyError("no such thing'
            )
            self.assertNotIn("benchhost.py", answer["detail"])
        self.assertFails(self.host().create("fails", phase="create"), "failed", answer["message"])
        for phase in ("setup", "work"):
            host = self.host()
            host.create("fails", phase=phase)
            self.assertFails(host.ask("setup"), "failed", answer["message"])

    def test_errors_have_their_kind(self):
        for how, kind in (("Failed", "failed"), ("ConfigError", "config"), ("Wrong", "wrong"),
                          ("Unsupported", "unsupported")):
            host = self.host().started("fails", how=how)
            self.assertFails(host.ask("run", iterations=1), kind, f"it is {how}")

    def test_causes_assertions_silence_and_length(self):
        def run(how: str) -> dict:
            return self.host().started("fails", how=how).ask("run", iterations=1)

        self.assertFails(run("from"), "failed", "cannot read the thing", "No such file or directory: '/no/such/file'")
        self.assertFails(run("assert"), "failed", "AssertionError", "assert 1 + 1 == 3")
        self.assertFails(run("silent"), "failed", "ValueError")
        self.assertFails(run("exit"), "failed", "SystemExit: 3")
        long = run("long")
        self.assertLess(len(long["message"]), 1100)
        self.assertLess(len(long["detail"]), 20_100)

    def test_an_assertion_of_verify_is_a_wrong_answer(self):
        host = self.host().started("good")
        self.assertFails(host.ask("verify"), "wrong", "nothing was counted")

        host = self.host().started("fails", phase="verify", how="assert")
        self.assertFails(host.ask("verify"), "wrong", "this does not hold: assert 1 + 1 == 3")

        host = self.host().started("fails", phase="verify", how="false")
        message = "verify returned False; it raises benchhost.Wrong when the answer is wrong"
        self.assertFails(host.ask("verify"), "failed", message)

    def test_a_package_that_is_missing_is_unsupported(self):
        host = self.host()
        host.create("fails", phase="setup", how="require")

        answer = host.ask("setup")

        message = f"{sys.executable} cannot import `no_such_module` (No module named 'no_such_module'); install it " \
                  "with `pip install no-such-module`"
        self.assertFails(answer, "unsupported", message)

    def test_a_process_that_ends_has_said_nothing(self):
        host = self.host().started("fails", how="os._exit")

        self.assertEqual(host.ask("run", iterations=1), {})
        self.assertEqual(host.process.wait(60), 9)

    def test_metrics_are_declared_finite_numbers(self):
        for how, message in (
            ("nan", 'metric "loss" is nan, expected a finite number'),
            ("inf", 'metric "loss" is inf, expected a finite number'),
            ("text", 'metric "loss" is "low", expected a number'),
            ("undeclared", 'metric "lots" is not declared in `metrics` (did you mean "loss"?)'),
        ):
            host = self.host().started("fails", phase="report", how=how)
            self.assertFails(host.ask("metrics"), "failed", message)
        host = self.host().started("fails", phase="report", how="tensor")
        self.assertIn("<object object at", host.ask("metrics")["message"])
        host = self.host().started("fails", phase="report", how="number")
        self.assertEqual(host.ask("metrics")["metrics"], {"loss": 1.0})
        host = self.host()
        host.create("fails", phase="work", how="work")
        self.assertFails(host.ask("setup"), "failed", "flop of work() is nan, expected a finite number")

    def test_parameters_are_known_and_of_their_type_and_range(self):
        host = self.host()
        for params, message in (
            ({"lenght": 4}, 'unknown parameter "lenght" of good (did you mean "length"?)'),
            ({"zzz": 4}, 'unknown parameter "zzz" of good; there is "length", "rate", "mode", "last"'),
            ({"length": "8"}, 'parameter "length" is "8", expected a whole number'),
            ({"length": 8.0}, 'parameter "length" is 8.0, expected a whole number'),
            ({"length": True}, 'parameter "length" is true, expected a whole number'),
            ({"length": 0}, 'parameter "length" is 0, expected 1 to 100 values'),
            ({"rate": "fast"}, 'parameter "rate" is "fast", expected a number'),
            ({"mode": "plane"}, 'parameter "mode" is "plane", which is no choice (did you mean "plain"?)'),
            ({"mode": "x"}, 'parameter "mode" is "x", which is no choice; there is "plain", "printed", "both"'),
        ):
            self.assertFails(host.create("good", **params), "config", message)

    def test_declarations_that_cannot_be_right_fail_when_the_plugin_is_looked_at(self):
        for declared, message in (
            ('params = [Param("a", 1, min=2)]', 'parameter "a" is 1, expected at least 2'),
            ('params = [Param("a", None)]',
             'parameter "a" of odd has no default, which says its type: `type=int`, for one that is unset'),
            ('params = {"a": 1}', '`params` of odd is {"a": 1}, expected a list of Param'),
            ('params = [Param("a", 1), Param("a", 2)]', '"a" of odd is there twice'),
            ('metrics = [Metric.lower("m", kind="tine")]',
             'metric "m" of odd is of an unknown kind "tine" (did you mean "time"?)'),
            ("name = ''", 'the class Odd has no name: `name = "…"`'),
        ):
            answer = self.host(OTHER.format(declared=declared)).ask("describe", protocol=1)
            self.assertEqual((answer["say"], answer["message"]), ("error", message))


class Sum(Workload):
    """Adds numbers."""

    name = "sum"
    params = [Param("length", 4, min=1), Param("off", 0.0)]
    metrics = [Metric.lower("error", "1")]

    def setup(self) -> None:
        self.ctx.info(f"seed {self.ctx.seed}")
        self.values = [0.5] * self.params["length"]

    def iterate(self) -> None:
        with self.ctx.span("add"):
            self.sum = sum(self.values) + self.params["off"]

    def verify(self) -> None:
        benchhost.ensure_right(self.sum == 0.5 * len(self.values), f"the sum is {self.sum}")

    def work(self) -> Work:
        return Work(items=len(self.values), item="values", flop=len(self.values))

    def report(self) -> dict:
        return {"error": self.params["off"]}


class InProcess(unittest.TestCase):
    def test_a_report_has_what_the_host_would_have(self):
        report = bench(Sum, {"length": 8}, iterations=3, seed=5)

        self.assertEqual((report.iterations, report.metrics, report.log), (3, {"error": 0.0}, ["seed 5"]))
        self.assertEqual((report.work, report.workload.sum), (Work(8.0, "values", 8.0), 4.0))
        self.assertLess(report.spans["add"], report.elapsed_ns)

    def test_the_example_of_the_readme_works(self):
        with open(os.path.join(HERE, "README.md"), encoding="utf-8") as file:
            code = file.read().split("```python\n")[1].split("```")[0]
        names = {"__name__": "readme"}
        exec(code, names)

        report = bench(names["Sum"], {"length": 10}, iterations=2)

        self.assertEqual((report.iterations, report.work.items), (2, 10))

    def test_what_goes_wrong_is_raised(self):
        with self.assertRaisesRegex(Wrong, "the sum is 3.0"):
            bench(Sum, {"off": 1})
        with self.assertRaisesRegex(ConfigError, "unknown parameter"):
            bench(Sum, {"of": 1})
        with self.assertRaisesRegex(Failed, "expected a finite number"):
            bench(type("Nan", (Sum,), {"report": lambda self: {"error": float("nan")}}))
        with self.assertRaisesRegex(Unsupported, "cannot import"):
            benchhost.require("no_such_module")

    def test_each_iteration_of_a_workload_that_prepares_has_an_input_of_its_own(self):
        class Prepared(Sum):
            prepared = 0

            def prepare(self) -> None:
                self.prepared += 1

        report = bench(Prepared, iterations=5)

        self.assertEqual((report.iterations, report.workload.prepared), (5, 5))

    def test_the_garbage_collector_is_off_only_while_time_is_taken(self):
        import gc

        seen = []

        class Looks(Sum):
            def iterate(self) -> None:
                super().iterate()
                seen.append(gc.isenabled())

        class Collects(Looks):
            collects_garbage = True

        bench(Looks)
        bench(Collects)

        self.assertEqual((seen, gc.isenabled()), ([False, True], True))

    def test_the_scratch_folder_is_there_and_goes(self):
        class Writes(Sum):
            def setup(self) -> None:
                super().setup()
                with open(os.path.join(self.ctx.scratch_dir, "file"), "w") as file:
                    file.write("x")

        folder = bench(Writes).workload.ctx.scratch_dir

        self.assertFalse(os.path.exists(folder))


if __name__ == "__main__":
    unittest.main()
