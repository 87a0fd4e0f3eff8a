//! Processes that a plugin leaves behind are found and ended.
//!
//! The host adopts orphans of its workers, also those that made a session of their own to escape the group, and
//! ends whatever is left once a worker is gone.

use rustix::{
    io::Errno,
    process::{
        Pid, Signal, WaitId, WaitIdOptions, WaitOptions, getpid, kill_process, set_child_subreaper,
        waitid, waitpid,
    },
};

use crate::probe::process::children;

/// Makes orphans of our workers our own children. Returns the children this process has already, inherited through
/// `exec` from a shell for example, which are none of a plugin's.
#[must_use]
pub fn adopt_orphans() -> Vec<u32> {
    // Old kernels refuse; strays then go to init, as they always did.
    let _ = set_child_subreaper(Some(getpid()));
    children(own_pid())
}

fn own_pid() -> u32 {
    getpid().as_raw_nonzero().get() as u32
}

/// Whether this process has no child at all, dead or alive: one system call instead of a look at every process.
fn has_no_child() -> bool {
    let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    matches!(waitid(WaitId::All, look), Err(Errno::CHILD))
}

/// Ends every child of this process that is not in `known`, and theirs. Returns how many there were.
#[must_use]
pub fn end_strays(known: &[u32]) -> usize {
    if has_no_child() {
        return 0;
    }
    let own = own_pid();
    let mut ended = 0;
    // Ending a stray orphans its children in turn, so look again until nothing is left; bounded against a fork bomb.
    for _ in 0..64 {
        let strays: Vec<Pid> = children(own)
            .into_iter()
            .filter(|pid| !known.contains(pid))
            .filter_map(|pid| Pid::from_raw(pid as i32))
            .collect();
        if strays.is_empty() {
            break;
        }
        for pid in strays {
            let _ = kill_process(pid, Signal::KILL);
            if waitpid(Some(pid), WaitOptions::empty()).is_ok() {
                ended += 1;
            }
        }
    }
    ended
}
