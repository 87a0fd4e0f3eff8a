//! The workloads of the language model as their user sees them. What needs the model says so and is skipped without it.

use benchhost_plugin_api::{Workload, abi::status};
use benchhost_testkit::{Bench, Failure, Report, bench};
use inference::{Accuracy, Concurrent, Decode, Load, Prefill, Quantised};

/// What the run found, or `None` where the model is not on this machine.
#[expect(clippy::print_stderr, reason = "a skipped test must say so")]
fn run<W: Workload>(bench: &Bench<W>) -> Option<Report> {
    match bench.run() {
        Ok(report) => Some(report),
        Err(failure) if failure.code == status::UNSUPPORTED => {
            eprintln!("skipped: {}", failure.message);
            None
        }
        Err(failure) => panic!("{failure}"),
    }
}

fn refused<W: Workload>(params: &str) -> Failure {
    bench::<W>()
        .params(params)
        .run()
        .expect_err("must be refused")
}

#[test]
fn the_loaded_model_knows_the_capital_of_france() {
    let Some(report) = run(&bench::<Load>().params("cache = 'cold'")) else {
        return;
    };

    assert_eq!(report.work.bytes, 98_362_432.0);
    // Other tests of this process take and give memory meanwhile: no more can be said.
    assert!(report.metric("resident").is_some());
}

#[test]
fn a_prompt_is_read_and_proved_by_both_implementations() {
    for params in [
        "prompt = 1",
        "prompt = 13",
        "prompt = 20",
        "prompt = 130",
        "prompt = 20\nimplementation = 'candle'",
    ] {
        let Some(report) = run(&bench::<Prefill>().params(params).threads(2)) else {
            return;
        };
        assert_eq!(report.work.item, "tokens");
    }
}

#[test]
fn an_answer_has_its_times_and_few_tokens_have_no_outer_quantiles() {
    let Some(few) = run(&bench::<Decode>().params("tokens = 12")) else {
        return;
    };
    let many = run(&bench::<Decode>().params("tokens = 12").iterations(10)).unwrap();

    assert_eq!(few.work.items, 12.0);
    assert!(few.metric("time-to-first-token").unwrap() > few.metric("inter-token-p50").unwrap());
    assert_eq!(
        (few.metric("inter-token-p95"), few.metric("inter-token-p99")),
        (None, None)
    );
    assert!(many.metric("inter-token-p99") >= many.metric("inter-token-p50"));
    assert_eq!(few.digest, many.digest);
}

#[test]
fn clients_at_once_are_told_what_they_are_told_alone() {
    // One client with both threads, one thread each, three and five taking turns on two.
    for clients in [1, 2, 3, 5] {
        let bench = bench::<Concurrent>().params(format!("clients = {clients}\ntokens = 8"));
        let Some(report) = run(&bench.threads(2)) else {
            return;
        };
        assert_eq!(report.work.items, f64::from(8 * clients));
        let fairness = report.metric("client-fairness").unwrap();
        assert!(
            fairness > 1.0 / f64::from(clients) - 1e-9 && fairness <= 1.0 + 1e-9,
            "{fairness}"
        );
    }
}

#[test]
fn the_questions_have_the_known_number_of_right_answers() {
    let Some(report) = run(&bench::<Accuracy>().threads(2)) else {
        return;
    };

    assert_eq!(report.work.items, 32.0);
    assert!(report.metric("accuracy").unwrap() > 0.5);
}

#[test]
fn fewer_bits_drift_further_from_f32() {
    let drift = |params: &str| {
        let report = run(&bench::<Quantised>()
            .params(format!("text = 32\n{params}"))
            .threads(2))?;
        Some((
            report.metric("divergence").unwrap(),
            report.metric("weight-bytes").unwrap(),
        ))
    };
    let Some(q4_1) = drift("weights = 'q4_1'") else {
        return;
    };
    let q8_0 = drift("weights = 'q8_0'").unwrap();
    let q4_k = drift("weights = 'q4_k'\nimplementation = 'candle'").unwrap();
    let f32 = drift("weights = 'f32'\nimplementation = 'candle'").unwrap();

    assert!(
        q4_k.0 > q4_1.0 && f32.0 == 0.0,
        "{q4_k:?} {q4_1:?} {q8_0:?} {f32:?}"
    );
    assert!(
        q4_1.1 < q8_0.1 && q8_0.1 < f32.1,
        "{q4_1:?} {q8_0:?} {f32:?}"
    );
}

#[test]
fn every_bad_parameter_has_its_sentence() {
    for (failure, sentence) in [
        (
            refused::<Prefill>("prompt = 0"),
            "prompt is 0, expected 1 to 2048",
        ),
        (
            refused::<Prefill>("prompt = 2049"),
            "prompt is 2049, expected 1 to 2048",
        ),
        (
            refused::<Prefill>("model = 'no/such'"),
            "no/such is not a file",
        ),
        (
            refused::<Decode>("tokens = 1"),
            "tokens is 1, expected 2 to 1024",
        ),
        (
            refused::<Decode>("prompt = 2000\ntokens = 100"),
            "prompt is 2000, expected 1 to 1948",
        ),
        (
            refused::<Concurrent>("clients = 0"),
            "clients is 0, expected 1 to 64",
        ),
        (
            refused::<Concurrent>("tokens = 1025"),
            "tokens is 1025, expected 2 to 1024",
        ),
        (
            refused::<Quantised>("text = 7"),
            "text is 7, expected 8 to 256",
        ),
        (
            refused::<Quantised>("weights = 'f32'"),
            "weights is \"q4_k\" or \"f32\" and implementation \"fused\", which has kernels for \"q4_1\" and \"q8_0\"; \
             use implementation = \"candle\"",
        ),
        (refused::<Load>("file = 'no/such'"), "no/such is not a file"),
        (
            refused::<Accuracy>("model = 'no/such'"),
            "no/such is not a file",
        ),
    ] {
        assert_eq!(
            (failure.code, failure.message.as_str()),
            (status::CONFIG, sentence)
        );
    }
    for unknown in [
        refused::<Load>("model = 'gpt'"),
        refused::<Load>("cache = 'lukewarm'"),
    ] {
        assert_eq!(unknown.code, status::CONFIG);
    }
    assert!(
        refused::<Decode>("colour = 'red'")
            .message
            .contains("`colour`")
    );
}

#[test]
fn fused_layers_say_that_they_need_the_cpu() {
    let failure = bench::<Decode>().device("tpu").run().unwrap_err();

    assert_eq!(
        failure.message,
        "device is \"tpu\", expected \"cpu\", \"cuda\" or \"cuda:N\""
    );
}
