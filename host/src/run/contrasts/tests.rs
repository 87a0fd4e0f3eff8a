//! Two benchmarks with made-up times whose ratio is known.

use benchhost_record::{CaseResult, Direction, Metric, MetricKind, Outcome, Work, names};
use benchhost_stats::SplitMix64;

use super::*;
use crate::run::made::{With as _, measured, run};

/// A plan with the benchmarks `a` and `b`, `b` against `a`; `keys` of both.
fn plan(keys: &str) -> Plan {
    let one = |name: &str, more: &str| {
        format!(
            "[[benchmark]]\nname = '{name}'\nplugin = 'p'\nworkload = 'w{name}'\n{keys}\n{more}\n"
        )
    };
    let suite = format!(
        "name = 'x'\n[plugins]\np = './p'\n{}{}",
        one("a", ""),
        one("b", "against = 'a'")
    );
    benchhost_plan::parse(&suite, "x.toml", &Default::default()).unwrap()
}

#[test]
fn a_difference_is_what_it_is_to_compare() {
    use clap::Parser as _;

    let typed = crate::cli::Arguments::parse_from(["benchhost", "compare", "a", "b"]);

    let crate::cli::Command::Compare(compare) = typed.command else {
        panic!("another command");
    };
    assert_eq!(compare.margin, format!("{}%", 100.0 * MARGIN));
    assert_eq!(compare.tolerance, None, "a third of the margin, as here");
}

/// The only contrast of the plan, each case as `made` says.
fn contrast_of(plan: &Plan, made: impl Fn(CaseResult) -> CaseResult) -> Contrast {
    let cases = plan.benchmarks.iter().flat_map(|one| &one.cases);
    let run = run(cases.map(|case| made(measured(case))).collect());
    let mut all = contrasts(plan, &run);
    assert_eq!(all.len(), 1);
    all.remove(0)
}

fn is_candidate(result: &CaseResult) -> bool {
    result.case.benchmark == "b"
}

/// Times of the golden numbers of two stored runs, tests of `benchhost_stats`: see there for the program that made them.
fn golden(result: CaseResult) -> CaseResult {
    let times: &[f64] = if is_candidate(&result) {
        &[105.0, 107.0, 103.0]
    } else {
        &[100.0, 102.0, 99.0, 101.5]
    };
    result.metric(names::TIME, times)
}

#[test]
fn the_ratio_and_its_interval_are_those_of_two_stored_runs() {
    let contrast = contrast_of(&plan("confidence = 0.95"), golden);

    let pair = &contrast.pairs[0];
    assert!((contrast.level - 0.05).abs() < 1e-12);
    assert_eq!(
        (pair.baseline_repetitions, pair.candidate_repetitions),
        (4, 3)
    );
    // scipy.stats.ttest_ind(log(candidate), log(baseline), equal_var=False).confidence_interval(.95)
    let interval = pair.interval.unwrap();
    for (found, log) in [
        (pair.ratio.unwrap(), 0.042_508_978_977_489_065_f64),
        (interval.low, 0.004_419_541_731_957_063),
        (interval.high, 0.080_598_416_223_021_07),
    ] {
        assert!((found.ln() - log).abs() < 1e-9, "{found}");
    }
    assert!((interval.confidence - 0.95).abs() < 1e-12);
    assert_eq!(pair.verdict, Some(Verdict::Worse));
    assert_eq!(pair.both[0].metric.name, names::TIME);
    assert_eq!(
        (pair.both[0].baseline, pair.both[0].candidate),
        (100.75, 105.0)
    );
}

#[test]
fn a_table_of_many_pairs_of_equals_calls_few_of_them_different() {
    let seed = 20_261_204;
    println!("seed {seed}");
    let mut random = SplitMix64::new(seed);
    let plan = plan("axes = { n = { from = 1, to = 200, step = 1 } }\nconfidence = 0.95");
    let mut times: Vec<Vec<f64>> = Vec::new();
    for _ in 0..400 {
        times.push(
            (0..5)
                .map(|_| 1e6 * (0.05 * random.normal()).exp())
                .collect(),
        );
    }

    let times = std::cell::RefCell::new(times);
    let contrast = contrast_of(&plan, |result| {
        let times = times.borrow_mut().pop().unwrap();
        result.metric(names::TIME, &times)
    });

    // A false one is expected in less than one table of twenty.
    let told = contrast
        .pairs
        .iter()
        .filter(|pair| matches!(pair.verdict, Some(Verdict::Better | Verdict::Worse)));
    assert!(told.count() <= 1);
    let covering = contrast.pairs.iter().filter(|pair| {
        let interval = pair.interval.unwrap();
        interval.low <= 1.0 && 1.0 <= interval.high
    });
    assert!(covering.count() >= 199);
}

#[test]
fn swapping_the_sides_turns_the_ratio_around() {
    let straight = contrast_of(&plan(""), golden);
    let turned = contrast_of(&plan(""), |result| {
        let mut other = result.clone();
        other.case.benchmark = if is_candidate(&result) { "a" } else { "b" }.to_owned();
        let mut swapped = golden(other);
        swapped.case = result.case;
        swapped
    });

    let (one, two) = (&straight.pairs[0], &turned.pairs[0]);
    assert!((one.ratio.unwrap() * two.ratio.unwrap() - 1.0).abs() < 1e-12);
    let ends = |pair: &ContrastPair| pair.interval.unwrap();
    assert!((ends(one).low * ends(two).high - 1.0).abs() < 1e-12);
}

