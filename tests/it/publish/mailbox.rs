//! A mail server that keeps the letters it gets.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
};

use rustls::{ServerConfig, ServerConnection, StreamOwned};

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

/// How a mailbox is spoken to.
#[derive(Clone)]
pub(super) enum Line {
    /// Readable by all.
    Open,
    /// Encrypted after a first word.
    StartTls(Arc<ServerConfig>),
    /// Encrypted from the first byte.
    Wrapped(Arc<ServerConfig>),
}

/// The server.
pub(super) struct Mailbox {
    /// Host and port.
    pub(super) address: String,
    kept: Arc<Kept>,
}

/// What came.
#[derive(Default)]
struct Kept {
    letters: Mutex<Vec<Letter>>,
    readable: Mutex<Vec<String>>,
}

impl Mailbox {
    /// One that greets its first visitors with these lines instead of letting them in.
    pub(super) fn refusing(greetings: Vec<&'static str>) -> Self {
        Self::open(Line::Open, greetings)
    }

    pub(super) fn new() -> Self {
        Self::refusing(Vec::new())
    }

    /// One that encrypts.
    pub(super) fn encrypted(line: Line) -> Self {
        Self::open(line, Vec::new())
    }

    fn open(line: Line, greetings: Vec<&'static str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let kept = Arc::new(Kept::default());
        let mailbox = Self {
            address,
            kept: Arc::clone(&kept),
        };
        let mut greetings = greetings.into_iter();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let greeting = greetings.next().unwrap_or("220 ready");
                // A visitor who goes is no trouble.
                let _ = visit(&stream, &line, greeting, &kept);
            }
        });
        mailbox
    }

    pub(super) fn letters(&self) -> Vec<Letter> {
        locked(&self.kept.letters).clone()
    }

    /// Lines that everybody could read, before a letter or the encryption began.
    pub(super) fn readable(&self) -> Vec<String> {
        locked(&self.kept.readable).clone()
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One visit.
fn visit(stream: &TcpStream, line: &Line, greeting: &str, kept: &Kept) -> io::Result<()> {
    let encrypted = |config: &Arc<ServerConfig>| {
        let session = ServerConnection::new(Arc::clone(config)).unwrap();
        BufReader::new(StreamOwned::new(session, stream))
    };
    let mut open = Talk::new(kept, true);
    match line {
        Line::Open => open.talk(&mut BufReader::new(stream), Some(greeting)),
        Line::Wrapped(config) => {
            Talk::new(kept, false).talk(&mut encrypted(config), Some(greeting))
        }
        Line::StartTls(config) => {
            open.can_encrypt = true;
            open.talk(&mut BufReader::new(stream), Some(greeting))?;
            if open.is_to_be_encrypted {
                Talk::new(kept, false).talk(&mut encrypted(config), None)?;
            }
            Ok(())
        }
    }
}

/// What is said over one line.
struct Talk<'a> {
    kept: &'a Kept,
    is_readable: bool,
    can_encrypt: bool,
    is_to_be_encrypted: bool,
}

impl<'a> Talk<'a> {
    fn new(kept: &'a Kept, is_readable: bool) -> Self {
        Self {
            kept,
            is_readable,
            can_encrypt: false,
            is_to_be_encrypted: false,
        }
    }

    /// Until a letter is left, or another line is asked for.
    fn talk<S: Read + Write>(
        &mut self,
        reader: &mut BufReader<S>,
        greeting: Option<&str>,
    ) -> io::Result<()> {
        let mut letter = Letter::default();
        if let Some(greeting) = greeting {
            write!(reader.get_mut(), "{greeting}\r\n")?;
            if !greeting.starts_with("220") {
                return Ok(());
            }
        }
        while let Some(line) = next(reader)? {
            if self.is_readable {
                locked(&self.kept.readable).push(line.clone());
            }
            let upper = line.to_ascii_uppercase();
            let reply = if upper.starts_with("EHLO") {
                if self.can_encrypt {
                    "250-mailbox\r\n250-8BITMIME\r\n250-AUTH PLAIN LOGIN\r\n250 STARTTLS"
                } else {
                    "250-mailbox\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN"
                }
            } else if upper == "STARTTLS" && self.can_encrypt {
                self.is_to_be_encrypted = true;
                return write!(reader.get_mut(), "220 go ahead\r\n");
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
                write!(reader.get_mut(), "354 go on\r\n")?;
                while let Some(line) = next(reader)?.filter(|line| line != ".") {
                    letter.text += &format!("{}\r\n", line.strip_prefix('.').unwrap_or(&line));
                }
                // Kept before the sender is told.
                locked(&self.kept.letters).push(letter);
                return write!(reader.get_mut(), "250 kept\r\n");
            } else {
                "250 ok"
            };
            write!(reader.get_mut(), "{reply}\r\n")?;
        }
        Ok(())
    }
}

/// The next line, without its end.
fn next(reader: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut line = String::new();
    let read = reader.read_line(&mut line)?;
    Ok((read > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned()))
}
