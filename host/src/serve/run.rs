//! From the first request to the last.

use std::{io, net::SocketAddr, net::TcpListener, time::Duration};

use tokio::{runtime, sync::oneshot, time};

use super::{
    Service,
    connections::{Limits, answer},
    routes::routes,
    stop::Stop,
    token::Access,
};
use crate::{command::Failure, exit};

/// Threads that answer; those that look into the history are others.
const WORKERS: usize = 2;

/// Threads that look: those of the library, and some for the system's own calls.
const LOOKERS: usize = 8;

/// How long requests may take once the server was asked to stop.
const PATIENCE: Duration = Duration::from_secs(10);

/// Serves until Ctrl-C or SIGTERM; `announce` is told where, once it can be asked. What is being answered then is answered to its
/// end, for some time; a second Ctrl-C does not wait. The exit code.
///
/// # Errors
/// [`Failure`] when the address cannot be had, and those of `announce`.
pub fn serve(
    mut service: Service,
    announce: impl FnOnce(SocketAddr) -> Result<(), Failure>,
) -> Result<u8, Failure> {
    let listener = listen(service.address)?;
    let access = service.token.take().map(Access::new).transpose();
    let access = access.map_err(|error| unable("have a session for browsers", &error))?;
    let runtime = runtime::Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .max_blocking_threads(LOOKERS)
        .enable_all()
        .build()
        .map_err(|error| unable("start threads", &error))?;
    let done = runtime.block_on(async {
        let mut stop = Stop::watch().map_err(|error| unable("watch for Ctrl-C", &error))?;
        let listener = tokio::net::TcpListener::from_std(listener)
            .map_err(|error| unable("listen", &error))?;
        service.address = listener
            .local_addr()
            .map_err(|error| unable("listen", &error))?;
        let address = service.address;
        let (end, ended) = oneshot::channel::<()>();
        let routes = routes(service, access);
        let server = answer(listener, routes, Limits::default(), async {
            let _ = ended.await;
        });
        let server = tokio::spawn(server);
        announce(address)?;
        stop.asked().await;
        drop(end);
        Ok(tokio::select! {
            _ = time::timeout(PATIENCE, server) => exit::FINE,
            () = stop.asked() => exit::INTERRUPTED,
        })
    });
    // Whoever still looks into the history only reads.
    runtime.shutdown_background();
    done
}

fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    let attempt = || {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        Ok(listener)
    };
    attempt().map_err(|error: io::Error| {
        let refused = |why: &str| Failure::usage(format!("cannot listen at {address}: {why}"));
        match error.kind() {
            io::ErrorKind::AddrInUse => refused("another program listens there").hint(format!(
                "end it, or name another port: `--listen {}` takes any that is free",
                SocketAddr::new(address.ip(), 0)
            )),
            io::ErrorKind::AddrNotAvailable => {
                refused("no network of this machine has that address")
                    .hint("`ip address` lists those it has")
            }
            io::ErrorKind::PermissionDenied => refused("the system does not allow it")
                .hint("ports below 1024 are for root: name a larger one"),
            _ => refused(&error.to_string()),
        }
    })
}

fn unable(what: &str, error: &io::Error) -> Failure {
    Failure {
        message: format!("cannot {what}: {error}"),
        hints: Vec::new(),
        code: exit::FAILED,
    }
}
