//! The life of alerts: opened, confirmed, resolved, expired; nothing stays red for ever.

use benchhost_gate::{Judgement, LifeTerms, Lived, live};
use benchhost_record::{Alert, AlertKind, AlertState, Severity};
use benchhost_stats::SplitMix64;

use crate::support::{Words, measured, one, rules, time};

/// What one run says: (value − 100) against a baseline of 100 with 10 % allowed.
fn says(value: f64) -> Judgement {
    let rules = rules("[[gate]]\nmetric = '*'\npercent = 10\nagainst = 'baseline'");
    one(
        &measured(time(), value)
            .baseline(100.0)
            .of("p/w?threads=1", "w"),
        &rules,
    )
}

/// What one run says of a target of at most 100.
fn target(value: f64) -> Judgement {
    one(
        &measured(time(), value).of("p/w?threads=1", "w"),
        &rules("[[gate]]\nmax = 100"),
    )
}

fn step(alive: &[Alert], judged: &[Judgement], run: &str, confirmed: bool) -> Vec<Alert> {
    let lived = Lived {
        run,
        started: "2026-11-21T12:00:00Z",
        machine: "m",
        confirmed,
    };
    live(alive, judged, &lived, LifeTerms::default())
}

/// Alerts as a store keeps them: moved ones replaced, new ones added.
#[derive(Default)]
struct Store {
    alerts: Vec<Alert>,
    runs: usize,
}

impl Store {
    fn run(&mut self, judged: &[Judgement]) -> Vec<AlertState> {
        self.runs += 1;
        let run = format!("run-{}", self.runs);
        let moved = step(&self.alerts, judged, &run, false);
        let twice = self.keep(moved).clone();
        let again = step(&self.alerts, judged, &run, false);
        assert_eq!(
            again,
            [],
            "judged twice by one run changes nothing: {twice:?}"
        );
        let alive = |alert: &&Alert| alert.state.is_alive();
        assert!(
            self.alerts.iter().filter(alive).count() <= 1,
            "one is alive at most"
        );
        self.alerts.iter().map(|alert| alert.state).collect()
    }

    fn keep(&mut self, moved: Vec<Alert>) -> &Vec<Alert> {
        for mut alert in moved {
            if alert.id == 0 {
                alert.id = self.alerts.len() as u64 + 1;
                self.alerts.push(alert);
            } else {
                let at = usize::try_from(alert.id).expect("few alerts") - 1;
                self.alerts[at] = alert;
            }
        }
        &self.alerts
    }
}

#[test]
fn an_alert_is_opened_confirmed_and_resolved() {
    let mut store = Store::default();

    assert_eq!(store.run(&[says(101.0)]), []);
    assert_eq!(store.run(&[says(115.0)]), [AlertState::Opened]);
    assert_eq!(store.run(&[says(118.0)]), [AlertState::Confirmed]);
    assert_eq!(store.run(&[says(130.0)]), [AlertState::Confirmed]);
    assert_eq!(
        store.alerts[0].severity,
        Severity::Critical,
        "it got louder"
    );
    assert_eq!(
        store.run(&[says(109.0)]),
        [AlertState::Confirmed],
        "not half of the way back"
    );
    assert_eq!(store.run(&[says(103.0)]), [AlertState::Resolved]);
    assert_eq!(store.run(&[says(103.0)]), [AlertState::Resolved]);
    assert_eq!(
        store.run(&[says(115.0)]),
        [AlertState::Resolved, AlertState::Opened],
        "a new one"
    );
    let alert = &store.alerts[0];
    assert_eq!(
        (alert.kind, alert.value, alert.reference),
        (AlertKind::Regression, 115.0, 100.0)
    );
    assert_eq!(
        (alert.opened_run.as_str(), alert.last_run.as_str()),
        ("run-2", "run-6")
    );
    assert_eq!(alert.runs, 5);
}

#[test]
fn a_re_run_confirms_at_once() {
    let opened = step(&[], &[says(120.0)], "run-1", true);

    assert_eq!(opened[0].state, AlertState::Confirmed);
    assert_eq!((opened[0].id, opened[0].machine.as_str()), (0, "m"));
}

#[test]
fn what_is_still_true_after_ten_runs_is_the_new_normal_and_is_not_told_again() {
    let mut store = Store::default();
    for _ in 0..10 {
        assert_ne!(store.run(&[says(120.0)]), [AlertState::Expired]);
    }
    for _ in 0..30 {
        assert_eq!(store.run(&[says(121.0)]), [AlertState::Expired]);
    }
    assert_eq!(
        store.run(&[says(140.0)]),
        [AlertState::Expired, AlertState::Opened],
        "much worse is news"
    );
}

