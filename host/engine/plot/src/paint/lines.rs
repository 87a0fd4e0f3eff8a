//! Paints curves over an axis, with bands, marks and intervals.

use plotters::{prelude::DrawingBackend, style::Color as _, style::RGBColor};

use super::sheet::{At, Sheet, Side, legend_height};
use crate::{
    figure::{Curve, Lines, Style},
    font, label,
    palette::{FAINT_INK, GREEN, GRID, INK, VERMILION},
    scale::Scale,
};

const TITLE: u32 = 24;
const TITLE_LINE: i32 = 34;
const TEXT: u32 = 19;
const LINE: i32 = 27;
/// Height of the plot itself.
const PLOT: i32 = 250;
/// The axis with its labels and its name.
const FOOT: i32 = 64;
const RIGHT: i32 = 18;

/// `head`: that of the panels beside it, the highest counts.
pub(super) fn height(lines: &Lines, head: i32, width: i32) -> u32 {
    let remarks = broken(&lines.remark, width).len() as i32;
    (head + PLOT + FOOT + remarks * LINE) as u32
}

/// Height of what stands above the plot.
pub(super) fn head(lines: &Lines, width: i32) -> i32 {
    let titles = titles(lines, width).len() as i32 * TITLE_LINE;
    let captions = captions(lines, width).len() as i32 * LINE;
    titles + captions + legend_height(&legend(lines), width) + 14
}

/// The title in one or two lines.
fn titles(lines: &Lines, width: i32) -> Vec<String> {
    font::lines(&lines.title, TITLE, width, 2)
}

fn captions(lines: &Lines, width: i32) -> Vec<String> {
    broken(&lines.caption, width)
}

/// The lines of a text, each in one or two.
fn broken(text: &str, width: i32) -> Vec<String> {
    let lines = text.lines();
    lines
        .flat_map(|line| font::lines(line, TEXT, width, 2))
        .collect()
}

fn legend(lines: &Lines) -> Vec<(String, RGBColor)> {
    let curves = lines
        .curves
        .iter()
        .map(|curve| (curve.name.clone(), curve.colour));
    let band = lines.band.iter().map(|(_, _, name)| (name.clone(), GREEN));
    let marks = lines
        .marks
        .iter()
        .map(|mark| (mark.name.clone(), mark.colour));
    let mut items: Vec<(String, RGBColor)> = Vec::new();
    for item in curves.chain(band).chain(marks) {
        if !item.0.is_empty() && !items.contains(&item) {
            items.push(item);
        }
    }
    // A single curve needs no name.
    let is_alone = items.len() == 1 && lines.marks.is_empty() && lines.band.is_none();
    if is_alone { Vec::new() } else { items }
}

/// The plot: both axes and its edges in pixels.
struct Plot {
    x: Scale,
    y: Scale,
    left: i32,
    right: i32,
    top: i32,
    bottom: i32,
}

impl Plot {
    fn across(&self, place: f64) -> i32 {
        self.left + pixels(place, self.x.ends, self.right - self.left)
    }

    fn up(&self, place: f64) -> i32 {
        self.bottom - pixels(place, self.y.ends, self.bottom - self.top)
    }

    fn at(&self, x: f64, y: f64) -> At {
        (self.across(self.x.place(x)), self.up(self.y.place(y)))
    }
}

/// How far along an axis of `length` pixels a place is: never off it, and at its start where nothing can be said.
fn pixels(place: f64, ends: (f64, f64), length: i32) -> i32 {
    let part = (place - ends.0) / (ends.1 - ends.0);
    let part = if part.is_nan() { 0.0 } else { part };
    (part.clamp(0.0, 1.0) * f64::from(length)).round() as i32
}

