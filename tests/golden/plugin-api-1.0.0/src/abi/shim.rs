//! Turns a [`Workload`] into the trait object that crosses the boundary.
//!
//! The batch loop is here, generic, so that it is compiled into the plugin and `iterate` is inlined into it.
//! Every entry, drop included, is wrapped in `catch_unwind`: a panic that reached abi_stable's own guard would
//! end the process with `exit(1)`, which looks like anything but a panic.

use std::{
    any::Any,
    backtrace::Backtrace,
    hint::black_box,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Mutex, Once, PoisonError},
    time::Instant,
};

use abi_stable::std_types::{RErr, ROk, RResult, RString};

use super::{
    BatchOut, HostServices_Ref, PluginError, WorkloadAbi, WorkloadAbi_TO, WorkloadBox, flags,
    status,
};
use crate::{Ctx, Error, Metrics, Work, Workload};

/// Makes an instance of `W` from the TOML text of its parameters.
pub(crate) fn create<W: Workload>(
    host: HostServices_Ref,
    config: &str,
) -> RResult<WorkloadBox, PluginError> {
    install_panic_hook();
    let ctx = Ctx::new(host);
    let made = catch_unwind(AssertUnwindSafe(|| {
        let config = crate::export::parse_config::<W>(config)?;
        W::create(config, &ctx)
    }));
    match made {
        Ok(Ok(workload)) => {
            let shim = Shim {
                workload: Some(workload),
                ctx,
                error: None,
                iterations: 0,
            };
            ROk(WorkloadAbi_TO::from_value(
                shim,
                abi_stable::sabi_trait::TD_Opaque,
            ))
        }
        Ok(Err(error)) => RErr(to_plain(&error)),
        Err(payload) => RErr(panic_report(payload)),
    }
}

struct Shim<W: Workload> {
    /// `None` after a panic or a teardown.
    workload: Option<W>,
    ctx: Ctx,
    error: Option<PluginError>,
    /// Iterations of the last batch, to report phase times per iteration.
    iterations: u64,
}

impl<W: Workload> Shim<W> {
    fn guarded(&mut self, body: impl FnOnce(&mut W, &Ctx) -> Result<(), Error>) -> u32 {
        let Some(workload) = self.workload.as_mut() else {
            return status::POISONED;
        };
        match catch_unwind(AssertUnwindSafe(|| body(workload, &self.ctx))) {
            Ok(Ok(())) => status::OK,
            Ok(Err(error)) => self.remember(to_plain(&error)),
            Err(payload) => {
                // Not dropped: its destructor would run on a state that a panic left half done.
                std::mem::forget(self.workload.take());
                self.remember(panic_report(payload))
            }
        }
    }

    fn remember(&mut self, error: PluginError) -> u32 {
        let code = error.code;
        self.error = Some(error);
        code
    }
}

impl<W: Workload> WorkloadAbi for Shim<W> {
    fn setup(&mut self) -> u32 {
        self.guarded(|workload, _| workload.setup())
    }

    fn facts(&mut self) -> RString {
        let mut work = Work::default();
        self.guarded(|workload, _| {
            work = workload.work();
            Ok(())
        });
        let table = toml::Table::from_iter(
            [("work".to_owned(), toml::Value::try_from(work))]
                .into_iter()
                .filter_map(|(key, value)| Some((key, value.ok()?))),
        );
        toml::to_string(&table).unwrap_or_default().into()
    }

    fn prepare(&mut self) -> u32 {
        self.guarded(|workload, _| workload.prepare())
    }

    fn run_batch(&mut self, n: u64, out: &mut BatchOut) -> u32 {
        let mut done = Progress::default();
        let each = each_buffer(out);
        let code = self.guarded(|workload, ctx| {
            if each.is_empty() {
                iterate_batch(workload, ctx, n, &mut done)?;
            } else {
                iterate_each(workload, ctx, n, each, &mut done)?;
            }
            workload.synchronise()
        });
        self.iterations = done.iterations;
        (out.iters_done, out.digest, out.flags) = (done.iterations, done.digest, done.flags);
        code
    }

    fn flush(&mut self) -> u32 {
        let iterations = self.iterations.max(1) as f64;
        self.guarded(|workload, ctx| {
            for (name, ns) in ctx.spans().totals() {
                ctx.report(&format!("time.{name}"), "ns", ns as f64 / iterations);
            }
            ctx.spans().clear();
            let mut metrics = Metrics::default();
            workload.metrics(&mut metrics)?;
            for (name, value) in &metrics.values {
                ctx.report(name, "", *value);
            }
            Ok(())
        })
    }

