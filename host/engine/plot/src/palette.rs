//! Colours that people with any colour vision can tell apart, on a light ground.
//!
//! Source: Okabe & Ito (2008), Color Universal Design; without its yellow, which is too pale on white.

use plotters::style::RGBColor;

pub(crate) const BLUE: RGBColor = RGBColor(0, 114, 178);
pub(crate) const VERMILION: RGBColor = RGBColor(213, 94, 0);
pub(crate) const GREEN: RGBColor = RGBColor(0, 158, 115);
pub(crate) const ORANGE: RGBColor = RGBColor(230, 159, 0);
pub(crate) const SKY: RGBColor = RGBColor(86, 180, 233);
pub(crate) const PURPLE: RGBColor = RGBColor(204, 121, 167);

pub(crate) const INK: RGBColor = RGBColor(34, 34, 34);
pub(crate) const FAINT_INK: RGBColor = RGBColor(96, 96, 96);
pub(crate) const GRID: RGBColor = RGBColor(226, 226, 226);
pub(crate) const REST: RGBColor = RGBColor(176, 176, 176);
pub(crate) const PAPER: RGBColor = RGBColor(255, 255, 255);

/// Colours in the order in which they are given out.
pub(crate) const ALL: [RGBColor; 6] = [BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILION];
