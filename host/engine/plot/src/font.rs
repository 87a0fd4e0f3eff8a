//! The one font of the pictures. It comes with the program, so that they look the same on a machine without any.

use std::sync::OnceLock;

use plotters::style::{FontDesc, FontFamily, FontStyle, register_font};

use crate::label;

/// The family that is asked for. Whoever shows an SVG takes a font of its own for it.
pub(crate) const FAMILY: &str = "sans-serif";

/// Pixels that a text takes from left to right.
pub(crate) fn width(text: &str, size: u32) -> i32 {
    let font = FontDesc::new(FontFamily::Name(FAMILY), f64::from(size), FontStyle::Normal);
    // Whoever shows an SVG has another font, some of which are wider.
    let measured = font.layout_box(text);
    measured.map_or(0, |((left, _), (right, _))| {
        (f64::from(right - left) * 1.06) as i32
    })
}

/// `text`, or its two ends when it is wider than `pixels`.
pub(crate) fn fitting(text: &str, size: u32, pixels: i32) -> String {
    let mut most = text.chars().count();
    let mut cut = text.to_owned();
    while most > 3 && width(&cut, size) > pixels {
        let wanted = most as f64 * f64::from(pixels) / f64::from(width(&cut, size));
        most = (wanted as usize).clamp(3, most - 1);
        cut = label::short(text, most);
    }
    cut
}

/// The name of a case: where it is too wide, what is alike in all rows goes first, and the values that tell rows apart stay as
/// long as there is room for them.
pub(crate) fn fitting_name(text: &str, size: u32, pixels: i32) -> String {
    let mut shown = text.to_owned();
    for keep in label::KEEPS {
        if width(&shown, size) <= pixels {
            return shown;
        }
        shown = label::with_short_names(text, keep);
    }
    fitting(&shown, size, pixels)
}

/// `text` in at most `most` lines, broken at spaces; the last of them is cut when there is more.
pub(crate) fn lines(text: &str, size: u32, pixels: i32, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let joined = lines.last().map(|line| format!("{line} {word}"));
        let is_full = lines.len() >= most;
        match (joined, lines.last_mut()) {
            (Some(joined), Some(line)) if is_full || width(&joined, size) <= pixels => {
                *line = joined
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
        .iter()
        .map(|line| fitting(line, size, pixels))
        .collect()
}

/// Makes the font known, once.
pub(crate) fn ready() {
    static READY: OnceLock<()> = OnceLock::new();
    READY.get_or_init(|| {
        let font = epaint_default_fonts::UBUNTU_LIGHT;
        let known = register_font(FAMILY, FontStyle::Normal, font);
        assert!(
            known.is_ok(),
            "a font that comes with the program can be read"
        );
    });
}
