//! Text of others in Markdown, so that it stays text.
//!
//! Names go into code spans, where GitHub looks for nothing; sentences are escaped. In both, control characters and line
//! breaks become spaces, and marks that turn the direction of reading around are shown by their number.

use std::{fmt::Write as _, ops::Range};

use crate::text::harmless;

/// Breaks a word for those who look for links and people in finished text, where escapes are gone; takes no room.
const ZERO_WIDTH: char = '\u{200b}';

/// Longest name, in characters.
const NAME: usize = 500;

/// Longest sentence, and longest line of a block, in characters.
const SENTENCE: usize = 2000;

/// What stands for a name that is empty.
const EMPTY: &str = "(empty)";

/// `text` on one line, without what could drive a terminal or turn the rest of the line around.
pub(crate) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    // Before anything else: who takes these marks away leaves no sign of them.
    for c in text.chars() {
        match c {
            '\u{2028}' | '\u{2029}' => shown.push(' '),
            // Marks of direction (Unicode, annex 9) and the mark that begins a file.
            '\u{61c}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{feff}' => {
                let _ = write!(shown, "⟨U+{:04X}⟩", u32::from(c));
            }
            _ => shown.push(c),
        }
    }
    harmless(&shown)
}

/// A name as a code span, for any place but a cell of a table.
pub(crate) fn code(text: &str) -> String {
    span(&named(text))
}

/// A name as a code span in a cell of a table, where a bar needs an escape even in code.
pub(crate) fn cell_code(text: &str) -> String {
    let shown = named(text);
    // Readers do not agree on a backslash before a bar.
    if shown.contains("\\|") {
        return format!("<code>{}</code>", entities(&shown));
    }
    span(&shown).replace('|', "\\|")
}

/// `text` up to `most` characters, with a sign that there was more.
pub(crate) fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn named(text: &str) -> String {
    let shown = cut(&visible(text), NAME);
    if shown.trim().is_empty() {
        return EMPTY.to_owned();
    }
    shown
}

/// A code span ends at as many backticks as began it, so it begins with more than are in a row inside.
fn span(shown: &str) -> String {
    let longest = runs_of_backticks(shown);
    let fence = "`".repeat(longest + 1);
    let is_padded = shown.starts_with(['`', ' ']) || shown.ends_with(['`', ' ']);
    let pad = if is_padded { " " } else { "" };
    format!("{fence}{pad}{shown}{pad}{fence}")
}

fn runs_of_backticks(text: &str) -> usize {
    let runs = text.split(|c| c != '`').map(str::len);
    runs.max().unwrap_or(0)
}

/// Everything that is no letter or digit as a number: nothing is left to be read as anything else.
fn entities(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if c == '@' {
            // Addresses of mail are looked for after such signs are read.
            escaped.push(ZERO_WIDTH);
        }
        if c.is_ascii_punctuation() {
            let _ = write!(escaped, "&#{};", u32::from(c));
        } else {
            escaped.push(c);
        }
    }
    escaped
}

/// A sentence as Markdown: no markup, no link, no name of a person or an issue. Fit for cells too.
pub(crate) fn text(sentence: &str) -> String {
    let shown = cut(&visible(sentence), SENTENCE);
    escaped(shown.trim(), &[])
}

/// As [`text`], but what stands between single backticks stays code: sentences of rules name commands so. Where one of
/// them could be read in another way, all backticks are escaped.
pub(crate) fn prose(sentence: &str) -> String {
    let shown = cut(&visible(sentence), SENTENCE);
    let shown = shown.trim();
    escaped(shown, &spans(shown).unwrap_or_default())
}

/// Where the code is, backticks included; `None` when they are not in pairs around something harmless.
fn spans(shown: &str) -> Option<Vec<Range<usize>>> {
    let ticks: Vec<usize> = shown.match_indices('`').map(|(at, _)| at).collect();
    let mut spans = Vec::new();
    for pair in ticks.chunks(2) {
        let [from, to] = *pair else { return None };
        let inside = &shown[from + 1..to];
        // A bar ends a cell of a table even in code; an escape or a `$` beside a span is read in different ways.
        let is_plain = inside.chars().all(|c| c != '|' && !c.is_control());
        let is_text = !inside.is_empty() && inside.trim() == inside;
        let before = shown[..from].chars().next_back();
        let after = shown[to + 1..].chars().next();
        let is_apart = before.is_none_or(|c| c == ' ' || c == '(')
            && after.is_none_or(|c| " ).,:;!?".contains(c));
        if !(is_plain && is_text && is_apart) {
            return None;
        }
        spans.push(from..to + 1);
    }
    Some(spans)
}

