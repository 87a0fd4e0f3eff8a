//! Rules of growth: threads, instances, sizes.

use benchhost_record::{
    Amdahl, CurveLaw, Direction, Fit, Interval, Metric, MetricKind, ParamValue, Peak, PowerLaw,
    ScalingLevel, Usl,
};

use super::Row;
use crate::fixture::{MIB, With as _, World, between, curve, goodness, no_law};

fn throughput() -> Metric {
    Metric::new(
        "throughput",
        "items/s",
        Direction::Higher,
        MetricKind::Throughput,
    )
}

/// Speed-ups with intervals of ±1 %.
fn levels(speedups: &[(f64, f64)]) -> Vec<ScalingLevel> {
    let level = |(at, speedup): &(f64, f64)| {
        let around = |value: f64| Interval {
            low: 0.99 * value,
            high: 1.01 * value,
            confidence: 0.99,
        };
        ScalingLevel {
            at: *at,
            repetitions: 5,
            median: 1000.0 * speedup,
            speedup: *speedup,
            speedup_interval: Some(around(*speedup)),
            efficiency: speedup / at,
            efficiency_interval: Some(around(speedup / at)),
        }
    };
    speedups.iter().map(level).collect()
}

fn workers(world: &mut World, speedups: &[(f64, f64)], amdahl: Fit<Amdahl>, usl: Fit<Usl>) {
    let levels = levels(speedups);
    let law = CurveLaw::Workers {
        cpus_used: vec![None; levels.len()],
        levels,
        amdahl,
        usl,
    };
    world.run.curves.push(curve("threads", throughput(), law));
}

fn plain(world: &mut World, speedups: &[(f64, f64)]) {
    workers(world, speedups, no_law(), no_law());
}

fn amdahl(world: &mut World, low: f64, high: f64) {
    let law = Amdahl {
        lambda: between(99.0, 101.0),
        sigma: between(low, high),
        speedup_limit: None,
        knee: None,
        goodness: goodness(),
    };
    workers(world, &[(1.0, 1.0)], Fit::Fitted(law), no_law());
}

fn usl(world: &mut World, kappa_low: f64) {
    let law = Usl {
        lambda: between(99.0, 101.0),
        sigma: between(-0.01, 0.01),
        kappa: between(kappa_low, 0.1),
        peak: Some(Peak {
            at: between(3.0, 5.0),
            throughput: between(2900.0, 3100.0),
        }),
        knee: None,
        goodness: goodness(),
    };
    workers(world, &[(1.0, 1.0)], no_law(), Fit::Fitted(law));
}

fn memory(world: &mut World, low: f64) {
    let law = PowerLaw {
        coefficient: between(1.0, 2.0),
        exponent: between(low, low + 0.2),
        goodness: goodness(),
    };
    let metric = Metric::new("peak-memory", "B", Direction::Lower, MetricKind::Memory);
    let law = CurveLaw::Size {
        law: Fit::Fitted(law),
        upper: None,
    };
    world.run.curves.push(curve("batch", metric, law));
}

/// Three batches; how much more the last does, and the memory it needs in MiB of 8192.
fn batches(world: &mut World, rise: f64, memory: f64) {
    for (batch, rate, used) in [
        (8, 500.0, 100.0),
        (16, 1000.0, 200.0),
        (32, 1000.0 * (1.0 + rise), memory),
    ] {
        let case = world.add("p/t", &[("batch", ParamValue::Int(batch))], "cpu");
        case.metric("throughput", "samples/s", MetricKind::Throughput, rate);
        case.metric("peak-memory", "B", MetricKind::Memory, used * MIB);
    }
}

