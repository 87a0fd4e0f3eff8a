//! Paints a figure on paper of a fixed width: once as SVG, once as pixels.

mod bars;
mod lines;
mod sheet;
mod spread;

use plotters::prelude::{BitMapBackend, IntoDrawingArea as _, SVGBackend};

use self::sheet::{Letters, Sheet};
use crate::{
    Picture,
    figure::{Figure, Panel},
    font,
    palette::PAPER,
};

/// Width of all pictures in pixels: twice what a page of text shows, for sharp screens.
const WIDTH: u32 = 1600;
const MARGIN: u32 = 40;
/// Between two panels.
const GAP: u32 = 30;
const TITLE: u32 = 34;
const SUBTITLE: u32 = 22;
const NOTE: u32 = 21;

/// What is told where a letter cannot be drawn as pixels.
const UNKNOWN: &str =
    "A □ in the PNG stands for a letter that its font has not; the SVG has the letter.";

/// Paints `figure`.
pub(crate) fn picture(figure: &Figure) -> Picture {
    let svg = svg(figure);
    if svg.chars().all(|c| c.is_ascii() || font::has(c)) {
        return in_both_forms(figure, svg);
    }
    let mut figure = figure.clone();
    figure.notes.push(UNKNOWN.to_owned());
    let svg = self::svg(&figure);
    in_both_forms(&figure, svg)
}

fn svg(figure: &Figure) -> String {
    let size = (WIDTH, height(figure));
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        let _ = root.fill(&PAPER);
        figure_on(&Sheet::new(root.clone(), Letters::Viewer), figure);
        // Nothing can go wrong in memory; a mark that could not be drawn is missing, and the others are there.
        let _ = root.present();
    }
    svg
}

fn in_both_forms(figure: &Figure, svg: String) -> Picture {
    let size = (WIDTH, height(figure));
    let mut pixels = vec![255; (size.0 * size.1 * 3) as usize];
    {
        let root = BitMapBackend::with_buffer(&mut pixels, size).into_drawing_area();
        figure_on(&Sheet::new(root.clone(), Letters::Rasteriser), figure);
        let _ = root.present();
    }
    Picture {
        name: figure.name.clone(),
        svg,
        png: encoded(size, &pixels),
    }
}

fn encoded((width, height): (u32, u32), pixels: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder
        .write_header()
        .and_then(|mut writer| writer.write_image_data(pixels))
        .expect("a buffer of this size takes these pixels");
    bytes
}

/// Height of what stands above the panels.
fn head(figure: &Figure) -> u32 {
    MARGIN
        + TITLE
        + 12
        + if figure.subtitle.is_empty() {
            0
        } else {
            SUBTITLE + 34
        }
}

fn height(figure: &Figure) -> u32 {
    let each = panel_width(figure);
    let rows: u32 = rows(figure).map(|row| row_height(row, each) + GAP).sum();
    head(figure) + rows + NOTE * 3 / 2 * notes(figure).len() as u32 + MARGIN
}

fn rows(figure: &Figure) -> impl Iterator<Item = &[Panel]> {
    figure.panels.chunks(figure.columns.max(1))
}

/// Width of a panel.
fn panel_width(figure: &Figure) -> i32 {
    let columns = figure.columns.max(1) as i32;
    let width = (WIDTH - 2 * MARGIN) as i32;
    (width - GAP as i32 * (columns - 1)) / columns
}

/// Height above the plots of a row, which begin side by side.
fn row_head(row: &[Panel], width: i32) -> i32 {
    let heads = row.iter().map(|panel| match panel {
        Panel::Lines(lines) => lines::head(lines, width),
        Panel::Bars(_) | Panel::Spread(_) => 0,
    });
    heads.max().unwrap_or(0)
}

fn row_height(row: &[Panel], width: i32) -> u32 {
    let heights = row.iter().map(|panel| match panel {
        Panel::Bars(bars) => bars::height(bars, width),
        Panel::Lines(lines) => lines::height(lines, row_head(row, width), width),
        Panel::Spread(spread) => spread::height(spread),
    });
    heights.max().unwrap_or(0)
}

/// The notes in lines that fit.
fn notes(figure: &Figure) -> Vec<String> {
    const NOTE_CHARS: usize = 160;
    let lines = figure
        .notes
        .iter()
        .map(|note| benchhost_report::wrap(note, NOTE_CHARS));
    lines.flatten().collect()
}

fn figure_on<B: plotters::prelude::DrawingBackend>(sheet: &Sheet<B>, figure: &Figure) {
    let (left, width) = (MARGIN as i32, (WIDTH - 2 * MARGIN) as i32);
    let mut y = MARGIN as i32;
    sheet.title(
        (left, y),
        &sheet.fitting(&figure.title, TITLE, width),
        TITLE,
    );
    y += TITLE as i32 + 12;
    if !figure.subtitle.is_empty() {
        let text = sheet.fitting(&figure.subtitle, SUBTITLE, width);
        sheet.faint((left, y), &text, SUBTITLE);
    }
    y = head(figure) as i32;
    let each = panel_width(figure);
    for row in rows(figure) {
        let height = row_height(row, each) as i32;
        for (column, panel) in row.iter().enumerate() {
            let x = left + column as i32 * (each + GAP as i32);
            let part = sheet.part((x, y), (each, height));
            match panel {
                Panel::Bars(bars) => bars::paint(&part, bars),
                Panel::Lines(lines) => lines::paint(&part, lines, row_head(row, each)),
                Panel::Spread(spread) => spread::paint(&part, spread),
            }
        }
        y += height + GAP as i32;
    }
    for line in notes(figure) {
        sheet.faint((left, y), &sheet.fitting(&line, NOTE, width), NOTE);
        y += NOTE as i32 * 3 / 2;
    }
}
