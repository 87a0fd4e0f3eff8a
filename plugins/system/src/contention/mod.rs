//! Workload `contention`: what threads cost each other, by what they share.
//!
//! Every thread does a fixed number of operations an iteration, so that work grows with the threads and throughput shows
//! whether they scale. Nobody waits by spinning: more threads than CPUs slow each other down, but never for ever.

mod ground;

use std::time::Instant;

use benchhost_plugin_api::{
    Ctx, Description, Digest, Error, Metric, Metrics, Param, Work, Workload,
};
use serde::{Deserialize, Serialize};

use crate::{
    parameter::{not_set_up, within},
    team::Team,
};
use ground::{Ground, Steps};

/// What is shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// One number that all threads add to, atomically.
    Counter,
    /// A lock around a short critical section.
    Mutex,
    /// Bounded channels in a ring: each thread sends to the next.
    Channel,
    /// Tiny tasks that threads take from each other.
    WorkStealing,
    /// A lock in which each operation also exchanges a value with every other thread.
    Exchange,
}

impl Kind {
    /// Names in a suite.
    pub const NAMES: &'static [&'static str] =
        &["counter", "mutex", "channel", "work-stealing", "exchange"];

    /// What an iteration does unless the suite says otherwise: about a millisecond on one thread.
    const fn usual(self) -> Steps {
        let (operations, private, critical, exchange) = match self {
            Self::Counter => (100_000, 0, 0, 0),
            Self::Mutex => (20_000, 0, 10, 0),
            Self::Channel => (10_000, 0, 0, 0),
            Self::WorkStealing => (10_000, 50, 0, 0),
            Self::Exchange => (500, 400, 800, 200),
        };
        Steps {
            operations,
            private,
            critical,
            exchange,
        }
    }
}

/// Parameters of [`Contention`]; the README explains them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in `describe()`")]
pub struct ContentionConfig {
    pub kind: Kind,
    pub operations: Option<u64>,
    pub private: Option<u64>,
    pub critical: Option<u64>,
    pub exchange: Option<u64>,
    pub capacity: u64,
}

impl Default for ContentionConfig {
    fn default() -> Self {
        Self {
            kind: Kind::Counter,
            operations: None,
            private: None,
            critical: None,
            exchange: None,
            capacity: 64,
        }
    }
}

impl ContentionConfig {
    fn steps(&self) -> Steps {
        let usual = self.kind.usual();
        Steps {
            operations: self.operations.unwrap_or(usual.operations),
            private: self.private.unwrap_or(usual.private),
            critical: self.critical.unwrap_or(usual.critical),
            exchange: self.exchange.unwrap_or(usual.exchange),
        }
    }

    /// A parameter that this kind would silently ignore is a misunderstanding.
    fn refuse_ignored(&self) -> Result<(), Error> {
        let has_lock = matches!(self.kind, Kind::Mutex | Kind::Exchange);
        for (name, is_set, counts, kinds) in [
            (
                "critical",
                self.critical.is_some(),
                has_lock,
                "\"mutex\" or \"exchange\"",
            ),
            (
                "exchange",
                self.exchange.is_some(),
                self.kind == Kind::Exchange,
                "\"exchange\"",
            ),
        ] {
            if is_set && !counts {
                return Err(Error::config(format!(
                    "{name} means nothing to this kind, expected kind = {kinds}"
                )));
            }
        }
        Ok(())
    }
}

/// Threads in each other's way.
#[derive(Debug)]
pub struct Contention {
    config: ContentionConfig,
    ctx: Ctx,
    state: Option<(Team, Ground)>,
    /// Sum of the fairness of the iterations since the last report, and how many there were.
    fairness: (f64, u32),
}

impl Workload for Contention {
    type Config = ContentionConfig;

    fn describe() -> Description {
        let steps = |name: &str, help: &str| {
            Param::new(name, format!("{help}; by kind when not set"))
                .unit("steps")
                .range(0.0, 1e9)
        };
        Description::new("Threads that share a counter, a lock, channels, a pool or each other's state.")
            .param(Param::new("kind", "what is shared").choices(Kind::NAMES))
            .param(
                Param::new(
                    "operations",
                    "of each thread in one iteration; by kind when not set",
                )
                .range(1.0, 1e9),
            )
            .param(steps("private", "work of an operation that needs nobody"))
            .param(steps("critical", "work of an operation inside the lock"))
            .param(steps(
                "exchange",
                "work of an operation inside the lock for each other thread",
            ))
            .param(Param::new("capacity", "messages a channel holds, and a thread sends before it receives").range(1.0, 1e6))
            .metric(Metric::higher("thread-fairness", "1").ratio().help(
                "time of the first thread to end by that of the last; for work-stealing, fewest tasks of a thread \
                 by most",
            ))
    }

    fn create(config: ContentionConfig, ctx: &Ctx) -> Result<Self, Error> {
        config.refuse_ignored()?;
        let steps = config.steps();
        within("operations", steps.operations, (1, 1_000_000_000), "")?;
        within("private", steps.private, (0, 1_000_000_000), "steps")?;
        within("critical", steps.critical, (0, 1_000_000_000), "steps")?;
        within("exchange", steps.exchange, (0, 1_000_000_000), "steps")?;
        within("capacity", config.capacity, (1, 1_000_000), "messages")?;
        Ok(Self {
            config,
            ctx: ctx.clone(),
            state: None,
            fairness: (0.0, 0),
        })
    }

    fn setup(&mut self) -> Result<(), Error> {
        let team = Team::new(&self.ctx)?;
        let capacity = self.config.capacity as usize;
        let ground = Ground::new(
            self.config.kind,
            self.config.steps(),
            team.threads(),
            capacity,
        );
        self.state = Some((team, ground));
        Ok(())
    }

    fn iterate(&mut self) -> Result<Digest, Error> {
        let (team, ground) = self.state.as_mut().ok_or_else(not_set_up)?;
        ground.begin();
        let shared = &*ground;
        let shares: Vec<f64> = if self.config.kind == Kind::WorkStealing {
            team.together(|| shared.run_tasks());
            shared.tasks_by_thread()
        } else {
            team.each(|thread| {
                let started = Instant::now();
                shared.operate(thread);
                started.elapsed().as_nanos() as f64
            })
        };
        let (fewest, most) = shares
            .iter()
            .fold((f64::INFINITY, 1.0), |(low, high): (f64, f64), share| {
                (low.min(*share), high.max(*share))
            });
        self.fairness.0 += fewest.min(most) / most;
        self.fairness.1 += 1;
        Ok(ground.digest().into())
    }

    fn verify(&mut self) -> Result<(), Error> {
        let (_, ground) = self.state.as_ref().ok_or_else(not_set_up)?;
        ground.check()
    }

    fn work(&self) -> Work {
        let all = self.ctx.threads() as f64 * self.config.steps().operations as f64;
        Work::items(all, "operations")
    }

    fn metrics(&mut self, metrics: &mut Metrics) -> Result<(), Error> {
        let (sum, count) = std::mem::take(&mut self.fairness);
        if count > 0 {
            metrics.set("thread-fairness", sum / f64::from(count));
        }
        Ok(())
    }
}