pub(super) const ROWS: &[Row] = &[
    (
        "contention",
        |world| amdahl(world, 0.9, 1.0),
        |world| amdahl(world, 1.3, 1.5),
    ),
    (
        "slower-with-workers",
        |world| amdahl(world, 1.3, 1.5),
        |world| amdahl(world, 0.9, 1.0),
    ),
    (
        "no-second-worker",
        |world| plain(world, &[(1.0, 1.0), (2.0, 1.08)]),
        |world| plain(world, &[(1.0, 1.0), (2.0, 1.1)]),
    ),
    (
        "coherence",
        |world| usl(world, 0.001),
        |world| usl(world, -0.001),
    ),
    (
        "contention",
        |world| amdahl(world, 0.011, 0.3),
        |world| amdahl(world, 0.009, 0.3),
    ),
    (
        "too-many-workers",
        |world| plain(world, &[(1.0, 1.0), (2.0, 1.6), (4.0, 1.5)]),
        // Where the largest number does most, all of them are worth having.
        |world| plain(world, &[(1.0, 1.0), (2.0, 1.6), (4.0, 1.9)]),
    ),
    (
        "superlinear",
        |world| amdahl(world, -0.2, -0.01),
        |world| amdahl(world, -0.2, 0.01),
    ),
    (
        "larger-batch",
        // The intervals cost a per cent of what is certain.
        |world| batches(world, 0.065, 300.0),
        |world| batches(world, 0.055, 300.0),
    ),
    (
        "memory-grows",
        |world| memory(world, 1.21),
        |world| memory(world, 1.19),
    ),
];

#[test]
fn a_batch_that_needs_most_of_the_memory_is_not_made_larger() {
    let mut world = World::new();
    batches(&mut world, 0.5, 4097.0);

    assert!(world.advice().iter().all(|one| one.rule != "larger-batch"));
}

#[test]
fn advice_on_workers_names_the_curve_and_the_better_number() {
    let mut world = World::new();
    plain(&mut world, &[(1.0, 1.0), (2.0, 1.6), (4.0, 1.5)]);

    let advice = world.advice();

    let one = advice
        .iter()
        .find(|one| one.rule == "too-many-workers")
        .expect("it speaks");
    assert_eq!(
        (one.about.as_str(), one.metric.as_str()),
        ("p/w by threads", "throughput")
    );
    assert_eq!(one.number, "37.5 %");
    assert_eq!(
        one.text,
        "Efficiency is 37.5 % with threads = 4: use 2, where most is done (1.6 kitems/s)."
    );
}

#[test]
fn a_law_of_more_workers_than_cpus_speaks_only_where_two_are_slow_already() {
    let contended = |second: f64| {
        let mut world = World::new();
        let law = Amdahl {
            lambda: between(99.0, 101.0),
            sigma: between(0.2, 0.4),
            speedup_limit: None,
            knee: None,
            goodness: goodness(),
        };
        let speedups = [(1.0, 1.0), (2.0, second), (4.0, second)];
        workers(&mut world, &speedups, Fit::Fitted(law), no_law());
        world.run.curves[0].doubts = vec!["want of CPUs".to_owned()];
        let advice = world.advice();
        advice.into_iter().find(|one| one.rule == "contention")
    };

    assert_eq!(contended(1.95), None);
    let spoken = contended(1.4).expect("two of two CPUs are slow");
    assert_eq!(spoken.evidence, "want of CPUs");
}

/// What the rule on contention says of the run, by the way it calls the curve, with how many more there are.
fn contended(world: &World) -> (String, usize) {
    let advice = world.advice();
    let found = advice.iter().find(|one| one.rule == "contention");
    let one = found.expect("the rule speaks");
    (one.about.clone(), one.more)
}

#[test]
fn curves_of_one_workload_and_key_are_told_apart_by_what_differs() {
    let mut world = World::new();
    amdahl(&mut world, 0.9, 1.0);
    assert_eq!(contended(&world), ("p/w by threads".to_owned(), 0));

    amdahl(&mut world, 0.8, 1.0);
    for (curve, held) in world
        .run
        .curves
        .iter_mut()
        .zip(["device=cpu&mode=locked", "device=cpu&mode=shared&spin=2"])
    {
        curve.held = held.to_owned();
    }
    let two = ("p/w by threads (mode=locked)".to_owned(), 1);
    assert_eq!(contended(&world), two);
    world.run.curves.rotate_left(1);
    assert_eq!(contended(&world), two, "the order of the run is nothing");

    for curve in &mut world.run.curves {
        curve.held = "device=cpu".to_owned();
    }
    world.run.curves[1].benchmark = "other".to_owned();
    let (about, more) = contended(&world);
    assert_eq!(
        (about.as_str(), more),
        ("p/w by threads (benchmark other)", 1)
    );
}
