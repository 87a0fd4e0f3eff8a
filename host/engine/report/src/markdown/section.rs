//! A part of a report: a heading, a table, what follows. Parts can be cut to a size without breaking the rest.

/// A part that can stand alone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Section {
    /// What it is called where it has to be left out.
    pub(crate) name: String,
    /// What stands before the table, Markdown.
    pub(crate) head: String,
    pub(crate) table: Option<Table>,
    /// What stands after it, Markdown.
    pub(crate) tail: String,
}

/// A table whose cells are Markdown already.
#[derive(Debug, Clone, Default)]
pub(crate) struct Table {
    /// Headers, a `>` before those of columns of numbers.
    pub(crate) headers: &'static [&'static str],
    pub(crate) rows: Vec<Vec<String>>,
}

impl Section {
    pub(crate) fn text(name: &str, head: String) -> Self {
        Self {
            name: name.to_owned(),
            head,
            ..Self::default()
        }
    }

    fn render(&self, rows: usize) -> String {
        let mut text = self.head.clone();
        if let Some(table) = &self.table {
            text.push_str(&table.render(rows));
            let more = table.rows.len().saturating_sub(rows);
            if more > 0 {
                text.push_str(&format!("\n… and {more} more rows.\n"));
            }
        }
        if !self.tail.is_empty() {
            text.push('\n');
            text.push_str(&self.tail);
        }
        text
    }
}

impl Table {
    /// The first `rows` rows.
    fn render(&self, rows: usize) -> String {
        let line = |cells: &[&str]| format!("| {} |\n", cells.join(" | "));
        let names: Vec<&str> = self
            .headers
            .iter()
            .map(|name| name.trim_start_matches('>'))
            .collect();
        let ruler: Vec<&str> = self
            .headers
            .iter()
            .map(|name| if name.starts_with('>') { "---:" } else { "---" })
            .collect();
        let mut text = format!("{}{}", line(&names), line(&ruler));
        for row in self.rows.iter().take(rows) {
            let cells: Vec<&str> = row.iter().map(String::as_str).collect();
            text.push_str(&line(&cells));
        }
        text
    }
}

/// All sections, whole.
pub(crate) fn whole(sections: &[Section]) -> String {
    let texts = sections.iter().map(|section| section.render(usize::MAX));
    texts.collect::<Vec<_>>().join("\n")
}

/// As much of the sections as fits into `limit` bytes, in order; what does not is named in a last sentence, which
/// `remedy` ends.
pub(crate) fn within(sections: &[Section], limit: usize, remedy: &str) -> String {
    let all = whole(sections);
    if all.len() <= limit {
        return all;
    }
    // Room for the sentence that says what is missing.
    let room = limit.saturating_sub(ROOM);
    let mut text = String::new();
    let mut missing: Vec<&str> = Vec::new();
    for section in sections {
        let left = room.saturating_sub(text.len() + 1);
        let rows = fitting(section, left);
        match rows {
            Some(rows) => {
                if !text.is_empty() {
                    text.push('\n');
                }
                text.push_str(&section.render(rows));
                if section.table.as_ref().is_some_and(|t| t.rows.len() > rows) {
                    missing.push(&section.name);
                }
            }
            None => missing.push(&section.name),
        }
    }
    missing.dedup();
    let mut names = String::new();
    for name in &missing {
        if names.len() + name.len() + 2 > ROOM / 2 {
            names.push_str(", …");
            break;
        }
        if !names.is_empty() {
            names.push_str(", ");
        }
        names.push_str(name);
    }
    text.push_str(&format!(
        "\n**Cut to the size that GitHub shows.** Left out or shortened: {names}. {remedy}\n"
    ));
    text
}

/// Bytes kept for the last sentence.
const ROOM: usize = 2048;

/// The most rows with which a section takes at most `left` bytes; none when it does not fit at all.
fn fitting(section: &Section, left: usize) -> Option<usize> {
    if section.render(usize::MAX).len() <= left {
        return Some(usize::MAX);
    }
    let rows = section.table.as_ref()?.rows.len();
    let (mut fits, mut breaks) = (0, rows);
    if section.render(0).len() > left {
        return None;
    }
    while breaks - fits > 1 {
        let middle = usize::midpoint(fits, breaks);
        if section.render(middle).len() <= left {
            fits = middle;
        } else {
            breaks = middle;
        }
    }
    (fits > 0).then_some(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(rows: usize) -> Section {
        Section {
            name: "the table".to_owned(),
            head: "## head\n\n".to_owned(),
            table: Some(Table {
                headers: &["a", ">b"],
                rows: vec![vec!["x".repeat(50), "1".to_owned()]; rows],
            }),
            tail: "tail\n".to_owned(),
        }
    }

    #[test]
    fn what_fits_is_whole() {
        let sections = [section(2), Section::text("more", "more\n".to_owned())];
        let text = within(&sections, 10_000, "");

        assert_eq!(text, whole(&sections));
        assert!(
            text.starts_with("## head\n\n| a | b |\n| --- | ---: |\n"),
            "{text}"
        );
    }

    #[test]
    fn what_does_not_fit_loses_rows_and_is_named() {
        let sections = [section(1000), Section::text("the end", "e".repeat(9000))];
        let text = within(&sections, 8000, "The rest is elsewhere.");

        assert!(text.len() <= 8000, "{}", text.len());
        assert!(text.contains("more rows.\n\ntail"), "{text}");
        assert!(
            text.contains("shortened: the table, the end. The rest is elsewhere."),
            "{text}"
        );
    }
}
