//! Families of samples, and the crate that writes them.

use std::{collections::BTreeMap, fmt};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, MetricEncoder, text},
    metrics::MetricType,
    registry::{Registry, Unit},
};

use super::{
    Form,
    name::{PREFIX, whole},
};

/// Labels of a sample, in the order they are written.
pub(super) type Labels = Vec<(&'static str, String)>;

/// What a family is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Numbers that go up and down.
    Gauge,
    /// Text in labels; its value is always 1.
    Info,
}

/// Samples of one name.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Family {
    /// Name without prefix and unit.
    pub(super) name: String,
    /// Unit; empty for plain numbers.
    pub(super) unit: String,
    /// One line about it. Ours: nothing of a plugin is in it.
    pub(super) help: &'static str,
    pub(super) kind: Kind,
    samples: BTreeMap<Labels, f64>,
}

impl Family {
    pub(super) fn new(name: impl Into<String>, unit: &str, help: &'static str) -> Self {
        Self {
            name: name.into(),
            unit: unit.to_owned(),
            help,
            kind: Kind::Gauge,
            samples: BTreeMap::new(),
        }
    }

    /// A family of text.
    pub(super) fn info(name: &str, help: &'static str) -> Self {
        Self {
            kind: Kind::Info,
            ..Self::new(name, "", help)
        }
    }

    /// Adds a sample; what is no number, or was said before, is left out.
    pub(super) fn push(&mut self, labels: Labels, value: f64) {
        if value.is_finite() {
            self.samples.entry(inert(labels)).or_insert(value);
        }
    }

    /// With one more sample.
    pub(super) fn with(mut self, labels: Labels, value: f64) -> Self {
        self.push(labels, value);
        self
    }
}

/// Control characters become visible: some of them end a text early for those who read it.
fn inert(mut labels: Labels) -> Labels {
    for (_, value) in &mut labels {
        if value.contains(|c: char| c.is_control() && c != '\n') {
            *value = value
                .chars()
                .map(|c| match c {
                    '\n' => c.to_string(),
                    c if c.is_control() => c.escape_default().to_string(),
                    c => c.to_string(),
                })
                .collect();
        }
    }
    labels
}

/// Families in the order they are written.
#[derive(Debug)]
struct Families {
    all: Vec<Family>,
    form: Form,
}

/// The text of the families that have samples.
pub(super) fn text(all: Vec<Family>, form: Form) -> String {
    let mut registry = Registry::default();
    registry.register_collector(Box::new(Families { all, form }));
    let mut written = String::new();
    let done = match form {
        Form::OpenMetrics => text::encode(&mut written, &registry),
        Form::Prometheus => text::encode_registry(&mut written, &registry),
    };
    done.expect("writing into memory does not fail");
    written
}

impl Collector for Families {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let with_samples = self.all.iter().filter(|family| !family.samples.is_empty());
        for family in with_samples {
            let name = format!("{PREFIX}_{}", family.name);
            match self.form {
                Form::OpenMetrics => open_metrics(&mut encoder, family, &name)?,
                Form::Prometheus => prometheus(&mut encoder, family, &name)?,
            }
        }
        Ok(())
    }
}

fn open_metrics(
    encoder: &mut DescriptorEncoder<'_>,
    family: &Family,
    name: &str,
) -> Result<(), fmt::Error> {
    let unit = (!family.unit.is_empty()).then(|| Unit::Other(family.unit.clone()));
    let kind = match family.kind {
        Kind::Gauge => MetricType::Gauge,
        Kind::Info => MetricType::Info,
    };
    let mut metric = encoder.encode_descriptor(name, family.help, unit.as_ref(), kind)?;
    for (labels, value) in &family.samples {
        match family.kind {
            Kind::Gauge => gauge(&mut metric, labels, value)?,
            Kind::Info => metric.encode_info(labels)?,
        }
    }
    Ok(())
}

/// The older form knows neither units nor families of text: the name says it all, and text is a gauge.
fn prometheus(
    encoder: &mut DescriptorEncoder<'_>,
    family: &Family,
    name: &str,
) -> Result<(), fmt::Error> {
    let name = match family.kind {
        Kind::Gauge => whole(name, &family.unit),
        Kind::Info => format!("{name}_info"),
    };
    let mut metric = encoder.encode_descriptor(&name, family.help, None, MetricType::Gauge)?;
    for (labels, value) in &family.samples {
        gauge(&mut metric, labels, value)?;
    }
    Ok(())
}

fn gauge(metric: &mut MetricEncoder<'_>, labels: &Labels, value: &f64) -> Result<(), fmt::Error> {
    if labels.is_empty() {
        return metric.encode_gauge(value);
    }
    metric.encode_family(labels)?.encode_gauge(value)
}
