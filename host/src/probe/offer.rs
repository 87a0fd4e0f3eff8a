//! What a probe of the kernel's counters could read, and which part of that this machine lets it read.
//!
//! Which part is found by trying: every such probe looks at this very process once when it is opened.

use benchhost_record::{Basis, Direction, Extent, Metric, MetricKind, Reading};

use super::{Missing, Quantity};

/// One number that a probe of the kernel's counters reads where it can.
#[derive(Debug, Clone, Copy)]
pub(super) struct Offer {
    pub(super) name: &'static str,
    pub(super) unit: &'static str,
    pub(super) direction: Direction,
    pub(super) kind: MetricKind,
    pub(super) extent: Extent,
    pub(super) resolution: &'static str,
    pub(super) source: &'static str,
    /// Why a machine may not have it, and a way out.
    pub(super) absent: &'static str,
}

impl Offer {
    /// A count that explains other numbers: shown, not judged. Few context switches are no aim of their own.
    pub(super) const fn count(name: &'static str, unit: &'static str) -> Self {
        Self {
            name,
            unit,
            direction: Direction::Neither,
            kind: MetricKind::Count,
            extent: Extent::Amount,
            resolution: "1",
            source: "",
            absent: "",
        }
    }

    /// The quantity, as an instrument of the kernel says it.
    pub(super) fn quantity(&self) -> Quantity {
        Quantity {
            metric: Metric::new(self.name, self.unit, self.direction, self.kind),
            extent: self.extent,
            resolution: self.resolution.to_owned(),
            source: self.source.to_owned(),
            basis: Basis::Measured,
        }
    }
}

/// The value of each quantity by its name; `None` for what could not be read.
pub(super) type Values = Vec<(&'static str, Option<f64>)>;

/// What this machine lets a probe read, and what it does not.
#[derive(Debug)]
pub(super) struct Offers {
    pub(super) quantities: Vec<Quantity>,
    pub(super) missing: Vec<Missing>,
}

impl Offers {
    /// Splits `all` by whether a first look had a value.
    pub(super) fn split(all: &[Offer], first_look: &Values) -> Self {
        let has_value = |offer: &&Offer| value_of(first_look, offer.name).is_some();
        let (here, absent): (Vec<&Offer>, Vec<&Offer>) = all.iter().partition(has_value);
        Self {
            quantities: here.into_iter().map(Offer::quantity).collect(),
            missing: absent
                .into_iter()
                .map(|offer| Missing {
                    quantity: offer.name.to_owned(),
                    reason: offer.absent.to_owned(),
                })
                .collect(),
        }
    }

    /// The readings of a look; quantities without a value are left out.
    pub(super) fn readings(&self, values: &Values) -> Vec<Reading> {
        let readings = self.quantities.iter().filter_map(|quantity| {
            let value = value_of(values, &quantity.metric.name)?;
            Some(quantity.reads(value))
        });
        readings.collect()
    }
}

fn value_of(values: &Values, name: &str) -> Option<f64> {
    let (_, value) = values.iter().find(|(known, _)| *known == name)?;
    *value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_first_look_did_not_see_is_missing_with_its_reason() {
        let offer = |name| Offer {
            absent: "the kernel does not say",
            ..Offer::count(name, "things")
        };
        let offers = Offers::split(
            &[offer("a"), offer("b")],
            &vec![("a", Some(0.0)), ("b", None)],
        );

        let readings = offers.readings(&vec![("a", Some(3.0)), ("b", Some(9.0))]);

        assert_eq!(offers.missing[0].quantity, "b");
        assert_eq!(offers.missing[0].reason, "the kernel does not say");
        assert_eq!(readings.len(), 1);
        assert_eq!(
            (readings[0].value, readings[0].extent),
            (3.0, Extent::Amount)
        );
    }
}
