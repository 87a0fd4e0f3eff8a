//! The sampling loop.

use benchhost_record::{StopReason, WarmUpResult, names};
use benchhost_stats::{
    Done, MIN_SAMPLE_NS, SHORT_BLOCKS_FLOOR, StoppingRule, WarmUp, calibrate_iterations,
};

use super::{AtOnce, Clock, MeasureSpec, WarmUpSpec, open_loop, watch::Watch};

/// What is measured: an instance of a workload.
pub trait Subject {
    /// Why a step can fail.
    type Error;
    /// Makes the next input; untimed.
    fn prepare(&mut self) -> Result<(), Self::Error>;
    /// Runs `n` iterations. The timed part.
    fn run(&mut self, n: u64) -> Result<Batch, Self::Error>;
    /// Checks what the batch claims and passes on its phase times and metrics; untimed.
    fn finish(&mut self, asked: u64, batch: Batch, elapsed_ns: u64) -> Result<(), Self::Error>;
}

/// What one batch says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Batch {
    /// Iterations it did.
    pub iterations: u64,
    /// The workload has nothing more to do.
    pub finished: bool,
    /// It ended early because it was asked to.
    pub stopped: bool,
    /// Time its device reports; 0 for none.
    pub device_ns: u64,
    /// Times of several that worked at once, who know them better than whoever waits for them.
    pub at_once: Option<AtOnce>,
    /// Times of a plugin that is a process of its own.
    pub self_timed: Option<SelfTimed>,
}

/// How long a batch took by two clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SelfTimed {
    /// By the plugin's own, around its iterations.
    pub own_ns: u64,
    /// By the host's, around the whole request: no more than this can be true.
    pub wall_ns: u64,
}

/// Counters read at the edges of a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Edge {
    /// CPU time of the process.
    pub cpu_ns: u64,
    /// Page faults.
    pub faults: u64,
    /// Times the CPU was taken away.
    pub preemptions: u64,
}

/// Keeps the samples and reads the counters.
pub trait Recorder {
    /// Reads the counters of the process.
    fn edge(&mut self) -> Edge;
    /// The next batches are warm-up (`false`) or samples (`true`).
    fn recording(&mut self, on: bool);
    /// Keeps a sample; `false` when there is no room for more.
    fn keep(&mut self, iterations: u64, elapsed_ns: u64, used: Edge) -> bool;
    /// Notes a value that belongs to the sample which is kept next.
    fn note(&mut self, name: &str, value: f64);
    /// Reads the yardstick, in thousandths.
    fn yardstick(&mut self) -> u64;
    /// What the yardstick read around `samples` that were kept, in thousandths; `newer` have been kept since.
    fn settle(&mut self, samples: usize, newer: usize, yardstick: u64);
    /// Whether the host wants the loop to end.
    fn should_stop(&self) -> bool;
    /// Shows the host that something moves.
    fn beat(&mut self);
}

/// How sampling went.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sampled {
    /// The warm-up.
    pub warm_up: WarmUpResult,
    /// Iterations in one sample.
    pub iterations_per_sample: u64,
    /// Why no further sample was taken.
    pub stopped_by: StopReason,
    /// From the first sample's start to the last one's end.
    pub measure_ns: u64,
}

/// Why a phase of the loop ended before its rule did.
pub type Stop = Option<StopReason>;

/// Blocks up to this long, ns, are so short that a warm-up looks at a hundred of them at least.
const SHORT_BLOCK_NS: f64 = 2.0 * MIN_SAMPLE_NS;

