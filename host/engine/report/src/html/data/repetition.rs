//! The workers of a case: how each ended, how long the parts of its life took, what it used and what it said.

use std::borrow::Cow;

use benchhost_record::{
    CrashReport, MachineNoise, Phase, Reading, Repetition, StopReason, Trace, WarmUpResult,
};
use serde::Serialize;

use super::{
    super::pack::floats,
    output::{self, beginning},
};

/// Samples set aside that are shown, of each repetition.
const SET_ASIDE: usize = 500;

/// A worker.
#[derive(Serialize)]
pub(super) struct RepetitionData<'a> {
    index: u32,
    position: u64,
    outcome: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    sentence: Cow<'a, str>,
    samples: u64,
    iterations: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    stopped_by: Option<StopReason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    warm_up: Option<WarmUpResult>,
    #[serde(skip_serializing_if = "Option::is_none")]
    machine: Option<MachineNoise>,
    /// Share of the samples taken beside another program on the same core.
    #[serde(skip_serializing_if = "Option::is_none")]
    shared: Option<f64>,
    /// Times of samples that do not count, ns.
    #[serde(skip_serializing_if = "String::is_empty")]
    set_aside: String,
    #[serde(skip_serializing_if = "<[Reading]>::is_empty")]
    readings: &'a [Reading],
    #[serde(skip_serializing_if = "Option::is_none")]
    crash: Option<Crash>,
    #[serde(skip_serializing_if = "str::is_empty")]
    stdout: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    stderr: &'a str,
    /// Bytes that were printed and are not here.
    #[serde(skip_serializing_if = "is_zero")]
    dropped: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    log: Vec<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    traces: Vec<TraceData<'a>>,
}

/// Where a worker crashed.
#[derive(Serialize)]
struct Crash {
    signal: i32,
    code: i32,
    address: String,
    instruction: String,
    phase: Phase,
}

/// A metric of a worker over time.
#[derive(Serialize)]
struct TraceData<'a> {
    name: &'a str,
    unit: &'a str,
    /// Seconds from the first look.
    time: String,
    value: String,
}

/// A number of each repetition.
#[derive(Serialize)]
pub(super) struct Column {
    name: &'static str,
    unit: &'static str,
    values: Vec<u64>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl<'a> RepetitionData<'a> {
    /// The worker `one`.
    pub(super) fn of(one: &'a Repetition) -> Self {
        let room = output::room(one.outcome.is_failure());
        let (stdout, cut_out) = output::end(&one.output.stdout, room);
        let (stderr, cut_err) = output::end(&one.output.stderr, room);
        let sharing = one.sharing.as_ref();
        let set_aside = sharing.map_or(&[][..], |sharing| &sharing.set_aside_ns);
        Self {
            index: one.index,
            position: one.position,
            outcome: one.outcome.word(),
            sentence: beginning(&one.outcome.sentence()).into_owned().into(),
            samples: one.samples,
            iterations: one.iterations_per_sample,
            stopped_by: one.stopped_by,
            warm_up: one.warm_up,
            machine: one.machine,
            shared: sharing
                .map(|sharing| sharing.share)
                .filter(|share| share.is_finite()),
            set_aside: floats(set_aside.iter().copied().take(SET_ASIDE)),
            readings: &one.readings,
            crash: one.crash.as_ref().map(crash),
            stdout,
            stderr,
            dropped: one.output.dropped_bytes + cut_out + cut_err,
            log: output::last(&one.log)
                .iter()
                .map(|line| beginning(line))
                .collect(),
            traces: one.traces.iter().map(trace).collect(),
        }
    }
}

fn crash(one: &CrashReport) -> Crash {
    Crash {
        signal: one.signal,
        code: one.code,
        address: format!("{:#x}", one.address),
        instruction: format!("{:#x}", one.instruction),
        phase: one.phase,
    }
}

fn trace(one: &Trace) -> TraceData<'_> {
    TraceData {
        name: &one.metric.name,
        unit: &one.metric.unit,
        time: floats(one.time_ns.iter().map(|ns| *ns as f64 / 1e9)),
        value: floats(one.value.iter().copied()),
    }
}

/// The parts of the workers' lives in the order in which they happen.
pub(super) fn life(repetitions: &[Repetition]) -> Vec<Column> {
    type Part = (&'static str, fn(&Repetition) -> u64);
    const PARTS: [Part; 7] = [
        ("spawn", |one| one.times.start_ns),
        ("load", |one| one.times.load_ns),
        ("create", |one| one.times.create_ns),
        ("setup", |one| one.times.setup_ns),
        ("first iteration", |one| one.times.first_iteration_ns),
        ("warm-up", |one| {
            one.warm_up.map_or(0, |warm_up| warm_up.elapsed_ns)
        }),
        ("measure", |one| one.times.measure_ns),
    ];
    let columns = PARTS.map(|(name, of)| Column {
        name,
        unit: "ns",
        values: repetitions.iter().map(of).collect(),
    });
    columns.into()
}

/// What the workers used while samples were taken; nothing when nobody looked.
pub(super) fn resources(repetitions: &[Repetition]) -> Vec<Column> {
    type Part = (
        &'static str,
        &'static str,
        fn(&benchhost_record::Usage) -> u64,
    );
    const PARTS: [Part; 11] = [
        ("peak memory", "B", |one| one.peak_bytes),
        ("memory before", "B", |one| one.before_bytes),
        ("memory after", "B", |one| one.after_bytes),
        ("CPU time, user", "ns", |one| one.user_ns),
        ("CPU time, system", "ns", |one| one.system_ns),
        ("minor page faults", "1", |one| one.minor_faults),
        ("major page faults", "1", |one| one.major_faults),
        ("gave up the CPU", "1", |one| one.voluntary_switches),
        ("lost the CPU", "1", |one| one.involuntary_switches),
        ("threads", "1", |one| one.threads_seen.into()),
        ("busy threads", "1", |one| one.busy_threads.into()),
    ];
    if repetitions.iter().all(|one| one.usage.is_none()) {
        return Vec::new();
    }
    let columns = PARTS.map(|(name, unit, of)| Column {
        name,
        unit,
        values: repetitions
            .iter()
            .map(|one| one.usage.as_ref().map_or(0, of))
            .collect(),
    });
    columns.into()
}
