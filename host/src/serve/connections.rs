//! Connections: how many there are at once, and how long one may take to say what it wants.
//!
//! What is answered is decided elsewhere. A connection that is held open without asking anything is closed, so that a few hundred
//! of them do not keep everybody else out.

use std::{io, pin::pin, sync::Arc, time::Duration};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{net::TcpListener, sync::Semaphore, time};

/// Wait after a connection could not be accepted: most likely there are no descriptors left, and some come back.
const PAUSE: Duration = Duration::from_millis(200);

/// What connections may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Time from the first moment of a request to the end of its headers.
    pub(super) headers: Duration,
    /// Connections at once; further ones wait in the queue of the system.
    pub(super) connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            headers: Duration::from_secs(10),
            connections: 256,
        }
    }
}

/// Answers until `end`, and then what has been asked by then.
pub(super) async fn answer(
    listener: TcpListener,
    routes: Router,
    limits: Limits,
    end: impl Future<Output = ()>,
) {
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(limits.headers);
    let slots = Arc::new(Semaphore::new(limits.connections));
    let graceful = GracefulShutdown::new();
    let mut end = pin!(end);
    loop {
        let next = async {
            let slot = Arc::clone(&slots).acquire_owned().await;
            let (stream, _) = listener.accept().await?;
            Ok::<_, io::Error>((slot, stream))
        };
        let next = tokio::select! {
            next = next => next,
            () = &mut end => break,
        };
        let Ok((slot, stream)) = next else {
            time::sleep(PAUSE).await;
            continue;
        };
        let service = TowerToHyperService::new(routes.clone());
        let connection = builder.serve_connection(TokioIo::new(stream), service);
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            // A client that broke off is no trouble of ours.
            let _ = connection.await;
            drop(slot);
        });
    }
    // Whoever comes now is told at once that nobody listens.
    drop(listener);
    graceful.shutdown().await;
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read as _, Write as _},
        net::{SocketAddr, TcpStream},
        thread,
    };

    use axum::routing::get;
    use tokio::{runtime, sync::oneshot};

    use super::*;

    /// A server with these limits while `work` asks.
    fn with(limits: Limits, work: impl FnOnce(SocketAddr)) {
        let runtime = runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let (end, ended) = oneshot::channel::<()>();
        let routes = Router::new().route("/", get(|| async { "here" }));
        thread::scope(|scope| {
            scope.spawn(|| {
                runtime.block_on(answer(listener, routes, limits, async {
                    let _ = ended.await;
                }));
            });
            work(address);
            drop(end);
        });
    }

    #[test]
    fn who_does_not_finish_the_headers_is_sent_away() {
        let limits = Limits {
            headers: Duration::from_millis(1),
            ..Limits::default()
        };
        with(limits, |address| {
            for half in ["", "GET / HTTP/1.1\r\nHost: localhost\r\nX: "] {
                let mut stream = TcpStream::connect(address).unwrap();
                // It may be gone before this arrives.
                let _ = stream.write_all(half.as_bytes());
                let mut answer = String::new();
                let _ = stream.read_to_string(&mut answer);
                assert!(!answer.contains("here"), "{answer}");
            }
        });
    }

    #[test]
    fn further_connections_wait_until_one_ends() {
        let limits = Limits {
            headers: Duration::from_secs(3600),
            connections: 1,
        };
        with(limits, |address| {
            let ask = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
            let held = TcpStream::connect(address).unwrap();
            let mut waits = TcpStream::connect(address).unwrap();
            waits.write_all(ask).unwrap();
            waits.set_nonblocking(true).unwrap();
            let early = waits.read(&mut [0; 1]).unwrap_err();
            assert_eq!(early.kind(), io::ErrorKind::WouldBlock);
            waits.set_nonblocking(false).unwrap();
            drop(held);
            let mut answer = String::new();
            waits.read_to_string(&mut answer).unwrap();
            assert!(answer.ends_with("here"), "{answer}");
        });
    }
}