/// Calibrates, warms up and samples `subject`.
///
/// # Errors
/// Whatever the subject reports; samples taken until then are in the recorder.
pub fn sample<S: Subject>(
    subject: &mut S,
    recorder: &mut impl Recorder,
    clock: &impl Clock,
    spec: &MeasureSpec,
) -> Result<Sampled, S::Error> {
    recorder.recording(false);
    let mut warm = warm_up(subject, recorder, clock, spec)?;
    recorder.recording(true);
    let started = clock.now_ns();
    if let Some(load) = spec.offered_load {
        let stopped_by = match warm.stop.take() {
            Some(reason) => reason,
            None => open_loop::serve(subject, recorder, clock, spec, load)?,
        };
        return Ok(Sampled {
            warm_up: warm.result,
            iterations_per_sample: 1,
            stopped_by,
            measure_ns: clock.now_ns() - started,
        });
    }
    let mut rule = StoppingRule::new(
        spec.min_samples,
        spec.max_samples,
        spec.precision,
        spec.confidence,
    );
    let mut samples = 0;
    let mut watch = Watch::open(spec.yardstick, recorder, started);
    let stopped_by = loop {
        if let Some(reason) = warm.stop.take() {
            break reason;
        }
        let (batch, elapsed_ns, kept) = sampled(subject, recorder, clock, warm.iterations, || ())?;
        samples += u64::from(kept);
        let is_full = batch.iterations > 0 && !kept || samples == spec.max_samples;
        if kept || batch.iterations == 0 {
            watch.took(elapsed_ns as f64 / batch.iterations.max(1) as f64, kept);
        }
        warm.stop = is_full.then_some(StopReason::SampleLimit);
        warm.stop = warm.stop.or_else(|| ended(batch, recorder));
        let now = clock.now_ns();
        watch.look(recorder, &mut rule, now, warm.stop.is_some());
        if warm.stop.is_none() {
            // Time on a shared core is given again, but not without end.
            let given_ns = now - started - watch.shared_ns().min(spec.extra_time_ns);
            warm.stop = enough(&rule, given_ns, spec);
            if warm.stop.is_some() {
                watch.look(recorder, &mut rule, now, true);
            }
        }
    };
    Ok(Sampled {
        warm_up: warm.result,
        iterations_per_sample: warm.iterations,
        stopped_by,
        measure_ns: clock.now_ns() - started,
    })
}

/// One batch on its own, for a host that leads several workers; kept when there is room and the recorder is on. `ready`: what
/// is done, or waited for, between the preparation and the timed part.
///
/// # Errors
/// Whatever the subject reports.
pub fn batch<S: Subject>(
    subject: &mut S,
    recorder: &mut impl Recorder,
    clock: &impl Clock,
    iterations: u64,
    ready: impl FnOnce(),
) -> Result<(Batch, u64), S::Error> {
    let (batch, elapsed_ns, _) = sampled(subject, recorder, clock, iterations, ready)?;
    Ok((batch, elapsed_ns))
}

/// One sample with the counters at its edges, and whether it was kept: not without an iteration, nor without room.
fn sampled<S: Subject>(
    subject: &mut S,
    recorder: &mut impl Recorder,
    clock: &impl Clock,
    iterations: u64,
    ready: impl FnOnce(),
) -> Result<(Batch, u64, bool), S::Error> {
    let mut before = Edge::default();
    let (batch, elapsed_ns) = timed(subject, clock, iterations, || {
        ready();
        before = recorder.edge();
    })?;
    let after = recorder.edge();
    recorder.beat();
    let used = used(before, after);
    subject.finish(iterations, batch, elapsed_ns)?;
    if let Some(times) = batch.at_once {
        recorder.note(names::FAIRNESS, times.fairness());
    }
    if let Some(times) = batch.self_timed {
        recorder.note(
            names::WALL_TIME,
            times.wall_ns as f64 / batch.iterations.max(1) as f64,
        );
    }
    let kept = batch.iterations > 0 && recorder.keep(batch.iterations, elapsed_ns, used);
    Ok((batch, elapsed_ns, kept))
}

/// What was used between two readings.
pub(super) fn used(before: Edge, after: Edge) -> Edge {
    Edge {
        cpu_ns: after.cpu_ns.saturating_sub(before.cpu_ns),
        faults: after.faults.saturating_sub(before.faults),
        preemptions: after.preemptions.saturating_sub(before.preemptions),
    }
}

struct Warm {
    result: WarmUpResult,
    iterations: u64,
    stop: Stop,
}

