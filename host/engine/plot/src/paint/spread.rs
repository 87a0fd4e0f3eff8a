//! Paints samples of cases, each row against its own median: a box for the middle half, a dot for each sample.

use plotters::{prelude::DrawingBackend, style::Color as _};

use super::sheet::{Sheet, Side};
use crate::{
    figure::{AxisOf, Spread},
    palette::{BLUE, FAINT_INK, GRID, INK, ORANGE, VERMILION},
    scale::Scale,
};

const TITLE: u32 = 26;
const TEXT: u32 = 20;
const ROW: i32 = 46;
const FOOT: i32 = 40;
const HEAD: i32 = 44;
const CAPTION: i32 = 32;
const NAMES_SHARE: i32 = 42;
/// Dots of a row; more would be a blot.
const DOTS: usize = 240;
/// Part of the samples of a row that must be inside the frame, at each side.
const INSIDE: f64 = 0.98;

pub(super) fn height(spread: &Spread) -> u32 {
    (top(spread) + spread.rows.len() as i32 * ROW + FOOT) as u32
}

fn top(spread: &Spread) -> i32 {
    HEAD + if spread.caption.is_empty() {
        0
    } else {
        CAPTION
    }
}

/// The value below which the part `q` of `sorted` lies.
fn quantile(sorted: &[f64], q: f64) -> f64 {
    let at = (q * (sorted.len() - 1) as f64).round() as usize;
    sorted[at]
}

pub(super) fn paint<B: DrawingBackend>(sheet: &Sheet<B>, spread: &Spread) {
    let (width, _) = sheet.size();
    sheet.title((0, 0), &sheet.fitting(&spread.title, TITLE, width), TITLE);
    let caption = sheet.fitting(&spread.caption, TEXT, width);
    sheet.faint((0, TITLE as i32 + 10), &caption, TEXT);
    let widest = spread
        .rows
        .iter()
        .map(|row| sheet.width(&row.label, TEXT))
        .max();
    let names = widest.unwrap_or(0).min(width * NAMES_SHARE / 100) + 14;
    let rows = spread.rows.iter().filter(|row| !row.values.is_empty());
    let inner =
        rows.flat_map(|row| [1.0 - INSIDE, INSIDE].map(|q| quantile(&row.values, q) * 100.0));
    let axis = AxisOf {
        unit: "%".to_owned(),
        ..AxisOf::default()
    };
    let scale = Scale::new(&axis, inner.chain([-1.0, 1.0]));
    let values = spread
        .rows
        .iter()
        .map(|row| sheet.width(&row.text, TEXT))
        .max();
    let values = values.unwrap_or(0).min(width * NAMES_SHARE / 100) + 20;
    let (left, right) = (names, width - values);
    let (top, bottom) = (top(spread), top(spread) + spread.rows.len() as i32 * ROW);
    let x = |percent: f64| {
        let part = (scale.place(percent) - scale.ends.0) / (scale.ends.1 - scale.ends.0);
        left + (part * f64::from(right - left)).round() as i32
    };
    for tick in &scale.ticks {
        let colour = if *tick == 0.0 { FAINT_INK } else { GRID };
        sheet.line((x(*tick), top), (x(*tick), bottom), colour, 1);
        let text = scale.text(*tick);
        sheet.below(
            (x(*tick), bottom + 8),
            &text,
            (TEXT, FAINT_INK),
            Side::Around,
        );
    }
    let labels: Vec<&str> = spread.rows.iter().map(|row| row.label.as_str()).collect();
    let labels = sheet.fitting_names(&labels, TEXT, names - 14);
    for (index, (row, name)) in spread.rows.iter().zip(&labels).enumerate() {
        let middle = top + index as i32 * ROW + ROW / 2;
        sheet.beside((names - 12, middle), name, (TEXT, INK), Side::LeftOf);
        let text = sheet.fitting(&row.text, TEXT, values - 20);
        sheet.beside((right + 16, middle), &text, (TEXT, INK), Side::RightOf);
        if row.values.is_empty() {
            continue;
        }
        let every = row.values.len().div_ceil(DOTS);
        for (number, value) in row.values.iter().step_by(every).enumerate() {
            let percent = value * 100.0;
            // Spread over the height of the row, the same way each time.
            let offset = (number as i32 * 7) % 25 - 12;
            let is_outside = percent < scale.ends.0 || percent > scale.ends.1;
            let colour = if is_outside { VERMILION } else { BLUE };
            sheet.dot((x(percent), middle + offset), 3, colour.mix(0.45));
        }
        let [first, third] = [0.25, 0.75].map(|q| x(quantile(&row.values, q) * 100.0));
        sheet.frame(
            (first, middle - 14),
            (third.max(first + 1), middle + 14),
            ORANGE,
        );
        sheet.line((x(0.0), middle - 14), (x(0.0), middle + 14), INK, 3);
    }
}
