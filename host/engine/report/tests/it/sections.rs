//! What stands below the tables: curves and their laws, searches, roofs, and where readings come from.

mod made;

use benchhost_record::{
    Basis, CaseResult, CurveLaw, Direction, Fit, Growth, Metric, MetricKind, Outcome, Phase, Run,
};
use benchhost_report::terminal::render;

use self::made::{
    by_time, contended, curve, fruitless, read, reading, refused, roofs, searched, searches, sizes,
    tried, usl, workers,
};
use crate::fixture::{With as _, case, run};

/// Compares with the file of this name, and shows the whole text when it differs.
macro_rules! assert_text {
    ($text:expr, $name:literal) => {
        let text = $text;
        let expected = include_str!(concat!("sections/", $name, ".txt"));
        assert!(
            text == expected,
            "{} is now\n<<<<{}\n{text}>>>>",
            $name,
            $name
        );
    };
}

#[test]
fn a_curve_of_workers_is_a_table_with_its_laws_below() {
    assert_text!(render(&contended(), None, false), "contended");
    assert_text!(render(&contended(), Some(60), false), "contended-60");
    assert_text!(render(&refused(), None, false), "refused");
    assert_text!(render(&by_time(), None, false), "by-time");
}

#[test]
fn growth_with_a_size_is_a_sentence_for_each_metric() {
    assert_text!(render(&sizes(), None, false), "sizes");
    assert_text!(render(&sizes(), Some(70), false), "sizes-70");
}

#[test]
fn curves_of_one_title_name_their_benchmarks() {
    let mut run = sizes();
    let mut twin = run.curves[0].clone();
    twin.benchmark = "largest-batch".to_owned();
    run.curves.push(twin);

    let text = render(&run, None, false);

    let named = "time of contrastive/training (largest-batch) by batch";
    assert_eq!(text.matches(named).count(), 1, "{text}");
    let own = format!(
        "time of contrastive/training ({}) by",
        run.curves[0].benchmark
    );
    assert_eq!(text.matches(&own).count(), 1, "{text}");
    assert!(
        text.contains("peak-memory of contrastive/training by"),
        "{text}"
    );
}

#[test]
fn a_sigma_above_one_is_no_share() {
    let mut run = contended();
    for curve in &mut run.curves {
        if let CurveLaw::Workers { amdahl, usl, .. } = &mut curve.law {
            if let Fit::Fitted(law) = amdahl {
                law.sigma.value = 1.416;
            }
            if let Fit::Fitted(law) = usl {
                law.sigma.value = 1.416;
            }
        }
    }

    let text = render(&run, None, false);

    assert!(
        !text.contains("141.6 %") && !text.contains("142 %"),
        "{text}"
    );
    for law in [
        "serial part σ = 1.416, adding",
        "contention σ = 1.416, adding",
    ] {
        assert!(text.contains(law), "{law}: {text}");
    }
}

#[test]
fn an_interval_that_says_nothing_is_not_printed_and_a_loose_law_limits_nothing() {
    let said = |change: &dyn Fn(&mut benchhost_record::Amdahl)| {
        let mut run = contended();
        for curve in &mut run.curves {
            if let CurveLaw::Workers {
                amdahl: Fit::Fitted(law),
                ..
            } = &mut curve.law
            {
                law.goodness.lacks_fit = false;
                change(law);
            }
        }
        let text = render(&run, None, false);
        let line = text.lines().find(|line| line.contains("Amdahl"));
        line.expect("there is a law").to_owned()
    };

    let good = said(&|_| {});
    assert!(
        good.contains("; by this law a speed-up of at most 10.83 (9.6 to 12.5); R²"),
        "{good}"
    );
    let scattered = said(&|law| law.goodness.r_squared = 0.16);
    assert!(!scattered.contains("speed-up"), "{scattered}");
    let wide = said(&|law| {
        law.sigma.interval.low = -16.64;
        law.sigma.interval.high = 46.43;
        if let Some(limit) = &mut law.speedup_limit {
            limit.interval.high = 400.0;
        }
    });
    assert!(wide.contains("σ = 9.2 % (no useful interval)"), "{wide}");
    assert!(
        wide.contains("at most 10.83 (no useful interval)"),
        "{wide}"
    );

    let mut run = sizes();
    for curve in &mut run.curves {
        if let CurveLaw::Size {
            law: Fit::Fitted(law),
            ..
        } = &mut curve.law
        {
            law.exponent.interval.low = -14.06;
            law.exponent.interval.high = 15.67;
        }
    }
    let text = render(&run, None, false);
    assert!(
        text.contains("exponent 1.012 (no useful interval), R²"),
        "{text}"
    );
}

