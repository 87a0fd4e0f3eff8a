//! `benchhost probe`: what can be read of this machine besides time, what a look costs, and why the rest does not work.
//!
//! Looks once at everything; the texts are made from that.

mod calibrate;
mod json;
mod machine;
mod text;

use anyhow::Context as _;
use benchhost_energy::EnergySettings;
use benchhost_record::{Environment, Overhead};

use super::Failure;
use crate::{
    cli::{ProbeArguments, ProbeFormat},
    exit,
    measure::SystemClock,
    probe::{self, Missing, Price, Quantity, Target, process::ProcessStat, registry},
    terminal,
};

/// Does what was typed.
///
/// # Errors
/// [`Failure`] when the text cannot be printed.
pub fn execute(arguments: &ProbeArguments) -> Result<u8, Failure> {
    if arguments.calibrate {
        return calibrate::execute(arguments);
    }
    let seen = Seen::now();
    let text = match arguments.format {
        ProbeFormat::Table => text::text(&seen),
        ProbeFormat::Json => json::json(&seen),
    };
    terminal::show(&text).context("cannot print")?;
    Ok(exit::FINE)
}

/// What there is to be shown.
struct Seen {
    probes: Vec<Working>,
    /// Names of probes that cannot be opened, and why.
    refused: Vec<(&'static str, String)>,
    /// Memory that the host took for opening them all and looking, bytes.
    resident_bytes: u64,
    environment: Environment,
    clock: Overhead,
}

/// A probe that can be opened here.
struct Working {
    name: &'static str,
    price: Price,
    fastest_poll_ns: Option<u64>,
    quantities: Vec<Quantity>,
    missing: Vec<Missing>,
}

impl Seen {
    fn now() -> Self {
        // The load is that of before this command.
        let environment = probe::environment::environment();
        let before_bytes = resident_bytes();
        let mut probes = Vec::new();
        let mut refused = Vec::new();
        for name in registry::NAMES {
            match registry::open(name, &EnergySettings::default()) {
                Ok(probe) => probes.push(Working::look(name, probe)),
                Err(reason) => refused.push((name, reason)),
            }
        }
        Self {
            probes,
            refused,
            resident_bytes: resident_bytes().saturating_sub(before_bytes),
            environment,
            clock: probe::clock::clock_cost(),
        }
    }
}

/// Resident memory of this process; 0 where it cannot be read.
fn resident_bytes() -> u64 {
    ProcessStat::read_resident(std::process::id()).unwrap_or(0)
}

impl Working {
    fn look(name: &'static str, mut probe: Box<dyn probe::Probe>) -> Self {
        let target = Target {
            pids: vec![std::process::id()],
            cpus: Vec::new(),
        };
        let price = probe::price(&mut *probe, &target, &SystemClock::start());
        Self {
            name,
            price,
            fastest_poll_ns: probe.fastest_poll_ns(),
            quantities: probe.quantities(),
            missing: probe.missing(),
        }
    }
}
