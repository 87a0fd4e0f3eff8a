//! Iterations that are asked for from outside, at their own moments, whether or not the one before is done.

use benchhost_record::{StopReason, names};
use benchhost_stats::Arrivals;

use super::{
    Clock, MeasureSpec, Recorder, Stop, Subject,
    sampling::{ended, used},
    spec::OfferedLoad,
};

/// What was asked within the time budget is served to its end, but not for ever: a workload that cannot keep up would
/// never come to one.
const LONGEST_OVERTIME: u64 = 2;

/// A wait without a sign of life would look like a hang.
const LONGEST_WAIT_NS: u64 = 50_000_000;

/// Serves arrivals until the time budget is spent and the queue is empty. A sample is one iteration, from the moment it was
/// asked for to its end; the time of the iteration alone is noted beside it.
///
/// # Errors
/// Whatever the subject reports.
pub(super) fn serve<S: Subject>(
    subject: &mut S,
    recorder: &mut impl Recorder,
    clock: &impl Clock,
    spec: &MeasureSpec,
    load: OfferedLoad,
) -> Result<StopReason, S::Error> {
    let started = clock.now_ns();
    let mut samples = 0;
    for moment in Arrivals::new(load.per_second, load.seed) {
        let late_ns = clock.now_ns() - started;
        if moment >= spec.max_time_ns || late_ns >= LONGEST_OVERTIME * spec.max_time_ns {
            break;
        }
        subject.prepare()?;
        let asked = started + moment;
        if let Some(reason) = wait(recorder, clock, asked) {
            return Ok(reason);
        }
        let before = recorder.edge();
        let begun = clock.now_ns();
        let batch = subject.run(1)?;
        let done = clock.now_ns();
        let used = used(before, recorder.edge());
        recorder.beat();
        subject.finish(1, batch, done - begun)?;
        if batch.iterations > 0 {
            // Of a plugin that times itself, its own clock says how long the iteration took; the latency is the host's.
            let times = batch.self_timed;
            let own_ns = times.map_or(done - begun, |times| times.own_ns);
            recorder.note(names::TIME, own_ns as f64);
            if let Some(times) = times {
                recorder.note(names::WALL_TIME, times.wall_ns as f64);
            }
            let kept = recorder.keep(1, done.saturating_sub(asked).max(1), used);
            samples += 1;
            if !kept || samples == spec.max_samples {
                return Ok(StopReason::SampleLimit);
            }
        }
        let stop: Stop = ended(batch, recorder);
        if let Some(reason) = stop {
            return Ok(reason);
        }
    }
    // What is served in a second is told against the time that was given, not against the last arrival.
    Ok(wait(recorder, clock, started + spec.max_time_ns).unwrap_or(StopReason::TimeBudget))
}

/// Waits for a moment, with a sign of life now and then; `Some` when the host wants the loop to end.
fn wait(recorder: &mut impl Recorder, clock: &impl Clock, moment_ns: u64) -> Stop {
    loop {
        let next = moment_ns.min(clock.now_ns() + LONGEST_WAIT_NS);
        clock.wait_until(next);
        recorder.beat();
        if recorder.should_stop() {
            return Some(StopReason::Stopped);
        }
        if next == moment_ns {
            return None;
        }
    }
}
