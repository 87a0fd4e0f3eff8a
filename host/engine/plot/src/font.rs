//! The one font of the pictures. It comes with the program, so that they look the same on a machine without any.

use std::sync::OnceLock;

use plotters::style::{FontStyle, register_font};

/// The family that is asked for. Whoever shows an SVG takes a font of its own for it.
pub(crate) const FAMILY: &str = "sans-serif";

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
