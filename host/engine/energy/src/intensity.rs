//! How much carbon a kilowatt-hour costs, by country or cloud region.

use std::{collections::BTreeMap, sync::LazyLock};

use crate::Error;

/// Mean of the world's grids, g CO2e/kWh, for when nobody said where the machine stands.
///
/// Source: International Energy Agency, Global Energy & CO2 Status Report 2019, which codecarbon uses as well.
pub const WORLD_G_PER_KWH: f64 = 475.0;

/// Names that are at least this alike (Jaro-Winkler) are proposed when a name is unknown.
const ALIKE: f64 = 0.75;

/// At most so many names are proposed.
const PROPOSALS: usize = 3;

/// Carbon intensity of the electricity of one place.
#[derive(Debug, Clone, PartialEq)]
pub struct CarbonIntensity {
    /// Grams of CO2 equivalent for a kilowatt-hour, over the life of the power stations.
    pub g_per_kwh: f64,
    /// Year the number is of; `None` for cloud regions, whose table does not say.
    pub year: Option<u16>,
    /// Name of the country, or region and town.
    pub place: String,
    /// Three-letter code of the country.
    pub iso3: String,
    /// Which table says so.
    pub table: &'static str,
}

impl CarbonIntensity {
    /// `380.95 g CO2e/kWh, Germany 2023 (codecarbon, by country)`.
    #[must_use]
    pub fn source(&self) -> String {
        let year = self
            .year
            .map_or_else(|| ", year not stated".to_owned(), |year| format!(" {year}"));
        let (g_per_kwh, place, table) = (self.g_per_kwh, &self.place, self.table);
        format!("{g_per_kwh} g CO2e/kWh, {place}{year} ({table})")
    }
}

/// Carbon intensity of a country: code of ISO 3166 with two or three letters, or the English name, in any case. Takes
/// cloud regions (`gcp:europe-west1`) as well.
///
/// # Errors
/// [`Error::UnknownCountry`] or [`Error::UnknownRegion`] with what is spelt most alike.
pub fn carbon_intensity(country: &str) -> Result<CarbonIntensity, Error> {
    if country.contains(':') {
        return carbon_intensity_of_region(country);
    }
    let wanted = country.trim().to_lowercase();
    let by_name = || {
        let mut all = COUNTRIES.values();
        all.find(|row| row.place.to_lowercase() == wanted)
    };
    let by_code = |code: &str| COUNTRIES.get(&code.to_uppercase());
    let by_short_code = || by_code(ISO3_OF_ISO2.get(&wanted.to_uppercase())?);
    by_code(&wanted)
        .or_else(by_short_code)
        .or_else(by_name)
        .cloned()
        .ok_or_else(|| Error::UnknownCountry {
            found: country.to_owned(),
            close: closest(&wanted, COUNTRIES.values().map(|row| row.place.as_str())),
        })
}

/// Carbon intensity of a cloud region as `provider:region`, in any case.
///
/// # Errors
/// [`Error::UnknownRegion`] with what is spelt most alike.
pub fn carbon_intensity_of_region(region: &str) -> Result<CarbonIntensity, Error> {
    let wanted = region.trim().to_lowercase();
    REGIONS.get(&wanted).cloned().ok_or_else(|| {
        let providers = REGIONS.keys().filter_map(|key| key.split(':').next());
        let mut providers: Vec<String> = providers.map(|name| format!("`{name}`")).collect();
        providers.dedup();
        Error::UnknownRegion {
            found: region.to_owned(),
            close: closest(&wanted, REGIONS.keys().map(String::as_str)),
            providers: providers.join(", "),
        }
    })
}

fn closest<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut scored: Vec<(f64, &str)> = names
        .map(|name| (strsim::jaro_winkler(wanted, &name.to_lowercase()), name))
        .filter(|(score, _)| *score >= ALIKE)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    let best = scored.into_iter().take(PROPOSALS);
    best.map(|(_, name)| name.to_owned()).collect()
}

/// Countries by three-letter code.
static COUNTRIES: LazyLock<BTreeMap<String, CarbonIntensity>> = LazyLock::new(|| {
    let rows = rows(include_str!("../tables/grid_carbon_intensity.csv"));
    let entry = |row: csv::StringRecord| {
        let intensity = CarbonIntensity {
            g_per_kwh: row[2].parse().expect("a number, tested"),
            year: Some(row[3].parse().expect("a year, tested")),
            place: row[1].to_owned(),
            iso3: row[0].to_owned(),
            table: "codecarbon, by country",
        };
        (row[0].to_owned(), intensity)
    };
    rows.map(entry).collect()
});

