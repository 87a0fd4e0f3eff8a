//! Where workloads put their files.

use super::finding::{Finding, Severity, bytes};
use crate::probe::condition::Folder;

/// Below this, workloads that write fail.
const SCARCE_BYTES: u64 = 100 << 20;

/// Below this, or this share of the whole, file systems look long for room.
const LOW_BYTES: u64 = 1 << 30;
const LOW_SHARE: f64 = 0.05;

pub(super) fn temporary(folder: &Folder) -> Finding {
    const CHECK: &str = "temporary-folder";
    let (free, total) = match &folder.room {
        Ok(room) => *room,
        Err(why) => return Finding::unknown(CHECK, why),
    };
    let kind = match &folder.kind {
        Ok(kind) => kind.as_str(),
        Err(_) => "unknown file system",
    };
    let is_memory = matches!(kind, "tmpfs" | "ramfs");
    let found = format!(
        "{} ({kind}): {} of {} free",
        folder.path.display(),
        bytes(free),
        bytes(total)
    );
    let severity = if free < SCARCE_BYTES {
        Severity::Problem
    } else if free < LOW_BYTES || (free as f64) < LOW_SHARE * total as f64 {
        Severity::Warning
    } else if is_memory {
        Severity::Note
    } else {
        return Finding::fine(CHECK, found);
    };
    let effect = if is_memory {
        "files there are memory: reading and writing them says nothing about a disk, and they count against memory limits"
    } else {
        "writing slows down where room is scarce, and fails where there is none"
    };
    Finding::new(CHECK, severity, found)
        .effect(effect)
        .remedy("let it be another folder, on a disk with room:")
        .command("TMPDIR=/var/tmp benchhost run …")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::tree::assert_says;

    fn of(kind: Result<&str, &str>, free: u64, total: u64) -> Finding {
        temporary(&Folder {
            path: "/tmp".into(),
            kind: kind.map(str::to_owned).map_err(str::to_owned),
            room: Ok((free, total)),
        })
    }

    #[test]
    fn room_and_kind_are_weighed() {
        const GIB: u64 = 1 << 30;

        assert_says(
            &of(Ok("ext4"), 50 * GIB, 100 * GIB),
            Severity::Fine,
            "/tmp (ext4): 50.0 GiB of 100.0 GiB free",
        );
        assert_says(
            &of(Ok("ext4"), 4 * GIB, 100 * GIB),
            Severity::Warning,
            "4.0 GiB",
        );
        assert_says(
            &of(Ok("ext4"), GIB / 2, GIB),
            Severity::Warning,
            "512.0 MiB",
        );
        assert_says(&of(Ok("ext4"), 0, GIB), Severity::Problem, "0 B");
        let memory = of(Ok("tmpfs"), 50 * GIB, 100 * GIB);
        assert_says(&memory, Severity::Note, "tmpfs");
        assert!(memory.effect.unwrap().contains("files there are memory"));
        assert_says(
            &of(Err("no"), 50 * GIB, 100 * GIB),
            Severity::Fine,
            "unknown file system",
        );
    }

    #[test]
    fn a_folder_that_is_not_there_is_unknown() {
        let folder = Folder {
            path: "/no/such".into(),
            kind: Err(String::new()),
            room: Err("/no/such cannot be looked at".to_owned()),
        };

        assert_says(
            &temporary(&folder),
            Severity::Unknown,
            "cannot be looked at",
        );
    }
}
