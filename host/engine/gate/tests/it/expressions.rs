//! Names, units and functions of expressions, as rules use them.

use benchhost_gate::{Subject, Verdict};
use benchhost_record::{Direction, Metric, MetricKind};

use crate::support::{
    WARNING, Words, judged, measured, memory, named, one, rules, throughput, time, verdict,
};

fn holds(when: &str, subject: &Subject) -> Verdict {
    verdict(
        subject,
        &rules(&format!("[[gate]]\nmetric = '*'\nwhen = '{when}'")),
    )
}

fn known(metric: Metric, scale: f64) -> Subject {
    let mut subject = measured(metric, 140.0 * scale).baseline(100.0 * scale);
    subject = subject.after(&[90.0 * scale, 110.0 * scale, 120.0 * scale]);
    subject.value.as_mut().expect("it was measured").statistics = [
        ("p95", 150.0),
        ("p99.9", 190.0),
        ("mean", 141.0),
        ("min", 130.0),
        ("max", 200.0),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value * scale))
    .collect();
    subject
}

#[test]
fn names_stand_for_what_is_known_of_the_metric() {
    for when in [
        "time == 140ms",
        "value == 140 ms and latency == 140ms",
        "baseline == 100ms",
        "previous == 120ms",
        "median == 110ms",
        "mean == 141ms and min == 130ms and max == 200ms",
        "p(time, 95) == 150ms and p(latency, 99.9) == 190ms",
        "growth(time, 10min) == 30ms",
        "growth(time, 1s) == 20ms",
        "growth(latency, 1d) == 50ms",
        "abs(baseline - time) == 40ms",
        "max(time, baseline) == 0.14s and min(time, 0.1h) == time",
        "(time - baseline) / baseline > 39% and not time > 141ms",
        "time > 0.1s or nonsense_is_not_here == 1 and 1 > 2"
            .split(" or ")
            .next()
            .unwrap(),
    ] {
        assert_eq!(holds(when, &known(time(), 1e6)), WARNING, "in ns: {when}");
        let ms = Metric {
            unit: "ms".to_owned(),
            ..time()
        };
        assert_eq!(holds(when, &known(ms, 1.0)), WARNING, "in ms: {when}");
    }
}

#[test]
fn units_are_those_of_the_metric_or_converted() {
    let cpu = named("cpu", "%", Direction::Lower, MetricKind::Ratio);
    assert_eq!(holds("cpu > 70%", &measured(cpu.clone(), 71.0)), WARNING);
    assert_eq!(
        holds("cpu > 70%", &measured(cpu.clone(), 69.0)),
        Verdict::Unchanged
    );
    assert_eq!(holds("cpu > 0.7", &measured(cpu, 71.0)), WARNING);
    assert_eq!(holds("memory > 1.5 GiB", &measured(memory(), 2e9)), WARNING);
    assert_eq!(
        holds("throughput < 50", &measured(throughput("samples/s"), 49.0)),
        WARNING
    );
}

#[test]
fn words_of_kinds_choose_the_metrics_when_none_is_named() {
    let rules = rules(
        "[[gate]]\nwhen = 'latency > 1ms'\n[[gate]]\nname = 'm'\nwhen = 'peak-memory > 1kB'\n[[gate]]\nname = 't'\nwhen = 'throughput < 1'\n[[gate]]\nname = 'f'\nwhen = 'time.forward > 1ms'",
    );
    let phase = |name: &str| Metric {
        name: name.to_owned(),
        ..time()
    };
    let subjects = [
        measured(time(), 2e6),
        measured(memory(), 2e3),
        measured(throughput("1/s"), 0.5),
        measured(phase("time.forward"), 2e6),
        measured(phase("time.backward"), 2e6),
        measured(phase("setup-time"), 2e6),
        measured(phase("cpu-time"), 2e6),
    ];

    let found = judged(&subjects, &rules);

    let mut spoken: Vec<(&str, &str)> = found
        .judged
        .iter()
        .map(|one| (one.metric.name.as_str(), one.rule.as_str()))
        .collect();
    spoken.sort_unstable();
    assert_eq!(
        spoken,
        [
            ("peak-memory", "m"),
            ("throughput", "t"),
            ("time", "expression"),
            ("time.forward", "f")
        ]
    );
    assert_eq!(found.not_judged, 3);
}

#[test]
fn expressions_of_one_name_replace_each_other() {
    let rules = rules(
        "[[gate]]\nname = 'spike'\nwhen = 'latency > baseline * 1.3'\n[[gate]]\nname = 'spike'\ncase = 'slow*'\nwhen = 'latency > baseline * 1.5'",
    );
    let of = |benchmark: &str| {
        one(
            &measured(time(), 140.0)
                .baseline(100.0)
                .of("p/w?threads=1", benchmark),
            &rules,
        )
        .verdict
    };

    assert_eq!(of("slow-one"), Verdict::Unchanged);
    assert_eq!(of("fast-one"), WARNING);
}

#[test]
fn a_value_in_another_unit_is_not_judged_and_the_sentence_says_why() {
    let carbon = named("carbon", "g", Direction::Lower, MetricKind::Count);
    let found = one(
        &measured(carbon, 71.0),
        &rules("[[gate]]\nmetric = 'carbon'\nwhen = 'value > 10 MB'"),
    );
    assert_eq!(found.verdict, Verdict::InsufficientData);
    assert!(
        found.sentence.contains(
            "`value > 10 MB`: a value in g cannot be compared with a size: `value` is in g and `10 MB` in B; \
             write a number without a unit, which is then in g, or ask for another metric"
        ),
        "{}",
        found.sentence
    );

    // Without a metric those are meant that can be compared; a rule that can be asked of none is told.
    let sizes = rules("[[gate]]\nwhen = 'value > 1 kB'");
    let found = judged(&[measured(time(), 2e6), measured(memory(), 2e3)], &sizes);
    assert_eq!((found.judged.len(), found.not_judged), (1, 1));
    let found = judged(&[measured(time(), 2e6)], &sizes);
    assert_eq!(found.idle, ["gates.toml:1 (expression)"]);
}

#[test]
fn what_a_plugin_calls_memory_or_energy_may_be_in_any_unit() {
    for name in ["memory", "energy"] {
        let rules = rules(&format!(
            "[[gate]]\nmetric = '{name}'\nwhen = 'value > 80%'"
        ));
        let metric = named(name, "1", Direction::Lower, MetricKind::Ratio);
        assert_eq!(verdict(&measured(metric.clone(), 0.81), &rules), WARNING);
        assert_eq!(verdict(&measured(metric, 0.79), &rules), Verdict::Unchanged);
    }
}
