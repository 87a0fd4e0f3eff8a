//! An address, through the user's curl, into a part that a later transfer goes on from.
//!
//! curl and not a client of our own: it knows the user's proxies and certificates, as the package clients do, and a TLS stack in this
//! program would be thirty crates and a second place for security updates. It writes to a pipe, so that it ends when
//! this program is killed, and nothing writes a part that somebody else goes on with.

use std::{
    fs::File,
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
};

use sha2::{Digest as _, Sha256};

use super::{
    DataError, Observer,
    client::{gist, on_path},
    process::{Ended, run},
};

/// Times that a transfer is taken up again after it broke off, as long as each brings something.
const MOST_TRIES: usize = 8;

/// A transfer slower than a byte a second for so long is given up, in s.
const PATIENCE_S: &str = "60";

/// How a transfer was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transfer {
    /// All of it by this call.
    Whole,
    /// A part of it came earlier, perhaps of another content.
    Continued,
}

/// Where what comes from `url` is kept: each address has its own part.
pub(super) fn part_in(staging: &Path, url: &str) -> PathBuf {
    let digest = Sha256::digest(url.as_bytes());
    let name: String = digest[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    staging.join(format!("{name}.part"))
}

/// Brings `url` to `part`, after what is there.
pub(super) fn download(
    url: &str,
    part: &Path,
    observer: &mut dyn Observer,
) -> Result<Transfer, DataError> {
    let program = on_path("curl").ok_or(DataError::NoClient {
        program: "curl",
        remedy: "install curl",
    })?;
    let unwritable = |error| DataError::file("write", part, error);
    if part.is_symlink() {
        // A part is a file of ours.
        std::fs::remove_file(part).map_err(unwritable)?;
    }
    let mut file = File::options()
        .create(true)
        .append(true)
        .open(part)
        .map_err(unwritable)?;
    let mut have = file.metadata().map_err(unwritable)?.len();
    let mut transfer = match have {
        0 => Transfer::Whole,
        _ => Transfer::Continued,
    };
    for attempt in 1.. {
        let before = have;
        observer.at(have);
        let mut write = |bytes: &[u8], observer: &mut dyn Observer| {
            file.write_all(bytes).map_err(unwritable)?;
            have += bytes.len() as u64;
            observer.at(have);
            Ok(())
        };
        let ended = run(
            &mut curl(&program, url, before),
            "curl",
            &mut write,
            observer,
        )?;
        match End::of(&ended) {
            End::Complete => break,
            // All of it was there already, or another content is offered now; the checksum tells.
            End::NothingMore if before > 0 => break,
            End::NoRanges if before > 0 => {
                observer.remark("the server cannot go on where it stopped; from the beginning");
                file.set_len(0).map_err(unwritable)?;
                have = 0;
                transfer = Transfer::Whole;
            }
            End::BrokeOff if have > before && attempt < MOST_TRIES => {
                observer.remark(&format!(
                    "the transfer broke off after {have} bytes; going on"
                ));
            }
            _ => return Err(failure(url, have, &ended)),
        }
    }
    Ok(transfer)
}

fn curl(program: &Path, url: &str, have: u64) -> Command {
    let mut command = Command::new(program);
    command
        .args([
            "--silent",
            "--no-buffer",
            "--show-error",
            "--fail",
            "--location",
            "--globoff",
        ])
        .args([
            "--proto",
            "=http,https,file",
            "--proto-redir",
            "=http,https",
        ])
        .args(["--connect-timeout", "30"])
        .args(["--speed-limit", "1", "--speed-time", PATIENCE_S])
        .args(["--output", "-", "--url", url])
        .env("LC_ALL", "C");
    if have > 0 {
        command.args(["--continue-at", &have.to_string()]);
    }
    command
}

/// What the exit codes of curl mean for a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Complete,
    /// The server has nothing after what is there (HTTP 416).
    NothingMore,
    /// The server sends from the beginning only.
    NoRanges,
    /// Something came, then no more.
    BrokeOff,
    /// No such host, nobody there, a proxy in between.
    NoNetwork,
    /// There is no such thing at this address.
    NotThere,
    Other,
}

impl End {
    fn of(ended: &Ended) -> Self {
        match ended.status.code() {
            Some(0) => Self::Complete,
            Some(22) if ended.said.contains("416") => Self::NothingMore,
            Some(22) if ended.said.contains("404") || ended.said.contains("410") => Self::NotThere,
            Some(33 | 36) => Self::NoRanges,
            Some(18 | 28 | 52 | 55 | 56 | 92) => Self::BrokeOff,
            Some(5 | 6 | 7 | 97) => Self::NoNetwork,
            Some(37 | 78) => Self::NotThere,
            _ => Self::Other,
        }
    }
}

fn failure(url: &str, kept: u64, ended: &Ended) -> DataError {
    let program = "curl";
    let said = gist(&ended.said);
    let what = url.to_owned();
    match End::of(ended) {
        End::BrokeOff if kept > 0 => DataError::BrokeOff { what, kept, said },
        End::BrokeOff | End::NoNetwork => DataError::NoNetwork {
            program,
            what,
            said,
        },
        End::NotThere => DataError::NotFound {
            program,
            what,
            said,
            remedy: "",
        },
        End::Complete | End::NothingMore | End::NoRanges | End::Other => DataError::ClientFailed {
            program,
            what,
            status: ended.how(),
            said,
        },
    }
}
