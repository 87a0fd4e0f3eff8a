//! The one place where settings are laid over each other.

use benchhost_record::InstancesMode;

use crate::{
    defaults,
    plan::Overrides,
    settings::{EnergySpec, Limits, Probing, Sampling, Settings},
    written::{LimitsFile, MemoryLimit, SettingsFile},
};

/// Where a case runs unless an axis says otherwise.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Placement {
    pub(crate) threads: u32,
    pub(crate) instances: Option<u32>,
    pub(crate) instances_mode: Option<InstancesMode>,
    pub(crate) offered_load: Option<f64>,
    pub(crate) device: String,
    pub(crate) dtype: Option<String>,
}

/// The strongest layer that says something wins: the built-in values, then `layers` from weak to strong, which are
/// `[defaults]`, the benchmark, the tier and the command line.
pub(crate) fn layer(layers: &[&SettingsFile]) -> (Settings, Placement) {
    let basis = Settings::default();
    let (min_samples, max_samples) = last(layers, |l| l.samples)
        .unwrap_or((basis.sampling.min_samples, basis.sampling.max_samples));
    let sampling = Sampling {
        min_samples,
        max_samples,
        precision: last(layers, |l| l.precision).unwrap_or(basis.sampling.precision),
        confidence: last(layers, |l| l.confidence).unwrap_or(basis.sampling.confidence),
        max_time_ns: last(layers, |l| l.max_time_ns).unwrap_or(basis.sampling.max_time_ns),
        iterations_per_sample: last(layers, |l| l.iterations)
            .unwrap_or(basis.sampling.iterations_per_sample),
        mode: last(layers, |l| l.mode).unwrap_or(basis.sampling.mode),
    };
    let settings = Settings {
        repetitions: last(layers, |l| l.repetitions).unwrap_or(basis.repetitions),
        warm_up: last(layers, |l| l.warm_up).unwrap_or(basis.warm_up),
        sampling,
        limits: limits(layers, basis.limits),
        pin: last(layers, |l| l.pin.clone()).unwrap_or(basis.pin),
        seed_policy: last(layers, |l| l.seed_policy).unwrap_or(basis.seed_policy),
        probing: Probing {
            probes: last(layers, |l| l.probes.clone()).unwrap_or(basis.probing.probes),
            poll_ns: last(layers, |l| l.poll_ns).unwrap_or(basis.probing.poll_ns),
            energy: energy(layers),
        },
    };
    let placement = Placement {
        threads: last(layers, |l| l.threads).unwrap_or(defaults::THREADS),
        instances: last(layers, |l| l.instances),
        instances_mode: last(layers, |l| l.instances_mode),
        offered_load: last(layers, |l| l.offered_load),
        device: last(layers, |l| l.device.clone()).unwrap_or_else(|| defaults::DEVICE.to_owned()),
        dtype: last(layers, |l| l.dtype.clone()),
    };
    (settings, placement)
}

/// Key by key; a stronger layer that says where the power comes from takes away what weaker ones said of it.
fn energy(layers: &[&SettingsFile]) -> EnergySpec {
    let says_where = |e: &EnergySpec| {
        e.country.is_some() || e.region.is_some() || e.carbon_intensity_g_per_kwh.is_some()
    };
    let place = layers.iter().rev().find(|l| says_where(&l.energy));
    let place = place.map(|l| l.energy.clone()).unwrap_or_default();
    EnergySpec {
        pue: last(layers, |l| l.energy.pue),
        tdp_w: last(layers, |l| l.energy.tdp_w),
        ..place
    }
}

fn limits(layers: &[&SettingsFile], basis: Limits) -> Limits {
    let within = |key: &str, otherwise: u64| {
        last(layers, |l| l.limits.deadlines.get(key).copied()).unwrap_or(otherwise)
    };
    Limits {
        memory_bytes: match last(layers, |l| l.limits.memory) {
            Some(MemoryLimit::Bytes(bytes)) => Some(bytes),
            Some(MemoryLimit::None) => None,
            None => basis.memory_bytes,
        },
        memory_by: last(layers, |l| l.limits.memory_by).unwrap_or(basis.memory_by),
        load_ns: within("load", basis.load_ns),
        create_ns: within("create", basis.create_ns),
        setup_ns: within("setup", basis.setup_ns),
        iteration_ns: within("iteration", basis.iteration_ns),
        stall_ns: within("stall", basis.stall_ns),
        verify_ns: within("verify", basis.verify_ns),
        teardown_ns: within("teardown", basis.teardown_ns),
        total_ns: within("total", basis.total_ns),
    }
}

/// The command line as a layer.
pub(crate) fn typed(overrides: &Overrides) -> SettingsFile {
    SettingsFile {
        repetitions: overrides.repetitions,
        max_time_ns: overrides.max_time_ns,
        limits: LimitsFile::default(),
        ..SettingsFile::default()
    }
}

fn last<T>(layers: &[&SettingsFile], pick: impl Fn(&SettingsFile) -> Option<T>) -> Option<T> {
    layers.iter().rev().find_map(|layer| pick(layer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strongest_layer_that_speaks_wins() {
        let weak = SettingsFile {
            repetitions: Some(2),
            threads: Some(4),
            ..SettingsFile::default()
        };
        let strong = SettingsFile {
            repetitions: Some(9),
            ..SettingsFile::default()
        };

        let (settings, placement) = layer(&[&weak, &strong]);

        assert_eq!((settings.repetitions, placement.threads), (9, 4));
        assert_eq!(settings.sampling, Sampling::default());
        assert_eq!(layer(&[]).0, Settings::default());
    }

    #[test]
    fn a_memory_limit_can_be_lifted() {
        let limit = |memory| SettingsFile {
            limits: LimitsFile {
                memory: Some(memory),
                ..LimitsFile::default()
            },
            ..SettingsFile::default()
        };
        let (two, none) = (limit(MemoryLimit::Bytes(2)), limit(MemoryLimit::None));

        assert_eq!(layer(&[&two]).0.limits.memory_bytes, Some(2));
        assert_eq!(layer(&[&two, &none]).0.limits.memory_bytes, None);
    }
}
