//! Colour, kept apart from the text so that it never counts as width.

/// What a piece of text means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    Bold,
    Dim,
    Good,
    Caution,
    Bad,
}

/// Turns a meaning into escape sequences, or into nothing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Paint {
    colour: bool,
}

impl Paint {
    pub(super) fn new(colour: bool) -> Self {
        Self { colour }
    }

    /// `text` in `style`; spaces around it stay unpainted.
    pub(super) fn text(self, text: &str, style: Style) -> String {
        let code = match style {
            Style::Plain => None,
            Style::Bold => Some("1"),
            Style::Dim => Some("2"),
            Style::Good => Some("32"),
            Style::Caution => Some("33"),
            Style::Bad => Some("31"),
        };
        let inner = text.trim();
        let Some(code) = code.filter(|_| self.colour && !inner.is_empty()) else {
            return text.to_owned();
        };
        let start = text.len() - text.trim_start().len();
        let (before, after) = (&text[..start], &text[start + inner.len()..]);
        format!("{before}\u{1b}[{code}m{inner}\u{1b}[0m{after}")
    }

    /// Lines in `style`, each with a line feed.
    pub(super) fn lines(self, lines: &[String], style: Style) -> String {
        lines
            .iter()
            .map(|line| format!("{}\n", self.text(line, style)))
            .collect()
    }
}
