//! From joules to grams, and both for one iteration or item.

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

/// Energy and carbon of something: of a case, an iteration, an item.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Footprint {
    /// Energy of the computers, without the building's, J.
    pub energy_j: f64,
    /// Carbon with the building's part, g CO2e.
    pub carbon_g: f64,
}

impl Footprint {
    /// What `energy_j` joules cost on `grid` with the building's overhead `pue`.
    #[must_use]
    pub fn of(energy_j: f64, grid: &Grid, pue: f64) -> Self {
        Self {
            energy_j,
            carbon_g: carbon_of(energy_j, grid, pue),
        }
    }

    /// The part of one of `count` iterations or items; `None` when there were none.
    #[must_use]
    pub fn per(self, count: f64) -> Option<Self> {
        (count > 0.0 && count.is_finite()).then(|| Self {
            energy_j: self.energy_j / count,
            carbon_g: self.carbon_g / count,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_footprint_is_kilowatt_hours_times_overhead_times_intensity() {
        let grid = Grid {
            g_per_kwh: 400.0,
            source: String::new(),
        };

        let case = Footprint::of(1.8e6, &grid, 1.5);

        // Half a kilowatt-hour × 1.5 × 400 g.
        assert_eq!(case.carbon_g, 300.0);
        let item = case.per(1000.0).unwrap();
        assert_eq!((item.energy_j, item.carbon_g), (1800.0, 0.3));
        assert_eq!(case.per(0.0), None);
    }
}
