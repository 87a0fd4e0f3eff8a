//! Joules and grams: energy counters, the model where nothing can be measured, carbon.
//!
//! Pure: the tables are compiled in, and what was read from counters and processes is given. Every number that a table
//! or a model says carries a sentence with its figures.

mod counter;
mod error;
mod footprint;
mod intensity;
mod model;
mod settings;
mod tdp;

pub use counter::{CounterFault, EnergyCounter, HIGHEST_SOCKET_POWER_W, longest_gap_ns};
pub use error::Error;
pub use footprint::{JOULES_PER_KWH, carbon_of};
pub use intensity::{
    CarbonIntensity, WORLD_G_PER_KWH, carbon_intensity, carbon_intensity_of_region,
};
pub use model::{
    CpuModel, CpuSeen, RAM_W_PER_GB, VCPU_IDLE_W, VCPU_MAX_W, memory_power_w, memory_source,
};
pub use settings::{EnergySettings, Grid};
pub use tdp::{CpuTdp, UnknownTdp, cpu_tdp};
