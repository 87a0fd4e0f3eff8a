//! Reads `params`, `axes`, `zip`, `include` and `exclude` of a benchmark.

use benchhost_record::ParamValue;

use crate::{
    error::Error,
    names,
    read::{
        fields::{Fields, Item},
        range,
    },
    written::{Axis, Listed, Point, Sweep, Zip},
};

/// Keys of a benchmark that say how its parameters vary.
pub(crate) const KEYS: &[&str] = &["params", "axes", "zip", "include", "exclude"];

/// Keys that place a case rather than set a parameter; they are keys of the benchmark or axes.
pub(crate) const PLACEMENT: &[&str] = &[
    "threads",
    "instances",
    "instances-mode",
    "offered-load",
    "device",
    "dtype",
];

pub(crate) const AN_AXIS: &str =
    "a list of values, or a range like { from = 1, to = 64, factor = 2 }";
const POINTS: &str = "a list of tables like [{ batch = 16 }]";

/// Reads all five.
pub(crate) fn sweep(fields: &Fields<'_>, benchmark: &str) -> Result<Sweep, Error> {
    let mut sweep = Sweep::default();
    if let Some(item) = fields.get("params") {
        sweep.params = params(item, &mut sweep)?;
    }
    if let Some(item) = fields.get("axes") {
        let table = Fields::of(item, "`axes`", "axes.", "a table of axes")?;
        sweep.axes = axes(&table, benchmark, &mut sweep)?;
    }
    if let Some(item) = fields.get("zip") {
        sweep.zips = zips(item, benchmark, &mut sweep)?;
    }
    sweep.include = points(fields, "include", &mut sweep)?;
    sweep.exclude = points(fields, "exclude", &mut sweep)?;
    Ok(sweep)
}

fn params(item: &Item<'_>, sweep: &mut Sweep) -> Result<Point, Error> {
    let fields = Fields::of(item, "`params`", "params.", "a table of parameters")?;
    let mut point = Point::new();
    for (key, line, value) in fields.iter() {
        check_key(value, key)?;
        if PLACEMENT.contains(&key) {
            let expected = format!("it as a key of the benchmark: {key} = {}", value.shown());
            return Err(value.unexpected(&expected));
        }
        point.insert(key.to_owned(), value.param()?);
        remember(sweep, key, line);
    }
    Ok(point)
}

fn axes(fields: &Fields<'_>, benchmark: &str, sweep: &mut Sweep) -> Result<Vec<Axis>, Error> {
    let mut axes = Vec::new();
    for (key, line, item) in fields.iter() {
        check_key(item, key)?;
        let (values, mode) = axis_values(item, key)?;
        if values.is_empty() {
            return Err(Error::EmptyAxis {
                at: item.source.at(item.line),
                benchmark: benchmark.to_owned(),
                axis: key.to_owned(),
            });
        }
        remember(sweep, key, line);
        axes.push(Axis {
            key: key.to_owned(),
            values,
        });
        if let Some(mode) = mode {
            remember(sweep, "instances-mode", line);
            axes.push(Axis {
                key: "instances-mode".to_owned(),
                values: vec![mode],
            });
        }
    }
    Ok(axes)
}

/// The values of an axis, and the mode that an axis of instances may name with them.
fn axis_values(item: &Item<'_>, key: &str) -> Result<(Vec<ParamValue>, Option<ParamValue>), Error> {
    if !item.value.is_table() {
        return Ok((listed(item, key)?, None));
    }
    let has_mode = key == "instances" && item.value.get("mode").is_some();
    if !has_mode {
        return Ok((range::range(item, key)?, None));
    }
    const EXPECTED: &str = r#"a table like { values = [1, 2, 4], mode = "process" }"#;
    let fields = Fields::of(item, "axis `instances`", "axes.instances.", EXPECTED)?
        .only(&["values", "mode"])?;
    let mode = fields
        .require("mode", EXPECTED)?
        .coordinate("instances-mode")?;
    Ok((
        listed(fields.require("values", EXPECTED)?, key)?,
        Some(mode),
    ))
}

fn listed(item: &Item<'_>, key: &str) -> Result<Vec<ParamValue>, Error> {
    let elements = item.elements(AN_AXIS)?;
    elements.iter().map(|e| e.coordinate(key)).collect()
}

fn zips(item: &Item<'_>, benchmark: &str, sweep: &mut Sweep) -> Result<Vec<Zip>, Error> {
    const EXPECTED: &str = "a list of tables like [{ batch = [16, 32], window = [512, 1024] }]";
    let mut zips = Vec::new();
    for element in item.elements(EXPECTED)? {
        let fields = Fields::of(&element, "`zip`", "zip.", EXPECTED)?;
        let axes = axes(&fields, benchmark, sweep)?;
        let Some(first) = axes.first() else {
            return Err(element.unexpected("a table of lists of equal length"));
        };
        if axes.iter().any(|a| a.values.len() != first.values.len()) {
            return Err(Error::UnequalZip {
                at: element.source.at(element.line),
                benchmark: benchmark.to_owned(),
                lengths: axes
                    .iter()
                    .map(|a| (a.key.clone(), a.values.len()))
                    .collect(),
            });
        }
        zips.push(Zip { axes });
    }
    Ok(zips)
}

fn points(fields: &Fields<'_>, list: &str, sweep: &mut Sweep) -> Result<Vec<Listed>, Error> {
    let Some(item) = fields.get(list) else {
        return Ok(Vec::new());
    };
    let mut points = Vec::new();
    for element in item.elements(POINTS)? {
        let fields = Fields::of(&element, &format!("`{list}`"), &format!("{list}."), POINTS)?;
        let mut point = Point::new();
        for (key, line, value) in fields.iter() {
            check_key(value, key)?;
            point.insert(key.to_owned(), value.coordinate(key)?);
            remember(sweep, key, line);
        }
        if point.is_empty() {
            return Err(element.unexpected("a table with at least one key"));
        }
        points.push(Listed {
            point,
            line: element.line,
        });
    }
    Ok(points)
}

fn check_key(item: &Item<'_>, key: &str) -> Result<(), Error> {
    if names::is_name(key) {
        return Ok(());
    }
    Err(Error::Unexpected {
        at: item.source.at(item.line),
        key: item.path.clone(),
        found: "a key with other characters".to_owned(),
        expected: names::A_NAME.to_owned(),
    })
}

fn remember(sweep: &mut Sweep, key: &str, line: usize) {
    sweep.lines.entry(key.to_owned()).or_insert(line);
}
