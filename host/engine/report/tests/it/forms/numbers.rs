//! No form prints per cents of nothing: a change from 0, from what is no number, or beyond what a number can hold.

use benchhost_gate::Verdict;
use benchhost_record::{Bound, Roofline, RooflineUnit, Severity};
use benchhost_report::{
    csv, github, junit, markdown,
    terminal::{Shown, render_judgements, render_run},
};
use benchhost_stats::{ChangeKind, ChangePoint};

use super::made;

const SPOILT: [f64; 5] = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e307, -1e307];

#[track_caller]
fn is_clean(form: &str, text: &str) {
    let text = text.replace("NaN ns", "").replace("NaN B", "");
    for word in ["NaN %", "inf %", "-inf", "NaN%", "inf%", "×inf", "×NaN"] {
        let line = text.lines().find(|line| line.contains(word));
        assert_eq!(line, None, "{form}: {word}");
    }
}

#[test]
fn a_change_that_is_no_number_is_a_dash_in_every_form() {
    for effect in SPOILT {
        for verdict in [
            Verdict::Regressed(Severity::Warning),
            Verdict::Improved,
            Verdict::Changed,
            Verdict::TargetMissed,
            Verdict::Inconclusive,
        ] {
            let mut report = made::ordinary();
            for one in &mut report.judged.judged {
                if one.verdict != Verdict::Failed {
                    one.verdict = verdict;
                }
                one.effect = effect;
                one.reference = 0.0;
            }
            let run = report.run.as_mut().unwrap();
            for result in &mut run.cases {
                result.roofline = Some(Roofline {
                    intensity: Some(effect),
                    ridge: None,
                    bound: Bound::Memory,
                    unit: RooflineUnit::BytesPerS,
                    achieved: effect,
                    ceiling: effect,
                    share: effect,
                });
            }

            is_clean("markdown", &markdown::render(&report));
            is_clean("github", &github::summary(&report));
            is_clean("annotations", &github::annotations(&report));
            is_clean("junit", &junit::render(&report));
            is_clean("csv", &csv::metrics(&report));
            let judgements = render_judgements("all", &report.judged, true, None, false);
            is_clean("check", &judgements);
            is_clean(
                "run",
                &render_run(&Shown {
                    run: report.run.as_ref().unwrap(),
                    judged: Some(&report.judged),
                    recommendations: &[],
                    verbose: true,
                    width: None,
                    colour: false,
                    ascii: false,
                }),
            );
        }
    }
}

#[test]
fn a_step_from_or_to_what_is_no_number_is_a_dash() {
    for value in SPOILT {
        for (before, after) in [(0.0, value), (value, 1.0), (5e-324, value), (0.0, 0.0)] {
            let change = ChangePoint {
                index: 3,
                kind: ChangeKind::Step,
                before,
                after,
                noise_before: 0.0,
                noise_after: 0.0,
                interval: (3, 3),
                confidence: value,
            };
            let series = benchhost_report::json::ChangedSeries {
                series: "time of p/w".to_owned(),
                unit: "1".to_owned(),
                points: 9,
                changes: vec![(change, "now".to_owned())],
            };

            let text = benchhost_report::terminal::render_changes(&[series], None, false);

            is_clean("changes", &text);
            assert!(text.contains('–'), "{text}");
        }
    }
}
