//! A real browser for tests of pages: Chromium without a window, driven through its DevTools protocol.
//!
//! Only what tests need: open, evaluate, look, press, point. A machine without Chromium has no such tests; they say so.

use std::{
    io::{BufRead as _, BufReader},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use serde_json::{Value, json};
use tungstenite::{Message, WebSocket, stream::MaybeTlsStream};

/// Names of the program, in the order they are looked for. `CHROME` names another.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];

/// How long the browser may be silent before a test is given up.
const PATIENCE: Duration = Duration::from_secs(60);

/// A browser with one page.
pub(crate) struct Browser {
    program: Child,
    socket: WebSocket<MaybeTlsStream<TcpStream>>,
    session: String,
    next: u64,
    complaints: Vec<String>,
    _profile: tempfile::TempDir,
}

/// Where Chromium is; prints why the test is skipped when it is nowhere.
#[expect(
    clippy::print_stderr,
    reason = "a test that is skipped says so, and has no other voice"
)]
pub(crate) fn chromium() -> Option<PathBuf> {
    let named = std::env::var_os("CHROME").map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut places =
        std::env::split_paths(&path).flat_map(|folder| NAMES.map(|name| folder.join(name)));
    let found = named.or_else(|| places.find(|place| place.is_file()));
    if found.is_none() {
        eprintln!("skipped: no Chromium in PATH, and CHROME names none");
    }
    found
}

/// The browser, where it listens, and its profile; `None` when it ended before it listened.
fn launch(program: &Path, width: u32, height: u32) -> Option<(Child, String, tempfile::TempDir)> {
    let profile = tempfile::tempdir().unwrap();
    let mut program = Command::new(program)
        .args([
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
        ])
        .args([
            "--disable-dev-shm-usage",
            "--remote-debugging-port=0",
            "--hide-scrollbars",
        ])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("--window-size={width},{height}"))
        .arg("about:blank")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(program.stderr.take().unwrap()).lines();
    let address = lines
        .by_ref()
        .map_while(Result::ok)
        .find_map(|line| Some(line.strip_prefix("DevTools listening on ")?.to_owned()));
    let Some(address) = address else {
        let _ = program.wait();
        return None;
    };
    // A pipe that nobody reads would stop it.
    std::thread::spawn(move || lines.for_each(drop));
    Some((program, address, profile))
}

impl Browser {
    /// Starts it with an empty page of this size.
    pub(crate) fn start(program: &Path, width: u32, height: u32) -> Self {
        // On a busy machine it sometimes ends before it listens.
        let started = (0..3).find_map(|_| launch(program, width, height));
        let (program, address, profile) = started.expect("Chromium says where it listens");
        let (socket, _) = tungstenite::connect(&address).unwrap();
        if let MaybeTlsStream::Plain(stream) = socket.get_ref() {
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
        }
        let mut browser = Self {
            program,
            socket,
            session: String::new(),
            next: 0,
            complaints: Vec::new(),
            _profile: profile,
        };
        let target = browser.ask("Target.createTarget", json!({ "url": "about:blank" }));
        let attached = browser.ask(
            "Target.attachToTarget",
            json!({ "targetId": target["targetId"], "flatten": true }),
        );
        browser.session = attached["sessionId"].as_str().unwrap().to_owned();
        for domain in ["Page.enable", "Runtime.enable", "Log.enable"] {
            browser.ask(domain, json!({}));
        }
        browser.resize(width, height);
        browser
    }

    /// Opens an address and waits until it is loaded.
    pub(crate) fn open(&mut self, address: &str) {
        self.ask("Page.navigate", json!({ "url": address }));
        self.until("document.readyState === 'complete' && location.href !== 'about:blank'");
    }

    /// What an expression comes to; a promise is waited for.
    pub(crate) fn evaluate(&mut self, expression: &str) -> Value {
        let answer = self.ask(
            "Runtime.evaluate",
            json!({ "expression": expression, "returnByValue": true, "awaitPromise": true }),
        );
        assert!(
            answer.get("exceptionDetails").is_none(),
            "{expression}: {}",
            answer["exceptionDetails"]
        );
        answer["result"]["value"].clone()
    }

