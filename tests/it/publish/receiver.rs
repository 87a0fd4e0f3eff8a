//! A receiver of HTTP that keeps what it gets and answers what a test says.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, Read, Write},
    net::TcpListener,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
};

use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// A request.
#[derive(Debug, Clone)]
pub(super) struct Got {
    pub(super) method: String,
    /// With its query.
    pub(super) path: String,
    /// Names in lower case.
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: Vec<u8>,
}

impl Got {
    pub(super) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub(super) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

/// What a request gets.
#[derive(Debug, Clone)]
pub(super) enum Answer {
    /// Status with its words, more headers, body.
    Reply(&'static str, Vec<(&'static str, String)>, Vec<u8>),
    /// The connection is closed without a word.
    Nothing,
}

impl Answer {
    pub(super) fn status(status: &'static str) -> Self {
        Self::Reply(status, Vec::new(), Vec::new())
    }

    pub(super) fn json(status: &'static str, body: &serde_json::Value) -> Self {
        Self::Reply(status, Vec::new(), body.to_string().into_bytes())
    }
}

/// A receiver; its thread ends with the tests.
pub(super) struct Receiver {
    pub(super) address: String,
    got: Arc<Mutex<Vec<Got>>>,
}

impl Receiver {
    /// One that answers as `answer` says.
    pub(super) fn new(answer: impl FnMut(&Got) -> Answer + Send + 'static) -> Self {
        Self::over(None, answer)
    }

    /// One that encrypts, and is content with everything.
    pub(super) fn encrypted(config: &Arc<ServerConfig>) -> Self {
        Self::over(Some(Arc::clone(config)), |_| Answer::status("200 OK"))
    }

    fn over(
        config: Option<Arc<ServerConfig>>,
        mut answer: impl FnMut(&Got) -> Answer + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let scheme = if config.is_some() { "https" } else { "http" };
        let address = format!("{scheme}://{}", listener.local_addr().unwrap());
        let got = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&got);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                match &config {
                    None => serve(stream, &kept, &mut answer),
                    Some(config) => {
                        let session = ServerConnection::new(Arc::clone(config)).unwrap();
                        serve(StreamOwned::new(session, stream), &kept, &mut answer);
                    }
                }
            }
        });
        Self { address, got }
    }

    /// One that gives these answers one after the other, and then the last for ever.
    pub(super) fn answering(answers: &[Answer]) -> Self {
        let mut answers = answers.to_vec();
        Self::new(move |_| {
            if answers.len() > 1 {
                answers.remove(0)
            } else {
                answers[0].clone()
            }
        })
    }

    /// One that is content with everything.
    pub(super) fn content() -> Self {
        Self::answering(&[Answer::status("200 OK")])
    }

    /// What came so far.
    pub(super) fn got(&self) -> Vec<Got> {
        locked(&self.got).clone()
    }
}

/// Host and port where nobody listens, as long as the listener lives: it holds the port on another address of this machine.
pub(super) fn dead() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.2:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, format!("127.0.0.3:{port}"))
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve(
    mut stream: impl Read + Write,
    kept: &Mutex<Vec<Got>>,
    answer: &mut impl FnMut(&Got) -> Answer,
) {
    if let Some(request) = request(&mut stream) {
        locked(kept).push(request.clone());
        // A client that is gone is no trouble.
        let _ = reply(stream, &answer(&request));
    }
}

fn request(stream: impl Read) -> Option<Got> {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first).ok()?;
    let mut words = first.split_whitespace();
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':')?;
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers
        .get("content-length")
        .map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Got {
        method,
        path,
        headers,
        body,
    })
}

fn reply(mut stream: impl Write, answer: &Answer) -> std::io::Result<()> {
    let Answer::Reply(status, headers, body) = answer else {
        return Ok(());
    };
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n",
        body.len()
    )?;
    for (name, value) in headers {
        write!(stream, "{name}: {value}\r\n")?;
    }
    stream.write_all(b"\r\n")?;
    stream.write_all(body)?;
    stream.flush()
}
