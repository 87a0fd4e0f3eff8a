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
        clock.wait_until(asked);
        let before = recorder.edge();
        let begun = clock.now_ns();
        let batch = subject.run(1)?;
        let done = clock.now_ns();
        let used = used(before, recorder.edge());
        recorder.beat();
        subject.finish(1, batch, done - begun)?;
        if batch.iterations > 0 {
            recorder.note(names::TIME, (done - begun) as f64);
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
    Ok(StopReason::TimeBudget)
}
