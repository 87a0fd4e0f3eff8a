//! From values to places on an axis: how far it reaches, where round numbers are, how they are written.

use benchhost_record::format_quantity;

use crate::{figure::AxisOf, label};

/// Values that are farther apart than this are shown by their logarithms.
const TWO_DECADES: f64 = 100.0;
/// Values that differ by less than this part are noise to the eye, and would have equal labels of four figures.
const LEAST_PART: f64 = 0.01;
/// Labels that an axis has about.
const LABELS: f64 = 5.0;
/// Labels that an axis has at most.
const MOST_LABELS: f64 = 40.0;
/// What is nearer to zero than this is drawn as zero, and what is farther than [`LARGEST`] at that: beyond, floats have no
/// room for round numbers.
const SMALLEST: f64 = 1e-280;
const LARGEST: f64 = 1e300;

/// An axis that is ready to be drawn. Places are values, or their logarithms to base 10.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Scale {
    pub(crate) is_log: bool,
    /// First and last place.
    pub(crate) ends: (f64, f64),
    /// Places with labels.
    pub(crate) ticks: Vec<f64>,
    unit: String,
}

impl Scale {
    /// An axis for `values`, of which only finite ones count.
    pub(crate) fn new(of: &AxisOf, values: impl Iterator<Item = f64>) -> Self {
        let finite = values.filter(|value| value.is_finite());
        let values: Vec<f64> = finite.map(drawable).collect();
        let low = values.iter().copied().fold(f64::INFINITY, f64::min);
        let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let (low, high) = if low <= high { (low, high) } else { (0.0, 1.0) };
        let is_log = low > 0.0 && high > low && (of.is_log || high / low > TWO_DECADES);
        let mut scale = if is_log {
            Self::logarithmic(low, high, &of.unit)
        } else {
            Self::linear(low, high, of)
        };
        if !of.at.is_empty() {
            scale.ticks = of.at.iter().map(|value| scale.place(*value)).collect();
        }
        scale
    }

    fn linear(low: f64, high: f64, of: &AxisOf) -> Self {
        let (mut low, mut high) = match of.from_zero {
            true => (low.min(0.0), high.max(0.0)),
            false => (low, high),
        };
        let least = LEAST_PART * high.abs().max(low.abs());
        if high - low <= least {
            // Equal values need some room, and near ones labels that differ.
            let room = if least == 0.0 { 1.0 } else { least };
            let middle = f64::midpoint(low, high);
            (low, high) = (middle - room, middle + room);
        } else {
            let room = (high - low) * 0.06;
            if !(of.from_zero && low == 0.0) {
                low -= room;
            }
            if !(of.from_zero && high == 0.0) {
                high += room;
            }
        }
        let step = round_step(
            (high - low) / LABELS,
            grain(&of.unit, low.abs().max(high.abs())),
        );
        Self {
            is_log: false,
            ends: (low, high),
            ticks: multiples(low, high, step),
            unit: of.unit.clone(),
        }
    }

    fn logarithmic(low: f64, high: f64, unit: &str) -> Self {
        let (from, to) = (low.log10(), high.log10());
        let span = to - from;
        let room = match span {
            span if span < LEAST_PART => LEAST_PART,
            span if span < 0.1 => span * 0.5,
            span => span * 0.08,
        };
        let ends = (from - room, to + room);
        if is_binary(unit) {
            return Self::binary(ends, unit).or_even();
        }
        let decades = ends.1 - ends.0;
        let steps: &[f64] = match decades {
            d if d < 1.2 => &[1.0, 2.0, 3.0, 5.0, 7.0],
            d if d < 2.6 => &[1.0, 2.0, 5.0],
            _ => &[1.0],
        };
        let every = (decades / 7.0).ceil().max(1.0) as i32;
        let exponents = (ends.0.floor() as i32..=ends.1.ceil() as i32).filter(|n| n % every == 0);
        let ticks =
            exponents.flat_map(|n| steps.iter().map(move |step| f64::from(n) + step.log10()));
        let scale = Self {
            is_log: true,
            ends,
            ticks: ticks.filter(|at| ends.0 <= *at && *at <= ends.1).collect(),
            unit: unit.to_owned(),
        };
        scale.or_even()
    }

