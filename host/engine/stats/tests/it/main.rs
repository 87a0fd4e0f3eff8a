//! The promises of the package, tested from outside: golden numbers, properties, and rates.

mod change;
mod comparison;
mod coverage;
mod golden;
mod history;
mod properties;
mod scaling;
mod window;
