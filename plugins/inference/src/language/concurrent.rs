//! Workload `concurrent`: several clients at once, each with its own context, over one set of weights.

use std::{
    collections::VecDeque,
    slice,
    sync::{Mutex, PoisonError},
    thread,
    time::Instant,
};

use benchhost_plugin_api::{
    Ctx, Description, Digest, Error, Metric, Metrics, Param, Work, Workload, ensure_right,
};
use serde::{Deserialize, Serialize};

use super::{
    decode::{self, TOKENS},
    latency::Latencies,
    model::{CONTEXT, LanguageModel, largest},
    subject::{Subject, check},
};
use crate::{Implementation, pinned::Source};

/// Bounds of `clients`.
const CLIENTS: (usize, usize) = (1, 64);

/// Parameters of [`Concurrent`]; the README explains them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in `describe()`")]
pub struct ConcurrentConfig {
    pub model: String,
    pub implementation: Implementation,
    pub clients: usize,
    pub prompt: usize,
    pub tokens: usize,
}

impl Default for ConcurrentConfig {
    fn default() -> Self {
        Self {
            model: String::new(),
            implementation: Implementation::Fused,
            clients: 2,
            prompt: 20,
            tokens: 16,
        }
    }
}

/// Several clients at once.
pub struct Concurrent {
    config: ConcurrentConfig,
    source: Source,
    ctx: Ctx,
    state: Option<State>,
}

struct State {
    subject: Subject,
    clients: Vec<Client>,
    /// Threads that serve the clients.
    workers: usize,
    proved: bool,
}

/// One client and what became of it in this sample.
struct Client {
    model: Box<dyn LanguageModel>,
    prompt: Vec<u32>,
    said: Vec<u32>,
    latencies: Latencies,
    /// When it asked, and when it got its last token.
    started: Instant,
    last: Instant,
    /// Time it waited for its tokens.
    busy_s: f64,
    /// Tokens it got.
    got: usize,
}

impl Workload for Concurrent {
    type Config = ConcurrentConfig;

    fn describe() -> Description {
        let description = Description::new(
            "Several clients write an answer at the same time, each with its own context over shared weights.",
        )
        .param(Param::new("model", "path of a GGUF file; empty: SmolLM2-135M from the folders of BENCHHOST_DATA"))
        .param(Param::new("implementation", "who computes").choices(Implementation::NAMES))
        .param(
            Param::new("clients", "clients at once; the threads of the case are shared out evenly, or take turns where there are more clients")
                .unit("clients")
                .range(CLIENTS.0 as f64, CLIENTS.1 as f64),
        )
        .param(Param::new("prompt", "length of each prompt").unit("tokens").range(1.0, CONTEXT as f64))
        .param(
            Param::new("tokens", "tokens each client writes in an iteration")
                .unit("tokens")
                .range(TOKENS.0 as f64, TOKENS.1 as f64),
        )
        .metric(
            Metric::lower("time-to-first-token", "ns")
                .time()
                .help("median over all clients and iterations of the sample"),
        )
        .metric(Metric::higher("client-fairness", "").ratio().help(
            "Jain's index of the clients' tokens a second: 1 when all are served alike, 1/clients when one gets all",
        ));
        Latencies::describe(description)
    }

    fn create(config: ConcurrentConfig, ctx: &Ctx) -> Result<Self, Error> {
        config.implementation.check(ctx)?;
        super::within("clients", config.clients, CLIENTS)?;
        super::within("tokens", config.tokens, TOKENS)?;
        let source = check(&config.model, config.prompt, config.tokens)?;
        Ok(Self {
            config,
            source,
            ctx: ctx.clone(),
            state: None,
        })
    }

    fn setup(&mut self) -> Result<(), Error> {
        let ConcurrentConfig {
            implementation,
            clients,
            prompt,
            tokens,
            ..
        } = self.config;
        let subject = Subject::new(&self.source, implementation, prompt + tokens, &self.ctx)?;
        // Everyone reads another part of the text.
        let text = subject.tokens.prompt(prompt + clients)?;
        let threads = (self.ctx.threads() / clients).max(1);
        let client = |index: usize| Client {
            model: subject.context(threads),
            prompt: text[index..index + prompt].to_vec(),
            said: Vec::new(),
            latencies: Latencies::default(),
            started: Instant::now(),
            last: Instant::now(),
            busy_s: 0.0,
            got: 0,
        };
        self.state = Some(State {
            clients: (0..clients).map(client).collect(),
            workers: self.ctx.threads().clamp(1, clients),
            subject,
            proved: false,
        });
        Ok(())
    }