/// Runs and discards blocks until the warm-up rule is content, finding the block size on the way.
fn warm_up<S: Subject>(
    subject: &mut S,
    recorder: &mut impl Recorder,
    clock: &impl Clock,
    spec: &MeasureSpec,
) -> Result<Warm, S::Error> {
    let fixed = spec.iterations_of_a_block();
    let started = clock.now_ns();
    let mut rule = WarmUp::new(floor(spec.warm_up));
    let mut result = WarmUpResult {
        iterations: 0,
        elapsed_ns: 0,
        steady: false,
    };
    let mut iterations = fixed.unwrap_or(1);
    let mut calibrated = fixed.is_some();
    let mut is_enough = false;
    let mut sized = false;
    loop {
        result.elapsed_ns = clock.now_ns() - started;
        let warm = is_warm(spec.warm_up, &rule, result);
        result.steady = warm == Some(true);
        if calibrated && warm.is_some() {
            return Ok(Warm {
                result,
                iterations,
                stop: None,
            });
        }
        let (batch, elapsed_ns) = timed(subject, clock, iterations, || ())?;
        recorder.beat();
        subject.finish(iterations, batch, elapsed_ns)?;
        result.iterations += batch.iterations;
        if let Some(reason) = ended(batch, recorder) {
            result.elapsed_ns = clock.now_ns() - started;
            return Ok(Warm {
                result,
                iterations,
                stop: Some(reason),
            });
        }
        if calibrated && !sized {
            // Only now is it known whether many blocks are a short time.
            sized = true;
            if elapsed_ns as f64 <= SHORT_BLOCK_NS {
                rule = WarmUp::new(floor(spec.warm_up).max(SHORT_BLOCKS_FLOOR));
            }
        }
        rule.observe(elapsed_ns as f64 / batch.iterations.max(1) as f64);
        if !calibrated {
            let next =
                calibrate_iterations(elapsed_ns as f64, batch.iterations, spec.clock_read_ns);
            // Grows tenfold at most: the first iterations of a workload are often far from its speed.
            let step = next.min(iterations.saturating_mul(10)).max(1);
            // One block may have been interrupted; two in a row are as long as they look.
            let was_enough = std::mem::replace(&mut is_enough, step <= iterations);
            calibrated = was_enough && is_enough;
            iterations = iterations.max(step);
        }
    }
}

/// One block: prepare outside, run inside the timed part.
fn timed<S: Subject>(
    subject: &mut S,
    clock: &impl Clock,
    iterations: u64,
    ready: impl FnOnce(),
) -> Result<(Batch, u64), S::Error> {
    subject.prepare()?;
    ready();
    let start = clock.now_ns();
    let batch = subject.run(iterations)?;
    let elapsed_ns = clock.now_ns() - start;
    let own_ns = batch.self_timed.map_or(elapsed_ns, |times| times.own_ns);
    let elapsed_ns = batch.at_once.map_or(own_ns, |times| times.span_ns);
    Ok((batch, elapsed_ns))
}

fn floor(spec: WarmUpSpec) -> u64 {
    match spec {
        WarmUpSpec::Auto { floor, .. } => floor,
        WarmUpSpec::None | WarmUpSpec::Iterations { .. } | WarmUpSpec::Time { .. } => 0,
    }
}

/// `Some(steady)` when the warm-up is over.
fn is_warm(spec: WarmUpSpec, rule: &WarmUp, so_far: WarmUpResult) -> Option<bool> {
    match spec {
        WarmUpSpec::None => Some(false),
        WarmUpSpec::Iterations { count } => (so_far.iterations >= count).then_some(false),
        WarmUpSpec::Time { ns } => (so_far.elapsed_ns >= ns).then_some(false),
        WarmUpSpec::Auto { cap_ns, .. } => {
            if rule.is_steady() {
                Some(true)
            } else {
                (so_far.elapsed_ns >= cap_ns).then_some(false)
            }
        }
    }
}

pub(super) fn ended(batch: Batch, recorder: &impl Recorder) -> Stop {
    if batch.finished {
        Some(StopReason::Finished)
    } else if batch.stopped || recorder.should_stop() {
        Some(StopReason::Stopped)
    } else {
        None
    }
}

fn enough(rule: &StoppingRule, given_ns: u64, spec: &MeasureSpec) -> Stop {
    match rule.is_done() {
        Some(Done::Precision) => Some(StopReason::Precision),
        Some(Done::SampleLimit) => Some(StopReason::SampleLimit),
        None => (given_ns >= spec.max_time_ns).then_some(StopReason::TimeBudget),
    }
}

#[cfg(test)]
#[path = "sampling_tests.rs"]
mod tests;
