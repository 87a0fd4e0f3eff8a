//! `--from URL`: transfers that break off, are killed, go on, or bring something else. They need curl, as the command does.

use std::{fs, os::unix::process::ExitStatusExt as _, process::Stdio};

use rustix::process::{Pid, Signal, kill_process};

use super::{
    FILES, Shop, content, entry, lone,
    server::{Answer, Server},
    sha256, tar_gz,
};
use crate::support::eventually;

/// 300 kB that no two places of are alike.
fn weights() -> Vec<u8> {
    (0..75_000_u32)
        .flat_map(|i| i.wrapping_mul(2_654_435_761).to_le_bytes())
        .collect()
}

fn shop() -> Shop {
    Shop::new(&lone("model", &weights()))
}

/// The part that is kept, when there is one.
fn part(shop: &Shop) -> Option<Vec<u8>> {
    let kept = shop
        .left()
        .into_iter()
        .find(|name| name.ends_with(".part"))?;
    fs::read(shop.cached(&kept)).ok()
}

fn is_whole(shop: &Shop) -> bool {
    assert_eq!(shop.left(), ["model/model.bin"]);
    fs::read(shop.cached("model/model.bin")).unwrap() == weights()
}

#[test]
fn a_file_comes_whole_and_is_not_asked_for_again() {
    let shop = shop();
    let server = Server::new(vec![Answer::Whole(weights())]);

    let first = shop.run(&["fetch", "model", "--from", server.address()]);
    let second = shop.run(&["fetch", "model", "--from", server.address()]);

    assert_eq!(first.code, Some(0), "{first:?}");
    assert!(
        first
            .stdout
            .starts_with("model: fetched, 1 file, 293 KiB in "),
        "{first:?}"
    );
    assert!(
        second.stdout.starts_with("model: already here"),
        "{second:?}"
    );
    assert!(is_whole(&shop));
    assert_eq!(server.ranges(), [None]);
}

#[test]
fn a_package_comes_from_an_address_too() {
    let shop = Shop::new(&entry(
        "two",
        "client = \"npm\"\npackage = \"two\"\nversion = \"1.0.0\"",
    ));
    let server = Server::new(vec![Answer::Whole(tar_gz())]);

    let output = shop.run(&["fetch", "two", "--from", server.address()]);

    assert_eq!(output.code, Some(0), "{output:?}");
    assert_eq!(content(&shop.cached("two/two")), FILES[1].1);
    assert_eq!(shop.left(), ["two/one", "two/two"]);
}

#[test]
fn a_file_address_needs_no_server() {
    let shop = shop();
    let path = shop.sandbox.write("some where.bin", weights());
    let address = format!("file://{}", path.display()).replace(' ', "%20");

    let output = shop.run(&["fetch", "model", "--from", &address]);

    assert_eq!(output.code, Some(0), "{output:?}");
    assert!(is_whole(&shop));
}

#[test]
fn a_transfer_that_breaks_off_goes_on_by_itself() {
    let shop = shop();
    let server = Server::new(vec![
        Answer::CutAfter(weights(), 100_000),
        Answer::CutAfter(weights(), 50_000),
        Answer::Whole(weights()),
    ]);

    let output = shop.run(&["fetch", "model", "--from", server.address()]);

    assert_eq!(output.code, Some(0), "{output:?}");
    assert!(is_whole(&shop));
    assert_eq!(server.ranges(), [None, Some(100_000), Some(150_000)]);
    assert!(
        output
            .stderr
            .contains("the transfer broke off after 100000 bytes; going on\n"),
        "{output:?}"
    );
}

#[test]
fn what_came_of_a_transfer_that_ends_for_good_is_kept_for_the_next() {
    let shop = shop();
    let server = Server::new(vec![
        Answer::CutAfter(weights(), 100_000),
        Answer::CutAfter(weights(), 0),
        Answer::Whole(weights()),
    ]);

    let first = shop.run(&["fetch", "model", "--from", server.address()]);

    assert_eq!(first.code, Some(1), "{first:?}");
    let sentence = format!(
        "the transfer of {} broke off after 97.66 KiB: curl: (18)",
        server.address()
    );
    assert!(first.stderr.contains(&sentence), "{first:?}");
    assert!(
        first
            .stderr
            .ends_with("hint: what has come is kept; the same command goes on from there\n"),
        "{first:?}"
    );
    assert_eq!(part(&shop).unwrap(), weights()[..100_000]);

    let second = shop.run(&["fetch", "model", "--from", server.address()]);

    assert_eq!(second.code, Some(0), "{second:?}");
    assert!(is_whole(&shop));
    assert_eq!(server.ranges(), [None, Some(100_000), Some(100_000)]);
}

