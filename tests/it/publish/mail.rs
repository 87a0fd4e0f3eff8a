//! Messages by mail.

use super::{
    HOSTILE, broken, command,
    mailbox::{Letter, Mailbox},
    quick,
    receiver::dead,
    run, with,
};
use crate::support::{Sandbox, finish};

pub(super) fn mail(server: &str, more: &str) -> String {
    format!(
        "[[action]]\nname = \"mail\"\nkind = \"email\"\nserver = \"{server}\"\nfrom = \"Bench <bench@example.org>\"\n\
         to = [\"a@example.org\", \"B <b@example.org>\"]\nretry = {{ tries = 3, first-wait = \"0s\" }}\n{more}\n"
    )
}

fn sandbox() -> Sandbox {
    let name = format!("steady {HOSTILE}");
    with(&[broken(quick(0, &[(&name, 1000.0)]), 0)])
}

/// The body, decoded.
pub(super) fn body(letter: &Letter) -> String {
    let (_, body) = letter.text.split_once("\r\n\r\n").unwrap();
    match letter.header("Content-Transfer-Encoding").as_str() {
        "quoted-printable" => {
            let joined = body.replace("=\r\n", "");
            let mut bytes = Vec::new();
            let mut rest = joined.as_bytes();
            while let [first, more @ ..] = rest {
                if *first == b'=' {
                    bytes.push(
                        u8::from_str_radix(std::str::from_utf8(&more[..2]).unwrap(), 16).unwrap(),
                    );
                    rest = &more[2..];
                } else {
                    bytes.push(*first);
                    rest = more;
                }
            }
            String::from_utf8(bytes).unwrap()
        }
        "base64" => panic!("not expected of mostly ASCII"),
        _ => body.to_owned(),
    }
}

#[test]
fn every_recipient_gets_the_letter_and_no_name_adds_a_header() {
    let sandbox = sandbox();
    let mailbox = Mailbox::new();
    let server = format!("smtp://{}", mailbox.address);
    for more in [
        "",
        "subject = \"{{ alert.case }}\"\ntemplate = \"{{ alert.case }} is {{ alert.kind }}\"",
    ] {
        sandbox.write("publish.toml", mail(&server, more));
        let output = run(&sandbox, &["publish", "alerts", "--all"]);
        assert_eq!(output.code, Some(0), "{output:?}");
    }

    let letters = mailbox.letters();
    assert_eq!(letters.len(), 2);
    for letter in &letters {
        assert!(letter.from.starts_with("<bench@example.org>"), "{letter:?}");
        assert_eq!(letter.to, ["<a@example.org>", "<b@example.org>"]);
        let names: Vec<String> = letter
            .head()
            .iter()
            .map(|line| line.split(':').next().unwrap().to_owned())
            .collect();
        let mut expected = [
            "From",
            "To",
            "Subject",
            "Message-ID",
            "MIME-Version",
            "Content-Type",
            "Date",
            "Content-Transfer-Encoding",
        ];
        expected.sort_unstable();
        let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, expected, "{letter:?}");
        assert!(letter.header("Content-Type").starts_with("text/plain"));
    }
    assert!(
        body(&letters[0]).contains("panic in measure: boom"),
        "{:?}",
        body(&letters[0])
    );
    assert!(
        body(&letters[1]).contains("<script>alert(1)</script>"),
        "{:?}",
        body(&letters[1])
    );
    // The same news has the same name, so that a server that got it twice can tell.
    assert_eq!(
        letters[0].header("Message-ID"),
        letters[1].header("Message-ID")
    );
}

#[test]
fn a_server_that_is_busy_is_asked_again_and_one_that_refuses_is_not() {
    let sandbox = sandbox();
    let busy = Mailbox::refusing(vec!["421 try later", "421 try later"]);
    sandbox.write(
        "publish.toml",
        mail(&format!("smtp://{}", busy.address), ""),
    );
    let output = run(&sandbox, &["publish", "alerts"]);
    assert_eq!(output.code, Some(0), "{output:?}");
    assert_eq!(busy.letters().len(), 1);

    let refusing = Mailbox::refusing(vec!["554 go away"]);
    sandbox.write(
        "publish.toml",
        mail(&format!("smtp://{}", refusing.address), ""),
    );
    let output = run(&sandbox, &["publish", "alerts", "--all"]);
    assert_eq!(output.code, Some(1), "{output:?}");
    assert!(
        output.stderr.contains("cannot tell mail: failure of"),
        "{output:?}"
    );
    assert!(refusing.letters().is_empty());

    let (_held, nowhere) = dead();
    sandbox.write("publish.toml", mail(&format!("smtp://{nowhere}"), ""));
    let output = run(&sandbox, &["publish", "alerts", "--all"]);
    assert_eq!(output.code, Some(1), "{output:?}");
    assert!(output.stderr.contains("(3 tries)"), "{output:?}");
}

#[test]
fn the_password_comes_from_the_environment_and_goes_over_no_open_line() {
    let sandbox = sandbox();
    let mailbox = Mailbox::new();
    let login = "user = \"bench\"\npassword-env = \"MAIL\"";
    sandbox.write(
        "publish.toml",
        mail(&format!("smtp://{}", mailbox.address), login),
    );
    let here = finish(command(&sandbox, &["publish", "alerts"]).env("MAIL", "hunter2"));
    let without = run(&sandbox, &["publish", "alerts", "--all"]);
    sandbox.write("publish.toml", mail("smtp://mail.example.org", login));
    let open = finish(command(&sandbox, &["publish", "alerts", "--all"]).env("MAIL", "hunter2"));

    assert_eq!(here.code, Some(0), "{here:?}");
    // user and password as base64, with zero bytes before them.
    assert_eq!(mailbox.letters()[0].login, "AGJlbmNoAGh1bnRlcjI=");
    assert!(
        without
            .stderr
            .contains("the environment variable MAIL is empty"),
        "{without:?}"
    );
    assert!(open.stderr.contains("readable on its way"), "{open:?}");
    assert!(!format!("{here:?}{open:?}").contains("hunter2"));
}

#[test]
fn a_rehearsal_shows_the_letter() {
    let sandbox = sandbox();
    sandbox.write("publish.toml", mail("smtp://mail.example.org", ""));

    let output = run(&sandbox, &["publish", "alerts", "--dry-run"]);

    assert_eq!(output.code, Some(0), "{output:?}");
    assert!(
        output
            .stdout
            .contains("Subject: [benchhost] failure opened: failure of p/"),
        "{output:?}"
    );
    assert!(
        output
            .stdout
            .contains("to a@example.org, B <b@example.org>"),
        "{output:?}"
    );
}
