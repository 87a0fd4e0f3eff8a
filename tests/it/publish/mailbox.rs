//! A mail server that keeps the letters it gets.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex, PoisonError},
    thread,
};

/// A letter as it came.
#[derive(Debug, Clone, Default)]
pub(super) struct Letter {
    pub(super) from: String,
    pub(super) to: Vec<String>,
    pub(super) text: String,
    /// What the sender said of who it is.
    pub(super) login: String,
}

impl Letter {
    /// Lines of its head, folded ones joined.
    pub(super) fn head(&self) -> Vec<String> {
        let (head, _) = self.text.split_once("\r\n\r\n").unwrap();
        head.replace("\r\n ", " ")
            .split("\r\n")
            .map(str::to_owned)
            .collect()
    }

    pub(super) fn header(&self, name: &str) -> String {
        let start = format!("{name}: ");
        let head = self.head();
        let found: Vec<&String> = head
            .iter()
            .filter(|line| line.starts_with(&start))
            .collect();
        assert_eq!(found.len(), 1, "{name}: {head:?}");
        found[0][start.len()..].to_owned()
    }
}

/// The server.
pub(super) struct Mailbox {
    /// Host and port.
    pub(super) address: String,
    letters: Arc<Mutex<Vec<Letter>>>,
}

impl Mailbox {
    /// One that greets its first visitors with these lines instead of letting them in.
    pub(super) fn refusing(greetings: Vec<&'static str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let letters = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&letters);
        let mut greetings = greetings.into_iter();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let greeting = greetings.next().unwrap_or("220 ready");
                let mut letter = Letter::default();
                if serve(&stream, greeting, &mut letter).unwrap_or(false) {
                    kept.lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .push(letter);
                }
            }
        });
        Self { address, letters }
    }

    pub(super) fn new() -> Self {
        Self::refusing(Vec::new())
    }

    pub(super) fn letters(&self) -> Vec<Letter> {
        self.letters
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// One visit; whether a letter was left.
fn serve(stream: &TcpStream, greeting: &str, letter: &mut Letter) -> std::io::Result<bool> {
    let mut out = stream;
    let mut lines = BufReader::new(stream).lines();
    write!(out, "{greeting}\r\n")?;
    if !greeting.starts_with("220") {
        return Ok(false);
    }
    while let Some(line) = lines.next() {
        let line = line?;
        let upper = line.to_ascii_uppercase();
        let reply = if upper.starts_with("EHLO") {
            "250-mailbox\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN"
        } else if let Some(login) = line.strip_prefix("AUTH PLAIN ") {
            letter.login = login.to_owned();
            "235 ok"
        } else if let Some(from) = line.strip_prefix("MAIL FROM:") {
            letter.from = from.to_owned();
            "250 ok"
        } else if let Some(to) = line.strip_prefix("RCPT TO:") {
            letter.to.push(to.to_owned());
            "250 ok"
        } else if upper == "DATA" {
            write!(out, "354 go on\r\n")?;
            for line in lines.by_ref() {
                let line = line?;
                if line == "." {
                    break;
                }
                letter.text += &format!("{}\r\n", line.strip_prefix('.').unwrap_or(&line));
            }
            // Kept before the sender is told.
            write!(out, "250 kept\r\n")?;
            return Ok(true);
        } else {
            "250 ok"
        };
        write!(out, "{reply}\r\n")?;
    }
    Ok(false)
}
