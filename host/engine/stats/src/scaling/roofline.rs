//! How far a workload is from what the machine could do at most.

use benchhost_record::{Bound, Roofline, RooflineUnit};

use super::refused::Refused;

/// The largest rates of a machine, measured; absent where they were not.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Peaks {
    /// Floating-point operations a second.
    pub flop_per_s: Option<f64>,
    /// Bytes a second between memory and processor.
    pub bytes_per_s: Option<f64>,
}

/// Where a workload stands under the roofs of a machine.
///
/// `flop`, `bytes`: the work that was declared, done in `seconds`. With both known and both peaks, the ceiling is
/// min(peak FLOP/s, FLOP/bytes · peak B/s). With less there is one roof to compare with, and `bound` names it: it says
/// what was compared, not that the other roof is higher. Bytes alone are compared in B/s. A share above 1 is not an
/// error: caches deliver more than the memory behind them.
///
/// # Errors
/// [`Refused::NotAnAmount`] for a number that is not finite and above 0, [`Refused::NoRoof`] where no work has its peak,
/// [`Refused::NoSolution`] where a rate leaves the range of floating-point numbers.
///
/// Source: Williams, Waterman & Patterson (2009), Communications of the ACM 52(4), 65–76.
pub fn roofline(
    flop: Option<f64>,
    bytes: Option<f64>,
    seconds: f64,
    peaks: Peaks,
) -> Result<Roofline, Refused> {
    for (what, found) in [
        ("work in FLOP", flop),
        ("work in bytes", bytes),
        ("the time in s", Some(seconds)),
        ("the peak in FLOP/s", peaks.flop_per_s),
        ("the peak in B/s", peaks.bytes_per_s),
    ] {
        if let Some(found) = found
            && !(found.is_finite() && found > 0.0)
        {
            return Err(Refused::NotAnAmount { what, found });
        }
    }
    let intensity = flop.zip(bytes).map(|(flop, bytes)| flop / bytes);
    let compute = flop.and(peaks.flop_per_s);
    let memory = intensity
        .zip(peaks.bytes_per_s)
        .map(|(intensity, peak)| intensity * peak);
    let (work, unit, ceiling, bound) = match (flop, compute, memory) {
        (Some(flop), Some(compute), Some(memory)) if memory < compute => {
            (flop, RooflineUnit::FlopPerS, memory, Bound::Memory)
        }
        (Some(flop), Some(compute), _) => (flop, RooflineUnit::FlopPerS, compute, Bound::Compute),
        (Some(flop), None, Some(memory)) => (flop, RooflineUnit::FlopPerS, memory, Bound::Memory),
        _ => {
            let (bytes, peak) = bytes.zip(peaks.bytes_per_s).ok_or(Refused::NoRoof)?;
            (bytes, RooflineUnit::BytesPerS, peak, Bound::Memory)
        }
    };
    let achieved = work / seconds;
    let roofline = Roofline {
        intensity,
        ridge: peaks
            .flop_per_s
            .zip(peaks.bytes_per_s)
            .map(|(flop, bytes)| flop / bytes),
        bound,
        unit,
        ceiling,
        achieved,
        share: achieved / ceiling,
    };
    let numbers = [
        Some(ceiling),
        Some(achieved),
        Some(roofline.share),
        intensity,
        roofline.ridge,
    ];
    let is_finite = numbers.iter().flatten().all(|x| x.is_finite() && *x > 0.0);
    is_finite.then_some(roofline).ok_or(Refused::NoSolution)
}
