//! Paints bars with names at the left, intervals, and values at the right.
//!
//! On a logarithmic axis a bar would have no beginning: there it is a dot on a thin line.

use plotters::prelude::DrawingBackend;
use plotters::style::Color as _;

use super::sheet::{Sheet, Side, legend_height};
use crate::{
    figure::{AxisOf, Bar, Bars},
    palette::{FAINT_INK, GRID, INK, REST, VERMILION},
    scale::Scale,
};

const TITLE: u32 = 26;
const TEXT: u32 = 20;
const ROW: i32 = 34;
/// The axis with its labels.
const FOOT: i32 = 40;
/// Most of the width that names take, and values, in hundredths.
const NAMES_SHARE: i32 = 42;
const VALUES_SHARE: i32 = 30;

pub(super) fn height(bars: &Bars, width: i32) -> u32 {
    let head = head(bars) + legend_height(&bars.legend, width);
    (head + bars.bars.len() as i32 * ROW + FOOT) as u32
}

fn head(bars: &Bars) -> i32 {
    TITLE as i32
        + 14
        + if bars.caption.is_empty() {
            0
        } else {
            TEXT as i32 + 12
        }
}

/// The axis that all bars share.
fn scale(bars: &Bars) -> Scale {
    let axis = AxisOf {
        unit: bars.unit.clone(),
        from_zero: true,
        ..AxisOf::default()
    };
    let is_split = bars.bars.iter().any(|bar| bar.parts.len() > 1);
    let there = bars.bars.iter().filter(|bar| !bar.parts.is_empty());
    let mut values: Vec<f64> = there
        .flat_map(|bar| {
            let (low, high) = bar.interval.unwrap_or((bar.whole(), bar.whole()));
            // An interval that reaches below zero must not forbid logarithms.
            [
                low.max(bar.whole() / 2.0).min(bar.whole()),
                bar.whole(),
                high,
            ]
        })
        .collect();
    if is_split {
        values.push(0.0);
    }
    Scale::new(&axis, values.into_iter())
}

pub(super) fn paint<B: DrawingBackend>(sheet: &Sheet<B>, bars: &Bars) {
    let (width, _) = sheet.size();
    sheet.title((0, 0), &sheet.fitting(&bars.title, TITLE, width), TITLE);
    if !bars.caption.is_empty() {
        let caption = sheet.fitting(&bars.caption, TEXT, width);
        sheet.faint((0, TITLE as i32 + 10), &caption, TEXT);
    }
    let top = head(bars);
    sheet.legend((0, top), &bars.legend, width);
    let top = top + legend_height(&bars.legend, width);

    let widest = bars
        .bars
        .iter()
        .map(|bar| sheet.width(&bar.label, TEXT))
        .max();
    let names = widest.unwrap_or(0).min(width * NAMES_SHARE / 100) + 14;
    let scale = scale(bars);
    let there = bars.bars.iter().filter(|bar| !bar.parts.is_empty());
    let widest = there.map(|bar| sheet.width(&bar.text, TEXT)).max();
    let values = widest.unwrap_or(0).min(width * VALUES_SHARE / 100) + 20;
    let (left, right) = (names, width - values);
    let bottom = top + bars.bars.len() as i32 * ROW;
    let x = |value: f64| {
        let part = (scale.place(value) - scale.ends.0) / (scale.ends.1 - scale.ends.0);
        left + (part * f64::from(right - left)).round() as i32
    };
    let mut free_from = i32::MIN;
    for tick in &scale.ticks {
        let part = (tick - scale.ends.0) / (scale.ends.1 - scale.ends.0);
        let at = left + (part * f64::from(right - left)).round() as i32;
        sheet.line((at, top), (at, bottom), GRID, 1);
        let text = scale.text(*tick);
        let half = sheet.width(&text, TEXT) / 2;
        if at - half > free_from {
            sheet.below((at, bottom + 8), &text, (TEXT, FAINT_INK), Side::Around);
            free_from = at + half + 16;
        }
    }
    sheet.line((left, top), (left, bottom), INK, 1);
    let labels: Vec<&str> = bars.bars.iter().map(|bar| bar.label.as_str()).collect();
    let labels = sheet.fitting_names(&labels, TEXT, names - 14);
    for (row, (bar, name)) in bars.bars.iter().zip(&labels).enumerate() {
        let middle = top + row as i32 * ROW + ROW / 2;
        sheet.beside((names - 12, middle), name, (TEXT, INK), Side::LeftOf);
        let end = paint_bar(sheet, bar, middle, scale.is_log, &x).max(left);
        let text = sheet.fitting(&bar.text, TEXT, width - end - 14);
        let colour = match (bar.parts.is_empty(), bar.has_failed) {
            (true, true) => VERMILION,
            (true, false) => FAINT_INK,
            (false, _) => INK,
        };
        sheet.beside((end + 12, middle), &text, (TEXT, colour), Side::RightOf);
    }
}

/// Paints one bar and returns where it ends.
fn paint_bar<B: DrawingBackend>(
    sheet: &Sheet<B>,
    bar: &Bar,
    middle: i32,
    is_log: bool,
    x: &impl Fn(f64) -> i32,
) -> i32 {
    const HALF: i32 = 11;
    if bar.parts.is_empty() {
        return i32::MIN;
    }
    let whole = bar.whole();
    let mut end = x(whole);
    if is_log {
        sheet.line(
            (x(0.0_f64.max(f64::MIN_POSITIVE)), middle),
            (end, middle),
            REST,
            2,
        );
        sheet.dot((end, middle), 8, bar.parts[0].1.to_rgba());
        end += 8;
    } else {
        let mut so_far = 0.0;
        for (value, colour) in &bar.parts {
            let (from, to) = (x(so_far), x(so_far + value));
            if to != from {
                let (low, high) = (from.min(to), from.max(to));
                sheet.filled(
                    (low, middle - HALF),
                    (high, middle + HALF),
                    colour.to_rgba(),
                );
            }
            so_far += value;
        }
    }
    if let Some((low, high)) = bar.interval {
        let (low, high) = (x(low), x(high));
        sheet.line((low, middle), (high, middle), INK, 2);
        for at in [low, high] {
            sheet.line((at, middle - 6), (at, middle + 6), INK, 2);
        }
        end = end.max(high);
    }
    end.max(x(0.0))
}
