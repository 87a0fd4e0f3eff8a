//! What a worker does to itself before it touches a plugin.

#![allow(
    unsafe_code,
    reason = "inherited descriptors and `_exit` have no safe form"
)]

use std::{
    fs, io,
    os::{
        fd::{AsFd, FromRawFd, OwnedFd},
        unix::net::UnixStream,
    },
    thread,
};

use rustix::{
    event::{PollFd, PollFlags, poll},
    process::{Resource, Rlimit, Signal, getpid, kill_process_group, setrlimit},
};

/// Makes the kernel prefer the worker over everything else when memory runs out.
const OOM_SCORE_ADJUSTMENT: &str = "800";

/// Takes over the descriptors the host left open for this process.
///
/// # Errors
/// When they are not open.
pub(super) fn inherited(socket: i32, page: i32) -> io::Result<(UnixStream, OwnedFd)> {
    for fd in [socket, page] {
        // SAFETY: only asks whether the number is an open descriptor.
        if fd < 3 || unsafe { libc::fcntl(fd, libc::F_GETFD) } < 0 {
            let message = "`__worker` is started by benchhost itself, not by hand";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
    }
    // SAFETY: both are open (checked), were put there by the host for this process alone, and are taken once.
    let (socket, page) = unsafe { (UnixStream::from_raw_fd(socket), OwnedFd::from_raw_fd(page)) };
    for fd in [socket.as_fd(), page.as_fd()] {
        // What the plugin starts must not hold on to them.
        rustix::io::fcntl_setfd(fd, rustix::io::FdFlags::CLOEXEC)?;
    }
    Ok((socket, page))
}

/// No core files, first in line when memory runs out, and gone when the host is gone.
///
/// # Errors
/// When the thread that watches the host cannot be started.
pub(super) fn protect_host(socket: &UnixStream) -> io::Result<()> {
    // Best effort: both only matter when something else has already gone wrong.
    let _ = fs::write("/proc/self/oom_score_adj", OOM_SCORE_ADJUSTMENT);
    if std::env::var_os("BENCHHOST_CORE").is_none() {
        let _ = setrlimit(
            Resource::Core,
            Rlimit {
                current: Some(0),
                maximum: Some(0),
            },
        );
    }
    let socket = socket.try_clone()?;
    // Blocked in poll while measuring: costs nothing. `PR_SET_PDEATHSIG` would fire when the spawning thread ends.
    thread::Builder::new()
        .name("benchhost-guard".into())
        .stack_size(64 << 10)
        .spawn(move || {
            loop {
                let mut fds = [PollFd::new(&socket, PollFlags::RDHUP)];
                let polled = poll(&mut fds, None);
                let gone = PollFlags::RDHUP | PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL;
                if polled.is_ok() && fds[0].revents().intersects(gone) {
                    let _ = kill_process_group(getpid(), Signal::KILL);
                    exit_now(1);
                }
            }
        })?;
    Ok(())
}

/// Writes out what a plugin in C has printed and not flushed: the process ends without the C library's own farewell.
pub(super) fn flush_c_streams() {
    // SAFETY: null means all streams that are open for writing.
    unsafe { libc::fflush(std::ptr::null_mut()) };
}

/// Ends the process by `signal`, as another one has ended.
pub(super) fn die_by(signal: i32) -> ! {
    // SAFETY: puts the default action back and sends the signal to this thread; both take any number, and what the default
    // action does is what is wanted.
    unsafe {
        libc::signal(signal, libc::SIG_DFL);
        libc::raise(signal);
    }
    // A signal that ends no process.
    exit_now(128 + signal)
}

/// Ends the process at once, running nobody's destructors.
pub(super) fn exit_now(code: i32) -> ! {
    // SAFETY: `_exit` takes any code and does not return.
    unsafe { libc::_exit(code) }
}