#[test]
fn what_was_accepted_is_not_told_again_and_never_moves() {
    let mut alerts = step(&[], &[says(120.0)], "run-1", false);
    alerts[0].state = AlertState::Accepted;

    assert_eq!(step(&alerts, &[says(121.0)], "run-2", false), []);
    assert_eq!(step(&alerts, &[says(100.0)], "run-2", false), []);
    assert_eq!(step(&alerts, &[says(150.0)], "run-2", false).len(), 1);
}

#[test]
fn a_silent_run_only_ages_an_alert() {
    let mut store = Store::default();
    store.run(&[says(120.0)]);

    for runs in 2..=10 {
        assert_eq!(store.run(&[]), [AlertState::Opened]);
        assert_eq!(store.alerts[0].runs, runs);
    }
    assert_eq!(store.run(&[]), [AlertState::Expired]);
}

#[test]
fn an_improvement_is_announced_and_ends_when_it_is_lost() {
    let mut store = Store::default();
    assert_eq!(store.run(&[says(80.0)]), [AlertState::Opened]);
    assert_eq!(store.alerts[0].kind, AlertKind::Improvement);
    assert_eq!(store.alerts[0].severity, Severity::Info);
    assert_eq!(store.run(&[says(82.0)]), [AlertState::Confirmed]);
    assert_eq!(store.run(&[says(99.0)]), [AlertState::Resolved]);
    assert_eq!(
        store.run(&[says(80.0)]),
        [AlertState::Resolved, AlertState::Opened]
    );
    assert_eq!(
        store.run(&[says(120.0)]).len(),
        3,
        "resolved, and a regression opened"
    );
    assert_eq!(store.alerts[2].kind, AlertKind::Regression);
}

#[test]
fn a_missed_target_is_resolved_when_it_is_met() {
    let mut store = Store::default();

    assert_eq!(store.run(&[target(110.0)]), [AlertState::Opened]);
    assert_eq!(store.alerts[0].kind, AlertKind::TargetMissed);
    assert_eq!(store.run(&[target(101.0)]), [AlertState::Confirmed]);
    assert_eq!(
        store.run(&[says(130.0)]),
        [AlertState::Confirmed],
        "critical is louder, one is alive"
    );
    assert_eq!(store.alerts[0].severity, Severity::Critical);
    assert_eq!(store.run(&[target(100.0)]), [AlertState::Resolved]);
}

#[test]
fn an_expression_is_resolved_when_it_is_false() {
    let rules = rules("[[gate]]\nwhen = 'growth(time, 1h) > 50ns'");
    let grown = |value| one(&measured(time(), value).after(&[100.0]), &rules);
    let mut store = Store::default();

    assert_eq!(store.run(&[grown(160.0)]), [AlertState::Opened]);
    assert_eq!(store.run(&[grown(170.0)]), [AlertState::Confirmed]);
    assert_eq!(store.run(&[grown(149.0)]), [AlertState::Resolved]);
}

#[test]
fn a_failed_case_neither_confirms_nor_resolves() {
    let mut failed = measured(time(), 1.0).of("p/w?threads=1", "w");
    failed.value = Err("crashed".to_owned());
    let failed = one(&failed, &rules("[[gate]]\nmax = 100"));
    let mut store = Store::default();
    store.run(&[says(120.0)]);

    assert_eq!(
        store.run(std::slice::from_ref(&failed)),
        [AlertState::Opened]
    );
    assert_eq!(Store::default().run(&[failed]), []);
}

#[test]
fn nothing_is_red_for_ever() {
    for seed in 0..300 {
        let mut random = SplitMix64::new(seed);
        let mut store = Store::default();
        for _ in 0..60 {
            let value = 60.0 + 80.0 * random.uniform();
            let judged = match random.index(6) {
                0 => Vec::new(),
                1 => vec![target(value)],
                2 => vec![says(130.0)],
                _ => vec![says(value)],
            };
            store.run(&judged);
            for alert in &store.alerts {
                let number = |run: &str| run.trim_start_matches("run-").parse::<usize>().unwrap();
                let age = store.runs - number(&alert.opened_run);
                assert!(
                    age < 12 || !alert.state.is_alive(),
                    "seed {seed}: {alert:?}"
                );
            }
        }
    }
}
