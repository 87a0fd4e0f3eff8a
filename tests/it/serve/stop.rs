//! The end of a server, and beginnings that fail.

use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
};

use super::*;
use crate::support::eventually;

#[test]
fn a_request_that_is_being_answered_is_answered_before_the_end() {
    let sandbox = quiet();
    let mut server = Server::with(&sandbox, &[], Some("a-token-of-24-characters"));
    let body = "token=a-token-of-24-characters";
    let mut stream = TcpStream::connect(server.address()).unwrap();
    let head = format!(
        "POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\
         Expect: 100-continue\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    // The server says this once it wants the body: it is in the middle of the request.
    let mut going_on = [0; 25];
    stream.read_exact(&mut going_on).unwrap();
    assert_eq!(&going_on, b"HTTP/1.1 100 Continue\r\n\r\n");

    server.signal(Signal::TERM);
    eventually("the server takes no new connections", || {
        TcpStream::connect(server.address()).is_err().then_some(())
    });
    stream.write_all(body.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();

    assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
    assert!(answer.contains("set-cookie: benchhost-"), "{answer}");
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
}

#[test]
fn ctrl_c_ends_an_idle_server_with_0_also_when_a_browser_keeps_its_connection() {
    let sandbox = quiet();
    let mut server = Server::start(&sandbox);
    let agent = agent();
    let kept = agent.get(format!("{}/health", server.url)).call().unwrap();
    assert_eq!(kept.status(), 200);

    server.signal(Signal::INT);

    assert_eq!(server.child.wait().unwrap().code(), Some(0));
    let mut errors = String::new();
    server
        .child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut errors)
        .unwrap();
    assert_eq!(errors, "");
}

#[test]
fn an_address_that_is_taken_is_named() {
    let sandbox = quiet();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();

    let output = sandbox.run(&["serve", "--listen", &address]);

    assert_eq!(output.code, Some(2), "{output:?}");
    let expected = format!(
        "error: cannot listen at {address}: another program listens there\n hint: end it, or name another port: `--listen \
         127.0.0.1:0` takes any that is free\n"
    );
    assert_eq!(output.stderr, expected);
}

#[test]
fn what_every_report_would_fail_of_is_said_at_once() {
    let sandbox = quiet();
    sandbox.write("bad.toml", "[[gate]]\nnonsense = 1\n");

    for (arguments, part) in [
        (
            ["--store", "nowhere.db"],
            "there is no history at `nowhere.db`",
        ),
        (["--gates", "bad.toml"], "bad.toml"),
        (["--baseline", "nosuch"], "nosuch"),
        (
            ["--listen", "8417"],
            "`--listen 8417` is no address to listen at",
        ),
    ] {
        let output = sandbox.run(&[&["serve"], &arguments[..]].concat());
        assert_eq!(output.code, Some(2), "{output:?}");
        assert!(
            output.stderr.contains(part) && output.stdout.is_empty(),
            "{output:?}"
        );
    }
}