pub(super) fn paint<B: DrawingBackend>(sheet: &Sheet<B>, lines: &Lines, head: i32) {
    let (width, _) = sheet.size();
    let mut y = 0;
    for line in titles(lines, width) {
        sheet.title((0, y), &line, TITLE);
        y += TITLE_LINE;
    }
    for line in captions(lines, width) {
        sheet.faint((0, y), &line, TEXT);
        y += LINE;
    }
    sheet.legend((0, y + 4), &legend(lines), width);
    let plot = plot(sheet, lines, head);
    grid(sheet, lines, &plot);
    if let Some((low, high, _)) = &lines.band {
        let (low, high) = (plot.up(plot.y.place(*low)), plot.up(plot.y.place(*high)));
        sheet.filled(
            (plot.left, high),
            (plot.right, low.max(high + 2)),
            GREEN.mix(0.16),
        );
    }
    for mark in &lines.marks {
        let x = plot.across(plot.x.place(mark.at));
        sheet.dashed(&[(x, plot.top), (x, plot.bottom)], mark.colour, 2);
    }
    for curve in &lines.curves {
        paint_curve(sheet, curve, &plot);
    }
    for x in &lines.failed {
        sheet.cross((plot.across(plot.x.place(*x)), plot.bottom - 12), VERMILION);
    }
    let mut foot = plot.bottom + FOOT;
    for line in broken(&lines.remark, width) {
        sheet.faint((0, foot), &line, TEXT);
        foot += LINE;
    }
}

fn plot<B: DrawingBackend>(sheet: &Sheet<B>, lines: &Lines, top: i32) -> Plot {
    let (width, _) = sheet.size();
    let curves = || lines.curves.iter();
    let xs = curves().flat_map(|curve| curve.points.iter().map(|(x, _)| *x));
    let xs = xs.chain(lines.marks.iter().map(|mark| mark.at));
    let x = Scale::new(&lines.x, xs.chain(lines.failed.iter().copied()));
    let ys = curves().flat_map(|curve| curve.points.iter().map(|(_, y)| *y));
    let ys: Vec<f64> = ys.filter(|y| y.is_finite()).collect();
    let bounds = curves().flat_map(|curve| curve.intervals.iter().flatten());
    let bounds: Vec<f64> = bounds.flat_map(|(low, high)| [*low, *high]).collect();
    let bounds = near(&ys, &bounds, lines.y.is_log);
    let band = lines.band.iter().flat_map(|(low, high, _)| [*low, *high]);
    let y = Scale::new(&lines.y, ys.iter().copied().chain(bounds).chain(band));
    let widest = y
        .ticks
        .iter()
        .map(|tick| sheet.width(&y.text(*tick), TEXT))
        .max();
    Plot {
        x,
        y,
        left: widest.unwrap_or(0) + 12,
        right: width - RIGHT,
        top,
        bottom: top + PLOT,
    }
}

/// Ends of intervals, drawn in to where the values are: one interval that is far too wide must not flatten all others. It then
/// ends at the frame.
fn near(values: &[f64], bounds: &[f64], is_log: bool) -> Vec<f64> {
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let (low, high) = if is_log && low > 0.0 {
        (low / 3.0, high * 3.0)
    } else {
        let room = (1.5 * (high - low)).max(0.2 * high.abs());
        let floor = if low >= 0.0 { 0.0 } else { f64::NEG_INFINITY };
        ((low - room).max(floor), high + room)
    };
    // Where nothing is finite, or a bound has left the numbers, there is nothing to draw in to.
    if low.is_nan() || high.is_nan() || low > high {
        return Vec::new();
    }
    let finite = bounds.iter().filter(|bound| bound.is_finite());
    finite.map(|bound| bound.clamp(low, high)).collect()
}

