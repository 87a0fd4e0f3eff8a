//! One benchmark of a results file: all its combinations of parameters.

use std::collections::BTreeMap;

use benchhost_record::{Direction, MetricKind, names};

use crate::{
    Entry, Error, Import, case,
    json::{Json, Node},
    unit,
};

/// What both versions of the file come to.
pub(super) struct Combinations<'a> {
    /// One element per combination; `None` when the benchmark failed as a whole.
    values: Option<Vec<Node<'a>>>,
    /// Values of each parameter, as asv writes them.
    params: Vec<Vec<String>>,
    low: Option<Node<'a>>,
    high: Option<Node<'a>>,
    repeat: Option<Node<'a>>,
    samples: Option<Node<'a>>,
    /// Version 1 keeps its statistics per combination.
    stats: Option<Node<'a>>,
}

/// A list by the names in `result_columns`; null columns at its end are left out.
pub(super) fn of_columns<'a>(node: &Node<'a>, columns: &[&str]) -> Result<Combinations<'a>, Error> {
    let mut fields: BTreeMap<&str, Node<'a>> = BTreeMap::new();
    for (name, field) in columns.iter().zip(node.items()?) {
        if *field.json() != Json::Null {
            fields.insert(name, field);
        }
    }
    let values = fields.remove("result");
    Ok(Combinations {
        values: values
            .map(|list| Ok::<_, Error>(list.items()?.collect()))
            .transpose()?,
        params: fields.get("params").map_or(Ok(Vec::new()), params)?,
        low: fields.remove("stats_ci_99_a"),
        high: fields.remove("stats_ci_99_b"),
        repeat: fields.remove("stats_repeat"),
        samples: fields.remove("samples"),
        stats: None,
    })
}

/// A number, null, or `{params, result, stats}`.
pub(super) fn of_version_1<'a>(node: &Node<'a>) -> Result<Combinations<'a>, Error> {
    let is_object = matches!(node.json(), Json::Object(_));
    let result = if is_object {
        node.find("result")
    } else {
        Some(node.clone())
    };
    let values = match result {
        Some(list) if matches!(list.json(), Json::Array(_)) => Some(list.items()?.collect()),
        other => other
            .filter(|one| *one.json() != Json::Null)
            .map(|one| vec![one]),
    };
    Ok(Combinations {
        values,
        params: node
            .find("params")
            .as_ref()
            .map_or(Ok(Vec::new()), params)?,
        low: None,
        high: None,
        repeat: None,
        samples: node.find("samples"),
        stats: node.find("stats"),
    })
}

fn params(node: &Node<'_>) -> Result<Vec<Vec<String>>, Error> {
    let texts = |axis: Node<'_>| {
        axis.items()?
            .map(|value| Ok(value.text()?.to_owned()))
            .collect()
    };
    node.items()?.map(texts).collect()
}

/// Combinations above this are no results file.
const MOST_COMBINATIONS: usize = 1_000_000;