    /// Values that are near each other have hardly a power between them: then even steps are labelled.
    fn or_even(mut self) -> Self {
        if self.ticks.len() < 2 {
            let (low, high) = (10_f64.powf(self.ends.0), 10_f64.powf(self.ends.1));
            let step = round_step((high - low) / LABELS, grain(&self.unit, high));
            let steps = multiples(low, high, step).into_iter();
            self.ticks = steps.filter(|at| *at > 0.0).map(f64::log10).collect();
        }
        self
    }

    /// Powers of two, which are round numbers of bytes.
    fn binary(ends: (f64, f64), unit: &str) -> Self {
        let two = 2_f64.log10();
        let (first, last) = ((ends.0 / two).ceil() as i32, (ends.1 / two).floor() as i32);
        let every = ((ends.1 - ends.0) / two / LABELS).round().max(1.0) as i32;
        let powers = (first..=last).filter(|power| power % every == 0);
        Self {
            is_log: true,
            ends,
            ticks: powers.map(|power| f64::from(power) * two).collect(),
            unit: unit.to_owned(),
        }
    }

    /// Where a value is.
    pub(crate) fn place(&self, value: f64) -> f64 {
        let value = drawable(value);
        let place = if self.is_log { value.log10() } else { value };
        place.clamp(self.ends.0, self.ends.1)
    }

    /// Whether a value is on the axis.
    pub(crate) fn holds(&self, value: f64) -> bool {
        let place = if self.is_log { value.log10() } else { value };
        self.ends.0 < place && place < self.ends.1
    }

    /// How a place is written.
    pub(crate) fn text(&self, place: f64) -> String {
        let value = if self.is_log {
            10_f64.powf(place)
        } else {
            place
        };
        tick_text(value, &self.unit)
    }
}

/// A number on an axis whose title says the unit, when that is none of those with a short sign.
fn tick_text(value: f64, unit: &str) -> String {
    // A step is the difference of two numbers: what is left of it at zero is no number to show.
    let value = if value.abs() < 1e-12 { 0.0 } else { value };
    match unit {
        _ if label::is_on_axis(unit) => format_quantity(value, unit),
        "%" => format!("{} %", format_quantity(value, "1")),
        "×" => format!("{}×", format_quantity(value, "1")),
        _ if unit.ends_with("/s") => {
            let text = format_quantity(value, "/s");
            text.trim_end_matches("/s").trim_end().to_owned()
        }
        _ => format_quantity(value, "1"),
    }
}

/// A value with its unit beside a mark.
pub(crate) fn quantity(value: f64, unit: &str) -> String {
    format_quantity(value, &label::unit(unit))
}

fn is_binary(unit: &str) -> bool {
    matches!(unit, "B" | "B/s")
}

/// What round numbers of a unit are multiples of: bytes are counted in powers of 1024.
fn grain(unit: &str, largest: f64) -> f64 {
    match unit {
        "B" | "B/s" => 1024_f64.powi((largest.max(1.0).log2() / 10.0).floor() as i32),
        _ => 1.0,
    }
}

/// `value`, where an axis can be made for it.
fn drawable(value: f64) -> f64 {
    if value.abs() < SMALLEST {
        return 0.0;
    }
    value.clamp(-LARGEST, LARGEST)
}

/// The multiples of `step` from `low` to `high`; none when they are too many to be labels.
fn multiples(low: f64, high: f64, step: f64) -> Vec<f64> {
    let (first, last) = ((low / step).ceil(), (high / step).floor());
    let is_few = (0.0..=MOST_LABELS).contains(&(last - first));
    if !is_few || first.abs() > 1e15 {
        return Vec::new();
    }
    let (first, last) = (first as i64, last as i64);
    (first..=last).map(|n| n as f64 * step).collect()
}

