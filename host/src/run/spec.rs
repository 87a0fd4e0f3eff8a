//! Translates the settings and the case of a plan into what a worker is told.

use benchhost_plan::{IterationsPerSample, Limits, Mode, Settings, WarmUp};
use benchhost_plugin_api::meta::WorkloadMeta;
use benchhost_record::{Case, Overhead, ParamValue};

use super::repetition::Order;
use crate::measure::{self, MeasureSpec, OfferedLoad, WarmUpSpec, Yardstick};

/// Time that warm-up and samples may take together before the worker counts as hung: twice what they were given,
/// and a stall on top, because a single iteration may be long.
pub(super) fn measure_limit(settings: &Settings, limits: &Limits) -> u64 {
    let warm_up = match settings.warm_up {
        WarmUp::Auto { cap_ns, .. } => cap_ns,
        WarmUp::Time(ns) => ns,
        // Bounded by the heartbeat and the total only.
        WarmUp::Iterations(_) => return limits.total_ns,
        WarmUp::None => 0,
    };
    let given = warm_up.saturating_add(settings.sampling.max_time_ns);
    given
        .saturating_mul(2)
        .saturating_add(limits.stall_ns.saturating_mul(2))
}

/// The sentence for a workload that had nothing more to do before the first sample.
pub(super) fn finished_early(spec: &MeasureSpec) -> &'static str {
    match (spec.warm_up, spec.iterations_of_a_block()) {
        (WarmUpSpec::None, Some(_)) => {
            "the workload finished before the first sample; give it more to do"
        }
        (WarmUpSpec::None, None) => {
            "the workload finished while it was found out how many iterations a sample needs, before the first sample; give it \
             more to do or set iterations = 1"
        }
        (_, Some(_)) => {
            "the workload finished during its warm-up, before the first sample; give it more to do or set warm-up = \"none\""
        }
        (_, None) => {
            "the workload finished during its warm-up, before the first sample; give it more to do or set warm-up = \"none\" and \
             iterations = 1"
        }
    }
}

/// What the worker is asked to measure.
pub(super) fn measure_spec(
    settings: &Settings,
    meta: &WorkloadMeta,
    overhead: &Overhead,
    case: &Case,
    order: Order,
) -> MeasureSpec {
    let sampling = &settings.sampling;
    // Samples with a wait in them are not looked at, nor can they be set aside.
    let is_alone = case.threads == 1 && case.instances.is_none() && case.offered_load.is_none();
    MeasureSpec {
        warm_up: match settings.warm_up {
            WarmUp::Auto {
                floor_iterations,
                cap_ns,
            } => WarmUpSpec::Auto {
                floor: floor_iterations,
                cap_ns,
            },
            WarmUp::Iterations(count) => WarmUpSpec::Iterations { count },
            WarmUp::Time(ns) => WarmUpSpec::Time { ns },
            WarmUp::None => WarmUpSpec::None,
        },
        mode: match sampling.mode {
            Mode::Batch => measure::Mode::Batch,
            Mode::Each => measure::Mode::Each,
        },
        min_samples: u64::from(sampling.min_samples),
        max_samples: u64::from(sampling.max_samples),
        precision: sampling.precision,
        confidence: sampling.confidence,
        max_time_ns: sampling.max_time_ns,
        extra_time_ns: sampling.max_time_ns.min(spare(settings)),
        iterations: match sampling.iterations_per_sample {
            IterationsPerSample::Auto => None,
            IterationsPerSample::Fixed(n) => Some(n),
        },
        clock_read_ns: overhead.clock_read_ns.max(turns(case)),
        prepares_each_iteration: meta.prepares_each_iteration,
        // Several threads share cores among themselves.
        yardstick: (is_alone && Yardstick::can_be_read(overhead.clock_resolution_ns))
            .then_some(overhead.yardstick),
        offered_load: case.offered_load.map(|per_second| OfferedLoad {
            per_second,
            seed: case.seed.wrapping_add(u64::from(order.index)),
        }),
    }
}

/// What the start and the end of a sample cost when there are more instances than CPUs, ns: they take turns of some
/// milliseconds, and the last turn is not shared. Samples of a thousand times this see many turns of each.
const TURNS_NS: f64 = 50_000.0;

fn turns(case: &Case) -> f64 {
    let is_short = case.all_threads() as usize > super::usable_cpus().len();
    if case.instances.is_some() && is_short {
        TURNS_NS
    } else {
        0.0
    }
}

/// What the limit of the whole repetition leaves beside twice the time that warm-up and samples are given.
fn spare(settings: &Settings) -> u64 {
    let warm_up = match settings.warm_up {
        WarmUp::Auto { cap_ns, .. } => cap_ns,
        WarmUp::Time(ns) => ns,
        WarmUp::Iterations(_) | WarmUp::None => 0,
    };
    let given = warm_up.saturating_add(settings.sampling.max_time_ns);
    let total = settings.limits.total_ns;
    total.saturating_sub(given.saturating_mul(2))
}

/// The parameters of a case as the TOML text that the plugin parses.
pub(super) fn config_text(case: &Case) -> String {
    let table: toml::Table = case
        .params
        .iter()
        .map(|(key, value)| (key.clone(), to_toml(value)))
        .collect();
    toml::to_string(&table).expect("numbers, text and lists of them are always TOML")
}

fn to_toml(value: &ParamValue) -> toml::Value {
    match value {
        ParamValue::Bool(value) => (*value).into(),
        ParamValue::Int(value) => (*value).into(),
        ParamValue::Float(value) => (*value).into(),
        ParamValue::Text(value) => value.clone().into(),
        ParamValue::List(values) => toml::Value::Array(values.iter().map(to_toml).collect()),
    }
}
