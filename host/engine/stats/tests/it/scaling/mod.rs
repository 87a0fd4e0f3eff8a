//! What is promised about scaling laws: golden numbers, rates over simulated series, properties, refusals.

mod golden;
mod properties;
mod rates;
mod refusals;
mod simulated;
