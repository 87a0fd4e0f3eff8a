//! Builds one revision of a plugin crate, as git has it, without touching what lies in the work tree.
//!
//! What stays between two builds (cargo's target directory for all revisions, the libraries of each) is kept in
//! `target/benchhost/revisions` of the repository, where `cargo clean` removes it.
//! The commit itself is checked out outside the repository, in the user's cache folder, for as long as cargo works:
//! from a folder inside it, cargo and rustup would look upwards and find the work tree's own `.cargo/config.toml`,
//! `rust-toolchain.toml` and workspace, and an uncommitted or later flag would change the old revision too.
//! For the same reason a path dependency outside the repository is not found, nor are submodules filled.

mod build;
mod git;
mod range;
mod repository;
mod store;
#[cfg(test)]
mod tests;
mod worktree;

pub use build::{build_revision, check_revision};
pub use range::RevisionRange;
