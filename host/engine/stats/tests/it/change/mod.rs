//! What is promised about change points: properties of all series, rates of simulated ones, shapes that are known.

mod extremes;
mod properties;
mod rates;
mod series;
mod shapes;