/// The round number next above `raw`: 1, 2 or 5 with zeros, of `grain`.
fn round_step(raw: f64, grain: f64) -> f64 {
    let raw = raw / grain;
    let magnitude = 10_f64.powf(raw.log10().floor());
    let digit = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .find(|digit| raw <= digit * magnitude * 1.000_001);
    digit.unwrap_or(10.0) * magnitude * grain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(of: &AxisOf, values: &[f64]) -> Vec<String> {
        let scale = Scale::new(of, values.iter().copied());
        scale.ticks.iter().map(|at| scale.text(*at)).collect()
    }

    fn axis(unit: &str, from_zero: bool) -> AxisOf {
        AxisOf {
            unit: unit.to_owned(),
            from_zero,
            ..AxisOf::default()
        }
    }

    #[test]
    fn labels_are_round_numbers_with_units() {
        assert_eq!(
            texts(&axis("ns", true), &[3.7e6]),
            ["0 ns", "1 ms", "2 ms", "3 ms"]
        );
        assert_eq!(
            texts(&axis("B", true), &[700.0 * 1024.0 * 1024.0]),
            ["0 B", "200 MiB", "400 MiB", "600 MiB"]
        );
        assert_eq!(
            texts(&axis("samples/s", true), &[2.1e4]),
            ["0", "5 k", "10 k", "15 k", "20 k"]
        );
    }

    #[test]
    fn values_more_than_two_decades_apart_have_a_logarithmic_axis() {
        let far = Scale::new(&axis("ns", true), [10.0, 1e6].into_iter());
        let near = Scale::new(&axis("ns", true), [10.0, 900.0].into_iter());

        assert!(far.is_log && !near.is_log);
        let texts: Vec<String> = far.ticks.iter().map(|at| far.text(*at)).collect();
        assert_eq!(
            texts,
            ["10 ns", "100 ns", "1 µs", "10 µs", "100 µs", "1 ms"]
        );
    }

    #[test]
    fn a_logarithmic_axis_of_near_values_has_labels_too() {
        let mebi = 1_048_576.0;
        for (unit, values) in [("ns", [120.0, 123.0]), ("B", [20.2 * mebi, 20.7 * mebi])] {
            let of = AxisOf {
                unit: unit.to_owned(),
                is_log: true,
                ..AxisOf::default()
            };
            let texts = texts(&of, &values);
            assert!((2..8).contains(&texts.len()), "{texts:?}");
        }
    }

    #[test]
    fn labels_of_an_axis_differ_however_near_its_values_are() {
        for (unit, low, high) in [
            ("ns", 120.85, 120.93),
            ("B", 21_380_000.0, 21_380_100.0),
            ("1", 5.0, 5.0),
        ] {
            for is_log in [false, true] {
                let of = AxisOf {
                    is_log,
                    ..axis(unit, false)
                };
                let texts = texts(&of, &[low, high]);
                let mut different = texts.clone();
                different.dedup();
                assert!(texts.len() >= 2 && different == texts, "{texts:?}");
            }
        }
    }

    #[test]
    fn odd_values_have_an_axis_too() {
        for values in [
            &[][..],
            &[0.0],
            &[5.0],
            &[-3.0, -3.0],
            &[f64::NAN, 1.0],
            &[-1.0, 1e300],
            &[1e-300, 1e300],
            &[5e-324],
            &[5e-324, 1e-323],
            &[-5e-324, 5e-324],
            &[5e-324, f64::MAX],
            &[f64::MIN, f64::MAX],
        ] {
            for from_zero in [false, true] {
                let scale = Scale::new(&axis("1", from_zero), values.iter().copied());
                assert!(scale.ends.0 < scale.ends.1, "{values:?} {scale:?}");
                assert!(
                    scale.ends.0.is_finite() && scale.ends.1.is_finite(),
                    "{scale:?}"
                );
                assert!(scale.ticks.len() < 40, "{scale:?}");
                for value in [5e-324, f64::MAX, -1.0] {
                    assert!(scale.place(value).is_finite(), "{value} {scale:?}");
                }
            }
        }
    }
}
