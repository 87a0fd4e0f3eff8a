//! Texts of messages with holes in them. What a hole may name is known, so a wrong one is found when the settings are read.

use std::io::{self, Write};

use minijinja::{
    AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, escape_formatter,
    value::{Serde, Value},
};

use super::{
    super::{PublishError, settings::meant},
    view::View,
};

/// Steps of a template: a thousand times what a long message needs.
const STEPS: u64 = 200_000;

/// Bytes of a message: no receiver takes a longer one.
const LONGEST: usize = 1 << 20;

/// What is done to values so that they stay values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Escape {
    /// Nothing: plain text.
    None,
    /// They are written as JSON, with their quotes.
    Json,
    /// `&`, `<` and `>` are written as Slack wants them: no value mentions anybody or becomes a link.
    Slack,
}

/// A template that can be filled with any [`View`].
#[derive(Debug, Clone)]
pub(in super::super) struct Template {
    text: String,
    file: String,
    /// Line of the file on which the text begins.
    line: usize,
    escape: Escape,
}

impl Template {
    /// The template `text`, which begins on `line` of `file`.
    ///
    /// # Errors
    /// [`PublishError`] with file and line: it is no template, or names what there is not.
    pub(in super::super) fn new(
        text: &str,
        file: &str,
        line: usize,
        escape: Escape,
    ) -> Result<Self, PublishError> {
        let template = Self {
            text: text.to_owned(),
            file: file.to_owned(),
            line,
            escape,
        };
        template.names_what_there_is()?;
        let made = template.fill(&View::example())?;
        if escape == Escape::Json
            && let Err(error) = serde_json::from_str::<serde_json::Value>(&made)
        {
            return Err(PublishError::usage(format!(
                "{}: what the template makes is no JSON: {error}",
                template.place(error.line())
            ))
            .with_hint("values come with their quotes: {\"text\": {{ alert.sentence }}}; another kind of body needs a header Content-Type"));
        }
        Ok(template)
    }

    /// The text with the values of `view`.
    pub(super) fn fill(&self, view: &View) -> Result<String, PublishError> {
        let environment = environment(self.escape);
        let mut made = Short(Vec::new());
        environment
            .template_from_str(&self.text)
            .and_then(|template| template.render_captured_to(Value::from(Serde(view)), &mut made))
            .map_err(|error| self.wrong(&error))?;
        Ok(String::from_utf8_lossy(&made.0).into_owned())
    }

    /// Every name in it, in branches that the example does not take too.
    fn names_what_there_is(&self) -> Result<(), PublishError> {
        let environment = environment(self.escape);
        let template = environment
            .template_from_str(&self.text)
            .map_err(|error| self.wrong(&error))?;
        let known = names(&Value::from(Serde(View::example())));
        let is_known = |name: &String| {
            known.contains(name)
                || known.iter().any(|one| one.starts_with(&format!("{name}.")))
                || environment.globals().any(|(global, _)| global == name)
        };
        let mut unknown: Vec<String> = template.undeclared_variables(true).into_iter().collect();
        unknown.retain(|name| !is_known(name));
        unknown.sort_unstable();
        let Some(name) = unknown.first() else {
            return Ok(());
        };
        let before = self
            .text
            .find(name.as_str())
            .map_or("", |at| &self.text[..at]);
        Err(PublishError::usage(format!(
            "{}: the template names `{name}`, and there is none{}",
            self.place(before.matches('\n').count() + 1),
            near(name, &known)
        ))
        .with_hint("docs/publish.md lists what a template can name"))
    }

    fn place(&self, line: usize) -> String {
        format!("{}:{}", self.file, self.line + line.saturating_sub(1))
    }

    fn wrong(&self, error: &Error) -> PublishError {
        let what = match error.kind() {
            ErrorKind::UndefinedError => "it names what there is not".to_owned(),
            ErrorKind::OutOfFuel => format!("it comes to no end within {STEPS} steps"),
            ErrorKind::WriteFailure => format!("it makes more than {LONGEST} bytes"),
            kind => kind.to_string(),
        };
        let is_ours = matches!(error.kind(), ErrorKind::OutOfFuel | ErrorKind::WriteFailure);
        let detail = error
            .detail()
            .filter(|_| !is_ours)
            .map_or_else(String::new, |detail| format!(": {detail}"));
        PublishError::usage(format!(
            "{}: the template cannot be used: {what}{detail}",
            self.place(error.line().unwrap_or(1))
        ))
    }
}

/// A message that is refused when it becomes too long.
struct Short(Vec<u8>);

