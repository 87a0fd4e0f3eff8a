//! The worker's side: answers the host's requests, one at a time, until `Bye`.
//!
//! The process ends with `_exit`, so that no destructor of a half-dead plugin runs; only the `Bye` frame means that
//! everything went well, never the exit code.

mod backtrace;
mod counters;
mod crash;
mod crew;
mod door;
mod guard;
mod instance;
mod member;
mod recorder;
mod sink;

use std::{
    io,
    os::unix::net::UnixStream,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use benchhost_record::Phase;

use self::{instance::Instance, sink::PageSink};
use super::{
    frame,
    message::{FromWorker, PROTOCOL, ToWorker},
    page::Page,
};
use crate::load;

/// Exit code of a worker that could not even speak; the host sees a missing `Bye` in any case.
const EXIT_UNABLE: i32 = 70;

/// Runs the worker with the socket and the page it inherited. Never returns.
pub fn main(socket_fd: i32, page_fd: i32) -> ! {
    let code = match serve(socket_fd, page_fd) {
        Ok(()) => 0,
        Err(error) => {
            use io::Write as _;
            // Nowhere else to say it: standard error is captured by the host.
            let _ = writeln!(io::stderr(), "benchhost worker: {error}");
            EXIT_UNABLE
        }
    };
    guard::exit_now(code)
}

fn serve(socket_fd: i32, page_fd: i32) -> io::Result<()> {
    let (mut socket, page) = guard::inherited(socket_fd, page_fd)?;
    let page: &'static Page = Box::leak(Box::new(Page::open(&page)?));
    guard::protect_host(&socket)?;
    crash::install(page)?;
    let writer = Arc::new(Mutex::new(socket.try_clone()?));
    let mut session = Session {
        page,
        plugin: None,
        instance: None,
    };
    while let Some(request) = frame::read::<ToWorker>(&mut socket)? {
        page.set_phase(request.phase());
        page.progress()
            .fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let last = matches!(request, ToWorker::Bye);
        if last {
            guard::flush_c_streams();
        }
        let answer = session.answer(request, &writer);
        // The same lock as for remarks, which a plugin may send from any of its threads.
        frame::write(
            &mut *writer.lock().unwrap_or_else(PoisonError::into_inner),
            &answer,
        )?;
        if last {
            return Ok(());
        }
    }
    Err(io::Error::new(
        io::ErrorKind::UnexpectedEof,
        "the host hung up",
    ))
}

/// The sending side of the socket.
type Writer = Arc<Mutex<UnixStream>>;

struct Session {
    page: &'static Page,
    plugin: Option<load::Opened>,
    instance: Option<Instance>,
}

impl Session {
    fn answer(&mut self, request: ToWorker, writer: &Writer) -> FromWorker {
        let started = Instant::now();
        let phase = request.phase();
        let result = match request {
            ToWorker::Hello { .. } => {
                return FromWorker::Hello {
                    protocol: PROTOCOL,
                    build: crate::build_id(),
                };
            }
            ToWorker::Load { path } => return self.load(&path),
            ToWorker::Create(spec) => self.create(&spec, writer),
            ToWorker::Bye => return FromWorker::Bye,
            ToWorker::Setup => self.with(|instance| instance.setup()),
            ToWorker::FirstIteration => self.with(|instance| instance.first_iteration()),
            ToWorker::Measure(spec) => self.with(|instance| instance.measure(&spec)),
            ToWorker::Record { on } => self.with(|instance| Ok(instance.record(on))),
            ToWorker::Batch {
                iterations,
                start_at_ns,
            } => self.with(|instance| instance.batch(iterations, start_at_ns)),
            ToWorker::Usage => self.with(|instance| Ok(instance.usage())),
            ToWorker::Verify => self.with(|instance| instance.verify()),
            ToWorker::Teardown => self.with(|instance| instance.teardown()),
        };
        match result {
            Ok(answer) => with_elapsed(answer, started),
            Err(failure) => {
                let phase = if phase == Phase::WarmUp {
                    self.page.phase()
                } else {
                    phase
                };
                FromWorker::Failed {
                    phase,
                    code: failure.code,
                    rule: failure.rule,
                    message: failure.message,
                    detail: failure.detail,
                }
            }
        }
    }

    fn load(&mut self, path: &str) -> FromWorker {
        match load::open(Path::new(path)) {
            Ok(opened) => {
                let timings = opened.timings;
                self.plugin = Some(opened);
                FromWorker::Loaded {
                    elapsed_ns: timings.total_ns,
                    dlopen_ns: timings.dlopen_ns,
                    layout_ns: timings.layout_ns,
                }
            }
            Err(error) => FromWorker::Refused {
                message: error.to_string(),
            },
        }
    }

    fn create(&mut self, spec: &super::CreateSpec, writer: &Writer) -> Result<FromWorker, Failure> {
        let plugin = self
            .plugin
            .as_mut()
            .ok_or_else(|| Failure::order("create before load"))?;
        let sink = PageSink::new(self.page, Arc::clone(writer), spec.metrics.clone());
        self.instance = Some(Instance::create(plugin, spec, self.page, sink)?);
        Ok(FromWorker::Done { elapsed_ns: 0 })
    }

    fn with(
        &mut self,
        step: impl FnOnce(&mut Instance) -> Result<FromWorker, Failure>,
    ) -> Result<FromWorker, Failure> {
        step(
            self.instance
                .as_mut()
                .ok_or_else(|| Failure::order("no instance"))?,
        )
    }
}

fn with_elapsed(answer: FromWorker, started: Instant) -> FromWorker {
    let elapsed = started.elapsed().as_nanos() as u64;
    match answer {
        FromWorker::Done { .. } => FromWorker::Done {
            elapsed_ns: elapsed,
        },
        FromWorker::Ready { work, .. } => FromWorker::Ready {
            elapsed_ns: elapsed,
            work,
        },
        other => other,
    }
}

/// Why a step failed, as it travels to the host.
#[derive(Debug)]
pub(super) struct Failure {
    code: u32,
    rule: String,
    message: String,
    detail: String,
}

impl Failure {
    fn of(error: benchhost_plugin_api::abi::PluginError) -> Self {
        let (message, frames) = backtrace::split(&error.message);
        let mut detail = error.detail.into_string();
        if !frames.is_empty() {
            detail.push_str("stack backtrace:\n");
            detail.push_str(&frames);
        }
        Self {
            code: error.code,
            rule: "verify".to_owned(),
            message,
            detail,
        }
    }

    /// The plugin returned status word `code`; one that nobody knows is a plain failure.
    fn of_plugin(code: u32, message: String, detail: String) -> Self {
        use benchhost_plugin_api::abi::status;
        let code = match code {
            status::CONFIG
            | status::WRONG
            | status::UNSUPPORTED
            | status::PANIC
            | status::POISONED => code,
            _ => status::FAILED,
        };
        Self {
            code,
            rule: "verify".to_owned(),
            message,
            detail,
        }
    }

    /// The plugin said something that is no answer.
    fn protocol(message: String) -> Self {
        Self {
            rule: super::message::PROTOCOL_RULE.to_owned(),
            ..Self::order(&message)
        }
    }

    /// The plugin said something that cannot be true.
    fn lie(rule: &str, message: String) -> Self {
        let code = benchhost_plugin_api::abi::status::WRONG;
        Self {
            code,
            rule: rule.to_owned(),
            message,
            detail: String::new(),
        }
    }

    fn order(message: &str) -> Self {
        let code = benchhost_plugin_api::abi::status::FAILED;
        Self {
            code,
            rule: String::new(),
            message: message.to_owned(),
            detail: String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use benchhost_plugin_api::abi::PluginError;

    use super::*;

    #[test]
    fn a_backtrace_in_a_message_goes_to_the_detail() {
        let frames = "   0: candle_core::error::Error::bt\n   1: candle_core::storage::matmul";
        let error = PluginError {
            code: benchhost_plugin_api::abi::status::FAILED,
            message: format!("shape mismatch\n{frames}\n").into(),
            detail: "caused by: a file\n".into(),
        };

        let failure = Failure::of(error);

        assert_eq!(failure.message, "shape mismatch");
        assert_eq!(
            failure.detail,
            format!("caused by: a file\nstack backtrace:\n{frames}")
        );
    }
}
