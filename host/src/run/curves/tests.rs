//! Cases with made-up numbers whose law is known.

use benchhost_record::{Amdahl, Growth, Outcome, PowerLaw, Search, Tried, Usl, Work, names};
use benchhost_stats::SplitMix64;

use super::*;
use crate::run::made::{With as _, measured, plan, run};

const SEED: u64 = 20_261_121;

/// Every case of the plan, each as `made` says.
fn curves_of(plan: &Plan, mut made: impl FnMut(CaseResult) -> CaseResult) -> Vec<Curve> {
    println!("seed {SEED}");
    let cases = plan.benchmarks[0].cases.iter();
    curves(plan, &run(cases.map(|case| made(measured(case))).collect()))
}

fn param(result: &CaseResult, key: &str) -> f64 {
    result.case.params[key].to_string().parse().unwrap()
}

/// `count` repetitions about `value`, one per cent off.
fn noisy(random: &mut SplitMix64, value: f64, count: usize) -> Vec<f64> {
    (0..count)
        .map(|_| value * (1.0 + 0.01 * random.normal()))
        .collect()
}

fn law(curve: &Curve) -> &PowerLaw {
    match &curve.law {
        CurveLaw::Size { law, .. } => law.fitted().unwrap(),
        CurveLaw::Workers { .. } => panic!("no law of sizes: {curve:?}"),
    }
}

fn laws(curve: &Curve) -> (&Fit<Amdahl>, &Fit<Usl>) {
    match &curve.law {
        CurveLaw::Workers { amdahl, usl, .. } => (amdahl, usl),
        CurveLaw::Size { .. } => panic!("no law of workers: {curve:?}"),
    }
}

fn speedups(curve: &Curve) -> Vec<f64> {
    match &curve.law {
        CurveLaw::Workers { levels, .. } => levels.iter().map(|level| level.speedup).collect(),
        CurveLaw::Size { .. } => panic!("no law of workers: {curve:?}"),
    }
}

/// Speed-ups of 1, 2 and 4.
fn assert_doubles(curve: &Curve) {
    let speedups = speedups(curve);
    assert_eq!(speedups.len(), 3);
    for (found, expected) in speedups.iter().zip([1.0, 2.0, 4.0]) {
        assert!((found - expected).abs() < 1e-9, "{speedups:?}");
    }
}

fn held(curves: &[Curve]) -> Vec<&str> {
    curves.iter().map(|curve| curve.held.as_str()).collect()
}

/// Time of an iteration, ns, where σ = `sigma` of the work is serial.
fn amdahl_time(workers: f64, sigma: f64) -> f64 {
    1e6 * (1.0 + sigma * (workers - 1.0)) / workers
}

#[test]
fn cases_that_differ_in_one_axis_form_a_curve_and_the_type_is_held() {
    let plan = plan("axes = { batch = [8, 16, 32, 64], dtype = ['f32', 'f16'] }");

    let curves = curves_of(&plan, |result| {
        let power = if result.case.params["dtype"].to_string() == "f32" {
            2
        } else {
            1
        };
        let time = param(&result, "batch").powi(power);
        result.metric(names::TIME, &[time, time])
    });

    assert_eq!(
        held(&curves),
        [
            "device=cpu&dtype=f16&threads=1",
            "device=cpu&dtype=f32&threads=1"
        ]
    );
    for (curve, exponent) in curves.iter().zip([1.0, 2.0]) {
        assert_eq!(
            (curve.axis.key.as_str(), &curve.axis.growth),
            ("batch", &None)
        );
        assert_eq!(
            (curve.benchmark.as_str(), curve.workload.as_str()),
            ("b", "p/w")
        );
        assert!((law(curve).exponent.value - exponent).abs() < 1e-9);
        assert_eq!(law(curve).goodness.observations, 8);
    }
}

#[test]
fn cases_that_differ_in_two_things_at_once_form_none() {
    let plan = plan("zip = [{ batch = [8, 16, 32, 64], window = [1, 2, 3, 4] }]");

    let curves = curves_of(&plan, |result| result.metric(names::TIME, &[1.0]));

    assert_eq!(curves, []);
}

