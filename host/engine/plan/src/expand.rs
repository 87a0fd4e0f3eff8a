//! Axes to points: the product of axes and zips, without the excluded, then the included.

use std::collections::BTreeSet;

use crate::{
    error::Error,
    place::{Place, WayOut},
    read::PLACEMENT,
    written::{Axis, BenchmarkFile, Listed, Point, Sweep},
};

/// Most cases of a suite. A hundred thousand cases of a second each take more than a day.
pub(crate) const MOST_CASES: usize = 100_000;

/// The points of a benchmark in order: the first axis varies slowest, the last zip fastest, included ones follow.
///
/// Every point holds `params`, with what the axes or the `include` say on top.
///
/// # Errors
/// A key that is set twice or not known, an exclude that removes nothing, no points, or too many.
pub(crate) fn expand(
    benchmark: &BenchmarkFile,
    at: &dyn Fn(usize) -> Place,
) -> Result<Vec<Point>, Error> {
    let sweep = &benchmark.sweep;
    set_once(benchmark, at)?;
    known_keys(benchmark, "include", &sweep.include, at)?;
    known_keys(benchmark, "exclude", &sweep.exclude, at)?;
    known_keys(benchmark, "untracked", &untracked(benchmark), at)?;
    let size = size(sweep);
    if size > MOST_CASES as u128 {
        return Err(Error::TooManyCases {
            at: at(benchmark.line),
            benchmark: benchmark.name.clone(),
            found: size,
            most: MOST_CASES,
        });
    }
    let mut points = product(sweep);
    exclude(&mut points, benchmark, at)?;
    points.extend(
        sweep
            .include
            .iter()
            .map(|listed| overlaid(&sweep.params, &listed.point)),
    );
    if points.is_empty() {
        return Err(Error::NoCases {
            at: at(benchmark.line),
            benchmark: benchmark.name.clone(),
        });
    }
    Ok(points)
}

/// The untracked parameters in the form that [`known_keys`] looks at.
fn untracked(benchmark: &BenchmarkFile) -> Vec<Listed> {
    let names = benchmark.untracked.iter();
    names
        .map(|(name, line)| Listed {
            point: Point::from([(name.clone(), benchhost_record::ParamValue::Bool(true))]),
            line: *line,
        })
        .collect()
}

/// Number of points of the product and of the includes.
fn size(sweep: &Sweep) -> u128 {
    let axes = sweep.axes.iter().map(|axis| axis.values.len());
    let zips = sweep.zips.iter().map(|zip| zip.axes[0].values.len());
    let product = axes
        .chain(zips)
        .fold(1_u128, |size, length| size.saturating_mul(length as u128));
    product.saturating_add(sweep.include.len() as u128)
}

fn product(sweep: &Sweep) -> Vec<Point> {
    let axes = sweep.axes.iter().map(std::slice::from_ref);
    let groups = axes.chain(sweep.zips.iter().map(|zip| zip.axes.as_slice()));
    let mut points = vec![sweep.params.clone()];
    for group in groups {
        points = points
            .iter()
            .flat_map(|point| (0..group[0].values.len()).map(|i| with(point, group, i)))
            .collect();
    }
    points
}

/// `point` with the `i`-th value of each axis of `group`.
fn with(point: &Point, group: &[Axis], i: usize) -> Point {
    let mut point = point.clone();
    for axis in group {
        point.insert(axis.key.clone(), axis.values[i].clone());
    }
    point
}

/// `base` with the values of `top` in place of its own.
pub(crate) fn overlaid(base: &Point, top: &Point) -> Point {
    let mut point = base.clone();
    point.extend(top.iter().map(|(key, value)| (key.clone(), value.clone())));
    point
}

fn exclude(
    points: &mut Vec<Point>,
    benchmark: &BenchmarkFile,
    at: &dyn Fn(usize) -> Place,
) -> Result<(), Error> {
    let full = points.clone();
    for listed in &benchmark.sweep.exclude {
        if !full.iter().any(|point| matches(point, &listed.point)) {
            return Err(Error::UselessExclude {
                at: at(listed.line),
                benchmark: benchmark.name.clone(),
                point: shown(&listed.point),
            });
        }
        points.retain(|point| !matches(point, &listed.point));
    }
    Ok(())
}

/// Whether `point` has every value of `wanted`.
fn matches(point: &Point, wanted: &Point) -> bool {
    wanted
        .iter()
        .all(|(key, value)| point.get(key) == Some(value))
}

fn shown(point: &Point) -> String {
    let parts: Vec<String> = point
        .iter()
        .map(|(key, value)| format!("{key} = {}", crate::render::value(value)))
        .collect();
    format!("{{ {} }}", parts.join(", "))
}

/// Refuses a parameter that is set in two of: keys of the benchmark, `params`, `axes`, `zip`.
fn set_once(benchmark: &BenchmarkFile, at: &dyn Fn(usize) -> Place) -> Result<(), Error> {
    let sweep = &benchmark.sweep;
    let settings = &benchmark.settings;
    let placed = [
        settings.threads.is_some(),
        settings.instances.is_some(),
        settings.instances_mode.is_some(),
        settings.offered_load.is_some(),
        settings.device.is_some(),
        settings.dtype.is_some(),
    ];
    let own = PLACEMENT.iter().zip(placed).filter(|(_, set)| *set);
    let mut keys: Vec<(&str, &'static str)> = own.map(|(key, _)| (*key, "the benchmark")).collect();
    keys.extend(sweep.params.keys().map(|key| (key.as_str(), "`params`")));
    keys.extend(sweep.axes.iter().map(|axis| (axis.key.as_str(), "`axes`")));
    let zipped = sweep.zips.iter().flat_map(|zip| &zip.axes);
    keys.extend(zipped.map(|axis| (axis.key.as_str(), "`zip`")));
    keys.extend(
        benchmark
            .search
            .iter()
            .map(|search| (search.key.as_str(), "`search`")),
    );
    for (i, (key, second)) in keys.iter().enumerate() {
        if let Some((_, first)) = keys[..i].iter().find(|(earlier, _)| earlier == key) {
            return Err(Error::SetTwice {
                at: at(sweep.lines.get(*key).copied().unwrap_or(benchmark.line)),
                benchmark: benchmark.name.clone(),
                key: (*key).to_owned(),
                first,
                second,
            });
        }
    }
    Ok(())
}

/// Refuses keys of a written-out point that nothing else of the benchmark names, as a typing error would be.
fn known_keys(
    benchmark: &BenchmarkFile,
    list: &'static str,
    listed: &[Listed],
    at: &dyn Fn(usize) -> Place,
) -> Result<(), Error> {
    let sweep = &benchmark.sweep;
    let zipped = sweep.zips.iter().flat_map(|zip| &zip.axes);
    let mut known: BTreeSet<&str> = sweep
        .axes
        .iter()
        .chain(zipped)
        .map(|a| a.key.as_str())
        .collect();
    known.extend(sweep.params.keys().map(String::as_str));
    known.extend(PLACEMENT);
    let known: Vec<&str> = known.into_iter().collect();
    for point in listed {
        if let Some(key) = point
            .point
            .keys()
            .find(|key| !known.contains(&key.as_str()))
        {
            return Err(Error::UnknownPointKey {
                at: at(point.line),
                benchmark: benchmark.name.clone(),
                list,
                key: key.clone(),
                way_out: WayOut::of(key, &known),
            });
        }
    }
    Ok(())
}