/// Three-letter codes by two-letter codes. `UK` is set aside for the United Kingdom by ISO 3166 without being its code.
static ISO3_OF_ISO2: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let rows = rows(include_str!("../tables/country_codes.csv"));
    let mut codes: BTreeMap<_, _> = rows
        .map(|row| (row[0].to_owned(), row[1].to_owned()))
        .collect();
    codes.insert("UK".to_owned(), "GBR".to_owned());
    codes
});

/// Cloud regions by `provider:region`. What a provider buys to offset its carbon changes nothing in the grid, so that
/// column is not used.
static REGIONS: LazyLock<BTreeMap<String, CarbonIntensity>> = LazyLock::new(|| {
    let rows = rows(include_str!("../tables/cloud_region_impact.csv"));
    let entry = |row: csv::StringRecord| {
        let name = format!("{}:{}", &row[0], &row[3]);
        let intensity = CarbonIntensity {
            g_per_kwh: row[9].parse().expect("a number, tested"),
            year: None,
            place: format!("{name} in {}, {}", &row[8], &row[5]),
            iso3: row[6].to_owned(),
            table: "codecarbon, by cloud region",
        };
        (name, intensity)
    };
    rows.map(entry).collect()
});

fn rows(table: &'static str) -> impl Iterator<Item = csv::StringRecord> {
    let reader = csv::Reader::from_reader(table.as_bytes());
    reader
        .into_records()
        .map(|row| row.expect("the embedded tables are well-formed, tested"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_is_found_by_either_code_and_by_name_in_any_case() {
        for written in ["DEU", "deu", "DE", "de", "Germany", "germany", " GERMANY "] {
            let found = carbon_intensity(written).unwrap();

            assert_eq!(
                (found.g_per_kwh, found.year),
                (380.95, Some(2023)),
                "{written}"
            );
            assert_eq!(
                found.source(),
                "380.95 g CO2e/kWh, Germany 2023 (codecarbon, by country)"
            );
        }
    }

    #[test]
    fn codes_that_look_alike_are_kept_apart() {
        let iso3 = |code| carbon_intensity(code).unwrap().iso3;

        for (short, long) in [
            ("CH", "CHE"),
            ("CN", "CHN"),
            ("AT", "AUT"),
            ("AU", "AUS"),
            ("SE", "SWE"),
            ("SV", "SLV"),
            ("IE", "IRL"),
            ("UA", "UKR"),
            ("UK", "GBR"),
            ("GB", "GBR"),
            ("CD", "COD"),
            ("CG", "COG"),
            ("KP", "PRK"),
            ("KR", "KOR"),
        ] {
            assert_eq!(iso3(short), long);
        }
    }

    #[test]
    fn every_row_of_every_table_is_read_and_has_a_code_of_two_letters() {
        assert_eq!((COUNTRIES.len(), REGIONS.len()), (213, 40));
        // 213 codes and `UK`.
        assert_eq!(ISO3_OF_ISO2.len(), 214);
        assert!(
            ISO3_OF_ISO2
                .values()
                .all(|iso3| COUNTRIES.contains_key(iso3))
        );
        for row in COUNTRIES.values().chain(REGIONS.values()) {
            // Turkmenistan is the largest.
            assert!((0.0..1400.0).contains(&row.g_per_kwh), "{row:?}");
            assert!(row.iso3.len() == 3 && !row.place.is_empty(), "{row:?}");
            assert!(row.year.is_none_or(|year| (2009..=2023).contains(&year)));
        }
    }

    #[test]
    fn a_cloud_region_is_found_and_says_that_its_year_is_unknown() {
        let found = carbon_intensity("GCP:europe-west1").unwrap();

        assert_eq!((found.g_per_kwh, found.iso3.as_str()), (122.0, "BEL"));
        assert_eq!(
            found.source(),
            "122 g CO2e/kWh, gcp:europe-west1 in St. Ghislain, Belgium, year not stated (codecarbon, by cloud region)"
        );
    }

    #[test]
    fn what_is_unknown_gets_the_closest_names_and_a_way_out() {
        let of = |place| carbon_intensity(place).unwrap_err().to_string();

        assert!(of("Germny").starts_with(
            "`country` is `Germny`, which is no country of the table (did you mean `Germany`"
        ));
        assert!(of("Germny").ends_with(
            "give a code of ISO 3166 (`FRA`, `FR`), an English name, or `carbon-intensity-g-per-kwh` itself"
        ));
        assert!(of("qqq").contains("is no country of the table; give"));
        assert!(of("aws:eu-west-1").contains("has those of `gcp` alone"));
        assert!(of("gcp:europe-west11").contains("did you mean `gcp:europe-west1`"));
    }
}
