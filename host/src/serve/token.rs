//! The token: who knows it is answered. A browser that has shown it once gets a session instead, so that the token itself is in no
//! cookie, address or list of visited pages.

use std::{
    fs, hint,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};

/// Fewer characters could be guessed.
const SHORTEST: usize = 16;

/// What one must know to be answered.
#[derive(Clone)]
pub struct Token {
    digest: [u8; 32],
}

/// Why a token cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The file cannot be read.
    #[error("cannot read the token in `{}`: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is too short.
    #[error("the token in {place} has {found} characters, expected at least {SHORTEST}")]
    Short {
        /// The file or the variable.
        place: String,
        /// How many there are.
        found: usize,
    },
    /// It cannot be sent.
    #[error(
        "the token in {place} has characters that cannot be sent, expected letters, digits and signs without spaces"
    )]
    Odd {
        /// The file or the variable.
        place: String,
    },
}

impl Token {
    /// The token in a file; white space around it does not count.
    ///
    /// # Errors
    /// [`TokenError`].
    pub fn of_file(path: &Path) -> Result<Self, TokenError> {
        let text = crate::written::read(path).map_err(|source| TokenError::File {
            path: path.to_owned(),
            source,
        })?;
        Self::new(&text, &format!("`{}`", path.display()))
    }

    /// The token in `text`, which was found at `place`.
    ///
    /// # Errors
    /// [`TokenError`] when it is short, or cannot be part of a header.
    pub fn new(text: &str, place: &str) -> Result<Self, TokenError> {
        let text = text.trim();
        let place = place.to_owned();
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(TokenError::Odd { place });
        }
        if text.len() < SHORTEST {
            let found = text.len();
            return Err(TokenError::Short { place, found });
        }
        Ok(Self {
            digest: digest(text),
        })
    }

    /// Whether `text` is the token. Takes as long for any text of a length.
    pub(super) fn is(&self, text: &str) -> bool {
        is_same(&self.digest, &digest(text.trim()))
    }
}

/// The token, and what browsers have instead while this program runs.
pub(super) struct Access {
    pub(super) token: Token,
    session: String,
}

impl Access {
    /// # Errors
    /// When the system has no randomness.
    pub(super) fn new(token: Token) -> io::Result<Self> {
        let mut random = [0; 32];
        fs::File::open("/dev/urandom")?.read_exact(&mut random)?;
        let session = random.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { token, session })
    }

    /// What a browser gets for the token.
    pub(super) fn session(&self) -> &str {
        &self.session
    }

    /// Whether `text` is the session.
    pub(super) fn is_session(&self, text: &str) -> bool {
        is_same(&digest(&self.session), &digest(text))
    }
}

fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

/// Looks at every byte, wherever the first difference is.
fn is_same(one: &[u8; 32], other: &[u8; 32]) -> bool {
    let differences = one.iter().zip(other).fold(0, |seen, (a, b)| seen | (a ^ b));
    hint::black_box(differences) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_known_by_all_of_it() {
        let token = Token::new(" 0123456789abcdef\n", "x").unwrap();

        assert!(token.is("0123456789abcdef"));
        for other in [
            "",
            "0123456789abcde",
            "0123456789abcdeg",
            "0123456789abcdef0",
        ] {
            assert!(!token.is(other), "{other}");
        }
    }

    #[test]
    fn a_token_that_could_be_guessed_or_not_be_sent_is_refused() {
        let short = Token::new("secret", "BENCHHOST_TOKEN").err().unwrap();
        let odd = Token::new("0123456789 abcdef é", "x").err().unwrap();

        assert_eq!(
            short.to_string(),
            "the token in BENCHHOST_TOKEN has 6 characters, expected at least 16"
        );
        assert!(matches!(odd, TokenError::Odd { .. }));
        assert!(Token::new("", "x").is_err());
    }

    #[test]
    fn a_session_is_not_the_token_and_ends_with_the_program() {
        let token = Token::new("0123456789abcdef", "x").unwrap();
        let one = Access::new(token.clone()).unwrap();
        let other = Access::new(token).unwrap();

        assert!(one.is_session(one.session()) && !one.is_session("0123456789abcdef"));
        assert!(!other.is_session(one.session()));
    }
}
