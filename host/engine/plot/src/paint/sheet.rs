//! A piece of paper: text that is measured before it is written, lines, rectangles. Coordinates are pixels from its corner.

use plotters::{
    coord::Shift,
    prelude::{Circle, DrawingArea, DrawingBackend, EmptyElement, PathElement, Rectangle, Text},
    style::{
        Color as _, RGBAColor, RGBColor, ShapeStyle, TextStyle,
        text_anchor::{HPos, Pos, VPos},
    },
};

use crate::{
    font::{self, FAMILY},
    palette::{FAINT_INK, INK},
};

/// Size of names in a legend, height of its rows, and what a name takes besides its letters.
const LEGEND: u32 = 20;
const LEGEND_ROW: i32 = 30;
const LEGEND_EXTRA: i32 = 50;

/// A pixel.
pub(super) type At = (i32, i32);

/// Where text stands against the point it is written at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// It begins there.
    RightOf,
    /// It ends there.
    LeftOf,
    /// Its middle is there.
    Around,
}

/// A piece of paper. What could not be painted is missing; the rest is there.
pub(super) struct Sheet<B: DrawingBackend> {
    area: DrawingArea<B, Shift>,
    letters: Letters,
}

/// Who draws letters. Where a text is asked to be in the middle, the rasteriser puts it a little too high.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Letters {
    Viewer,
    Rasteriser,
}

impl Letters {
    /// `text` in letters that can be drawn: who shows an SVG has fonts for all of them.
    fn known(self, text: &str) -> String {
        match self {
            Self::Viewer => text.to_owned(),
            Self::Rasteriser => font::known(text),
        }
    }

    /// Pixels to move a text down.
    fn nudge(self, size: u32, is_centred: bool) -> i32 {
        match self {
            Self::Viewer => 0,
            // The baseline is .1 of the size below the middle, and should be .26; below the top .5, and should be .61.
            Self::Rasteriser if is_centred => (f64::from(size) * 0.16).round() as i32,
            Self::Rasteriser => (f64::from(size) * 0.11).round() as i32,
        }
    }
}

impl<B: DrawingBackend> Sheet<B> {
    pub(super) fn new(area: DrawingArea<B, Shift>, letters: Letters) -> Self {
        Self { area, letters }
    }

    /// A part of it.
    pub(super) fn part(&self, corner: At, size: At) -> Self {
        let (width, height) = self.size();
        let right = (width - corner.0 - size.0).max(0);
        let below = (height - corner.1 - size.1).max(0);
        Self {
            area: self.area.margin(corner.1, below, corner.0, right),
            letters: self.letters,
        }
    }

    pub(super) fn size(&self) -> At {
        let (width, height) = self.area.dim_in_pixel();
        (width as i32, height as i32)
    }

    /// Text whose upper edge is at `at`.
    pub(super) fn title(&self, at: At, text: &str, size: u32) {
        self.written(at, text, (size, INK), Side::RightOf, VPos::Top);
    }

    /// As a title, paler.
    pub(super) fn faint(&self, at: At, text: &str, size: u32) {
        self.written(at, text, (size, FAINT_INK), Side::RightOf, VPos::Top);
    }

    /// Text whose middle is at the height of `at`.
    pub(super) fn beside(&self, at: At, text: &str, (size, colour): (u32, RGBColor), side: Side) {
        self.written(at, text, (size, colour), side, VPos::Center);
    }

    /// Text below `at`.
    pub(super) fn below(&self, at: At, text: &str, (size, colour): (u32, RGBColor), side: Side) {
        self.written(at, text, (size, colour), side, VPos::Top);
    }

    fn written(&self, at: At, text: &str, (size, colour): (u32, RGBColor), side: Side, v: VPos) {
        if text.is_empty() {
            return;
        }
        let h = match side {
            Side::RightOf => HPos::Left,
            Side::LeftOf => HPos::Right,
            Side::Around => HPos::Center,
        };
        let at = (
            at.0,
            at.1 + self.letters.nudge(size, matches!(v, VPos::Center)),
        );
        let text = self.letters.known(text);
        let style = style(size).color(&colour).pos(Pos::new(h, v));
        let _ = self
            .area
            .draw(&(EmptyElement::at(at) + Text::new(text, (0, 0), style)));
    }

    /// Pixels that a text takes from left to right.
    pub(super) fn width(&self, text: &str, size: u32) -> i32 {
        font::width(text, size)
    }

