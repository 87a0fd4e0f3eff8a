//! The promises of the package, tested from outside: golden numbers, properties, and rates.

mod comparison;
mod coverage;
mod golden;
mod properties;
mod window;
