//! The one font of the pictures. It comes with the program, so that they look the same on a machine without any.

use std::sync::OnceLock;

use plotters::style::{FontDesc, FontFamily, FontStyle, register_font};

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