/// `shown` without markup but for the code at `spans`.
fn escaped(shown: &str, spans: &[Range<usize>]) -> String {
    let mut escaped = String::with_capacity(shown.len() + 8);
    let mut rest = shown.char_indices().peekable();
    while let Some((at, c)) = rest.next() {
        if spans.iter().any(|span| span.contains(&at)) {
            escaped.push(c);
            continue;
        }
        let next = rest.peek().map(|(_, next)| *next);
        let is_marked = match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' | '$' => true,
            '&' => is_entity(&shown[at + 1..]),
            // At the beginning these make lists, headings and lines.
            '-' | '+' | '#' | '=' => at == 0,
            '.' | ')' => is_number(&shown[..at]) && next.is_none_or(char::is_whitespace),
            _ => false,
        };
        if c == '@' && at > 0 {
            // An address of mail is found from both sides.
            escaped.push(ZERO_WIDTH);
        }
        if is_marked {
            escaped.push('\\');
        }
        escaped.push(c);
        let is_word = next.is_some_and(|next| next.is_alphanumeric() || next == '_');
        let begins_link = match c {
            '@' | '#' => is_word,
            ':' => shown[at..].starts_with("://"),
            'w' | 'W' => next == Some('.') && is_www(&shown[..=at]),
            _ => false,
        };
        if begins_link {
            escaped.push(ZERO_WIDTH);
        }
    }
    escaped
}

/// Whether what stands after an `&` makes it a sign of HTML.
fn is_entity(after: &str) -> bool {
    let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '#');
    end.is_some_and(|end| after[end..].starts_with(';'))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_www(text: &str) -> bool {
    let last = text.as_bytes().last_chunk::<3>();
    last.is_some_and(|last| last.eq_ignore_ascii_case(b"www"))
}

/// Lines as a block of code, with a fence that nothing inside can close.
pub(crate) fn block(lines: &str) -> String {
    let lines: Vec<String> = lines
        .lines()
        .map(|line| cut(&visible(line), SENTENCE))
        .collect();
    let longest = lines.iter().map(|line| runs_of_backticks(line)).max();
    let fence = "`".repeat(longest.unwrap_or(0).max(2) + 1);
    format!("{fence}text\n{}\n{fence}\n", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_survives_backticks_bars_and_spaces() {
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("``"), "``` `` ```");
        assert_eq!(code(" a"), "`  a `");
        assert_eq!(code(""), "`(empty)`");
        assert_eq!(cell_code("a|b"), "`a\\|b`");
        assert_eq!(cell_code("a\\|b"), "<code>a&#92;&#124;b</code>");
    }

    #[test]
    fn marks_of_direction_are_shown_and_do_nothing() {
        assert_eq!(visible("a\u{202e}b\u{1b}[31m\n"), "a⟨U+202E⟩b ");
    }

    #[test]
    fn sentences_call_nobody_and_link_to_nothing() {
        assert_eq!(text("@you, #12"), "@\u{200b}you, #\u{200b}12");
        assert_eq!(text("a@b.c"), "a\u{200b}@\u{200b}b.c");
        assert_eq!(text("http://x www.y"), "http:\u{200b}//x www\u{200b}.y");
        assert_eq!(text("1. one"), "1\\. one");
        assert_eq!(text("1.5 s"), "1.5 s");
        assert_eq!(text("- one"), "\\- one");
        assert_eq!(text("a=1&b=2 &lt; &amp"), "a=1&b=2 \\&lt; &amp");
        assert_eq!(text("<b>*x*</b>"), "\\<b\\>\\*x\\*\\</b\\>");
    }

    #[test]
    fn code_of_a_rule_stays_code_and_nothing_else_becomes_any() {
        assert_eq!(prose("a_b (`x --y`): `z`."), "a\\_b (`x --y`): `z`.");
        for odd in ["`a", "``a``", "` `", "`a|b`", "$`a`$", "\\`a`", "`a`b`c`"] {
            assert_eq!(prose(odd), text(odd), "{odd}");
        }
        assert_eq!(prose("`@you` @you"), "`@you` \u{200b}@\u{200b}you");
    }

    #[test]
    fn a_block_cannot_be_closed_from_inside() {
        assert_eq!(block("a\n````\nb"), "`````text\na\n````\nb\n`````\n");
    }
}