impl Combinations<'_> {
    /// Adds one entry per combination of the benchmark `name`.
    pub(super) fn push(
        &self,
        name: &str,
        node: &Node<'_>,
        benchmark: Option<&Node<'_>>,
        into: &mut Import,
    ) -> Result<(), Error> {
        let combinations = self
            .params
            .iter()
            .try_fold(1_usize, |n, axis| n.checked_mul(axis.len()));
        let combinations = combinations.filter(|n| *n <= MOST_COMBINATIONS);
        let combinations =
            combinations.ok_or_else(|| node.wrong("at most a million combinations"))?;
        if self
            .values
            .as_ref()
            .is_some_and(|values| values.len() != combinations)
        {
            return Err(node.wrong("one result for each combination of parameters"));
        }
        let axes = axis_names(benchmark, self.params.len());
        let (metric, unit, direction, kind) = metric(name, benchmark)?;
        if self.values.is_none() {
            into.skip(node.place(), format!("`{name}` failed"));
        }
        for index in 0..combinations {
            let mut rest = index;
            let mut params = BTreeMap::new();
            for (axis, values) in axes.iter().zip(&self.params).rev() {
                params.insert(axis.clone(), values[rest % values.len()].clone());
                rest /= values.len();
            }
            let case = case::named(name, &params);
            let mut entry = Entry::new(case, &metric, None).of(&unit.name, direction, kind);
            if let Some(values) = &self.values {
                let value = &values[index];
                entry.value = value.value()?.map(|value| unit.convert(value));
                match value.json() {
                    Json::Null => into.skip(value.place(), format!("`{}` failed", entry.case)),
                    Json::Number(number) if !number.is_finite() => {
                        into.skip(
                            value.place(),
                            format!("`{}` is {number}: skipped by asv", entry.case),
                        );
                    }
                    _ => {}
                }
            }
            self.add_statistics(index, &unit, &mut entry)?;
            entry.label("benchmark", Some(name.to_owned()));
            into.entries.push(entry);
        }
        Ok(())
    }

    fn add_statistics(
        &self,
        index: usize,
        unit: &unit::Unit,
        entry: &mut Entry,
    ) -> Result<(), Error> {
        let at = |list: &Option<Node<'_>>| match list {
            Some(list) => number_at(list, index),
            None => Ok(None),
        };
        let (mut low, mut high, mut n) = (at(&self.low)?, at(&self.high)?, at(&self.repeat)?);
        if let Some(stats) = &self.stats
            && let Some(stats) = stats.at(index)?
        {
            if let Some(interval) = stats.find("ci_99") {
                (low, high) = (number_at(&interval, 0)?, number_at(&interval, 1)?);
            }
            n = stats
                .find("repeat")
                .or_else(|| stats.find("n"))
                .map_or(Ok(None), |n| n.value())?;
        }
        entry.interval = low
            .zip(high)
            .map(|(low, high)| (unit.convert(low), unit.convert(high)));
        entry.n = n.map_or(1, |n| (n as u64).max(1));
        if let Some(samples) = &self.samples
            && let Some(samples) = samples.at(index)?.filter(|one| *one.json() != Json::Null)
        {
            entry.samples = samples
                .numbers()?
                .into_iter()
                .map(|value| unit.convert(value))
                .collect();
            entry.n = (entry.samples.len() as u64).max(1);
        }
        Ok(())
    }
}

/// A finite number of the list; `None` also where the list ends earlier.
fn number_at(list: &Node<'_>, index: usize) -> Result<Option<f64>, Error> {
    list.at(index)?.map_or(Ok(None), |number| number.value())
}

/// Names of the parameters; `param1` and so on when benchmarks.json has none.
fn axis_names(benchmark: Option<&Node<'_>>, count: usize) -> Vec<String> {
    let named = benchmark.and_then(|benchmark| benchmark.find("param_names"));
    let named: Vec<String> = named
        .and_then(|names| {
            Some(
                names
                    .items()
                    .ok()?
                    .filter_map(|name| name.scalar())
                    .collect(),
            )
        })
        .unwrap_or_default();
    if named.len() == count {
        return named;
    }
    (1..=count).map(|index| format!("param{index}")).collect()
}

fn metric(
    name: &str,
    benchmark: Option<&Node<'_>>,
) -> Result<(String, unit::Unit, Direction, MetricKind), Error> {
    let text = |key| match benchmark.and_then(|benchmark| benchmark.find(key)) {
        Some(node) => node.text().map(Some),
        None => Ok(None),
    };
    let last = name.rsplit('.').next().unwrap_or(name);
    let by_name = match last.split_once('_').map_or("", |(start, _)| start) {
        "time" | "timeraw" => "time",
        "mem" => "memory",
        "peakmem" => "peakmemory",
        _ => "track",
    };
    let type_ = text("type")?.unwrap_or(by_name);
    let (metric, unit) = match type_ {
        "time" | "timeraw" => (names::TIME, "seconds"),
        "memory" => ("memory", "bytes"),
        "peakmemory" => (names::PEAK_MEMORY, "bytes"),
        _ => ("value", ""),
    };
    let unit = unit::read(text("unit")?.unwrap_or(unit));
    let direction = match metric {
        "value" => Direction::Neither,
        _ => Direction::Lower,
    };
    let kind = unit.kind;
    Ok((metric.to_owned(), unit, direction, kind))
}
