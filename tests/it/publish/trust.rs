//! Receivers that encrypt, with a certificate of an authority of their own: who trusts it, and what is said before.

use super::{
    alerts::webhook,
    broken, command,
    mail::{body, mail},
    mailbox::{Line, Mailbox},
    quick,
    receiver::Receiver,
    run, said,
    tls::Authority,
    with,
};
use crate::support::{Output, Sandbox, finish};

/// User and password as they go over the line.
const LOGIN: &str = "AGJlbmNoAGh1bnRlcjI=";

/// A case failed, the password is known, and `ca.pem` is the authority of `authority`.
fn sandbox(authority: &Authority) -> Sandbox {
    let sandbox = with(&[broken(quick(0, &[("steady", 1000.0)]), 0)]);
    sandbox.write("ca.pem", &authority.pem);
    sandbox
}

/// Tells the alerts by the settings in `text`.
fn tell(sandbox: &Sandbox, text: impl AsRef<[u8]>) -> Output {
    sandbox.write("publish.toml", text);
    finish(command(sandbox, &["publish", "alerts", "--all"]).env("MAIL", "hunter2"))
}

/// Settings of a letter to `server` with a password.
fn with_login(server: &str, more: &str) -> String {
    let more = format!("user = \"bench\"\npassword-env = \"MAIL\"\n{more}");
    mail(server, &more)
}

/// What is printed as an error, and its way out.
fn refusal(output: &Output) -> (String, String) {
    assert_eq!(output.code, Some(1), "{output:?}");
    assert!(!said(output).contains("hunter2"), "{output:?}");
    let line = |start: &str| {
        let mut lines = output.stderr.lines().map(str::trim_start);
        let found = lines.find_map(|line| line.strip_prefix(start));
        found
            .unwrap_or_else(|| panic!("{start}: {output:?}"))
            .to_owned()
    };
    (line("error: "), line("hint: "))
}

#[test]
fn a_letter_arrives_whole_over_each_encrypted_line_and_the_password_only_there() {
    let authority = Authority::here();
    let sandbox = sandbox(&authority);
    for (line, scheme, query) in [
        (
            Line::StartTls(authority.host.clone()),
            "smtp",
            "?tls=required",
        ),
        (
            Line::StartTls(authority.host.clone()),
            "smtp",
            "?tls=opportunistic",
        ),
        (Line::Wrapped(authority.host.clone()), "smtps", ""),
    ] {
        let mailbox = Mailbox::encrypted(line);
        let server = format!("{scheme}://{}{query}", mailbox.address);

        let output = tell(&sandbox, with_login(&server, "ca-file = \"ca.pem\""));

        assert_eq!(output.code, Some(0), "{server}: {output:?}");
        let letters = mailbox.letters();
        assert_eq!(letters.len(), 1, "{server}");
        assert_eq!(letters[0].login, LOGIN);
        assert_eq!(letters[0].to, ["<a@example.org>", "<b@example.org>"]);
        let text = body(&letters[0]);
        assert!(text.starts_with("p/"), "{text}");
        assert!(text.contains("panic in measure: boom"), "{text}");
        assert!(text.trim_end().ends_with("ci-1"), "{text}");
        // Before the encryption no more than a greeting.
        let readable = mailbox.readable();
        let words: Vec<&str> = readable
            .iter()
            .map(|line| line.split(' ').next().unwrap())
            .collect();
        let expected: &[&str] = if query.is_empty() {
            &[]
        } else {
            &["EHLO", "STARTTLS"]
        };
        assert_eq!(words, expected, "{server}");
    }
}

#[test]
fn a_server_without_starttls_hears_no_password_and_no_letter() {
    let sandbox = sandbox(&Authority::here());
    let mailbox = Mailbox::new();
    let server = format!("smtp://{}?tls=required", mailbox.address);

    let output = tell(&sandbox, with_login(&server, ""));

    let (message, hint) = refusal(&output);
    assert!(
        message.ends_with(&format!(
            "{server}: it offers no STARTTLS, so the line to it cannot be encrypted"
        )),
        "{message}"
    );
    assert!(hint.starts_with("smtps://HOST is for a server that encrypts from the first byte"));
    let readable = mailbox.readable();
    assert!(
        readable
            .iter()
            .all(|line| line.starts_with("EHLO") || line == "QUIT"),
        "{readable:?}"
    );
    assert!(mailbox.letters().is_empty());
}

