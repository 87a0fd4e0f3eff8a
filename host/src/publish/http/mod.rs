//! Requests to other programs: one client with time limits, patience, and care for secrets.
//!
//! What is sent and what an answer means is the business of those who ask.

mod address;
mod answer;
mod broken;
mod client;
mod retry;

pub(super) use self::{
    address::Address,
    answer::Answer,
    client::{Client, Header, Repeat, Request},
    retry::Retry,
};
