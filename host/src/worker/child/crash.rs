//! Writes into the shared page where the process crashed, then lets it crash.
//!
//! Works on threads that have an alternate stack: the worker's main thread, to which Rust's runtime gave one. A
//! stack overflow on a plugin's own thread dies without a record; the phase word alone then says where.

#![allow(unsafe_code, reason = "signal handlers are installed through libc")]

use std::{
    io,
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use crate::worker::page::Page;

const SIGNALS: [i32; 5] = [
    libc::SIGSEGV,
    libc::SIGBUS,
    libc::SIGILL,
    libc::SIGFPE,
    libc::SIGABRT,
];

struct Handler {
    page: &'static Page,
    previous: [libc::sigaction; SIGNALS.len()],
}

static HANDLER: OnceLock<Handler> = OnceLock::new();

/// Installs the handlers.
///
/// # Errors
/// What the kernel says.
pub(super) fn install(page: &'static Page) -> io::Result<()> {
    // SAFETY: `sigaction` is plain data for which all zeros is a valid value.
    let mut previous: [libc::sigaction; SIGNALS.len()] = unsafe { std::mem::zeroed() };
    for (signal, slot) in SIGNALS.iter().zip(&mut previous) {
        // SAFETY: reads the current action into a valid, exclusive place.
        if unsafe { libc::sigaction(*signal, std::ptr::null(), slot) } != 0 {
            return Err(io::Error::last_os_error());
        }
    }
    // The handler reads this, so it is set before the first handler is.
    let _ = HANDLER.set(Handler { page, previous });
    for signal in SIGNALS {
        // SAFETY: `handle` has the signature that SA_SIGINFO asks for, and touches only atomics and `sigaction`,
        // which are allowed in a signal handler; SA_ONSTACK uses the stack that the runtime provided.
        let result = unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = handle as *const () as libc::sighandler_t;
            action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
            libc::sigaction(signal, &raw const action, std::ptr::null_mut())
        };
        if result != 0 {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(())
}

extern "C" fn handle(signal: i32, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    let Some(handler) = HANDLER.get() else {
        return;
    };
    record(handler.page, signal, info, context);
    let previous = SIGNALS
        .iter()
        .zip(&handler.previous)
        .find(|(known, _)| **known == signal);
    if let Some((_, action)) = previous {
        // SAFETY: puts back the action that was there before; on return the fault happens again and meets it, so
        // the runtime's own message about stack overflow still appears.
        unsafe {
            libc::sigaction(signal, action, std::ptr::null_mut());
            // An asynchronous signal (abort, kill from outside) does not happen again by itself.
            if info.is_null() || (*info).si_code <= 0 {
                libc::raise(signal);
            }
        }
    }
}

fn record(page: &Page, signal: i32, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    let [word, code, address, instruction, phase] = page.crash_words() else {
        return;
    };
    // The first crash tells the story; an abort that follows it does not overwrite it.
    if word
        .compare_exchange(0, signal as u64, Relaxed, Relaxed)
        .is_err()
    {
        return;
    }
    phase.store(page.phase() as u64, Relaxed);
    if !info.is_null() {
        // SAFETY: the kernel passes a valid `siginfo_t` to a SA_SIGINFO handler; the address field is meaningful
        // for faults and harmless to read otherwise.
        unsafe {
            code.store((*info).si_code as u64, Relaxed);
            address.store((*info).si_addr() as u64, Relaxed);
        }
    }
    store_instruction(instruction, context);
}

#[cfg(target_arch = "x86_64")]
fn store_instruction(word: &AtomicU64, context: *mut libc::c_void) {
    if !context.is_null() {
        // SAFETY: the third argument of a SA_SIGINFO handler is a valid `ucontext_t`.
        let pointer = unsafe {
            (*context.cast::<libc::ucontext_t>()).uc_mcontext.gregs[libc::REG_RIP as usize]
        };
        word.store(pointer as u64, Relaxed);
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn store_instruction(_word: &AtomicU64, _context: *mut libc::c_void) {}