#[test]
fn a_fetch_that_is_killed_or_interrupted_leaves_its_part_and_goes_on() {
    for (signal, code) in [
        (Signal::KILL, None),
        (Signal::TERM, Some(130)),
        (Signal::INT, Some(130)),
    ] {
        let shop = shop();
        let server = Server::new(vec![
            Answer::HoldAfter(weights(), 120_000),
            Answer::Whole(weights()),
        ]);
        let mut child = shop
            .command(&["fetch", "model", "--from", server.address()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        eventually("a part of 120 000 bytes", || {
            (part(&shop)?.len() == 120_000).then_some(())
        });

        kill_process(Pid::from_child(&child), signal).unwrap();
        let status = child.wait().unwrap();

        assert_eq!(status.code(), code, "{signal:?}");
        assert_eq!(status.signal().is_some(), code.is_none(), "{signal:?}");
        assert_eq!(part(&shop).unwrap(), weights()[..120_000]);
        let again = shop.run(&["fetch", "model", "--from", server.address()]);
        assert_eq!(again.code, Some(0), "{again:?}");
        assert!(is_whole(&shop));
        assert_eq!(server.ranges(), [None, Some(120_000)]);
    }
}

#[test]
fn a_server_that_cannot_go_on_sends_it_all_again() {
    let shop = shop();
    let server = Server::new(vec![
        Answer::CutAfter(weights(), 100_000),
        Answer::NoRanges(weights()),
        Answer::NoRanges(weights()),
    ]);

    let output = shop.run(&["fetch", "model", "--from", server.address()]);

    assert_eq!(output.code, Some(0), "{output:?}");
    assert!(
        output
            .stderr
            .contains("cannot go on where it stopped; from the beginning\n"),
        "{output:?}"
    );
    assert!(is_whole(&shop));
}

#[test]
fn another_content_gets_no_name_and_is_not_kept() {
    let shop = shop();
    let mut other = weights();
    other[200_000] ^= 1;
    let server = Server::new(vec![Answer::Whole(other.clone())]);

    let output = shop.run(&["fetch", "model", "--from", server.address()]);

    assert_eq!(output.code, Some(1), "{output:?}");
    let sentence = format!(
        "error: cannot fetch `model`: `{}` is not what the catalogue says: expected sha256 {}, found {}; nothing was kept of it",
        server.address(),
        sha256(weights()),
        sha256(other)
    );
    assert!(output.stderr.contains(&sentence), "{output:?}");
    assert!(shop.left().is_empty(), "{:?}", shop.left());
}

#[test]
fn a_part_of_another_content_costs_one_more_transfer() {
    let shop = shop();
    let mut other = weights();
    other[10] ^= 1;
    let server = Server::new(vec![
        Answer::CutAfter(other, 100_000),
        Answer::Status("503 Service Unavailable"),
        Answer::Whole(weights()),
        Answer::Whole(weights()),
    ]);
    assert_eq!(
        shop.run(&["fetch", "model", "--from", server.address()])
            .code,
        Some(1)
    );
    assert!(part(&shop).is_some());

    let output = shop.run(&["fetch", "model", "--from", server.address()]);

    assert_eq!(output.code, Some(0), "{output:?}");
    assert!(
        output
            .stderr
            .contains("an earlier transfer does not fit; from the beginning\n"),
        "{output:?}"
    );
    assert!(is_whole(&shop));
    assert_eq!(server.ranges(), [None, Some(100_000), Some(100_000), None]);
}

#[test]
fn a_part_that_is_already_whole_is_used() {
    let shop = shop();
    let server = Server::new(vec![
        Answer::CutAfter(weights(), 100_000),
        Answer::Status("500 Oh"),
        Answer::Whole(weights()),
    ]);
    let _ = shop.run(&["fetch", "model", "--from", server.address()]);
    let kept = shop
        .left()
        .into_iter()
        .find(|name| name.ends_with(".part"))
        .unwrap();
    fs::write(shop.cached(&kept), weights()).unwrap();

    let output = shop.run(&["fetch", "model", "--from", server.address()]);

    assert_eq!(output.code, Some(0), "{output:?}");
    assert!(is_whole(&shop));
}

#[test]
fn what_a_server_refuses_is_said() {
    let gone = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let gone = format!("http://{gone}/x");
    let cases = [
        ("404 Not Found", "curl finds no "),
        ("403 Forbidden", "curl failed to fetch "),
        ("", "curl cannot reach the source of "),
    ];
    for (status, sentence) in cases {
        let shop = shop();
        let server = Server::new(vec![Answer::Status(status)]);
        let address = if status.is_empty() {
            &gone
        } else {
            server.address()
        };

        let output = shop.run(&["fetch", "model", "--from", address]);

        assert_eq!(output.code, Some(1), "{output:?}");
        assert!(
            output
                .stderr
                .contains(&format!("error: cannot fetch `model`: {sentence}{address}")),
            "{output:?}"
        );
        assert!(output.stderr.contains("\n hint: "), "{output:?}");
        assert!(!shop.cached("model/model.bin").exists());
    }
}

#[test]
fn without_curl_the_sentence_says_so() {
    let shop = shop();
    let mut command = shop.command(&["fetch", "model", "--from", "http://127.0.0.1:9/x"]);
    command.env("PATH", shop.path().join("bin"));

    let output = crate::support::finish(&mut command);

    assert!(
        output
            .stderr
            .contains("there is no curl here to fetch it with\n hint: install curl; or"),
        "{output:?}"
    );
}
