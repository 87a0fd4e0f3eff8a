//! What a value has to keep, and what is said when it does not.

use benchhost_record::{CaseResult, names};

use super::*;
use crate::run::made::{With as _, measured, plan};

/// The search of a benchmark with `under` as its conditions.
fn search(under: &str) -> Search {
    let keys = format!("search = {{ batch = {{ from = 8, to = 64, under = {{ {under} }} }} }}");
    plan(&keys).benchmarks[0].search.clone().unwrap()
}

fn load() -> Search {
    let keys = "search = { offered-load = { from = 100, to = 1000 } }";
    plan(keys).benchmarks[0].search.clone().unwrap()
}

/// Times of 10, 20, … 1000 ms and a peak of 512 MB; median and p99 are 505 and 990.1 ms.
fn result() -> CaseResult {
    let times: Vec<f64> = (1..=100).map(|i| f64::from(i) * 10e6).collect();
    measured(&plan("").benchmarks[0].cases[0])
        .samples(names::TIME, &[times])
        .metric(names::PEAK_MEMORY, &[512e6])
}

fn missed(under: &str) -> Option<String> {
    let tried = judged(&search(under), 8.0, &result());
    assert_eq!(tried.works(), tried.missed.is_none());
    tried.missed
}

#[test]
fn conditions_are_compared_in_their_own_unit() {
    for (kept, missed_by) in [
        ("time = '<= 506ms'", "time = '<= 504ms'"),
        ("time = '< 0.51 s'", "time = '< 505ms'"),
        ("peak-memory = '<= 512 MB'", "peak-memory = '< 512 MB'"),
        ("peak-memory = '<= 489 MiB'", "peak-memory = '<= 488 MiB'"),
        ("time = '>= 505ms'", "time = '> 505ms'"),
    ] {
        assert_eq!(missed(kept), None, "{kept}");
        assert!(missed(missed_by).is_some(), "{missed_by}");
    }
}

#[test]
fn what_was_found_and_what_was_asked_are_both_told() {
    assert_eq!(
        missed("time = '<= 20ms'").unwrap(),
        "median(time) is 505 ms, <= 20ms was asked"
    );
    assert_eq!(
        missed("peak-memory = '<= 100 MiB'").unwrap(),
        "median(peak-memory) is 488.3 MiB, <= 100 MiB was asked"
    );
}

#[test]
fn a_condition_can_be_about_a_quantile_or_the_mean() {
    assert_eq!(missed("'p90(time)' = '<= 902ms'"), None);
    assert_eq!(
        missed("'p90(time)' = '<= 900ms'").unwrap(),
        "p90(time) is 901 ms, <= 900ms was asked"
    );
    // A hundred samples say nothing about the hundredth of them.
    assert_eq!(
        missed("'p99(time)' = '<= 1s'").unwrap(),
        "p99(time) needs 562 more samples to be told: raise max-time or repetitions"
    );
    assert_eq!(
        missed("'mean(time)' = '< 505ms'").unwrap(),
        "mean(time) is 505 ms, < 505ms was asked"
    );
}

#[test]
fn the_first_condition_that_does_not_hold_is_told() {
    let said = missed("time = '<= 1s', peak-memory = '<= 1 MB'").unwrap();

    assert!(said.starts_with("median(peak-memory) is "), "{said}");
}

#[test]
fn a_metric_that_is_not_there_or_measures_something_else_is_never_kept() {
    assert_eq!(
        missed("tiem = '<= 1s'").unwrap(),
        "there is no metric `tiem` (there are: time, peak-memory)"
    );
    assert_eq!(
        missed("time = '<= 1 GiB'").unwrap(),
        "time is in ns, the bound is `<= 1 GiB`"
    );
    let mut nothing = result();
    nothing.measurements[0].summary = None;
    let tried = judged(&search("time = '<= 1s'"), 8.0, &nothing);
    assert_eq!(tried.missed.unwrap(), "median(time) is not known");
}

#[test]
fn a_bad_end_says_it_all_and_keeps_what_was_measured() {
    let mut result = result();
    result.outcome = Outcome::Timeout {
        phase: benchhost_record::Phase::Measure,
        limit_ns: 1,
    };

    let tried = judged(&search("time = '<= 1ns'"), 16.0, &result);

    assert!(!tried.works() && tried.missed.is_none());
    assert_eq!((tried.value, &tried.outcome), (16.0, &result.outcome));
    let medians: Vec<(&str, f64)> = tried
        .medians
        .iter()
        .map(|(name, median)| (name.as_str(), *median))
        .collect();
    assert_eq!(medians, [(names::PEAK_MEMORY, 512e6), (names::TIME, 505e6)]);
}

/// `arrivals` latencies, and `served` of 200 in a second.
fn served(arrivals: usize, served: f64) -> Option<String> {
    let mut result = measured(&plan("").benchmarks[0].cases[0])
        .samples(names::LATENCY, &[vec![1e6; arrivals]])
        .metric(names::SERVED, &[served]);
    result.case.offered_load = Some(200.0);
    judged(&load(), 200.0, &result).missed
}