    /// Waits until an expression is true: the page itself looks again with each frame.
    pub(crate) fn until(&mut self, expression: &str) {
        let waiting = format!(
            "new Promise(done => {{ const look = () => {{ let is; try {{ is = {expression}; }} catch {{ is = false; }}
             is ? done(true) : setTimeout(look, 16); }}; look(); }})"
        );
        // A page that is being replaced forgets its promises: ask the new one.
        for _ in 0..5 {
            let answer = self.ask(
                "Runtime.evaluate",
                json!({ "expression": waiting, "returnByValue": true, "awaitPromise": true }),
            );
            if answer["result"]["value"] == json!(true) {
                return;
            }
        }
        panic!("never true: {expression}");
    }

    /// Presses and releases a key, like `Enter`, `Escape`, `ArrowDown` or `/`.
    pub(crate) fn press(&mut self, key: &str) {
        let code = match key {
            "Enter" => 13,
            "Escape" => 27,
            "Tab" => 9,
            "ArrowUp" => 38,
            "ArrowDown" => 40,
            _ => 0,
        };
        let text = match key {
            "Enter" => "\r",
            key if key.chars().count() == 1 => key,
            _ => "",
        };
        for kind in ["keyDown", "keyUp"] {
            let text = if kind == "keyDown" { text } else { "" };
            self.ask(
                "Input.dispatchKeyEvent",
                json!({ "type": kind, "key": key, "text": text, "windowsVirtualKeyCode": code }),
            );
        }
    }

    /// Types text into what has the focus.
    pub(crate) fn write(&mut self, text: &str) {
        self.ask("Input.insertText", json!({ "text": text }));
    }

    /// Moves the pointer to the middle of the first element that `selector` finds, and clicks when asked to.
    pub(crate) fn point(&mut self, selector: &str, click: bool) {
        let place = self.evaluate(&format!(
            "(() => {{ const e = document.querySelector({selector:?}); e.scrollIntoView({{ block: 'center' }});
             const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; }})()"
        ));
        self.point_at(
            place[0].as_f64().unwrap(),
            place[1].as_f64().unwrap(),
            click,
        );
    }

    /// Moves the pointer to a place in the window, and clicks when asked to.
    pub(crate) fn point_at(&mut self, x: f64, y: f64, click: bool) {
        let kinds: &[&str] = if click {
            &["mouseMoved", "mousePressed", "mouseReleased"]
        } else {
            &["mouseMoved"]
        };
        for kind in kinds {
            let button = if *kind == "mouseMoved" {
                "none"
            } else {
                "left"
            };
            self.ask(
                "Input.dispatchMouseEvent",
                json!({ "type": kind, "x": x, "y": y, "button": button, "clickCount": 1 }),
            );
        }
    }

    /// Makes the window another size.
    pub(crate) fn resize(&mut self, width: u32, height: u32) {
        self.ask(
            "Emulation.setDeviceMetricsOverride",
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false }),
        );
    }

    /// Asks for dark or light pages.
    pub(crate) fn prefer(&mut self, scheme: &str) {
        self.ask(
            "Emulation.setEmulatedMedia",
            json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] }),
        );
    }

    /// Errors and warnings of the console, and exceptions that nobody caught, so far.
    pub(crate) fn complaints(&mut self) -> Vec<String> {
        // An answer comes after everything that happened before the question.
        self.evaluate("0");
        std::mem::take(&mut self.complaints)
    }

    /// Asks the browser something and waits for its answer; what it says meanwhile is heard.
    fn ask(&mut self, method: &str, parameters: Value) -> Value {
        self.next += 1;
        let mut question = json!({ "id": self.next, "method": method, "params": parameters });
        if !self.session.is_empty() {
            question["sessionId"] = json!(self.session);
        }
        self.socket
            .send(Message::text(question.to_string()))
            .unwrap();
        loop {
            let Message::Text(text) = self.socket.read().unwrap() else {
                continue;
            };
            let said: Value = serde_json::from_str(text.as_str()).unwrap();
            if said["id"] == json!(self.next) {
                // A page that goes away answers nothing more to those who wait.
                return said.get("result").cloned().unwrap_or_default();
            }
            self.hear(&said);
        }
    }

    fn hear(&mut self, said: &Value) {
        let about = &said["params"];
        let complaint = match said["method"].as_str() {
            Some("Runtime.exceptionThrown") => Some(about["exceptionDetails"].to_string()),
            Some("Runtime.consoleAPICalled")
                if ["error", "warning", "assert"]
                    .iter()
                    .any(|kind| about["type"] == *kind) =>
            {
                Some(about["args"].to_string())
            }
            Some("Log.entryAdded")
                if ["error", "warning"]
                    .iter()
                    .any(|level| about["entry"]["level"] == *level) =>
            {
                Some(about["entry"].to_string())
            }
            _ => None,
        };
        self.complaints.extend(complaint);
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}