    fn iterate(&mut self) -> Result<Digest, Error> {
        let state = self.state.as_mut().ok_or_else(super::not_set_up)?;
        let tokens = self.config.tokens;
        let started = Instant::now();
        for client in &mut state.clients {
            client.begin(started);
        }
        let waiting: Queue<'_> = Mutex::new(state.clients.iter_mut().collect());
        thread::scope(|scope| {
            let running: Vec<_> = (0..state.workers)
                .map(|_| scope.spawn(|| serve(&waiting, tokens)))
                .collect();
            running.into_iter().try_for_each(|worker| {
                worker
                    .join()
                    .unwrap_or_else(|_| Err(Error::failed("a client panicked")))
            })
        })?;
        self.ctx.progress();
        let all = state.clients.iter().flat_map(|client| &client.said);
        Ok(Digest::from(
            all.map(|token| u64::from(*token)).sum::<u64>(),
        ))
    }

    fn verify(&mut self) -> Result<(), Error> {
        let tokens = self.config.tokens;
        let state = self.state.as_mut().ok_or_else(super::not_set_up)?;
        ensure_right(
            state
                .clients
                .iter()
                .all(|client| client.said.len() == tokens),
            || "too few tokens were written",
        )?;
        if !state.proved {
            for (index, client) in state.clients.iter().enumerate() {
                let (mut alone, mut latencies) = (Vec::new(), Latencies::default());
                let model = state.subject.model.as_mut();
                decode::write(model, &client.prompt, tokens, &mut alone, &mut latencies)?;
                ensure_right(alone == client.said, || {
                    format!(
                        "client {index} was told {:?} among others, and {alone:?} alone",
                        client.said
                    )
                })?;
            }
            state.subject.prove(&state.clients[0].prompt)?;
            state.proved = true;
        }
        Ok(())
    }

    /// Items are the tokens written by all.
    fn work(&self) -> Work {
        Work::items((self.config.clients * self.config.tokens) as f64, "tokens")
    }

    fn metrics(&mut self, metrics: &mut Metrics) -> Result<(), Error> {
        let Some(state) = &mut self.state else {
            return Ok(());
        };
        let rates: Vec<f64> = state
            .clients
            .iter()
            .map(|client| client.got as f64 / client.busy_s)
            .collect();
        let mut latencies = Latencies::default();
        for client in &mut state.clients {
            latencies.absorb(std::mem::take(&mut client.latencies));
            (client.got, client.busy_s) = (0, 0.0);
        }
        if let Some(first) = latencies.first_token_ns() {
            metrics.set("time-to-first-token", first);
            metrics.set("client-fairness", jain(&rates));
        }
        latencies.report(metrics);
        Ok(())
    }
}

/// Clients that wait for their next token, the one that waits longest in front.
type Queue<'a> = Mutex<VecDeque<&'a mut Client>>;

/// Gives each waiting client one token and sends it to the end of the queue, until `tokens` are written. A client that
/// another worker serves meanwhile comes back to that worker: one without clients may go.
fn serve(waiting: &Queue<'_>, tokens: usize) -> Result<(), Error> {
    let queue = || waiting.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        let Some(client) = queue().pop_front() else {
            return Ok(());
        };
        client.step()?;
        if client.said.len() < tokens {
            queue().push_back(client);
        } else {
            client.busy_s += client.started.elapsed().as_secs_f64();
            client.got += tokens;
        }
    }
}

impl Client {
    /// Asks, at the moment `now`.
    fn begin(&mut self, now: Instant) {
        self.model.reset();
        self.said.clear();
        (self.started, self.last) = (now, now);
    }

    /// Writes the next token; the first one needs the prompt to be read.
    fn step(&mut self) -> Result<(), Error> {
        let token = self.said.last().copied();
        let input = token.as_ref().map_or(&self.prompt[..], slice::from_ref);
        let next = largest(self.model.forward(input)?);
        match token {
            None => self.latencies.first(&mut self.last),
            Some(_) => self.latencies.next(&mut self.last),
        }
        self.said.push(next);
        Ok(())
    }
}

/// (Σx)² / (n·Σx²). Source: Jain, Chiu, Hawe (1984), DEC Research Report TR-301.
fn jain(rates: &[f64]) -> f64 {
    let (sum, squares) = (
        rates.iter().sum::<f64>(),
        rates.iter().map(|rate| rate * rate).sum::<f64>(),
    );
    sum * sum / (rates.len() as f64 * squares)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fairness_is_one_for_equals_and_a_share_when_one_gets_all() {
        assert_eq!(jain(&[3.0, 3.0, 3.0]), 1.0);
        assert_eq!(jain(&[5.0, 0.0, 0.0, 0.0]), 0.25);
        assert!((jain(&[1.0, 2.0]) - 0.9).abs() < 1e-12);
    }
}
