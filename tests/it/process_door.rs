//! Plugins that are processes of their own: what they may do, and what becomes of those that do something else. They are
//! written in bash and speak the protocol themselves.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod placed;

use benchhost_record::{CaseResult, FlagKind, Outcome, Run};

use crate::support::{Output, Sandbox, case, metric, processes_with};

/// A plugin whose workload does `what` it is told.
const TROUBLED: &str = r#"
F=$BENCHHOST_FD
say() { printf '%s\n' "$1" >&$F; }
run() { say "{\"say\":\"done\",\"iterations\":$1,\"elapsed_ns\":${2:-$took}${3:-}}"; }
work() {
  local began=${EPOCHREALTIME/[.,]/}
  for ((i = 0; i < $1; i++)); do :; done
  took=$(((${EPOCHREALTIME/[.,]/} - began) * 1000))
}
runs=0
while IFS= read -r line <&$F; do
  case $line in
    *'"say":"describe"'*)
      say '{"say":"done","protocol":1,"meta":{"schema":1,"name":"shell","version":"1","workloads":[{"name":"trouble","verifies":false,"params":[{"name":"what","default":"nothing"}],"metrics":[{"name":"loss","unit":"nat"}]}]}}' ;;
    *'"say":"create"'*)
      what=${line#*'"what":"'}; what=${what%%'"'*}
      case $what in
        config) say '{"say":"error","kind":"config","message":"what is odd"}' ;;
        unsupported) say '{"say":"error","kind":"unsupported","message":"no warp drive"}' ;;
        *) say '{"say":"done"}' ;;
      esac ;;
    *'"say":"run"'*)
      n=${line##*:}; n=${n%\}}; runs=$((runs + 1)); work $n
      case $what in
        garbage) say 'hello, world'; run $n ;;
        fewer) run 0 ;;
        more) run $((n + 1)) ;;
        clock) run $n 1000000000000000 ;;
        no-time) say '{"say":"done","iterations":1}' ;;
        zero-time) run $n 0 ;;
        exits) exit 3 ;;
        exits-well) exit 0 ;;
        crashes) kill -SEGV $$ ;;
        hangs) while :; do :; done ;;
        hangs-up) eval "exec $F>&-"; sleep 1000 ;;
        hoards) hoard=$(head -c 200000000 /dev/zero | tr '\0' a); run $n ;;
        prints) echo '{"say":"done"}'; echo trouble >&2; run $n ;;
        child) [ $runs = 1 ] && { sleep 1000 & }; run $n ;;
        log) say '{"say":"log","level":"warn","message":"it is slow today"}'; run $n ;;
        finishes) [ $runs -gt 20 ] && run $n '' ',"finished":true' || run $n ;;
        error) say '{"say":"error","kind":"failed","message":"ValueError: 7","detail":"at line 3"}' ;;
        *) run $n ;;
      esac ;;
    *'"say":"metrics"'*)
      case $what in
        undeclared) say '{"say":"done","metrics":{"los":1}}' ;;
        *) say '{"say":"done","metrics":{"loss":1.5},"spans":{"forward":10}}' ;;
      esac ;;
    *'"say":"verify"'*)
      case $what in
        wrong) say '{"say":"error","kind":"wrong","message":"41 is not 42"}' ;;
        *) say '{"say":"done"}' ;;
      esac ;;
    *'"say":"bye"'*) say '{"say":"done"}'; exit 0 ;;
    *) say '{"say":"done"}' ;;
  esac
done
"#;

fn plugin(sandbox: &Sandbox, script: &str) {
    sandbox.write("shell/benchhost.toml", "command = ['bash', 'plugin.sh']\n");
    sandbox.write("shell/plugin.sh", script);
}

/// Runs the plugin once for each of `whats`, beside a case that must always be fine.
fn trouble(sandbox: &Sandbox, whats: &[&str], settings: &str) -> (Output, Run) {
    plugin(sandbox, TROUBLED);
    sandbox.suite(&format!(
        "name = 's'\n[plugins]\nshell = './shell'\n[defaults]\nmax-time = '20ms'\nwarm-up = {{ iterations = 2 }}\n\
         samples = {{ min = 3, max = 10 }}\n[defaults.limits]\nsetup = '2s'\niteration = '2s'\nstall = '2s'\n\
         [[benchmark]]\nname = 'trouble'\nplugin = 'shell'\nworkload = 'trouble'\n\
         axes = {{ what = {:?} }}\n{settings}\n",
        [&["nothing"], whats].concat()
    ))
}

