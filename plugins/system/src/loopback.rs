//! Workload `loopback`: TCP through the kernel and back, without a network.
//!
//! One connection on 127.0.0.1; the other end is a thread of the plugin, hence two threads in all.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, Shutdown, TcpListener, TcpStream},
    thread::JoinHandle,
    time::Duration,
};

use benchhost_plugin_api::{Ctx, Description, Digest, Error, Param, Work, Workload, ensure_right};
use benchhost_support::random::stream;
use rand::Rng;
use serde::{Deserialize, Serialize};

use crate::{
    parameter::{multiple, not_set_up, within},
    team::stay_on,
};

/// How long one end waits for the other before it calls the connection broken.
const PATIENCE: Duration = Duration::from_secs(10);

/// Bytes that the far end reads at once in a throughput test.
const READ_BYTES: usize = 256 << 10;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Exchange {
    /// A message there and back.
    RoundTrip,
    /// Many messages there, one short receipt back.
    Throughput,
}

/// Parameters of [`Loopback`]; the README explains them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in `describe()`")]
pub struct LoopbackConfig {
    pub operation: Exchange,
    pub message: u64,
    pub total: u64,
}

impl Default for LoopbackConfig {
    fn default() -> Self {
        Self {
            operation: Exchange::RoundTrip,
            message: 64,
            total: 16 << 20,
        }
    }
}

/// A connection to itself.
#[derive(Debug)]
pub struct Loopback {
    config: LoopbackConfig,
    seed: u64,
    /// CPUs of the case; empty when it is not pinned.
    cpus: Vec<usize>,
    message: Vec<u8>,
    /// What came back last.
    answer: Vec<u8>,
    near: Option<TcpStream>,
    far: Option<JoinHandle<()>>,
    iterations: u64,
}

impl Workload for Loopback {
    type Config = LoopbackConfig;

    fn describe() -> Description {
        Description::new("TCP on 127.0.0.1: the time of a round trip, or how many bytes pass.")
            .param(
                Param::new("operation", "a message there and back, or many there")
                    .choices(&["round-trip", "throughput"]),
            )
            .param(
                Param::new("message", "of one message: of one write")
                    .unit("B")
                    .range(1.0, (16_u64 << 20) as f64),
            )
            .param(
                Param::new("total", "sent by one iteration of `throughput`")
                    .unit("B")
                    .range(1.0, (16_u64 << 30) as f64),
            )
    }

    fn create(config: LoopbackConfig, ctx: &Ctx) -> Result<Self, Error> {
        within("message", config.message, (1, 16 << 20), "bytes")?;
        if config.operation == Exchange::Throughput {
            within("total", config.total, (1, 16 << 30), "bytes")?;
            multiple("total", config.total, ("message", config.message))?;
        }
        if ctx.threads() < 2 {
            ctx.warn("both ends of the connection share one CPU; threads = 2 gives each its own");
        }
        Ok(Self {
            config,
            seed: ctx.seed(),
            cpus: ctx.cpus(),
            message: Vec::new(),
            answer: Vec::new(),
            near: None,
            far: None,
            iterations: 0,
        })
    }

    fn setup(&mut self) -> Result<(), Error> {
        self.message = vec![0; self.config.message as usize];
        stream(self.seed, "loopback").fill_bytes(&mut self.message);
        self.answer = vec![
            0;
            match self.config.operation {
                Exchange::RoundTrip => self.message.len(),
                Exchange::Throughput => Receipt::BYTES,
            }
        ];
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        // The kernel completes the handshake by itself, so that both ends can be had one after the other.
        let near = TcpStream::connect(listener.local_addr()?)?;
        let (far, _) = listener.accept()?;
        for end in [&near, &far] {
            end.set_nodelay(true)?;
        }
        near.set_read_timeout(Some(PATIENCE))?;
        near.set_write_timeout(Some(PATIENCE))?;
        let config = self.config.clone();
        // Left to itself, the kernel sometimes puts both ends on one CPU and sometimes not: two different numbers.
        let far_cpu = self.cpus.get(1).copied();
        if far_cpu.is_some() {
            stay_on(self.cpus[0]);
        }
        let serve = move || {
            far_cpu.into_iter().for_each(stay_on);
            match config.operation {
                Exchange::RoundTrip => echo(far, config.message as usize),
                Exchange::Throughput => swallow(far, config.total),
            }
        };
        let thread = std::thread::Builder::new().name("far-end".to_owned());
        self.far = Some(thread.spawn(serve)?);
        self.near = Some(near);
        Ok(())
    }

    fn iterate(&mut self) -> Result<Digest, Error> {
        let near = self.near.as_mut().ok_or_else(not_set_up)?;
        self.iterations += 1;
        // Each iteration sends something else, so that an old answer cannot pass for a new one.
        self.message[0] = self.iterations as u8;
        let messages = match self.config.operation {
            Exchange::RoundTrip => 1,
            Exchange::Throughput => self.config.total / self.config.message,
        };
        for _ in 0..messages {
            near.write_all(&self.message)?;
        }
        near.read_exact(&mut self.answer)?;
        Ok(u64::from(self.answer[0]).into())
    }

