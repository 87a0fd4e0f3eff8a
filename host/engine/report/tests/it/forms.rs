//! Forms made from a whole report, each read back by a parser that knows nothing of benchhost.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on must stop, in its helpers too"
)]

mod csv;
mod github;
mod json;
mod junit;
mod made;
mod markdown;
mod numbers;