fn grid<B: DrawingBackend>(sheet: &Sheet<B>, lines: &Lines, plot: &Plot) {
    let mut free_below = i32::MAX;
    for tick in &plot.y.ticks {
        let y = plot.up(*tick);
        sheet.line((plot.left, y), (plot.right, y), GRID, 1);
        if y > free_below {
            continue;
        }
        free_below = y - TEXT as i32 - 2;
        sheet.beside(
            (plot.left - 8, y),
            &plot.y.text(*tick),
            (TEXT, FAINT_INK),
            Side::LeftOf,
        );
    }
    let below = plot.bottom + 8;
    if let Some((first, last)) = &lines.ends {
        sheet.below((plot.left, below), first, (TEXT, FAINT_INK), Side::RightOf);
        sheet.below((plot.right, below), last, (TEXT, FAINT_INK), Side::LeftOf);
    } else {
        let mut free_from = i32::MIN;
        for tick in &plot.x.ticks {
            let x = plot.across(*tick);
            sheet.line((x, plot.top), (x, plot.bottom), GRID, 1);
            let text = plot.x.text(*tick);
            let half = sheet.width(&text, TEXT) / 2;
            let middle = x.min(plot.right + RIGHT - half);
            if middle - half > free_from {
                sheet.below((middle, below), &text, (TEXT, FAINT_INK), Side::Around);
                free_from = middle + half + 12;
            }
        }
    }
    sheet.line((plot.left, plot.bottom), (plot.right, plot.bottom), INK, 1);
    sheet.line((plot.left, plot.top), (plot.left, plot.bottom), INK, 1);
    let name = format!(
        "{}{}{}",
        label::clean(&lines.x.name),
        label::in_brackets(&lines.x.unit),
        logarithms(plot.x.is_log, plot.y.is_log)
    );
    let middle = i32::midpoint(plot.left, plot.right);
    let name = sheet.fitting(&name, TEXT, plot.right - plot.left);
    sheet.below((middle, below + 24), &name, (TEXT, INK), Side::Around);
}

/// Which axes are logarithmic, told beside the name of the lower one.
fn logarithms(x: bool, y: bool) -> &'static str {
    match (x, y) {
        (true, true) => ", both axes logarithmic",
        (true, false) => ", logarithmic",
        (false, true) => "; the vertical axis is logarithmic",
        (false, false) => "",
    }
}

fn paint_curve<B: DrawingBackend>(sheet: &Sheet<B>, curve: &Curve, plot: &Plot) {
    let known = |(x, y): &(f64, f64)| x.is_finite() && y.is_finite();
    let points: Vec<At> = curve
        .points
        .iter()
        .filter(|point| known(point))
        .map(|(x, y)| plot.at(*x, *y))
        .collect();
    for (point, interval) in curve.points.iter().zip(&curve.intervals) {
        if let (true, Some((low, high))) = (known(point), interval) {
            let (x, from) = plot.at(point.0, *low);
            let (_, to) = plot.at(point.0, *high);
            sheet.line((x, from), (x, to), curve.colour, 2);
            for (value, y) in [(*low, from), (*high, to)] {
                // One that goes on beyond the frame has no end here.
                if plot.y.holds(value) {
                    sheet.line((x - 5, y), (x + 5, y), curve.colour, 2);
                }
            }
        }
    }
    match curve.style {
        Style::Dashed => sheet.dashed(&points, curve.colour, 3),
        Style::Line | Style::PointsAndLine => {
            sheet.path(points.clone(), curve.colour.stroke_width(3))
        }
        Style::Points => {}
    }
    if matches!(curve.style, Style::Points | Style::PointsAndLine) {
        let radius = if points.len() > 60 { 3 } else { 6 };
        for point in points {
            sheet.dot(point, radius, curve.colour.to_rgba());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_place_is_off_the_axis() {
        for (place, ends, at) in [
            (0.5, (0.0, 1.0), 50),
            (9.0, (0.0, 1.0), 100),
            (f64::NEG_INFINITY, (0.0, 1.0), 0),
            (f64::NAN, (0.0, 1.0), 0),
            (3.0, (3.0, 3.0), 0),
            (5e-324, (0.0, 5e-324), 100),
        ] {
            assert_eq!(pixels(place, ends, 100), at, "{place} of {ends:?}");
        }
    }
}
