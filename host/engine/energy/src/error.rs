//! What can be wrong with the settings of energy and carbon.

/// Why settings cannot be used. Each sentence names the key, what was found and what was expected.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A country that the table does not have.
    #[error(
        "`country` is `{found}`, which is no country of the table{}; \
         give a code of ISO 3166 (`FRA`, `FR`), an English name, or `carbon-intensity-g-per-kwh` itself", meant(.close)
    )]
    UnknownCountry {
        /// What was given.
        found: String,
        /// What was probably meant, best first; may be empty.
        close: Vec<String>,
    },
    /// A cloud region that the table does not have.
    #[error(
        "`region` is `{found}`, which is no cloud region of the table{}; \
         the table has those of {providers} alone: give `country`, or `carbon-intensity-g-per-kwh` itself", meant(.close)
    )]
    UnknownRegion {
        /// What was given.
        found: String,
        /// What was probably meant, best first; may be empty.
        close: Vec<String>,
        /// Providers that the table has.
        providers: String,
    },
    /// A region of another country than the one given beside it.
    #[error(
        "`region` `{region}` lies in {of_region}, `country` is {country}: leave one of them out"
    )]
    RegionElsewhere {
        /// The region as given.
        region: String,
        /// The country it lies in.
        of_region: String,
        /// The country as given.
        country: String,
    },
    /// An overhead of the building below nothing.
    #[error(
        "`pue` is {found}, expected 1 or more: it is the energy of the whole building divided by that of its computers"
    )]
    Pue {
        /// What was given.
        found: f64,
    },
    /// A grid that takes carbon out of the air, or no number.
    #[error("`carbon-intensity-g-per-kwh` is {found}, expected 0 or more")]
    Intensity {
        /// What was given.
        found: f64,
    },
    /// A CPU without heat, or no number.
    #[error(
        "`tdp-w` is {found}, expected more than 0: the thermal design power of one socket in watts"
    )]
    Tdp {
        /// What was given.
        found: f64,
    },
}

fn meant(close: &[String]) -> String {
    if close.is_empty() {
        return String::new();
    }
    let names: Vec<String> = close.iter().map(|name| format!("`{name}`")).collect();
    format!(" (did you mean {}?)", names.join(" or "))
}
