//! Talks to a worker and watches it: deadlines, signs of life, memory, output, the user's wish to stop.
//!
//! One thread, blocked in `poll` nearly always, so that the host leaves the machine to what is measured.

use std::{
    io::{self, Read},
    os::unix::process::ExitStatusExt,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    time::{Duration, Instant},
};

use benchhost_record::{Direction, Metric, MetricKind, Output, Phase, Trace, names};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Signal, kill_process_group},
};

use super::{
    classify::{Evidence, Kill},
    frame,
    message::{FromWorker, ToWorker},
    spawn::Worker,
};
use crate::probe::{
    process::{ProcessStat, runnable_threads, system_oom_kills},
    trace::Thinned,
};

/// How often the host looks at memory, heartbeat and clock.
const TICK: Duration = Duration::from_millis(50);

/// How long a worker that was asked to end may take before it is killed.
const GRACE: Duration = Duration::from_secs(1);

/// How long a workload that is asked to stop may take to return and to release what it has, before it is ended.
const COOPERATION: Duration = Duration::from_millis(500);

/// How long one request may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline {
    /// Limit for the whole request.
    pub limit_ns: u64,
    /// Limit for the time without a sign of life.
    pub stall_ns: Option<u64>,
}

/// Why a worker is no more.
#[derive(Debug)]
pub struct Ended {
    /// What was seen.
    pub evidence: Evidence,
}

impl Worker {
    /// Sends `request` and waits for its answer, watching meanwhile.
    ///
    /// # Errors
    /// [`Ended`] when the worker died or was ended; it is then gone and reaped.
    pub fn call(
        &mut self,
        request: &ToWorker,
        deadline: Deadline,
        interrupted: &AtomicBool,
    ) -> Result<FromWorker, Box<Ended>> {
        if frame::write(&mut self.socket, request).is_err() {
            return Err(self.end(None));
        }
        let mut watch = Watch::new(deadline, self.page.progress().load(Relaxed));
        loop {
            match self.next_answer() {
                Ok(Some(answer)) => return Ok(answer),
                Ok(None) => {}
                Err(error) => return Err(self.end(Some(Kill::Protocol(error.to_string())))),
            }
            if !self.wait_for_news(TICK) {
                return match self.next_answer() {
                    Ok(Some(answer)) => Ok(answer),
                    _ => Err(self.end(None)),
                };
            }
            if let Some(kill) = self.look(&mut watch, interrupted) {
                return Err(self.end(Some(kill)));
            }
        }
    }

