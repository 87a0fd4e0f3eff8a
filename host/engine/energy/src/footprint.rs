//! From joules to grams.

use crate::Grid;

/// A kilowatt-hour, J.
pub const JOULES_PER_KWH: f64 = 3.6e6;

/// Carbon of `energy_j` joules of computing, g CO2e: kWh × PUE × intensity.
///
/// `pue`: energy of the whole building divided by that of its computers (ISO/IEC 30134-2), 1 or more.
#[must_use]
pub fn carbon_of(energy_j: f64, grid: &Grid, pue: f64) -> f64 {
    energy_j / JOULES_PER_KWH * pue * grid.g_per_kwh
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carbon_is_kilowatt_hours_times_overhead_times_intensity() {
        let grid = Grid {
            g_per_kwh: 400.0,
            source: String::new(),
        };

        // Half a kilowatt-hour × 1.5 × 400 g.
        assert_eq!(carbon_of(1.8e6, &grid, 1.5), 300.0);
    }
}
