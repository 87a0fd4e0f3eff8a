//! The one sentence of a verdict, letter by letter.

use benchhost_gate::Subject;

use crate::support::{Words, accuracy, measured, memory, one, rules, throughput, time};

fn said(rule: &str, subject: &Subject) -> String {
    one(subject, &rules(&format!("[[gate]]\nmetric = '*'\n{rule}"))).sentence
}

fn of(subject: Subject) -> Subject {
    subject.of("matmul/square?size=64&threads=1", "square")
}

#[test]
fn sentences_name_value_size_reference_and_reason() {
    let past: Vec<f64> = (0..20).map(|i| 1e6 + 1e3 * f64::from(i % 5)).collect();
    let cases = [
        (
            "percent = 5",
            of(measured(time(), 1.2e6).after(&[1e6])),
            "time of matmul/square?size=64&threads=1: 1.2 ms, 20.0 % above 1 ms: 5 % is allowed",
        ),
        (
            "percent = 12.5\nagainst = 'median'",
            of(measured(throughput("samples/s"), 40e3).after(&[50e3, 50e3])),
            "throughput of matmul/square?size=64&threads=1: 40 ksamples/s, 20.0 % below 50 ksamples/s: 12.5 % is allowed",
        ),
        (
            "tolerance = 0.03",
            of(measured(accuracy(), 0.88).baseline(0.914)),
            "accuracy of matmul/square?size=64&threads=1: 0.88, 3.7 % below 0.914: the baseline allows 0.03 of difference",
        ),
        (
            "max = '512 MB'",
            of(measured(memory(), 1024.0 * 1024.0 * 1024.0)),
            "peak-memory of matmul/square?size=64&threads=1: 1 GiB, 109.7 % above 488.3 MiB: the target is <= 512 MB",
        ),
        (
            "max = '0 MB'",
            of(measured(memory(), 1024.0)),
            "peak-memory of matmul/square?size=64&threads=1: 1 KiB, against 0 B: the target is <= 0 MB",
        ),
        (
            "percent = 5",
            of(measured(accuracy(), 0.5).after(&[1e-320])),
            "accuracy of matmul/square?size=64&threads=1: 0.5, against 1.000e-320: 5 % is allowed",
        ),
        (
            "when = 'latency > baseline * 1.3'",
            of(measured(time(), 2e6).baseline(1e6)),
            "time of matmul/square?size=64&threads=1: 2 ms, 53.8 % above 1.3 ms: `latency > baseline * 1.3` is true",
        ),
        (
            "when = 'growth(memory, 1h) > 100MB'",
            of(measured(memory(), 1024.0 * 1024.0 * 600.0).after(&[1024.0 * 1024.0 * 400.0])),
            "peak-memory of matmul/square?size=64&threads=1: 600 MiB: `growth(memory, 1h) > 100MB` is true",
        ),
        (
            "history = true",
            of(measured(time(), 1.2e6).after(&past)),
            "time of matmul/square?size=64&threads=1: 1.2 ms, 19.8 % above 1.002 ms: its last 20 values predict 992.8 µs to 1.011 ms",
        ),
        (
            "percent = 5",
            of(measured(time(), 1.2e6)),
            "time of matmul/square?size=64&threads=1: there is no earlier value",
        ),
    ];
    for (rule, subject, expected) in cases {
        assert_eq!(said(rule, &subject), expected);
    }
}

#[test]
fn a_change_says_how_long_ago_it_began() {
    let mut values: Vec<f64> = (0..40).map(|i| 1e6 + 1e4 * f64::from(i * 7 % 5)).collect();
    values.extend((0..12).map(|i| 1.5e6 + 1e4 * f64::from(i * 7 % 5)));
    let rules = rules("[[gate]]\nchange = true\n[[gate]]\nmax = '1 s'");

    let told: Vec<(usize, String)> = (41..values.len())
        .map(|now| {
            (
                now,
                one(
                    &of(measured(time(), values[now]).after(&values[..now])),
                    &rules,
                ),
            )
        })
        .filter(|(_, judgement)| judgement.rule == "change")
        .map(|(now, judgement)| (now, judgement.sentence))
        .collect();

    assert_eq!(told.len(), 1, "{told:?}");
    let (now, sentence) = &told[0];
    let begins = "time of matmul/square?size=64&threads=1: 1.515 ms, 48.5 % above 1.02 ms: a step ";
    assert!(sentence.starts_with(begins), "{sentence}");
    assert!(
        sentence.contains(&format!("a step {} values back, confidence ", now - 40)),
        "{sentence}"
    );
}

#[test]
fn evidence_names_runs_and_numbers() {
    let past: Vec<f64> = (0..20).map(|i| 100.0 + f64::from(i % 5)).collect();

    let judgement = one(
        &measured(time(), 150.0).after(&past),
        &rules("[[gate]]\nhistory = true"),
    );

    assert_eq!(judgement.n, 20);
    assert_eq!(judgement.runs.len(), 8);
    assert_eq!(judgement.runs.last().unwrap(), "run-19");
    assert!(judgement.p.unwrap() < 1e-6);
    assert_eq!(judgement.place, "gates.toml:1");
    let mut against = measured(time(), 150.0).baseline(100.0);
    against.baseline.as_mut().unwrap().interval = Some((99.0, 101.0));
    let judgement = one(&against, &rules("[[gate]]\ntolerance = '10%'"));
    let (low, high) = judgement.interval.unwrap();
    assert!(low < judgement.effect && judgement.effect < high);
    assert_eq!(judgement.runs, ["base"]);
}

#[test]
fn a_tenfold_value_is_a_factor_and_no_change_is_no_per_cent() {
    for (value, begin) in [
        (111.6, "111.6 ns, 111.6 times 1 ns: "),
        (10.0, "10 ns, 10 times 1 ns: "),
        (9.99, "9.99 ns, 899.0 % above 1 ns: "),
        (1.0, "1 ns, the same as 1 ns: "),
        (1.000_000_01, "1 ns, the same as 1 ns: "),
        (0.9996, "999.6 ps, less than 0.1 % below 1 ns: "),
    ] {
        let sentence = said("max = '1 ns'", &of(measured(time(), value)));
        let begin = format!("time of matmul/square?size=64&threads=1: {begin}");
        assert!(sentence.starts_with(&begin), "{sentence}");
    }
}