#[test]
fn a_load_is_missed_when_less_is_served_than_chance_explains() {
    // A tenth may be missing, and three standard deviations of the number of arrivals: a tenth again for 900.
    assert_eq!(served(900, 161.0), None);
    assert_eq!(
        served(900, 159.0).unwrap(),
        "159 of 200 in a second were served"
    );
    assert_eq!(served(90_000, 179.0), None);
    assert!(served(90_000, 177.0).is_some());
    assert_eq!(served(4, 1.0), None, "four arrivals say nothing");
}

#[test]
fn only_a_load_can_be_unserved() {
    let result = result()
        .metric(names::LATENCY, &[1.0; 1000])
        .metric(names::SERVED, &[1.0]);

    assert_eq!(judged(&search(""), 200.0, &result).missed, None);
}

#[test]
fn the_answer_is_a_metric_that_is_better_when_higher() {
    let batch = answer(&search(""), 48.0, 7, 0.95);
    let load = answer(&load(), 640.5, 7, 0.95);

    let told = |m: &Measurement| (m.metric.name.clone(), m.metric.unit.clone());
    assert_eq!(told(&batch), ("largest-batch".into(), "1".into()));
    assert_eq!(told(&load), ("largest-offered-load".into(), "1/s".into()));
    assert_eq!(batch.metric.direction, Direction::Higher);
    assert_eq!(batch.samples.value, [48.0]);
    assert_eq!(load.summary.unwrap().median, 640.5);
}

/// How a search ends that has tried `values`, those up to `limit` worked.
fn ended(values: &[f64], limit: f64, end: End) -> Outcome {
    let (mut bracket, mut tried) = (Bracket::default(), Vec::new());
    for value in values {
        bracket.learn(*value, *value <= limit);
        tried.push(Tried {
            value: *value,
            outcome: Outcome::Ok,
            missed: (*value > limit).then(|| "too slow".to_owned()),
            medians: Default::default(),
        });
    }
    outcome(&search(""), bracket, &tried, Outcome::Ok, end)
}

#[test]
fn an_interrupted_search_is_skipped_and_says_how_far_it_came() {
    let reason = |values: &[f64], limit| match ended(values, limit, End::Stopped) {
        Outcome::Skipped { reason } => reason,
        other => panic!("{other:?}"),
    };

    assert_eq!(reason(&[], 64.0), "stopped before anything was known");
    assert_eq!(
        reason(&[8.0], 64.0),
        "stopped after 1 value: batch=8 works, larger ones may"
    );
    assert_eq!(
        reason(&[8.0, 16.0, 32.0, 24.0], 24.0),
        "stopped after 4 values: batch=24 works, batch=32 does not"
    );
    assert_eq!(
        reason(&[8.0], 1.0),
        "stopped after 1 value: not even batch=8 works"
    );
}

#[test]
fn a_search_that_came_to_its_end_is_fine_when_something_works() {
    assert_eq!(ended(&[8.0, 16.0, 12.0], 12.0, End::Known), Outcome::Ok);
    assert_eq!(
        ended(&[8.0], 1.0, End::Known),
        Outcome::Wrong {
            rule: "search".to_owned(),
            message: "not even batch=8 works: too slow".to_owned()
        }
    );
    let crash = Outcome::OomKill {
        phase: benchhost_record::Phase::Setup,
    };
    let tried = [Tried {
        value: 8.0,
        outcome: crash.clone(),
        missed: None,
        medians: Default::default(),
    }];
    let bracket = Bracket {
        works: None,
        fails: Some(8.0),
    };
    assert_eq!(
        outcome(&search(""), bracket, &tried, crash.clone(), End::Known),
        crash
    );
}

#[test]
fn ends_that_a_size_can_bring_are_answers_and_wrong_ones_are_not() {
    let phase = benchhost_record::Phase::Measure;
    let (message, detail) = (String::new(), String::new());
    let answers = [
        Outcome::OomKill { phase },
        Outcome::Timeout { phase, limit_ns: 1 },
        Outcome::Stall { phase, limit_ns: 1 },
        Outcome::Exit { phase, code: 1 },
        Outcome::PluginError {
            phase,
            message: message.clone(),
            detail,
        },
    ];
    let wrong = Outcome::Wrong {
        rule: "verify".to_owned(),
        message: message.clone(),
    };

    assert!(answers.iter().all(|outcome| !is_wrong(outcome)));
    assert!(is_wrong(&wrong) && is_wrong(&Outcome::Protocol { phase, message }));
    let bracket = Bracket {
        works: Some(8.0),
        fails: Some(16.0),
    };
    assert_eq!(
        outcome(&search(""), bracket, &[], wrong.clone(), End::Wrong),
        wrong
    );
}
