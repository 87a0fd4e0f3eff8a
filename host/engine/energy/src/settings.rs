//! What can be said about the place a machine stands in, and what follows for its electricity.

use crate::{
    Error,
    intensity::{WORLD_G_PER_KWH, carbon_intensity, carbon_intensity_of_region},
};

/// The table `[energy]` of a suite, as data.
#[derive(Debug, Clone, PartialEq)]
pub struct EnergySettings {
    /// Country: code of ISO 3166 with two or three letters, or English name.
    pub country: Option<String>,
    /// Cloud region as `provider:region`.
    pub region: Option<String>,
    /// Carbon intensity itself, g CO2e/kWh; goes before country and region.
    pub carbon_intensity_g_per_kwh: Option<f64>,
    /// Energy of the whole building divided by that of its computers, 1 or more.
    pub pue: f64,
    /// Thermal design power of one socket, W, for CPUs that the table does not know.
    pub tdp_w: Option<f64>,
}

impl Default for EnergySettings {
    /// Nothing is known, and the building is not counted.
    fn default() -> Self {
        Self {
            country: None,
            region: None,
            carbon_intensity_g_per_kwh: None,
            pue: 1.0,
            tdp_w: None,
        }
    }
}

/// The electricity of a place.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    /// Carbon of a kilowatt-hour, g CO2e.
    pub g_per_kwh: f64,
    /// Where the number comes from, with place and year: `380.95 g CO2e/kWh, Germany 2023 (codecarbon, by country)`.
    pub source: String,
}

impl EnergySettings {
    /// Checks all settings and finds the grid: the intensity itself, else that of the region, else of the country, else
    /// the world's mean, which the source then says.
    ///
    /// # Errors
    /// A sentence that names the key, what was found and what was expected.
    pub fn resolve(&self) -> Result<Grid, Error> {
        if !self.pue.is_finite() || self.pue < 1.0 {
            return Err(Error::Pue { found: self.pue });
        }
        if let Some(found) = self.tdp_w.filter(|tdp| !tdp.is_finite() || *tdp <= 0.0) {
            return Err(Error::Tdp { found });
        }
        // Read even when the intensity is given: a misspelt name would be shown beside the number for ever.
        let country = self.country.as_deref().map(carbon_intensity).transpose()?;
        let region = self.region.as_deref();
        let region = region.map(carbon_intensity_of_region).transpose()?;
        if let (Some(country), Some(region), Some(name)) = (&country, &region, &self.region)
            && country.iso3 != region.iso3
        {
            return Err(Error::RegionElsewhere {
                region: name.clone(),
                of_region: region.iso3.clone(),
                country: country.iso3.clone(),
            });
        }
        if let Some(g_per_kwh) = self.carbon_intensity_g_per_kwh {
            return stated(g_per_kwh);
        }
        Ok(region.or(country).map_or_else(world, |place| Grid {
            g_per_kwh: place.g_per_kwh,
            source: place.source(),
        }))
    }
}

fn stated(g_per_kwh: f64) -> Result<Grid, Error> {
    if !g_per_kwh.is_finite() || g_per_kwh < 0.0 {
        return Err(Error::Intensity { found: g_per_kwh });
    }
    Ok(Grid {
        g_per_kwh,
        source: format!("{g_per_kwh} g CO2e/kWh, as configured"),
    })
}

fn world() -> Grid {
    Grid {
        g_per_kwh: WORLD_G_PER_KWH,
        source: format!(
            "{WORLD_G_PER_KWH} g CO2e/kWh, mean of the world as a fallback: no `country` is configured"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(change: impl FnOnce(&mut EnergySettings)) -> EnergySettings {
        let mut settings = EnergySettings::default();
        change(&mut settings);
        settings
    }

    #[test]
    fn the_intensity_goes_before_the_region_and_the_region_before_the_country() {
        let mut all = settings(|s| {
            s.country = Some("BE".to_owned());
            s.region = Some("gcp:europe-west1".to_owned());
            s.carbon_intensity_g_per_kwh = Some(12.5);
        });

        assert_eq!(
            all.resolve().unwrap(),
            Grid {
                g_per_kwh: 12.5,
                source: "12.5 g CO2e/kWh, as configured".to_owned()
            }
        );
        all.carbon_intensity_g_per_kwh = None;
        assert_eq!(all.resolve().unwrap().g_per_kwh, 122.0);
        all.region = None;
        assert_eq!(all.resolve().unwrap().g_per_kwh, 138.107);
    }

    #[test]
    fn the_fallback_says_that_it_is_one() {
        let grid = EnergySettings::default().resolve().unwrap();

        assert_eq!(grid.g_per_kwh, 475.0);
        assert!(grid.source.contains("fallback") && grid.source.contains("`country`"));
    }

    #[test]
    fn impossible_settings_are_sentences() {
        let of =
            |change: fn(&mut EnergySettings)| settings(change).resolve().unwrap_err().to_string();

        assert!(of(|s| s.pue = 0.9).starts_with("`pue` is 0.9, expected 1 or more"));
        assert!(of(|s| s.pue = f64::NAN).starts_with("`pue` is NaN"));
        assert!(of(|s| s.tdp_w = Some(0.0)).starts_with("`tdp-w` is 0, expected more than 0"));
        assert_eq!(
            of(|s| s.carbon_intensity_g_per_kwh = Some(-1.0)),
            "`carbon-intensity-g-per-kwh` is -1, expected 0 or more"
        );
        assert!(of(|s| s.country = Some("Atlantis".to_owned())).contains("is no country"));
        assert!(of(|s| s.region = Some("france".to_owned())).contains("is no cloud region"));
        assert_eq!(
            of(|s| {
                s.country = Some("FR".to_owned());
                s.region = Some("gcp:europe-west1".to_owned());
            }),
            "`region` `gcp:europe-west1` lies in BEL, `country` is FRA: leave one of them out"
        );
    }
}