#[test]
fn a_search_says_what_works_what_does_not_and_why() {
    assert_text!(render(&searches(), None, false), "searches");
    assert_text!(render(&searches(), Some(60), false), "searches-60");
}

#[test]
fn a_search_without_an_answer_promises_nothing() {
    assert_text!(render(&fruitless(), None, false), "fruitless");
}

#[test]
fn a_roofline_says_what_bounds_each_case() {
    assert_text!(render(&roofs(), None, false), "roofs");
    assert_text!(render(&roofs(), Some(60), false), "roofs-60");
}

#[test]
fn readings_say_where_they_come_from_and_which_are_missing() {
    assert_text!(render(&read(), None, false), "read");
    assert_text!(render(&read(), Some(60), false), "read-60");
}

fn all() -> [Run; 8] {
    [
        contended(),
        refused(),
        by_time(),
        sizes(),
        searches(),
        fruitless(),
        roofs(),
        read(),
    ]
}

#[test]
fn nothing_is_shown_where_there_is_nothing_to_say() {
    let text = render(
        &run(vec![case("noop/noop", &[]).time(1e3, 0.01, None)]),
        None,
        false,
    );

    for title in [
        "scaling of",
        "growth with",
        "searches",
        "roofline",
        "probes",
    ] {
        assert!(!text.contains(title), "{title}:\n{text}");
    }
}

#[test]
fn a_search_that_found_something_has_no_row_in_the_tables() {
    let mut found = searched("batch", Some(8.0), None, Vec::new());
    found = found.metric("largest-batch", "1", MetricKind::Count, 8.0);
    let mut failed = found.clone();
    failed.outcome = Outcome::OomKill {
        phase: Phase::Setup,
    };

    let table = |result: CaseResult| {
        let text = render(&run(vec![result]), None, false);
        text.split_once("searches").unwrap().0.to_owned()
    };

    assert_eq!(table(found), "");
    assert!(table(failed).contains("oom-kill"));
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for run in all() {
        for width in 40..160 {
            for line in render(&run, Some(width), false).lines() {
                assert!(
                    line.chars().count() <= usize::from(width),
                    "{width}: {line}"
                );
            }
        }
    }
}

#[test]
fn colour_changes_nothing_but_colour() {
    for run in all() {
        let painted = render(&run, Some(100), true);
        let mut plain = String::new();
        for (i, part) in painted.split('\u{1b}').enumerate() {
            plain.push_str(if i == 0 {
                part
            } else {
                part.split_once('m').unwrap().1
            });
        }

        assert_eq!(plain, render(&run, Some(100), false));
    }
}

#[test]
fn text_from_outside_cannot_drive_the_terminal() {
    const EVIL: &str = "a\u{1b}[2Jb\u{7}c\u{9b}d\ne";
    let evil = || EVIL.to_owned();
    let metric = || Metric::new(EVIL, EVIL, Direction::Lower, MetricKind::Time);
    let law = workers(Fit::Refused(evil()), Fit::Fitted(usl()));
    let size = CurveLaw::Size {
        law: Fit::Refused(evil()),
        upper: None,
    };
    let mut curves = vec![
        curve(EVIL, Some(Growth::Weak(evil())), metric(), law.clone()),
        curve(EVIL, None, metric(), size),
        curve(
            "threads",
            Some(Growth::Weak("threads".to_owned())),
            metric(),
            law,
        ),
    ];
    for curve in &mut curves {
        curve.workload = evil();
        curve.held = evil();
        curve.doubts = vec![evil()];
    }
    let mut result = searched(
        EVIL,
        Some(1.0),
        Some(2.0),
        vec![tried(2.0, Outcome::Ok, Some(EVIL))],
    );
    result.case.id = evil().into();
    let mut roof = roofs().cases.remove(0);
    roof.case.id = evil().into();
    let mut told = read().cases.remove(0);
    let mut energy = reading("energy", Basis::Measured, EVIL);
    energy.metric.name = format!("energy-{EVIL}");
    told.repetitions[0].readings = vec![energy];
    let mut run = run(vec![result, roof, told]);
    run.curves = curves;
    run.absent_probes.insert(evil(), evil());
    crate::fixture::set_against(&mut run, EVIL);

    for width in [None, Some(60)] {
        let text = render(&run, width, false);

        let bad = text.chars().find(|c| c.is_control() && *c != '\n');
        assert_eq!(bad, None, "{text:?}");
        assert!(!text.contains("[2J"), "{text}");
        // A line feed from outside would begin a line of its own.
        assert!(!text.lines().any(|line| line.starts_with('e')), "{text}");
    }
}