    fn verify(&mut self) -> u32 {
        self.guarded(|workload, _| workload.verify())
    }

    fn take_error(&mut self) -> PluginError {
        self.error.take().unwrap_or_else(|| PluginError {
            code: status::POISONED,
            message: "the instance panicked or was torn down before and refuses every call".into(),
            detail: RString::new(),
        })
    }

    fn teardown(&mut self) -> u32 {
        let code = self.guarded(|workload, _| workload.teardown());
        let Some(workload) = self.workload.take() else {
            return code;
        };
        match catch_unwind(AssertUnwindSafe(|| drop(workload))) {
            Ok(()) => code,
            Err(payload) => self.remember(panic_report(payload)),
        }
    }
}

impl<W: Workload> Drop for Shim<W> {
    fn drop(&mut self) {
        let workload = self.workload.take();
        // Nobody is left to tell; teardown, which the host always calls, reports a panic in drop.
        let _ = catch_unwind(AssertUnwindSafe(|| drop(workload)));
    }
}

#[derive(Default)]
struct Progress {
    iterations: u64,
    digest: u64,
    flags: u32,
}

/// The timed loop. The host's clock is read around the call, not in it.
fn iterate_batch<W: Workload>(
    workload: &mut W,
    ctx: &Ctx,
    n: u64,
    done: &mut Progress,
) -> Result<(), Error> {
    while done.iterations < n {
        done.digest = black_box(workload.iterate()?).0;
        done.iterations += 1;
        if ctx.is_finished() {
            done.flags |= flags::FINISHED;
            break;
        }
        if ctx.should_stop() {
            done.flags |= flags::STOPPED;
            break;
        }
    }
    Ok(())
}

/// As [`iterate_batch`], with a stamp after each iteration.
fn iterate_each<W: Workload>(
    workload: &mut W,
    ctx: &Ctx,
    n: u64,
    each: &mut [u64],
    done: &mut Progress,
) -> Result<(), Error> {
    for slot in each
        .iter_mut()
        .take(usize::try_from(n).unwrap_or(usize::MAX))
    {
        let started = Instant::now();
        iterate_batch(workload, ctx, done.iterations + 1, done)?;
        workload.synchronise()?;
        *slot = started.elapsed().as_nanos() as u64;
        if done.flags != 0 {
            break;
        }
    }
    Ok(())
}

fn each_buffer<'a>(out: &BatchOut) -> &'a mut [u64] {
    if out.each_ptr.is_null() || out.each_cap == 0 {
        return &mut [];
    }
    // SAFETY: the host guarantees that `each_ptr` has room for `each_cap` words, is aligned, and stays borrowed
    // for the call only (`BatchOut::with_each`); the returned slice does not outlive `run_batch`.
    unsafe { std::slice::from_raw_parts_mut(out.each_ptr, out.each_cap as usize) }
}

fn to_plain(error: &Error) -> PluginError {
    PluginError {
        code: error.kind().code(),
        message: error.to_string().into(),
        detail: error.detail().into(),
    }
}

/// Location and backtrace of the last panic in this plugin, kept by the hook for [`panic_report`]. One for all
/// threads, because a panic on a pool's thread is handed on to the thread that drives the instance.
static LAST_PANIC: Mutex<Option<String>> = Mutex::new(None);

fn install_panic_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let previous = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let location = info
                .location()
                .map_or_else(String::new, ToString::to_string);
            let detail = format!("at {location}\n{}", Backtrace::force_capture());
            *LAST_PANIC.lock().unwrap_or_else(PoisonError::into_inner) = Some(detail);
            previous(info);
        }));
    });
}

pub(crate) fn panic_message(payload: &(dyn Any + Send)) -> String {
    match (
        payload.downcast_ref::<&str>(),
        payload.downcast_ref::<String>(),
    ) {
        (Some(text), _) => (*text).to_owned(),
        (_, Some(text)) => text.clone(),
        _ => "panicked with a value that is not text".to_owned(),
    }
}

fn panic_report(payload: Box<dyn Any + Send>) -> PluginError {
    let detail = LAST_PANIC
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    let report = PluginError {
        code: status::PANIC,
        message: panic_message(&*payload).into(),
        detail: detail.unwrap_or_default().into(),
    };
    // A payload's own destructor may panic; the process is about to end anyway.
    std::mem::forget(payload);
    report
}