#[test]
fn a_curve_of_every_axis_holds_the_others() {
    let plan = plan("axes = { batch = [8, 16, 32], threads = [1, 2] }");

    let curves = curves_of(&plan, |result| {
        let time = param(&result, "batch") / f64::from(result.case.threads);
        result
            .metric(names::TIME, &[time, time * 1.01])
            .metric(names::PEAK_MEMORY, &[time, time])
    });

    let told: Vec<String> = curves
        .iter()
        .map(|curve| {
            format!(
                "{} by {} at {}",
                curve.metric.name, curve.axis.key, curve.held
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            "time by batch at device=cpu&threads=1",
            "peak-memory by batch at device=cpu&threads=1",
            "time by batch at device=cpu&threads=2",
            "peak-memory by batch at device=cpu&threads=2",
            "time by threads at batch=16&device=cpu",
            "time by threads at batch=32&device=cpu",
            "time by threads at batch=8&device=cpu",
        ]
    );
}

#[test]
fn instances_in_one_process_and_in_several_are_different_curves() {
    let plan = plan("axes = { instances = [1, 2, 4], instances-mode = ['rayon', 'process'] }");

    let curves = curves_of(&plan, |result| {
        result.metric(names::THROUGHPUT, &[100.0, 101.0])
    });

    assert_eq!(
        held(&curves),
        [
            "device=cpu&instances-mode=process&threads=1",
            "device=cpu&instances-mode=rayon&threads=1"
        ]
    );
    for curve in &curves {
        assert_eq!(
            curve.axis.growth,
            Some(Growth::Weak("instances".to_owned()))
        );
    }
}

#[test]
fn what_each_worker_has_is_held_and_what_grows_with_them_is_not() {
    let plan = plan(
        "params = { batch = 8, window = 64 }\naxes = { threads = [1, 2, 4] }\nscale = { weak = 'batch' }",
    );

    let curves = curves_of(&plan, |result| {
        let rate = 100.0 * f64::from(result.case.threads);
        result.metric(names::THROUGHPUT, &[rate, rate * 1.01])
    });

    assert_eq!(held(&curves), ["batch-each=8&device=cpu&window=64"]);
    assert_eq!(
        curves[0].axis.growth,
        Some(Growth::Weak("batch".to_owned()))
    );
    assert_doubles(&curves[0]);
}

#[test]
fn work_that_grows_from_different_beginnings_is_not_one_curve() {
    let plan = plan("axes = { batch = [8, 16], threads = [1, 2, 4] }\nscale = { weak = 'batch' }");

    let curves = curves_of(&plan, |result| {
        let workers = f64::from(result.case.threads);
        let each = param(&result, "batch") / workers;
        result.metric(names::THROUGHPUT, &[each * workers; 2])
    });

    let by_threads: Vec<&Curve> = curves
        .iter()
        .filter(|curve| curve.axis.key == "threads")
        .collect();
    assert_eq!(by_threads.len(), 2, "{:?}", held(&curves));
    assert_ne!(by_threads[0].held, by_threads[1].held);
    for curve in by_threads {
        assert_doubles(curve);
    }
}

#[test]
fn known_contention_and_coherence_come_back_inside_their_intervals() {
    let (lambda, sigma, kappa) = (100.0, 0.05, 0.004);
    let plan = plan("axes = { threads = [1, 2, 3, 4, 6, 8, 12] }");
    let mut random = SplitMix64::new(SEED);

    let curves = curves_of(&plan, |result| {
        let n = f64::from(result.case.threads);
        let rate = lambda * n / (1.0 + sigma * (n - 1.0) + kappa * n * (n - 1.0));
        result
            .metric(names::TIME, &[1.0; 5])
            .metric(names::THROUGHPUT, &noisy(&mut random, rate, 5))
    });

    assert_eq!(curves.len(), 1);
    assert_eq!(curves[0].metric.name, names::THROUGHPUT);
    assert_eq!(curves[0].axis.growth, Some(Growth::Strong));
    let usl = laws(&curves[0]).1.fitted().unwrap();
    for (estimate, truth) in [
        (usl.lambda, lambda),
        (usl.sigma, sigma),
        (usl.kappa, kappa),
        (usl.peak.unwrap().at, ((1.0 - sigma) / kappa).sqrt()),
    ] {
        let interval = estimate.interval;
        assert!(
            interval.low < truth && truth < interval.high,
            "{truth}: {usl:?}"
        );
    }
    assert!(usl.is_contended() && usl.is_coherent(), "{usl:?}");
}

#[test]
fn times_stand_in_where_no_work_is_declared() {
    let sigma = 0.2;
    let mut random = SplitMix64::new(SEED);
    let mut of = |keys: &str, time: fn(f64, f64) -> f64| {
        let curves = curves_of(&plan(keys), |result| {
            let time = time(f64::from(result.case.all_threads()), sigma);
            result.metric(names::TIME, &noisy(&mut random, time, 4))
        });
        assert_eq!(curves.len(), 1);
        curves.into_iter().next().unwrap()
    };

    // The same work is shared out, or each worker brings as much again: the law is the same, the times are not.
    let strong = of("axes = { threads = [1, 2, 4, 8] }", amdahl_time);
    let weak = of("axes = { instances = [1, 2, 4, 8] }", |n, sigma| {
        n * amdahl_time(n, sigma)
    });
    let grown = of(
        "params = { batch = 8 }\naxes = { threads = [1, 2, 4, 8] }\nscale = { weak = 'batch' }",
        |n, sigma| n * amdahl_time(n, sigma),
    );

    for (curve, growth) in [
        (&strong, Growth::Strong),
        (&weak, Growth::Weak("instances".to_owned())),
        (&grown, Growth::Weak("batch".to_owned())),
    ] {
        assert_eq!(curve.metric.name, names::TIME);
        assert_eq!(curve.axis.growth, Some(growth));
        let interval = laws(curve).0.fitted().unwrap().sigma.interval;
        assert!(interval.low < sigma && sigma < interval.high, "{curve:?}");
        // 8 / (1 + 0.2 · 7), four repetitions of one per cent.
        let last = speedups(curve)[3];
        assert!((last - 8.0 / 2.4).abs() < 0.15, "{last}");
    }
}

#[test]
fn threads_that_bring_work_of_their_own_are_weak_scaling() {
    let plan = plan("axes = { threads = [1, 2, 4] }");
    let growth = |items: fn(f64) -> f64| {
        let curves = curves_of(&plan, |result| {
            let n = f64::from(result.case.threads);
            let mut result = result.metric(names::THROUGHPUT, &[n, n]);
            result.work = Some(Work {
                items: items(n),
                item: "samples".to_owned(),
                flop: 0.0,
                bytes: 0.0,
            });
            result
        });
        curves[0].axis.growth.clone()
    };

    assert_eq!(
        growth(|n| 3.0 * n),
        Some(Growth::Weak("threads".to_owned()))
    );
    assert_eq!(growth(|_| 3.0), Some(Growth::Strong));
    assert_eq!(growth(|_| 0.0), Some(Growth::Strong));
}

#[test]
fn fewer_than_three_sizes_are_no_curve() {
    let curves = curves_of(&plan("axes = { batch = [8, 16] }"), |result| {
        result.metric(names::TIME, &[1.0, 2.0, 3.0])
    });

    assert_eq!(curves, []);
}

#[test]
fn two_levels_are_enough_for_amdahl_with_repetitions_and_never_for_usl() {
    let plan = plan("axes = { threads = [1, 2] }");
    let of = |repetitions: usize| {
        let mut random = SplitMix64::new(SEED);
        let curves = curves_of(&plan, |result| {
            let time = amdahl_time(result.case.threads.into(), 0.1);
            result.metric(names::TIME, &noisy(&mut random, time, repetitions))
        });
        curves.into_iter().next().unwrap()
    };

    let (repeated, single) = (of(5), of(1));

    let (amdahl, usl) = laws(&repeated);
    assert!(amdahl.fitted().is_some());
    let refused = "2 distinct values of the axis, at least 3 needed: add values to the sweep";
    assert_eq!(usl, &Fit::Refused(refused.to_owned()));
    let Fit::Refused(reason) = laws(&single).0 else {
        panic!("two numbers leave no scatter: {single:?}");
    };
    assert!(reason.contains("add repetitions"), "{reason}");
    assert_eq!(speedups(&single).len(), 2);
}

#[test]
fn a_repetition_counts_once_by_the_median_of_its_samples() {
    let plan = plan("axes = { batch = [8, 16, 32] }");

    let curves = curves_of(&plan, |result| {
        let time = param(&result, "batch");
        let samples = vec![time, time, 1e9 * time];
        result.samples(names::TIME, &[samples.clone(), samples])
    });

    let law = law(&curves[0]);
    assert_eq!(law.goodness.observations, 6);
    assert!((law.exponent.value - 1.0).abs() < 1e-9);
}

#[test]
fn failed_cases_and_those_of_searches_are_left_out() {
    let plan = plan("axes = { batch = [8, 16, 32, 64, 128] }");

    let curves = curves_of(&plan, |result| {
        let batch = param(&result, "batch");
        let mut result = result.metric(names::TIME, &[batch, batch]);
        if batch == 64.0 {
            result.measurements[0].samples.value = vec![1e9, 1e9];
            result.outcome = Outcome::Wrong {
                rule: "verify".to_owned(),
                message: "2 is not 3".to_owned(),
            };
        }
        if batch == 128.0 {
            result.measurements[0].samples.value = vec![1e9, 1e9];
            result.search = Some(Search {
                key: "window".to_owned(),
                largest: None,
                smallest_failing: None,
                tried: Vec::new(),
            });
        }
        result
    });

    assert_eq!(curves.len(), 1);
    assert_eq!(law(&curves[0]).goodness.levels, 3);
    assert!((law(&curves[0]).exponent.value - 1.0).abs() < 1e-9);
}

#[test]
fn cases_of_other_benchmarks_are_not_looked_at() {
    let plan = plan("axes = { batch = [8, 16, 32] }");

    let curves = curves_of(&plan, |result| {
        let mut result = result.metric(names::TIME, &[1.0, 2.0]);
        result.case.benchmark = "other".to_owned();
        result
    });

    assert_eq!(curves, []);
}

fn tried(value: f64, works: bool) -> Tried {
    let medians = [(names::TIME, value * value), (names::PEAK_MEMORY, value)];
    Tried {
        value,
        outcome: Outcome::Ok,
        missed: (!works).then(|| "too slow".to_owned()),
        medians: medians
            .map(|(name, median)| (name.to_owned(), median))
            .into_iter()
            .collect(),
    }
}

#[test]
fn the_values_of_a_search_that_work_have_exponents() {
    let keys = "params = { window = 64 }\nsearch = { batch = { from = 8, to = 128 } }";
    let plan = plan(keys);
    let of = |tried: Vec<Tried>, key: &str| {
        curves_of(&plan, |mut result| {
            result.search = Some(Search {
                key: key.to_owned(),
                largest: Some(32.0),
                smallest_failing: Some(64.0),
                tried: tried.clone(),
            });
            result
        })
    };
    let mut values: Vec<Tried> = [8.0, 16.0, 32.0].map(|value| tried(value, true)).into();
    let mut slow = tried(64.0, false);
    slow.medians.insert(names::TIME.to_owned(), 1e12);
    values.push(slow);

    let curves = of(values.clone(), "batch");

    let told: Vec<(&str, &str)> = curves
        .iter()
        .map(|curve| (curve.metric.name.as_str(), curve.metric.unit.as_str()))
        .collect();
    assert_eq!(told, [(names::TIME, "ns"), (names::PEAK_MEMORY, "B")]);
    assert_eq!(
        held(&curves),
        ["device=cpu&threads=1&window=64"; 2],
        "the searched key is not held"
    );
    assert!((law(&curves[0]).exponent.value - 2.0).abs() < 1e-9);
    assert!((law(&curves[1]).exponent.value - 1.0).abs() < 1e-9);
    assert_eq!(of(values[1..].to_vec(), "batch"), [], "two are too few");
    assert_eq!(of(values, "offered-load"), [], "a load is no size");
}

#[test]
fn a_fixed_cost_bends_the_law_and_the_larger_sizes_follow_the_true_one() {
    let plan = plan("axes = { batch = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024] }");
    let mut random = SplitMix64::new(SEED);

    let mut of = |floor: f64| {
        let curves = curves_of(&plan, |result| {
            let time = floor + param(&result, "batch").powf(1.5);
            result.metric(names::TIME, &noisy(&mut random, time, 5))
        });
        curves.into_iter().next().unwrap()
    };
    let (bent, straight) = (of(50.0), of(0.0));

    assert!(law(&bent).goodness.lacks_fit);
    assert!(law(&bent).exponent.interval.high < 1.45, "{bent:?}");
    let CurveLaw::Size {
        upper: Some(upper), ..
    } = &bent.law
    else {
        panic!("no law of the larger sizes: {bent:?}");
    };
    assert!(upper.from > 1.0, "{upper:?}");
    let exponent = upper.law.exponent.value;
    assert!((exponent - 1.5).abs() < 0.05, "{upper:?}");
    assert!(!law(&straight).goodness.lacks_fit);
    assert!(matches!(straight.law, CurveLaw::Size { upper: None, .. }));
}

#[test]
fn more_workers_than_cpus_are_a_doubt() {
    let doubts = |most: u32| {
        let plan = plan(&format!("axes = {{ instances = [1, {most}] }}"));
        let curves = curves_of(&plan, |result| result.metric(names::TIME, &[1.0, 2.0]));
        curves.into_iter().next().unwrap().doubts
    };
    let cpus = crate::run::usable_cpus().len();

    let none = (cpus > 1).then(|| doubts(cpus as u32));
    let one = doubts(cpus as u32 + 1);

    assert_eq!(none.unwrap_or_default(), [""; 0]);
    assert_eq!(
        one,
        [format!(
            "levels beyond the {cpus} CPUs here show the want of CPUs as well"
        )]
    );
}