impl Write for Short {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > LONGEST {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn environment<'a>(escape: Escape) -> Environment<'a> {
    let mut environment = Environment::new();
    environment.set_fuel(Some(STEPS));
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(move |_| match escape {
        Escape::None => AutoEscape::None,
        Escape::Json => AutoEscape::Json,
        Escape::Slack => AutoEscape::Custom("slack".into()),
    });
    environment.set_formatter(|out, state, value| match state.auto_escape() {
        AutoEscape::Custom(_) if value.is_safe() => write!(out, "{value}").map_err(Error::from),
        AutoEscape::Custom(_) => out
            .write_str(&slack(&value.to_string()))
            .map_err(Error::from),
        _ => escape_formatter(out, state, value),
    });
    environment
}

/// `text` in which nothing is a mention or a link of Slack.
pub(super) fn slack(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// What was probably meant by `name`: of what stands below the same word, when there is such.
fn near(name: &str, known: &[String]) -> String {
    if let Some((head, last)) = name.split_once('.') {
        let below = known.iter().filter_map(|one| one.split_once('.'));
        let below: Vec<&str> = below
            .filter(|(other, _)| *other == head)
            .map(|(_, last)| last)
            .collect();
        if !below.is_empty() {
            return meant(last, below.into_iter());
        }
    }
    meant(name, known.iter().map(String::as_str))
}

/// `alert.case`, `run.id`, … of a value of maps.
fn names(value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for key in value.try_iter().into_iter().flatten() {
        let name = key.to_string();
        let inner = value.get_item(&key).unwrap_or_default();
        if inner.kind() == minijinja::value::ValueKind::Map {
            found.extend(
                names(&inner)
                    .into_iter()
                    .map(|below| format!("{name}.{below}")),
            );
        } else {
            found.push(name);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str, escape: Escape) -> String {
        Template::new(text, "p.toml", 10, escape)
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn what_cannot_be_named_is_found_with_its_line_even_where_it_is_not_reached() {
        assert_eq!(
            refused("a\n{% if alert.dirty %}{% endif %}", Escape::None),
            "p.toml:11: the template names `alert.dirty`, and there is none"
        );
        assert_eq!(
            refused(
                "{% if false %}\n\n{{ alert.metrik }}{% endif %}",
                Escape::None
            ),
            "p.toml:12: the template names `alert.metrik`, and there is none (did you mean `metric`?)"
        );
        assert!(
            refused("{{ alert.case", Escape::None)
                .starts_with("p.toml:10: the template cannot be used: syntax error")
        );
        assert!(
            refused("\n{{ alert.case|shout }}", Escape::None)
                .starts_with("p.toml:11: the template cannot be used: unknown filter")
        );
        assert!(refused("{{ alert.case.letters }}", Escape::None).contains("`alert.case.letters`"));
    }

    #[test]
    fn a_body_that_is_no_json_is_found_with_its_line() {
        let message = refused("{\n \"text\": \"{{ alert.case }}\" }", Escape::Json);

        assert!(
            message.starts_with("p.toml:11: what the template makes is no JSON"),
            "{message}"
        );
        Template::new(
            "{\"text\": {{ alert.case }}, \"n\": {{ alert.value }} }",
            "p",
            1,
            Escape::Json,
        )
        .unwrap();
    }

    #[test]
    fn a_template_without_an_end_is_refused_with_its_line() {
        let endless =
            "\n{% for i in range(90000) %}{% for j in range(90000) %}x{% endfor %}{% endfor %}";
        let long = "{{ 'x' * 9000000 }}";

        assert_eq!(
            refused(endless, Escape::None),
            "p.toml:11: the template cannot be used: it comes to no end within 200000 steps"
        );
        assert_eq!(
            refused(long, Escape::None),
            "p.toml:10: the template cannot be used: it makes more than 1048576 bytes"
        );
    }

    #[test]
    fn values_stay_values() {
        let mut view = View::example();
        view.alert.case = "<!channel> & \"</script>".to_owned();
        let fill = |escape| {
            Template::new("{{ alert.case }}", "p", 1, escape)
                .unwrap()
                .fill(&view)
                .unwrap()
        };

        assert_eq!(fill(Escape::None), view.alert.case);
        assert_eq!(
            fill(Escape::Slack),
            "&lt;!channel&gt; &amp; \"&lt;/script&gt;"
        );
        let json: String = serde_json::from_str(&fill(Escape::Json)).unwrap();
        assert_eq!(json, view.alert.case);
    }
}