fn of<'a>(run: &'a Run, what: &str) -> &'a CaseResult {
    case(run, &format!("what={what}"))
}

#[test]
fn a_process_times_itself_and_is_what_is_measured() {
    let sandbox = Sandbox::new();

    let (output, run) = trouble(&sandbox, &["finishes", "prints", "log"], "");

    assert_eq!(output.code, Some(0), "{output:?}");
    let fine = of(&run, "nothing");
    let has = |case: &CaseResult, kind| case.flags.iter().any(|flag| flag.kind == kind);
    assert!(
        has(fine, FlagKind::SelfTimed) && has(fine, FlagKind::Unverified),
        "{fine:?}"
    );
    let median = |name: &str| metric(fine, name).summary.as_ref().unwrap().median;
    assert!(
        median("wall-time") > median("time"),
        "the host's clock is the bound"
    );
    assert_eq!(median("loss"), 1.5);
    // The worker itself has a thread more, and many times the memory of a shell.
    let usage = fine.repetitions[0].usage.unwrap();
    assert_eq!(usage.threads_seen, 1, "{usage:?}");
    assert!(
        usage.peak_bytes > 0 && usage.peak_bytes < 16 << 20,
        "{usage:?}"
    );
    let printed = &of(&run, "prints").repetitions[0].output;
    assert!(printed.stdout.contains(r#"{"say":"done"}"#), "{printed:?}");
    assert!(printed.stderr.contains("trouble"), "{printed:?}");
    let slow = of(&run, "log");
    assert!(
        slow.flags
            .iter()
            .any(|flag| flag.message.contains("it is slow today")),
        "{slow:?}"
    );
    assert!(output.stdout.contains("self-timed"), "{output:?}");
}

#[test]
fn every_trouble_has_its_outcome_and_costs_its_own_case() {
    let sandbox = Sandbox::new();
    let rows = [
        (
            "garbage",
            "protocol",
            "it wrote `hello, world`, which is no line of the protocol",
        ),
        (
            "fewer",
            "wrong",
            "1 iterations were asked, the plugin says it did 0",
        ),
        (
            "more",
            "wrong",
            "1 iterations were asked, the plugin says it did 2",
        ),
        (
            "clock",
            "wrong",
            "the plugin says that a sample took 1000000000000000 ns, by the host's clock",
        ),
        ("exits", "exit", "3"),
        ("exits-well", "exit", "0"),
        ("crashes", "signal", "SIGSEGV"),
        ("hangs-up", "protocol", "it closed its socket and went on"),
        ("config", "plugin-error", "what is odd"),
        ("unsupported", "skipped", "no warp drive"),
        ("error", "plugin-error", "ValueError: 7"),
        ("undeclared", "wrong", "metric `los` is not declared"),
        ("wrong", "wrong", "41 is not 42"),
        ("hangs", "timeout", "first-iteration"),
        ("child", "ok", "Ok"),
    ];
    let whats: Vec<&str> = rows.iter().map(|(what, _, _)| *what).collect();

    let (output, run) = trouble(&sandbox, &whats, "");

    assert_eq!(output.code, Some(1), "{output:?}");
    assert!(of(&run, "nothing").outcome.is_ok());
    for (what, word, words) in rows {
        let outcome = &of(&run, what).outcome;
        let sentence = outcome.sentence();
        assert_eq!(outcome.word(), word, "{what}: {outcome:?}");
        assert!(
            format!("{sentence} {outcome:?}").contains(words),
            "{what}: {sentence}"
        );
    }
    let alone = processes_with(sandbox.path().to_str().unwrap());
    assert!(alone.is_empty(), "{alone:?}");
}

#[test]
fn memory_limits_hold_for_the_process_and_not_for_who_starts_it() {
    let sandbox = Sandbox::new();

    let (_, run) = trouble(
        &sandbox,
        &["hoards"],
        "limits = { memory = '100 MB', memory-by = 'watchdog', iteration = '20s' }",
    );

    assert!(of(&run, "nothing").outcome.is_ok());
    let outcome = &of(&run, "hoards").outcome;
    assert!(matches!(outcome, Outcome::OomLimit { .. }), "{outcome:?}");
}

#[test]
fn several_instances_are_several_processes() {
    let sandbox = Sandbox::new();

    let (_, in_one) = trouble(&sandbox, &[], "instances = 2");
    let refused = &in_one.cases[0].outcome;
    assert!(
        refused
            .sentence()
            .contains("write `instances-mode = \"process\"`"),
        "{refused:?}"
    );

    let (output, run) = trouble(&sandbox, &[], "instances = 2\ninstances-mode = 'process'");
    assert!(run.cases[0].outcome.is_ok(), "{output:?}");
}

#[test]
fn what_is_no_plugin_is_refused_with_a_sentence() {
    let sandbox = Sandbox::new();
    let check = |toml: &str, script: &str| {
        sandbox.write("p/benchhost.toml", toml);
        sandbox.write("p/plugin.sh", script);
        let output = sandbox.run(&["plugin", "check", "./p"]);
        assert_eq!(output.code, Some(3), "{output:?}");
        output.stderr
    };
    let bash = "command = ['bash', 'plugin.sh']";
    let answer = |text: &str| {
        format!("read x <&$BENCHHOST_FD; echo '{text}' >&$BENCHHOST_FD; read x <&$BENCHHOST_FD")
    };

    for (toml, script, words) in [
        ("comand = 'x'", String::new(), "unknown field `comand`"),
        (
            "command = ['no-such-program']",
            String::new(),
            "cannot start `no-such-program` of",
        ),
        (
            bash,
            "echo 'no module named torch' >&2; exit 1".to_owned(),
            "| no module named torch",
        ),
        (
            bash,
            "exit 0".to_owned(),
            "ended with exit code 0 before it described itself",
        ),
        (
            bash,
            "kill -ABRT $$".to_owned(),
            "ended with SIGABRT before it described itself",
        ),
        (
            bash,
            answer("hello"),
            "it wrote `hello`, which is no line of the protocol",
        ),
        (
            bash,
            answer(r#"{"say":"done","protocol":2}"#),
            "it speaks protocol 2, this host speaks 1",
        ),
        (
            bash,
            answer(r#"{"say":"done","protocol":1}"#),
            "has no `meta`",
        ),
        (
            bash,
            answer(r#"{"say":"done","protocol":1,"meta":{"schema":1,"version":"1"}}"#),
            "missing field `name`",
        ),
        (
            bash,
            answer(
                r#"{"say":"done","protocol":1,"meta":{"schema":1,"name":"p","version":"1","workloads":[{"name":"a"},{"name":"a"}]}}"#,
            ),
            "workload `a` is there twice",
        ),
        (
            bash,
            answer(r#"{"say":"error","kind":"failed","message":"a workload has no name"}"#),
            "a workload has no name",
        ),
    ] {
        let said = check(toml, &script);
        assert!(said.contains(words), "{words}: {said}");
    }
}

#[test]
fn a_script_that_is_changed_during_a_run_voids_what_was_measured() {
    let sandbox = Sandbox::new();
    let changing = TROUBLED.replace(
        "*'\"say\":\"bye\"'*)",
        "*'\"say\":\"teardown\"'*) echo '# changed' >> shell/plugin.sh; say '{\"say\":\"done\"}' ;;\n    *'\"say\":\"bye\"'*)",
    );
    plugin(&sandbox, &changing);
    let suite = "name = 's'\n[plugins]\nshell = './shell'\n[defaults]\nmax-time = '20ms'\n\
        [[benchmark]]\nname = 'trouble'\nplugin = 'shell'\nworkload = 'trouble'\n";

    let (_, run) = sandbox.suite(suite);

    let sentence = run.cases[0].outcome.sentence();
    assert!(
        sentence.contains("the plugin was replaced during the run"),
        "{sentence}"
    );
}
