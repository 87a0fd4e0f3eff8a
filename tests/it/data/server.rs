//! A server of HTTP for tests: one answer for each connection, in their order, on the loopback device.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex, PoisonError},
    thread,
};

/// What a connection gets.
#[derive(Debug, Clone)]
pub(super) enum Answer {
    /// Everything that was asked for; a range, when one was.
    Whole(Vec<u8>),
    /// As [`Answer::Whole`], but the connection is closed after so many bytes of it.
    CutAfter(Vec<u8>, usize),
    /// As [`Answer::CutAfter`], but the connection stays open until the client closes it.
    HoldAfter(Vec<u8>, usize),
    /// Everything from the beginning, whatever was asked for.
    NoRanges(Vec<u8>),
    /// An answer with this status, and nothing else.
    Status(&'static str),
}

/// The server; its thread ends with its answers.
pub(super) struct Server {
    address: String,
    ranges: Arc<Mutex<Vec<Option<usize>>>>,
}

impl Server {
    pub(super) fn new(answers: Vec<Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/model.bin", listener.local_addr().unwrap());
        let ranges = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&ranges);
        thread::spawn(move || {
            for answer in answers {
                let Ok((stream, _)) = listener.accept() else {
                    return;
                };
                let range = asked(&stream);
                seen.lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(range);
                // Beside the next one: the curl of a client that was killed may stay until it has something to write. One that
                // no longer listens is no trouble.
                thread::spawn(move || serve(stream, range, &answer));
            }
        });
        Self { address, ranges }
    }

    /// Address of the one thing there is.
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// Where each request so far wanted to begin.
    pub(super) fn ranges(&self) -> Vec<Option<usize>> {
        self.ranges
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// Start of the range that is asked for.
fn asked(stream: &TcpStream) -> Option<usize> {
    let mut range = None;
    for line in BufReader::new(stream).lines() {
        let line = line.unwrap_or_default().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(bytes) = line.strip_prefix("range: bytes=") {
            range = bytes.trim_end_matches('-').parse().ok();
        }
    }
    range
}

fn serve(mut stream: TcpStream, range: Option<usize>, answer: &Answer) -> std::io::Result<()> {
    let (content, most) = match answer {
        Answer::Whole(content) | Answer::NoRanges(content) => (content, usize::MAX),
        Answer::CutAfter(content, most) | Answer::HoldAfter(content, most) => (content, *most),
        Answer::Status(status) => {
            return write!(
                stream,
                "HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            );
        }
    };
    let range = range.filter(|_| !matches!(answer, Answer::NoRanges(_)));
    let start = range.unwrap_or(0);
    if start >= content.len() {
        return write!(
            stream,
            "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Range: bytes */{}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            content.len()
        );
    }
    let rest = &content[start..];
    match range {
        None => write!(stream, "HTTP/1.1 200 OK\r\n")?,
        Some(start) => write!(
            stream,
            "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {start}-{}/{}\r\n",
            content.len() - 1,
            content.len()
        )?,
    }
    write!(
        stream,
        "Content-Length: {}\r\nConnection: close\r\n\r\n",
        rest.len()
    )?;
    stream.write_all(&rest[..rest.len().min(most)])?;
    stream.flush()?;
    if matches!(answer, Answer::HoldAfter(..)) {
        let _ = stream.read(&mut [0; 1]);
    }
    Ok(())
}
