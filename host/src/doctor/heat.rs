//! Heat: has it slowed the CPUs, is it about to?

use benchhost_record::MachineNoise;

use super::finding::{Finding, Severity};
use crate::probe::condition::Heat;

/// Nearer than this to the critical temperature, CPUs lower their frequency by themselves, °C.
const NEAR_C: f64 = 15.0;

const SLOWED: &str = "a CPU that is too hot runs below its frequency until it has cooled: later samples of a run are slower than \
                      first ones, by whatever heat asks for";

pub(super) fn throttling(heat: &Heat, noise: &MachineNoise) -> Finding {
    const CHECK: &str = "throttling";
    let before = match &heat.events_since_start {
        Ok(before) => *before,
        Err(why) => return Finding::unknown(CHECK, why),
    };
    match (noise.throttle_events.unwrap_or(0), before) {
        (0, 0) => Finding::fine(CHECK, "heat never slowed a CPU since the start"),
        (0, before) => Finding::new(
            CHECK,
            Severity::Note,
            format!("heat slowed a CPU {before} times since the start, not now"),
        )
        .effect(SLOWED)
        .remedy("look at it again after a long run; cooling and a lower frequency (see turbo) keep it away"),
        (now, _) => Finding::new(
            CHECK,
            Severity::Problem,
            format!("heat slowed a CPU {now} times while this looked, {before} times since the start"),
        )
        .effect(SLOWED)
        .remedy("let it cool, see to the fans, switch turbo off"),
    }
}

pub(super) fn temperature(heat: &Heat) -> Finding {
    const CHECK: &str = "temperature";
    let sensor = match &heat.nearest {
        Ok(sensor) => sensor,
        Err(why) => return Finding::unknown(CHECK, why),
    };
    let found = format!(
        "{}: {:.0} °C, critical at {:.0} °C",
        sensor.sensor, sensor.now_c, sensor.critical_c
    );
    if sensor.critical_c - sensor.now_c > NEAR_C {
        return Finding::fine(CHECK, found);
    }
    Finding::new(CHECK, Severity::Warning, found)
        .effect(SLOWED)
        .remedy("let it cool, see to the fans, switch turbo off")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::tree::{assert_says, finding};

    const COUNT: &str = "sys/devices/system/cpu/cpu1/thermal_throttle/package_throttle_count";

    #[test]
    fn heat_before_is_a_note_and_heat_now_a_problem() {
        let now = throttling(
            &Heat {
                events_since_start: Ok(12),
                nearest: Err(String::new()),
            },
            &MachineNoise {
                throttle_events: Some(2),
                ..MachineNoise::default()
            },
        );

        assert_says(
            &finding("throttling", &[(COUNT, "12\n")]),
            Severity::Note,
            "12 times since the start, not now",
        );
        assert_says(&now, Severity::Problem, "2 times while this looked");
        assert_says(
            &finding("throttling", &[(COUNT, "0\n")]),
            Severity::Fine,
            "never",
        );
        assert_says(
            &finding("throttling", &[]),
            Severity::Unknown,
            "no CPU has thermal_throttle counters",
        );
    }

    #[test]
    fn the_sensor_nearest_to_its_limit_speaks() {
        let of = |now: &'static str| {
            finding(
                "temperature",
                &[
                    ("sys/class/hwmon/hwmon0/name", "coretemp\n"),
                    ("sys/class/hwmon/hwmon0/temp1_input", now),
                    ("sys/class/hwmon/hwmon0/temp1_crit", "100000\n"),
                    ("sys/class/hwmon/hwmon0/temp1_label", "Package id 0\n"),
                    ("sys/class/hwmon/hwmon0/temp2_input", "99000\n"),
                    ("sys/class/thermal/thermal_zone0/type", "acpitz\n"),
                    ("sys/class/thermal/thermal_zone0/temp", "28000\n"),
                    (
                        "sys/class/thermal/thermal_zone0/trip_point_0_type",
                        "passive\n",
                    ),
                    (
                        "sys/class/thermal/thermal_zone0/trip_point_1_type",
                        "critical\n",
                    ),
                    (
                        "sys/class/thermal/thermal_zone0/trip_point_1_temp",
                        "105000\n",
                    ),
                ],
            )
        };

        assert_says(
            &of("91000\n"),
            Severity::Warning,
            "Package id 0: 91 °C, critical at 100 °C",
        );
        assert_says(&of("55000\n"), Severity::Fine, "Package id 0: 55 °C");
        assert_says(
            &of("0\n"),
            Severity::Fine,
            "acpitz: 28 °C, critical at 105 °C",
        );
        assert_says(&finding("temperature", &[]), Severity::Unknown, "no sensor");
    }
}
