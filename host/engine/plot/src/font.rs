//! The one font of the pictures. It comes with the program, so that they look the same on a machine without any.

use std::{collections::BTreeSet, sync::OnceLock};

use ab_glyph::{Font as _, FontRef};
use plotters::style::{FontDesc, FontFamily, FontStyle, register_font};

use crate::label::{self, Cut};

/// The family that is asked for. Whoever shows an SVG takes a font of its own for it.
pub(crate) const FAMILY: &str = "sans-serif";

/// Pixels that a text takes from left to right.
pub(crate) fn width(text: &str, size: u32) -> i32 {
    let font = FontDesc::new(FontFamily::Name(FAMILY), f64::from(size), FontStyle::Normal);
    // Whoever shows an SVG has another font, some of which are wider, and all of what this one has not: nothing is wider than
    // a dash of this name.
    let shown: String = text.chars().map(|c| if has(c) { c } else { '—' }).collect();
    let measured = font.layout_box(&shown);
    measured.map_or(0, |((left, _), (right, _))| {
        (f64::from(right - left) * 1.06) as i32
    })
}

/// Whether the font can draw it.
pub(crate) fn has(letter: char) -> bool {
    static FONT: OnceLock<FontRef<'static>> = OnceLock::new();
    let font = FONT.get_or_init(|| {
        FontRef::try_from_slice(epaint_default_fonts::UBUNTU_LIGHT)
            .expect("a font that comes with the program can be read")
    });
    // Glyph 0 stands for everything that is missing.
    font.glyph_id(letter).0 != 0
}

/// What stands for a letter that the font has not.
const UNKNOWN: char = '□';

/// `text` with a box for each letter that the font has not: how many there are is all that can be shown of them.
pub(crate) fn known(text: &str) -> String {
    text.chars()
        .map(|c| if has(c) { c } else { UNKNOWN })
        .collect()
}

/// `text`, or its two ends when it is wider than `pixels`.
pub(crate) fn fitting(text: &str, size: u32, pixels: i32) -> String {
    cut(text, Cut::Middle, size, pixels)
}

/// As much of `text` as `pixels` hold, to the letter.
fn cut(text: &str, way: Cut, size: u32, pixels: i32) -> String {
    if width(text, size) <= pixels {
        return text.to_owned();
    }
    // Fewest letters that are shown, and the fewest that are too many.
    let (mut fits, mut too_many) = (2, text.chars().count());
    while fits + 1 < too_many {
        let most = usize::midpoint(fits, too_many);
        if width(&way.of(text, most), size) <= pixels {
            fits = most;
        } else {
            too_many = most;
        }
    }
    way.of(text, fits)
}

/// Names of one chart. Where one is too wide, what all begin with goes first, then the ends of keys; where that is not enough,
/// each is cut at the letter that still fits, at the place that leaves them different.
pub(crate) fn fitting_names(names: &[&str], size: u32, pixels: i32) -> Vec<String> {
    let fit = |names: &Vec<String>| names.iter().all(|name| width(name, size) <= pixels);
    let whole: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    if fit(&whole) {
        return whole;
    }
    let rest = label::without_head(names);
    if fit(&rest) {
        return rest;
    }
    // Values tell more than keys, which are the same in all rows.
    let with_short_keys = label::KEEPS.rev().map(|keep| -> Vec<String> {
        let short = rest.iter().map(|name| label::with_short_keys(name, keep));
        short.collect()
    });
    if let Some(short) = with_short_keys.into_iter().find(fit) {
        return short;
    }
    let ways = Cut::ALL.map(|way| -> Vec<String> {
        let cut = rest.iter().map(|name| cut(name, way, size, pixels));
        cut.collect()
    });
    let distinct = |names: &[String]| names.iter().collect::<BTreeSet<_>>().len();
    // Of equals the first.
    let best = ways.into_iter().rev().max_by_key(|names| distinct(names));
    best.unwrap_or(rest)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn fitted(names: &[&str], pixels: i32) -> Vec<String> {
        ready();
        fitting_names(names, 20, pixels)
    }

    #[test]
    fn names_lose_what_they_share_and_keep_what_differs() {
        let names = [
            "system/contention instances-mode=copies batch=128",
            "system/contention instances-mode=copies batch=256",
        ];
        assert_eq!(fitted(&names, 1000), names);
        assert_eq!(fitted(&names, 200), ["…batch=128", "…batch=256"]);

        let names = ["learning-rate=0.125 batch=8", "learning-rate=0.25 batch=16"];
        let cut = fitted(&names, 205);
        assert_eq!(cut, ["learni…=0.125 batch=8", "learni…=0.25 batch=16"]);

        let names = [
            "optimiser-with-a-long-name-1",
            "optimiser-with-a-long-name-2",
        ];
        let cut = fitted(&names, 150);
        assert_ne!(cut[0], cut[1]);
        assert!(cut[0].starts_with('…') && cut[0].ends_with("-1"), "{cut:?}");
    }

    #[test]
    fn a_cut_leaves_every_letter_that_fits() {
        ready();
        let text = "The quick brown fox jumps over the lazy dog 数据测试";
        for pixels in (40..600).step_by(7) {
            for way in Cut::ALL {
                let shown = cut(text, way, 20, pixels);
                let letters = shown.chars().count();
                assert!(width(&shown, 20) <= pixels, "{shown} in {pixels}");
                if shown != text {
                    let longer = way.of(text, letters + 1);
                    assert!(width(&longer, 20) > pixels, "{longer} fits in {pixels}");
                }
            }
        }
        assert_eq!(
            cut("begin at the first", Cut::End, 20, 90).chars().next(),
            Some('b')
        );
    }

    #[test]
    fn letters_that_the_font_lacks_are_known_and_counted_as_wide() {
        ready();
        assert!("aZ9…–—µσκ×≤°".chars().all(has));
        assert!(!"数据测試".chars().any(has));
        // An SVG has letters of 16 pixels for a size of 20.
        assert!(width("数据", 20) >= 32);
        assert_eq!(known("a数据µ"), "a□□µ");
    }
}