    fn verify(&mut self) -> Result<(), Error> {
        ensure_right(self.iterations > 0, || "no iteration was done")?;
        match self.config.operation {
            Exchange::RoundTrip => ensure_right(
                self.answer == self.message,
                || "what came back is not what was sent",
            ),
            Exchange::Throughput => {
                let mut expected = Receipt::default();
                for _ in 0..self.config.total / self.config.message {
                    expected.take(&self.message);
                }
                ensure_right(self.answer == expected.bytes(), || {
                    format!(
                        "the receipt is {:x?}, expected {:x?} (checksum and bytes)",
                        self.answer,
                        expected.bytes()
                    )
                })
            }
        }
    }

    fn work(&self) -> Work {
        match self.config.operation {
            Exchange::RoundTrip => {
                Work::items(1.0, "round trips").bytes(2.0 * self.config.message as f64)
            }
            Exchange::Throughput => {
                Work::items((self.config.total / self.config.message) as f64, "messages")
                    .bytes(self.config.total as f64)
            }
        }
    }

    fn teardown(&mut self) -> Result<(), Error> {
        self.close()
    }
}

impl Loopback {
    /// Closes the near end, which ends the thread at the far one.
    fn close(&mut self) -> Result<(), Error> {
        if let Some(near) = self.near.take() {
            // The far end may already have closed; then there is nothing to shut down.
            let _ = near.shutdown(Shutdown::Both);
        }
        match self.far.take().map(JoinHandle::join) {
            Some(Err(_)) => Err(Error::failed("the thread at the far end panicked")),
            _ => Ok(()),
        }
    }
}

impl Drop for Loopback {
    fn drop(&mut self) {
        // Teardown, which the host always calls, has reported what there was to report.
        let _ = self.close();
    }
}

/// Sends every message back until the near end closes. An error ends it too: the near end sees it as its own.
fn echo(mut far: TcpStream, message: usize) {
    let mut buffer = vec![0; message];
    while far.read_exact(&mut buffer).is_ok() && far.write_all(&buffer).is_ok() {}
}

/// Reads `total` bytes, returns a receipt, and so on until the near end closes.
fn swallow(mut far: TcpStream, total: u64) {
    let mut buffer = vec![0; READ_BYTES];
    let mut receipt = Receipt::default();
    loop {
        let left = (total - receipt.count).min(READ_BYTES as u64) as usize;
        match far.read(&mut buffer[..left]) {
            Ok(0) | Err(_) => return,
            Ok(count) => receipt.take(&buffer[..count]),
        }
        if receipt.count == total {
            let bytes = std::mem::take(&mut receipt).bytes();
            if far.write_all(&bytes).is_err() {
                return;
            }
        }
    }
}

/// What the far end got: the sum of all bytes, and how many there were.
#[derive(Debug, Default)]
struct Receipt {
    sum: u64,
    count: u64,
}

impl Receipt {
    /// Bytes on the wire.
    const BYTES: usize = 16;

    fn take(&mut self, bytes: &[u8]) {
        // In runs that a vector register holds without overflow: the plain sum would cost as much as the transfer.
        for run in bytes.chunks(128) {
            self.sum += u64::from(run.iter().map(|byte| u16::from(*byte)).sum::<u16>());
        }
        self.count += bytes.len() as u64;
    }

    fn bytes(&self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        bytes[..8].copy_from_slice(&self.sum.to_le_bytes());
        bytes[8..].copy_from_slice(&self.count.to_le_bytes());
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_does_not_depend_on_how_the_bytes_arrived() {
        let bytes: Vec<u8> = (0..1000).map(|i| (i % 256) as u8).collect();
        let mut whole = Receipt::default();
        whole.take(&bytes);
        for size in [1, 7, 128, 999] {
            let mut parts = Receipt::default();
            bytes.chunks(size).for_each(|part| parts.take(part));

            assert_eq!(parts.bytes(), whole.bytes());
        }
        assert_eq!(whole.sum, bytes.iter().map(|b| u64::from(*b)).sum::<u64>());
    }

    #[test]
    fn an_answer_that_was_changed_on_the_way_is_seen() {
        for operation in [Exchange::RoundTrip, Exchange::Throughput] {
            let config = LoopbackConfig {
                operation,
                message: 100,
                total: 1000,
            };
            let mut loopback = Loopback {
                config,
                seed: 3,
                cpus: Vec::new(),
                message: Vec::new(),
                answer: Vec::new(),
                near: None,
                far: None,
                iterations: 0,
            };
            loopback.setup().unwrap();
            loopback.iterate().unwrap();
            loopback.verify().unwrap();
            loopback.answer[3] ^= 1;

            loopback.verify().unwrap_err();
        }
    }
}
