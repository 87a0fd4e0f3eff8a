//! Many cases, one recommendation: the worst number, how many more, an order that does not change.

use benchhost_advice::{Rules, recommend};
use benchhost_gate::Verdict;
use benchhost_record::{FlagKind, MetricKind, Outcome, Phase};

use crate::fixture::{With as _, World};

fn inference(world: &mut World, milliseconds: &[f64]) {
    for (index, time) in milliseconds.iter().enumerate() {
        let name = format!("inference/w{index}");
        let case = world.add(&name, &[], "cpu");
        case.metric("time", "ms", MetricKind::Time, *time);
    }
}

#[test]
fn the_worst_case_speaks_for_all_and_the_others_are_counted() {
    let mut world = World::new();
    inference(&mut world, &[600.0, 1920.0, 100.0, 700.0]);

    let advice = world.advice();

    let one = &advice[0];
    assert_eq!((advice.len(), one.rule.as_str()), (1, "latency"));
    assert_eq!((one.number.as_str(), one.more), ("1.92 s", 2));
    assert_eq!(one.case, "inference/w1?threads=1");
    assert_eq!(
        one.cases,
        [
            "inference/w1?threads=1",
            "inference/w3?threads=1",
            "inference/w0?threads=1"
        ]
    );
    assert!(one.text.starts_with("1.92 s are long"), "{}", one.text);
}

#[test]
fn a_flag_without_a_number_of_its_own_counts_its_cases() {
    let mut world = World::new();
    world.case().flag(FlagKind::DebugBuild);
    world.add("p/other", &[], "cpu").flag(FlagKind::DebugBuild);
    world.add("p/fine", &[], "cpu");

    let one = &world.advice()[0];

    assert_eq!(
        (one.rule.as_str(), one.number.as_str(), one.more),
        ("debug-build", "2 cases", 1)
    );
    assert_eq!(one.condition, "flag debug-build");
    assert_eq!(one.evidence, "the sentence of debug-build");
}

#[test]
fn of_a_case_that_failed_only_its_end_is_spoken_of() {
    let mut world = World::new();
    inference(&mut world, &[900.0]);
    let case = world.run.cases.last_mut().expect("it was added");
    case.flag(FlagKind::OtherLoad);
    case.outcome = Outcome::OomKill {
        phase: Phase::Measure,
    };

    let advice = world.advice();

    let rules: Vec<&str> = advice.iter().map(|one| one.rule.as_str()).collect();
    assert_eq!(rules, ["out-of-memory"]);
    assert_eq!(advice[0].number, "1 case");
}

#[test]
fn the_most_important_comes_first_and_the_order_is_always_the_same() {
    let mut world = World::new();
    inference(&mut world, &[600.0, 600.0]);
    world
        .case()
        .flag(FlagKind::Bimodal)
        .flag(FlagKind::DebugBuild);
    world.earlier_runs = 0;

    let advice = world.advice();

    let rules: Vec<&str> = advice.iter().map(|one| one.rule.as_str()).collect();
    assert_eq!(
        rules,
        ["debug-build", "bimodal", "latency", "short-history"]
    );
    assert!(advice.iter().map(|one| one.rank).is_sorted());
    assert_eq!(advice, recommend(&Rules::builtin(), &world.facts()));
    assert_eq!(
        advice[2].case, "inference/w0?threads=1",
        "of equals the first"
    );
}

#[test]
fn numbers_that_are_none_say_nothing() {
    let mut world = World::new();
    inference(&mut world, &[f64::NAN, f64::INFINITY]);

    assert_eq!(world.advice(), Vec::new());
}

#[test]
fn hostile_names_pass_through_as_they_are_and_break_nothing() {
    let mut world = World::new();
    let name = "inference/<script>\"'=cmd()\n\u{202e}{value}{{".to_owned() + &"x".repeat(300);
    world
        .add(&name, &[], "cpu")
        .metric("time", "ms", MetricKind::Time, 900.0);

    let advice = world.advice();

    assert_eq!(advice.len(), 1);
    assert!(advice[0].case.contains("<script>"));
    assert_eq!(advice[0].number, "900 ms");
}

#[test]
fn a_tenfold_change_is_a_factor_in_a_sentence_and_short_beside_it() {
    let mut world = World::new();
    world.past(&[1e6; 10], true);
    world.verdict(Verdict::TargetMissed, 110.6);

    let one = &world.advice()[0];

    assert_eq!(
        (one.rule.as_str(), one.number.as_str()),
        ("target-missed", "×111.6")
    );
    let begin = "Misses its target by a factor of 111.6: ";
    assert!(one.text.starts_with(begin), "{}", one.text);
}

#[test]
fn without_a_baseline_there_is_none_and_not_a_number_of_them() {
    let mut world = World::new();
    world.past(&[1e6; 10], false);

    let advice = world.advice();

    let one = advice.iter().find(|one| one.rule == "no-baseline");
    let one = one.expect("there is no baseline");
    assert!(
        one.text
            .starts_with("No baseline says what values should be: "),
        "{}",
        one.text
    );
}