#[test]
fn a_server_that_is_not_trusted_hears_no_password_and_is_asked_once() {
    let (authority, other) = (Authority::here(), Authority::of("mail.example.org"));
    let sandbox = sandbox(&authority);
    sandbox.write("other.pem", &other.pem);
    let distrust = "invalid peer certificate: UnknownIssuer";
    let own = "`ca-file` in its section, or SSL_CERT_FILE, names a file with the certificates of its own authority";
    for (host, more, why, way) in [
        (&authority, "", distrust, own),
        (&authority, "ca-file = \"other.pem\"", distrust, own),
        (
            &other,
            "ca-file = \"other.pem\"",
            "is only valid for DnsName(\"mail.example.org\")",
            "the address must name the host as its certificate does",
        ),
    ] {
        for is_wrapped in [true, false] {
            let (line, scheme, query) = if is_wrapped {
                (Line::Wrapped(host.host.clone()), "smtps", "")
            } else {
                (Line::StartTls(host.host.clone()), "smtp", "?tls=required")
            };
            let mailbox = Mailbox::encrypted(line);
            let server = format!("{scheme}://{}{query}", mailbox.address);

            let output = tell(&sandbox, with_login(&server, more));

            let (message, hint) = refusal(&output);
            assert!(message.contains(why), "{message}");
            assert!(!message.contains("tries"), "{message}");
            assert_eq!(hint, way);
            let readable = mailbox.readable();
            assert!(!format!("{readable:?}").contains("AUTH"), "{readable:?}");
            assert!(mailbox.letters().is_empty());
        }
    }
}

#[test]
fn a_server_that_begins_in_the_open_is_not_taken_for_one_that_encrypts() {
    let sandbox = sandbox(&Authority::here());
    let mailbox = Mailbox::new();

    let server = format!("smtps://{}", mailbox.address);
    let (message, hint) = refusal(&tell(&sandbox, with_login(&server, "")));

    assert!(
        message.ends_with(&format!(
            "{server}: it does not encrypt from the first byte"
        )),
        "{message}"
    );
    assert!(hint.starts_with("smtp://HOST:PORT?tls=required"), "{hint}");
}

#[test]
fn what_cannot_be_told_to_a_mail_server_leaves_a_check_alone() {
    let authority = Authority::here();
    let sandbox = sandbox(&authority);
    let mailbox = Mailbox::encrypted(Line::Wrapped(authority.host));
    let plain = run(&sandbox, &["check"]);
    let settings = with_login(&format!("smtps://{}", mailbox.address), "");
    sandbox.write("publish.toml", settings);

    let output = finish(command(&sandbox, &["check", "--publish"]).env("MAIL", "hunter2"));

    assert_eq!(output.code, plain.code, "{output:?}");
    assert!(
        output
            .stderr
            .contains("warning: not published: cannot tell mail"),
        "{output:?}"
    );
    assert_eq!(output.stdout, plain.stdout);
}

#[test]
fn a_receiver_of_https_is_trusted_by_its_section_or_by_the_environment() {
    let authority = Authority::here();
    let sandbox = sandbox(&authority);
    let receiver = Receiver::encrypted(&authority.host);
    let settings = |more: &str| {
        format!(
            "{}{more}\n[prometheus]\npush = \"{}\"\n{more}\n[otlp]\nendpoint = \"{}\"\n{more}\n",
            webhook(&receiver.address, ""),
            receiver.address,
            receiver.address
        )
    };
    let all = |more: &str, variable: &str| {
        sandbox.write("publish.toml", settings(more));
        let publish = |to: &str| {
            let mut arguments = vec!["publish", to];
            arguments.extend((to == "alerts").then_some("--all"));
            finish(command(&sandbox, &arguments).env("SSL_CERT_FILE", variable))
        };
        ["alerts", "prometheus", "otlp"].map(publish)
    };

    for output in all("", "") {
        let (message, hint) = refusal(&output);
        assert!(message.contains("UnknownIssuer"), "{message}");
        assert!(hint.starts_with("`ca-file` in its section"), "{hint}");
    }
    assert!(receiver.got().is_empty());
    // What is written goes before the environment.
    for (more, variable) in [("ca-file = \"ca.pem\"", "absent.pem"), ("", "ca.pem")] {
        for output in all(more, variable) {
            assert_eq!(output.code, Some(0), "{output:?}");
        }
    }
    assert_eq!(receiver.got().len(), 8);
}

#[test]
fn a_file_of_certificates_that_cannot_be_used_is_told_with_its_line_before_anything_is_done() {
    let authority = Authority::here();
    let sandbox = sandbox(&authority);
    sandbox.write("key.pem", &authority.key);
    sandbox.write("empty.pem", "");
    sandbox.write("short.pem", &authority.pem[..authority.pem.len() / 2]);
    sandbox.write(
        "none.pem",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    );
    for (file, expected) in [
        (
            "absent.pem",
            "cannot read the certificates in `absent.pem`: No such file",
        ),
        ("empty.pem", "`empty.pem` holds no certificate"),
        (
            "key.pem",
            "`key.pem` holds no certificate, but a private key",
        ),
        ("short.pem", "certificate 1 in `short.pem` cannot be used: "),
        ("none.pem", "certificate 1 in `none.pem` cannot be used: "),
    ] {
        let more = format!("ca-file = \"{file}\"");
        sandbox.write("publish.toml", mail("smtps://localhost:1", &more));

        let output = run(&sandbox, &["check", "--publish"]);

        assert_eq!(output.code, Some(2), "{file}: {output:?}");
        let expected = format!("publish.toml:8: `ca-file`: {expected}");
        assert!(output.stderr.contains(&expected), "{expected}: {output:?}");
        assert!(output.stderr.contains("BEGIN CERTIFICATE"), "{output:?}");
        assert_eq!(output.stdout, "");
    }
}
