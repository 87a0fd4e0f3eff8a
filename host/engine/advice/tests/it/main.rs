//! Rules: each speaks where it should and is silent just below, files of users, folding, the page that tells of them.

mod docs;
mod files;
mod fixture;
mod folding;
mod rules;
