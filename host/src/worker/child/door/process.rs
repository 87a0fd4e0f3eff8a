//! The door for other languages: requests to a process of the plugin's own.
//!
//! The process is what is measured: its CPU time, its memory, its threads. When it dies, this one dies the same way, so
//! that the host sees the end that there was.

use std::{
    sync::{Arc, atomic::Ordering::Relaxed},
    time::Instant,
};

use benchhost_plugin_api::abi::{host::HostSink as _, log_level, status};
use benchhost_record::{Work, names};

use super::Door;
use crate::{
    load::{
        CommandLine,
        process::{Answer, Client, End, Remarks, Request, Trouble},
    },
    measure::{Batch, SelfTimed},
    worker::{
        child::{Failure, PageSink, counters, guard},
        message::CreateSpec,
        page::Page,
    },
};

/// An instance in its process.
struct Instance {
    client: Client,
    page: &'static Page,
    sink: Arc<PageSink>,
    /// Iterations of the last batch.
    iterations: u64,
}

/// Makes an instance.
pub(super) fn create(
    line: &mut CommandLine,
    params: toml::Table,
    spec: &CreateSpec,
    page: &'static Page,
    sink: Arc<PageSink>,
) -> Result<Box<dyn Door>, Failure> {
    let client = line.take().filter(|_| spec.instances.is_none());
    let Some(client) = client else {
        return Err(Failure::of_plugin(
            status::CONFIG,
            "a plugin that is a process makes one instance in it: write `instances-mode = \"process\"`"
                .to_owned(),
            String::new(),
        ));
    };
    page.measure_process(client.id());
    counters::count(client.id());
    let params = match serde_json::to_value(params) {
        Ok(serde_json::Value::Object(params)) => params,
        _ => serde_json::Map::new(),
    };
    let mut instance = Instance {
        client,
        page,
        sink,
        iterations: 1,
    };
    instance.ask(&Request::Create {
        workload: spec.workload.clone(),
        params,
        threads: spec.threads,
        cpus: spec.cpus.clone(),
        device: match spec.device.as_str() {
            "" => "cpu".to_owned(),
            device => device.to_owned(),
        },
        seed: spec.seed,
        repetition: spec.repetition,
        scratch_dir: spec.scratch_dir.clone(),
    })?;
    Ok(Box::new(instance))
}

impl Instance {
    fn ask(&mut self, request: &Request) -> Result<Answer, Failure> {
        let (page, sink) = (self.page, &self.sink);
        let is_run = matches!(request, Request::Run { .. });
        let mut log = |level: &str, message: &str| {
            let level = match level {
                "info" => log_level::INFO,
                "debug" => log_level::DEBUG,
                _ => log_level::WARN,
            };
            sink.log(level, "plugin", message);
        };
        let mut alive = || {
            page.progress().fetch_add(1, Relaxed);
        };
        let mut remarks = Remarks {
            log: &mut log,
            alive: &mut alive,
            // Only a run can be cut short; what follows it has the time that is left.
            should_stop: &|| is_run && page.stop().load(Relaxed) != 0,
        };
        let trouble = match self.client.ask(request, &mut remarks) {
            Ok(answer) => return Ok(answer),
            Err(trouble) => trouble,
        };
        Err(match trouble {
            Trouble::Error(kind, message, detail) => {
                let code = match kind.as_str() {
                    "config" => status::CONFIG,
                    "wrong" => status::WRONG,
                    "unsupported" => status::UNSUPPORTED,
                    _ => status::FAILED,
                };
                Failure::of_plugin(code, message, detail)
            }
            Trouble::Ended(end) => follow(end),
            Trouble::Protocol(reason) | Trouble::NotStarted(reason) => self.protocol(&reason),
        })
    }

    fn protocol(&self, reason: &str) -> Failure {
        Failure::protocol(format!("`{}`: {reason}", self.client.command()))
    }
}

/// Ends this process as the plugin's own has ended.
fn follow(end: End) -> ! {
    match end {
        End::Code(code) => guard::exit_now(code),
        End::Signal(signal) => guard::die_by(signal),
    }
}

impl Door for Instance {
    fn setup(&mut self) -> Result<Work, Failure> {
        let answer = self.ask(&Request::Setup)?;
        Ok(answer.work.map(Work::from).unwrap_or_default())
    }

    fn prepare(&mut self) -> Result<(), Failure> {
        self.ask(&Request::Prepare).map(drop)
    }

    fn run(&mut self, n: u64) -> Result<Batch, Failure> {
        let started = Instant::now();
        let answer = self.ask(&Request::Run { iterations: n })?;
        let wall_ns = started.elapsed().as_nanos() as u64;
        let (Some(iterations), Some(own_ns)) = (answer.iterations, answer.elapsed_ns) else {
            return Err(self.protocol("its answer to `run` lacks `iterations` or `elapsed_ns`"));
        };
        if iterations > 0 && own_ns == 0 {
            let reason = "it says that its iterations took no time: a finer clock is needed";
            return Err(self.protocol(reason));
        }
        self.iterations = iterations.max(1);
        Ok(Batch {
            iterations,
            finished: answer.finished,
            stopped: answer.stopped,
            self_timed: Some(SelfTimed { own_ns, wall_ns }),
            ..Batch::default()
        })
    }

    fn flush(&mut self) -> Result<(), Failure> {
        let answer = self.ask(&Request::Metrics)?;
        for (name, ns) in answer.spans {
            let name = format!("{}{name}", names::PHASE_PREFIX);
            if ns < 0.0 {
                return Err(Failure::lie("phase-time", format!("`{name}` is {ns} ns")));
            }
            self.sink.metric(&name, "ns", ns / self.iterations as f64);
        }
        for (name, value) in answer.metrics {
            self.sink.metric(&name, "", value);
        }
        Ok(())
    }

    fn verify(&mut self) -> Result<(), Failure> {
        self.ask(&Request::Verify).map(drop)
    }

    fn teardown(&mut self) -> Result<(), Failure> {
        self.ask(&Request::Teardown)?;
        self.ask(&Request::Bye)?;
        self.client.finish();
        Ok(())
    }
}