    /// `text`, or its two ends when it is wider than `pixels`.
    pub(super) fn fitting(&self, text: &str, size: u32, pixels: i32) -> String {
        font::fitting(text, size, pixels)
    }

    /// The names of a chart, each as long as `pixels` allow, and different where they were.
    pub(super) fn fitting_names(&self, names: &[&str], size: u32, pixels: i32) -> Vec<String> {
        font::fitting_names(names, size, pixels)
    }

    pub(super) fn line(&self, from: At, to: At, colour: RGBColor, width: u32) {
        self.path(vec![from, to], colour.stroke_width(width));
    }

    pub(super) fn path(&self, points: Vec<At>, style: ShapeStyle) {
        let _ = self.area.draw(&PathElement::new(points, style));
    }

    /// A line of short strokes.
    pub(super) fn dashed(&self, points: &[At], colour: RGBColor, width: u32) {
        const STROKE: f64 = 12.0;
        const PERIOD: f64 = 20.0;
        let mut walked = 0.0_f64;
        for pair in points.windows(2) {
            let [(x0, y0), (x1, y1)] =
                [pair[0], pair[1]].map(|(x, y)| (f64::from(x), f64::from(y)));
            let length = (x1 - x0).hypot(y1 - y0);
            let at = |way: f64| {
                let part = if length > 0.0 { way / length } else { 0.0 };
                (
                    (x0 + (x1 - x0) * part).round() as i32,
                    (y0 + (y1 - y0) * part).round() as i32,
                )
            };
            let mut way = 0.0;
            while way < length {
                let phase = (walked + way) % PERIOD;
                if phase < STROKE {
                    let to = (way + STROKE - phase).min(length);
                    self.line(at(way), at(to), colour, width);
                    way = to + 0.01;
                } else {
                    way += PERIOD - phase;
                }
            }
            walked += length;
        }
    }

    pub(super) fn filled(&self, corner: At, opposite: At, colour: RGBAColor) {
        let _ = self
            .area
            .draw(&Rectangle::new([corner, opposite], colour.filled()));
    }

    pub(super) fn frame(&self, corner: At, opposite: At, colour: RGBColor) {
        let _ = self
            .area
            .draw(&Rectangle::new([corner, opposite], colour.stroke_width(2)));
    }

    pub(super) fn dot(&self, at: At, radius: u32, colour: RGBAColor) {
        let _ = self.area.draw(&Circle::new(at, radius, colour.filled()));
    }

    /// The mark of a failure.
    pub(super) fn cross(&self, (x, y): At, colour: RGBColor) {
        const ARM: i32 = 7;
        self.line((x - ARM, y - ARM), (x + ARM, y + ARM), colour, 3);
        self.line((x - ARM, y + ARM), (x + ARM, y - ARM), colour, 3);
    }

    /// Names with their colours in rows.
    pub(super) fn legend(&self, at: At, items: &[(String, RGBColor)], right: i32) {
        let (mut x, mut y) = at;
        for (name, (_, colour)) in legend_names(items, right - at.0).iter().zip(items) {
            let wide = LEGEND_EXTRA + self.width(name, LEGEND);
            if x + wide > right && x > at.0 {
                (x, y) = (at.0, y + LEGEND_ROW);
            }
            self.filled((x, y + 3), (x + 16, y + 19), colour.to_rgba());
            self.beside((x + 24, y + 11), name, (LEGEND, INK), Side::RightOf);
            x += wide;
        }
    }
}

/// Pixels that a legend takes from top to bottom.
pub(super) fn legend_height(items: &[(String, RGBColor)], width: i32) -> i32 {
    let (mut x, mut rows) = (0, i32::from(!items.is_empty()));
    for name in legend_names(items, width) {
        let wide = LEGEND_EXTRA + font::width(&name, LEGEND);
        if x + wide > width && x > 0 {
            (x, rows) = (0, rows + 1);
        }
        x += wide;
    }
    rows * LEGEND_ROW
}

/// Names of a legend; none is wider than half of it.
fn legend_names(items: &[(String, RGBColor)], width: i32) -> Vec<String> {
    let names: Vec<&str> = items.iter().map(|(name, _)| name.as_str()).collect();
    font::fitting_names(&names, LEGEND, width / 2)
}

fn style(size: u32) -> TextStyle<'static> {
    TextStyle::from((FAMILY, size))
}
