//! All rules together: those that come with benchhost, and the user's.

use std::collections::HashMap;

use crate::{Error, Rule, error::meant, read, rule::OURS};

/// The rules that come with benchhost.
pub const BUILTIN: &str = concat!(
    include_str!("../rules/findings.toml"),
    "\n",
    include_str!("../rules/limits.toml")
);

/// Rules, each name once.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    all: Vec<Rule>,
}

impl Rules {
    /// The rules that come with benchhost.
    #[must_use]
    pub fn builtin() -> Self {
        let mut rules = Self::default();
        rules
            .read_file(BUILTIN, OURS)
            .expect("a test reads the rules that come with it");
        rules
    }

    /// Adds the `[[recommend]]` tables of `text`, a file called `name`. One with a name that is known takes the place of the
    /// rule that has it; with `enabled = false` and nothing else it switches that off.
    ///
    /// # Errors
    /// [`Error`] with file and line. Nothing is added then.
    pub fn read_file(&mut self, text: &str, name: &str) -> Result<(), Error> {
        let mut all = self.all.clone();
        let named = all.iter().enumerate();
        let mut places: HashMap<String, usize> = named
            .map(|(place, rule)| (rule.name.clone(), place))
            .collect();
        let mut here: HashMap<String, String> = HashMap::new();
        for written in read::file(text, name)? {
            let (name, place) = (written.name().to_owned(), written.place().to_owned());
            if let Some(other) = here.insert(name.clone(), place.clone()) {
                return Err(Error::SameName { place, name, other });
            }
            let known = places.get(written.name()).copied();
            match (written, known) {
                (read::Written::Rule(rule), Some(known)) => all[known] = *rule,
                (read::Written::Rule(rule), None) => {
                    places.insert(rule.name.clone(), all.len());
                    all.push(*rule);
                }
                (read::Written::Off { .. }, Some(known)) => all[known].is_enabled = false,
                (read::Written::Off { name, place }, None) => {
                    let meant = meant(&name, all.iter().map(|rule| rule.name.as_str()));
                    return Err(Error::NoSuchRule { place, name, meant });
                }
            }
        }
        self.all = all;
        Ok(())
    }

    /// All of them, in the order of their files.
    #[must_use]
    pub fn all(&self) -> &[Rule] {
        &self.all
    }
}
