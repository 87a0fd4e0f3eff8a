//! Rules of numbers of a case, of its metrics and of their verdicts.

use benchhost_gate::Verdict;
use benchhost_record::{
    Basis, Bound, Direction, Extent, FlagKind, Gpu, Metric, MetricKind, ParamValue, Reading,
    Roofline, RooflineUnit, Samples, Severity,
};

use super::Row;
use crate::fixture::{MIB, With as _, World};

const REGRESSED: Verdict = Verdict::Regressed(Severity::Warning);

fn metric(world: &mut World, name: &str, unit: &str, kind: MetricKind, value: f64) {
    world.case().metric(name, unit, kind, value);
}

fn roof(world: &mut World, bound: Bound, share: f64) {
    world.case().roofline = Some(Roofline {
        intensity: Some(8.0),
        ridge: Some(10.0),
        bound,
        unit: RooflineUnit::FlopPerS,
        ceiling: 1e11,
        achieved: 1e11 * share,
        share,
    });
}

/// A case on a GPU that takes 1 ms, and the same on the processor.
fn on_gpu(world: &mut World, cpu_ns: f64) {
    world
        .add("p/g", &[], "cuda:0")
        .metric("time", "ns", MetricKind::Time, 1e6);
    world
        .add("p/g", &[], "cpu")
        .metric("time", "ns", MetricKind::Time, cpu_ns);
}

fn gpu_metric(world: &mut World, name: &str, unit: &str, kind: MetricKind, value: f64) {
    let case = world.add("p/g", &[], "cuda:0");
    case.metric(name, unit, kind, value);
}

fn half(world: &mut World, f32_ns: f64) {
    let dtype = |name: &str| [("dtype", ParamValue::Text(name.to_owned()))];
    let small = world.add("p/h", &dtype("bf16"), "cpu");
    small.metric("time", "ns", MetricKind::Time, 1e6);
    let large = world.add("p/h", &dtype("f32"), "cpu");
    large.metric("time", "ns", MetricKind::Time, f32_ns);
}

fn gpus(world: &mut World, count: usize) {
    world.run.environment.gpus = vec![Gpu::default(); count];
    world.before = world.run.environment.clone();
    gpu_metric(world, "epoch-time", "s", MetricKind::Time, 301.0);
}

fn inference(world: &mut World, name: &str, unit: &str, kind: MetricKind, value: f64) {
    let case = world.add("inference/decode", &[], "cpu");
    case.metric(name, unit, kind, value);
}

fn training(world: &mut World, memory: f64) {
    metric(world, "time.backward", "ns", MetricKind::Time, 5e5);
    metric(world, "peak-memory", "B", MetricKind::Memory, memory);
    world.run.environment.memory.total_bytes = 1 << 30;
    world.before = world.run.environment.clone();
}

fn energy(world: &mut World, basis: Basis) {
    metric(world, "energy", "J", MetricKind::Energy, 0.04);
    world.worker().readings.push(Reading {
        metric: Metric::new("energy", "J", Direction::Lower, MetricKind::Energy),
        value: 0.04,
        extent: Extent::Amount,
        basis,
        source: "model: 65 W TDP".to_owned(),
    });
}

/// Accuracies of two repetitions.
fn seeds(world: &mut World, values: [f64; 2]) {
    metric(world, "accuracy", "1", MetricKind::Ratio, 0.9);
    let mut samples = Samples::default();
    samples.push(0, 1, values[0]);
    samples.push(1, 1, values[1]);
    let case = world.case();
    case.measurements[1].samples = samples;
    case.repetitions
        .iter_mut()
        .for_each(|one| one.has_fixed_length = true);
}

fn disturbed(world: &mut World, verdict: Verdict) {
    world.case().flag(FlagKind::SharedCore);
    world.verdict(verdict, 0.2);
}