#[test]
fn one_process_a_side_has_a_ratio_and_no_interval() {
    let contrast = contrast_of(&plan(""), |result| {
        let time = if is_candidate(&result) { 150.0 } else { 100.0 };
        result.metric(names::TIME, &[time])
    });

    let pair = &contrast.pairs[0];
    assert!((pair.ratio.unwrap() - 1.5).abs() < 1e-12);
    assert_eq!(
        (pair.interval, pair.verdict),
        (None, Some(Verdict::Inconclusive))
    );
    assert_eq!(
        pair.reason.as_deref(),
        Some("1 and 1 processes say nothing about the next one: raise repetitions to 5 or more")
    );
}

#[test]
fn a_side_without_a_time_is_named_and_leaves_no_ratio() {
    let skipped = Outcome::Skipped {
        reason: "torch is not installed".to_owned(),
    };
    let wrong = Outcome::Wrong {
        rule: "verify".to_owned(),
        message: "1 is not 2".to_owned(),
    };
    let ended = |side: &'static str, outcome: &Outcome| {
        let outcome = outcome.clone();
        move |result: CaseResult| {
            let mut result = golden(result);
            if result.case.benchmark == side {
                result.outcome = outcome.clone();
            }
            result
        }
    };
    let plan = plan("");
    let work = |result: CaseResult| {
        let items = if is_candidate(&result) { 16.0 } else { 32.0 };
        let work = Work {
            items,
            ..Work::default()
        };
        CaseResult {
            work: Some(work),
            ..golden(result)
        }
    };
    for (contrast, reason) in [
        (
            contrast_of(&plan, ended("a", &skipped)),
            "`a`: skipped: torch is not installed",
        ),
        (
            contrast_of(&plan, ended("b", &wrong)),
            "`b`: wrong (verify): 1 is not 2",
        ),
        (
            contrast_of(&plan, |result| result),
            "`a` has no metric `time`; `b` has no metric `time`",
        ),
        (
            contrast_of(&plan, work),
            "one iteration is 32 items in `a` and 16 in `b`",
        ),
        (
            contrast_of(&plan, |result| result.metric(names::TIME, &[0.0, 1.0])),
            "the values have no ratio: only positive ones do",
        ),
    ] {
        let pair = &contrast.pairs[0];
        assert_eq!(pair.reason.as_deref(), Some(reason));
        assert_eq!(
            (pair.ratio, pair.interval, pair.verdict),
            (None, None, None)
        );
        assert!(pair.baseline.is_some());
    }
}

#[test]
fn what_is_not_in_the_run_is_told() {
    let whole = plan("axes = { n = [1, 2] }");
    let mut one_side = whole.clone();
    one_side.benchmarks.remove(0);
    let mut filtered = whole.clone();
    filtered.benchmarks[0].cases.remove(1);
    let reasons = |plan: &Plan| -> Vec<Option<String>> {
        let contrast = contrast_of(plan, golden);
        contrast.pairs.into_iter().map(|pair| pair.reason).collect()
    };

    let absent = Some("benchmark `a` is not part of this run".to_owned());
    assert_eq!(reasons(&one_side), [absent.clone(), absent]);
    let no_case = Some("no case of `a` in this run fits".to_owned());
    assert_eq!(reasons(&filtered)[1], no_case);
    let early = contrasts(&whole, &run(vec![measured(&whole.benchmarks[1].cases[0])]));
    assert_eq!(
        early[0].pairs[1].reason.as_deref(),
        Some("`a` was not measured; `b` was not measured")
    );
}

#[test]
fn metrics_of_both_stand_beside_each_other_in_one_unit() {
    let own = |result: CaseResult, name: &str, unit: &str, value: f64| {
        let mut result = result.metric(name, &[value]);
        let last = result.measurements.last_mut().unwrap();
        last.metric = Metric {
            kind: MetricKind::Quality,
            ..Metric::new(name, unit, Direction::Lower, MetricKind::Quality)
        };
        result
    };
    let contrast = contrast_of(&plan(""), |result| {
        if is_candidate(&result) {
            let result = own(result, "loss", "1", 0.5);
            let result = own(result, "wait", "ms", 3.0);
            golden(own(own(result, "size", "1", 1.0), "mine", "1", 1.0))
        } else {
            let result = own(golden(result), "wait", "s", 0.002);
            own(own(result, "loss", "%", 49.0), "size", "B", 1.0)
        }
    });

    let pair = &contrast.pairs[0];
    let shown: Vec<(&str, f64, f64)> = pair.both[1..]
        .iter()
        .map(|one| (one.metric.name.as_str(), one.baseline, one.candidate))
        .collect();
    assert_eq!(shown, [("loss", 0.49, 0.5), ("wait", 2.0, 3.0)]);
    assert_eq!(pair.remarks, ["`size` is in `B` in `a` and in `1` in `b`"]);
}

#[test]
fn an_interval_without_ends_is_none() {
    let contrast = contrast_of(&plan("confidence = 0.9999"), |result| {
        let times = if is_candidate(&result) {
            [1e-30, 1e30]
        } else {
            [1.0, 1.0]
        };
        result.metric(names::TIME, &times)
    });

    let pair = &contrast.pairs[0];
    assert_eq!(
        (pair.interval, pair.verdict),
        (None, Some(Verdict::Inconclusive))
    );
    let text = serde_json::to_string(pair).unwrap();
    assert_eq!(serde_json::from_str::<ContrastPair>(&text).unwrap(), *pair);
}
