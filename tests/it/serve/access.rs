//! Who is answered: tokens, sessions, names of the server.

use super::*;
use crate::support::Output;

const TOKEN: &str = "a-token-of-24-characters";

fn refused(sandbox: &Sandbox, arguments: &[&str]) -> Output {
    sandbox.run(&[&["serve"], arguments].concat())
}

#[test]
fn an_address_that_others_reach_needs_a_token() {
    let sandbox = quiet();

    for address in ["0.0.0.0:0", "[::]:0"] {
        let output = refused(&sandbox, &["--listen", address]);

        assert_eq!(output.code, Some(2), "{output:?}");
        assert_eq!(output.stdout, "");
        let expected = format!(
            "error: refusing to listen at {address} without a token: everyone who reaches that address could read the \
             history\n hint: --token-file FILE or BENCHHOST_TOKEN sets a token (`openssl rand -hex 24` makes one); 127.0.0.1 \
             needs none\n"
        );
        assert_eq!(output.stderr, expected);
    }
    let file = sandbox.write("token", format!("{TOKEN}\n"));
    let arguments = [
        "--listen",
        "0.0.0.0:0",
        "--token-file",
        file.to_str().unwrap(),
    ];
    let all = [&["serve"], &arguments[..]].concat();
    let mut child = sandbox
        .command(&all)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap())
        .read_line(&mut line)
        .unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(line.starts_with("listening at http://0.0.0.0:"), "{line}");
}

#[test]
fn a_token_that_is_no_secret_is_refused() {
    let sandbox = quiet();
    let short = sandbox.write("short", "secret");
    let empty = sandbox.write("empty", "");

    let too_short = refused(&sandbox, &["--token-file", short.to_str().unwrap()]);
    let nothing = refused(&sandbox, &["--token-file", empty.to_str().unwrap()]);
    let missing = refused(&sandbox, &["--token-file", "nowhere"]);

    for (output, part) in [
        (too_short, "has 6 characters, expected at least 16"),
        (nothing, "has 0 characters, expected at least 16"),
        (missing, "cannot read the token in `nowhere`"),
    ] {
        assert_eq!(output.code, Some(2), "{output:?}");
        assert!(output.stderr.contains(part), "{output:?}");
        assert!(!output.stderr.contains("secret"), "{output:?}");
    }
}

#[test]
fn with_a_token_only_health_is_answered_to_strangers() {
    let sandbox = quiet();
    let server = Server::with(&sandbox, &[], Some(TOKEN));
    let right = format!("Bearer {TOKEN}");
    let wrong = format!("Bearer {TOKEN}x");

    for path in ["/", "/metrics", "/api/v1/runs", "/report.json", "/nowhere"] {
        let stranger = server.get(path);
        assert_eq!(stranger.status, 401, "{path}");
        assert!(stranger.header("www-authenticate").starts_with("Bearer"));
        assert_eq!(stranger.error(), "this server asks for its token");
        for header in [wrong.as_str(), TOKEN, "Bearer ", "Basic eDp5"] {
            let refused = server.get_with(path, &[("authorization", header)]);
            assert_eq!(refused.status, 401, "{path} {header}");
        }
        let known = server.get_with(path, &[("authorization", &right)]);
        assert_ne!(known.status, 401, "{path}");
    }
    assert_eq!(server.get("/health").status, 200);
    let in_address = server.get_with(
        &format!("/api/v1/runs?token={TOKEN}"),
        &[("authorization", &right)],
    );
    assert_eq!(in_address.status, 400);
    assert!(
        in_address.text.contains("would stay in logs"),
        "{}",
        in_address.text
    );
    // Another name of the host is no danger where a token is asked for.
    let named = [("authorization", right.as_str()), ("host", "bench.example")];
    assert_eq!(server.get_with("/metrics", &named).status, 200);
}

#[test]
fn a_browser_shows_the_token_once_and_then_has_a_session() {
    let sandbox = quiet();
    let server = Server::with(&sandbox, &[], Some(TOKEN));
    let html = [("accept", "text/html")];
    let show = |token: &str| {
        let request = agent().post(format!("{}/login", server.url));
        let request = request.header("accept", "text/html");
        Answer::of(request.send_form([("token", token)]).unwrap())
    };

    let asked = server.get_with("/", &html);
    let wrong = show("not-the-token-of-this-server");
    let right = show(TOKEN);

    assert_eq!(asked.status, 401);
    assert!(asked.text.contains("type=\"password\""), "{}", asked.text);
    assert_eq!(
        (wrong.status.as_u16(), wrong.header("set-cookie")),
        (401, "")
    );
    assert_eq!(
        (right.status.as_u16(), right.header("location")),
        (303, "/")
    );
    let cookie = right.header("set-cookie");
    assert!(cookie.contains("; HttpOnly; SameSite=Strict"), "{cookie}");
    assert!(!cookie.contains(TOKEN), "{cookie}");
    let session = cookie.split(';').next().unwrap();
    assert_eq!(server.get_with("/", &[("cookie", session)]).status, 200);
    // Sessions are hexadecimal.
    let forged = format!("{}x", &session[..session.len() - 1]);
    assert_eq!(server.get_with("/", &[("cookie", &forged)]).status, 401);
}

#[test]
fn another_name_for_this_machine_is_not_answered_to() {
    let sandbox = quiet();
    let server = Server::start(&sandbox);
    let port = server.address().rsplit_once(':').unwrap().1;

    for host in [
        "evil.example",
        &format!("evil.example:{port}"),
        "127.0.0.1.evil.example",
        "10.0.0.1",
    ] {
        for path in ["/", "/api/v1/runs", "/metrics", "/health"] {
            let answer = server.get_with(path, &[("host", host)]);
            assert_eq!(answer.status, 421, "{host}{path}");
            assert!(answer.error().contains("answers to localhost only"));
        }
    }
    for host in ["localhost", &format!("localhost:{port}"), "[::1]:80"] {
        assert_eq!(
            server.get_with("/health", &[("host", host)]).status,
            200,
            "{host}"
        );
    }
}

#[test]
fn a_name_from_outside_is_never_that_of_a_file() {
    let sandbox = quiet();
    let run = made_run(9, &[("secret-file", 1.0)]);
    let text = serde_json::to_string(&run).unwrap();
    let file = sandbox.write("aside/run.json", text);
    let server = Server::start(&sandbox);

    let names = [
        "aside",
        "aside/run.json",
        "./aside/run.json",
        file.to_str().unwrap(),
    ];
    for name in names {
        let name = name.replace('/', "%2F");
        for path in [
            format!("/?run={name}"),
            format!("/report.json?run={name}"),
            format!("/api/v1/runs/{name}"),
            format!("/api/v1/verdicts?run={name}"),
        ] {
            let answer = server.get(&path);
            assert_eq!(answer.status, 404, "{path}: {}", answer.text);
            assert!(!answer.text.contains("secret-file"), "{path}");
        }
    }
}