pub(super) const ROWS: &[Row] = &[
    (
        "disturbed-regression",
        |world| disturbed(world, REGRESSED),
        |world| disturbed(world, Verdict::Inconclusive),
    ),
    (
        "regression",
        |world| world.verdict(REGRESSED, 0.2),
        |world| disturbed(world, REGRESSED),
    ),
    (
        "target-missed",
        |world| world.verdict(Verdict::TargetMissed, 0.2),
        |world| world.verdict(Verdict::Unchanged, 0.2),
    ),
    (
        "inconclusive",
        |world| world.verdict(Verdict::Inconclusive, -0.07),
        |world| world.verdict(Verdict::InsufficientData, -0.07),
    ),
    (
        "memory-leak",
        |world| metric(world, "memory-growth", "B", MetricKind::Memory, 100.1e6),
        |world| metric(world, "memory-growth", "B", MetricKind::Memory, 99.9e6),
    ),
    (
        "above-the-roof",
        |world| roof(world, Bound::Compute, 1.06),
        |world| roof(world, Bound::Compute, 1.04),
    ),
    (
        "below-compute-roof",
        |world| roof(world, Bound::Compute, 0.29),
        |world| roof(world, Bound::Compute, 0.31),
    ),
    (
        "below-memory-roof",
        |world| roof(world, Bound::Memory, 0.29),
        // Nearly nothing: something else is in the way, and no advice about memory helps.
        |world| roof(world, Bound::Memory, 0.0009),
    ),
    (
        "slow-gpu",
        |world| on_gpu(world, 4.9e6),
        |world| on_gpu(world, 5.1e6),
    ),
    (
        "idle-gpu",
        |world| gpu_metric(world, "gpu-utilisation", "1", MetricKind::Ratio, 0.79),
        |world| gpu_metric(world, "gpu-utilisation", "1", MetricKind::Ratio, 0.81),
    ),
    (
        "mixed-precision",
        |world| gpu_metric(world, "flops", "FLOP/s", MetricKind::Throughput, 1e12),
        |world| metric(world, "flops", "FLOP/s", MetricKind::Throughput, 1e12),
    ),
    (
        "half-gains-little",
        |world| half(world, 1.19e6),
        |world| half(world, 1.21e6),
    ),
    (
        "several-gpus",
        |world| gpus(world, 2),
        |world| gpus(world, 1),
    ),
    (
        "latency",
        |world| inference(world, "time", "ns", MetricKind::Time, 501e6),
        |world| inference(world, "time", "ns", MetricKind::Time, 499e6),
    ),
    (
        "memory-pooling",
        |world| {
            metric(
                world,
                "peak-memory",
                "MiB",
                MetricKind::Memory,
                1025e6 / MIB,
            )
        },
        |world| {
            metric(
                world,
                "peak-memory",
                "MiB",
                MetricKind::Memory,
                1023e6 / MIB,
            )
        },
    ),
    (
        "busy-cpu",
        |world| inference(world, "cpu-utilisation", "1", MetricKind::Ratio, 0.81),
        |world| inference(world, "cpu-utilisation", "1", MetricKind::Ratio, 0.79),
    ),
    (
        "large-model",
        |world| training(world, 513.0 * MIB),
        |world| training(world, 511.0 * MIB),
    ),
    (
        "slow-storage",
        |world| {
            let case = world.add("contrastive/hdf5", &[], "cpu");
            case.metric("bandwidth", "B/s", MetricKind::Throughput, 99e6);
        },
        |world| {
            let case = world.add("contrastive/hdf5", &[], "cpu");
            case.metric("bandwidth", "B/s", MetricKind::Throughput, 101e6);
        },
    ),
    (
        "data-waits",
        |world| metric(world, "time.prepare", "ns", MetricKind::Time, 2.1e5),
        |world| metric(world, "time.prepare", "ns", MetricKind::Time, 1.9e5),
    ),
    (
        "overhead",
        |world| metric(world, "overhead", "1", MetricKind::Ratio, 0.051),
        |world| metric(world, "overhead", "1", MetricKind::Ratio, 0.049),
    ),
    (
        "tracking-memory",
        |world| metric(world, "memory-overhead", "B", MetricKind::Memory, 101e6),
        |world| metric(world, "memory-overhead", "B", MetricKind::Memory, 99e6),
    ),
    (
        "tracking-error",
        |world| metric(world, "energy-error", "1", MetricKind::Ratio, 0.11),
        |world| metric(world, "energy-error", "1", MetricKind::Ratio, 0.09),
    ),
    (
        "energy-by-model",
        |world| energy(world, Basis::Estimated),
        |world| energy(world, Basis::Measured),
    ),
    (
        "scatter-of-seeds",
        |world| seeds(world, [0.85, 0.95]),
        |world| seeds(world, [0.88, 0.92]),
    ),
    (
        "scatter-of-seeds",
        |world| seeds(world, [0.85, 0.95]),
        |world| {
            seeds(world, [0.85, 0.95]);
            world.case().repetitions[1].has_fixed_length = false;
        },
    ),
    (
        "noisy-history",
        |world| world.past(&[1e6, 1.5e6, 0.8e6, 1.3e6, 1e6, 0.7e6, 1.2e6, 1e6], true),
        |world| world.past(&[1e6, 1.5e6, 0.8e6, 1.3e6, 1e6, 0.7e6, 1.2e6], true),
    ),
    (
        "slow-case",
        |world| world.worker().times.measure_ns = 60_000_000_000,
        |world| world.worker().times.measure_ns = 59_900_000_000,
    ),
];
