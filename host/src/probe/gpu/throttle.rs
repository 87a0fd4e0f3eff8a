//! Which reasons for a lower clock mean that the GPU was held back while it had work.

use benchhost_record::Reading;
use nvml_wrapper::bitmasks::device::ThrottleReasons;

use super::quantity::THROTTLED;

/// Reasons that count, each with its words. An idle GPU and clocks that somebody set are no throttling.
const COUNTED: [(ThrottleReasons, &str); 5] = [
    (ThrottleReasons::SW_POWER_CAP, "power limit"),
    (ThrottleReasons::SW_THERMAL_SLOWDOWN, "temperature"),
    (
        ThrottleReasons::HW_THERMAL_SLOWDOWN,
        "temperature, in hardware",
    ),
    (
        ThrottleReasons::HW_POWER_BRAKE_SLOWDOWN,
        "power brake of the machine",
    ),
    (ThrottleReasons::HW_SLOWDOWN, "slowed down in hardware"),
];

/// Those of `reasons` that count.
pub(super) fn counted(reasons: ThrottleReasons) -> ThrottleReasons {
    let all = COUNTED.iter().map(|(reason, _)| *reason);
    reasons & all.collect::<ThrottleReasons>()
}

/// The reasons that count, in words.
pub(super) fn words(reasons: ThrottleReasons) -> String {
    let named = COUNTED
        .iter()
        .filter(|(reason, _)| reasons.contains(*reason));
    let words: Vec<&str> = named.map(|(_, words)| *words).collect();
    words.join(", ")
}

/// Share of the looks (0–1) at which a GPU was held back during a repetition, when it ever was.
#[must_use]
pub fn throttled(readings: &[Reading]) -> Option<f64> {
    let reading = readings
        .iter()
        .find(|reading| reading.metric.name == THROTTLED)?;
    (reading.value > 0.0).then_some(reading.value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_idle_gpu_and_clocks_that_somebody_set_are_no_throttling() {
        let harmless = ThrottleReasons::GPU_IDLE
            | ThrottleReasons::APPLICATIONS_CLOCKS_SETTING
            | ThrottleReasons::SYNC_BOOST
            | ThrottleReasons::DISPLAY_CLOCK_SETTING;
        let hot = ThrottleReasons::SW_THERMAL_SLOWDOWN;

        assert!(counted(harmless).is_empty());
        assert_eq!(counted(harmless | hot), hot);
        assert_eq!(words(counted(harmless | hot)), "temperature");
    }
}