    /// Says good-bye and collects the worker.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub fn finish(
        &mut self,
        deadline: Deadline,
        interrupted: &AtomicBool,
    ) -> Result<(), Box<Ended>> {
        match self.call(&ToWorker::Bye, deadline, interrupted)? {
            FromWorker::Bye => {
                let _ = self.end(None);
                Ok(())
            }
            other => Err(self.end(Some(Kill::Protocol(format!(
                "answered `Bye` with {other:?}"
            ))))),
        }
    }

    /// What the worker printed.
    #[must_use]
    pub fn output(&self) -> Output {
        let (stdout, dropped_out) = self.stdout.text();
        let (stderr, dropped_err) = self.stderr.text();
        Output {
            stdout,
            stderr,
            dropped_bytes: dropped_out + dropped_err,
        }
    }

    /// The next frame that answers a request; remarks are kept on the way.
    fn next_answer(&mut self) -> io::Result<Option<FromWorker>> {
        while let Some(message) = self.frames.next::<FromWorker>()? {
            match message {
                FromWorker::MetricName { id, name, unit } => {
                    if id as usize != self.metric_names.len() {
                        return Err(io::Error::other(format!("metric number {id} out of order")));
                    }
                    self.metric_names.push((name, unit));
                }
                FromWorker::Log { level, message } => self.log.push((level, message)),
                answer => return Ok(Some(answer)),
            }
        }
        Ok(None)
    }

    /// Waits until something happens or `timeout` is over. `false` when the socket has ended.
    fn wait_for_news(&mut self, timeout: Duration) -> bool {
        let ready = {
            let mut fds = vec![PollFd::new(&self.socket, PollFlags::IN)];
            for stream in [&self.stdout, &self.stderr] {
                fds.extend(stream.fd().map(|fd| PollFd::new(fd, PollFlags::IN)));
            }
            // Interrupted by a signal is news too: the caller looks at the flag that the signal set.
            let _ = poll(&mut fds, Some(&timespec(timeout)));
            !fds[0].revents().is_empty()
        };
        self.stdout.drain();
        self.stderr.drain();
        if !ready {
            return true;
        }
        let mut chunk = [0; 64 << 10];
        match self.socket.read(&mut chunk) {
            Ok(0) => false,
            Ok(n) => {
                self.frames.extend(&chunk[..n]);
                true
            }
            Err(error) => error.kind() == io::ErrorKind::Interrupted,
        }
    }

    /// One look at everything that can call for an end.
    fn look(&mut self, watch: &mut Watch, interrupted: &AtomicBool) -> Option<Kill> {
        if interrupted.load(Relaxed) {
            return Some(Kill::Interrupt);
        }
        let now = Instant::now();
        if now.duration_since(self.looked) < TICK {
            return None;
        }
        self.looked = now;
        self.look_at_memory(now);
        if self.page.phase() == Phase::Measure {
            self.runnable.push(runnable_threads(self.id()));
        }
        let over = self
            .limit
            .filter(|limit| limit.watched && self.peak_bytes > limit.bytes);
        if let Some(limit) = over {
            return Some(Kill::Memory {
                limit_bytes: limit.bytes,
            });
        }
        watch.judge(now, self.page.progress().load(Relaxed))
    }

    /// From here on, what the looks see of its memory is kept; begins with a look.
    pub fn follow_memory(&mut self) {
        let now = Instant::now();
        self.memory = Some((now, Thinned::default()));
        self.look_at_memory(now);
    }

    /// Ends that: its resident memory, as often as the host looked. `after_bytes`: what it had itself after its last
    /// sample, before it told what it did; without it, the host looks once more.
    pub fn memory_trace(&mut self, after_bytes: Option<u64>) -> Option<Trace> {
        let now = Instant::now();
        match (after_bytes, &mut self.memory) {
            (Some(bytes), Some((began, course))) => {
                course.add(now.duration_since(*began).as_nanos() as u64, bytes as f64);
            }
            _ if matches!(self.child.try_wait(), Ok(None)) => self.look_at_memory(now),
            _ => {}
        }
        let metric = Metric::new(names::MEMORY, "B", Direction::Lower, MetricKind::Memory);
        self.memory.take()?.1.trace(metric)
    }

    fn look_at_memory(&mut self, now: Instant) {
        let Ok(bytes) = ProcessStat::read_resident(self.id()) else {
            return;
        };
        self.peak_bytes = self.peak_bytes.max(bytes);
        if let Some((began, course)) = self.memory.as_mut().filter(|_| bytes > 0) {
            course.add(now.duration_since(*began).as_nanos() as u64, bytes as f64);
        }
    }

    /// Makes sure the worker and its group are gone, reaps it, and tells what was seen.
    fn end(&mut self, killed: Option<Kill>) -> Box<Ended> {
        let phase = self.page.phase();
        if let Some(kill) = &killed {
            self.page.stop().store(1, Relaxed);
            if kill.leaves_time() {
                self.let_finish();
            }
            let _ = kill_process_group(self.pid, Signal::TERM);
        }
        self.wait_for_exit(GRACE);
        // The zombie still holds the number of the group, so this cannot hit strangers.
        let _ = kill_process_group(self.pid, Signal::KILL);
        let status = self.child.wait();
        self.stdout.drain();
        self.stderr.drain();
        let peak = self
            .cgroup
            .as_ref()
            .and_then(super::cgroup::Cgroup::peak_bytes);
        let evidence = Evidence {
            phase,
            signal: status.as_ref().ok().and_then(ExitStatusExt::signal),
            code: status
                .as_ref()
                .ok()
                .and_then(std::process::ExitStatus::code),
            killed,
            limit_bytes: self.limit.map(|limit| limit.bytes),
            peak_bytes: self.peak_bytes.max(peak.unwrap_or(0)),
            group_oom_kill: self
                .cgroup
                .as_ref()
                .is_some_and(super::cgroup::Cgroup::has_killed),
            system_oom_kill: system_oom_kills() > self.oom_kills_before,
            stderr: self.stderr.text().0,
            crash: self.page.crash(),
        };
        self.cgroup = None;
        Box::new(Ended { evidence })
    }

    /// Waits for the answer that is due, which a workload that looks at the stop word gives early, and for its teardown.
    fn let_finish(&mut self) {
        let until = Instant::now() + COOPERATION;
        for request in [None, Some(ToWorker::Teardown)] {
            if request.is_some_and(|request| frame::write(&mut self.socket, &request).is_err()) {
                return;
            }
            while matches!(self.next_answer(), Ok(None)) {
                let left = until.saturating_duration_since(Instant::now());
                if left.is_zero() || !self.wait_for_news(left.min(TICK)) {
                    return;
                }
            }
        }
    }

    /// Waits until the process has ended or `grace` is over, taking its output meanwhile.
    fn wait_for_exit(&mut self, grace: Duration) {
        let until = Instant::now() + grace;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let exited = {
                let mut fds = [PollFd::new(&self.pidfd, PollFlags::IN)];
                let _ = poll(&mut fds, Some(&timespec(left.min(TICK))));
                !fds[0].revents().is_empty()
            };
            self.stdout.drain();
            self.stderr.drain();
            if exited || left.is_zero() {
                return;
            }
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            let _ = kill_process_group(self.pid, Signal::KILL);
            let _ = self.child.wait();
        }
    }
}

/// The clock of one request.
#[derive(Debug)]
struct Watch {
    deadline: Deadline,
    started: Instant,
    progress: u64,
    moved: Instant,
}

impl Watch {
    fn new(deadline: Deadline, progress: u64) -> Self {
        let now = Instant::now();
        Self {
            deadline,
            started: now,
            progress,
            moved: now,
        }
    }

    fn judge(&mut self, now: Instant, progress: u64) -> Option<Kill> {
        if progress != self.progress {
            (self.progress, self.moved) = (progress, now);
        }
        let limit = self.deadline.limit_ns;
        if now.duration_since(self.started) > Duration::from_nanos(limit) {
            return Some(Kill::Deadline { limit_ns: limit });
        }
        let stall = self.deadline.stall_ns?;
        (now.duration_since(self.moved) > Duration::from_nanos(stall))
            .then_some(Kill::Stall { limit_ns: stall })
    }
}

fn timespec(duration: Duration) -> Timespec {
    Timespec {
        tv_sec: duration.as_secs() as i64,
        tv_nsec: i64::from(duration.subsec_nanos()),
    }
}
