//! Sends a request, patiently, and never a secret over an open line.

use std::{
    io::Read as _,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use ureq::{
    Agent, Error, Proxy,
    http::{self, HeaderValue, Method},
    tls::{Certificate, RootCerts, TlsConfig},
};

use super::{
    super::{secret::Secret, trust::Trust},
    Address, Answer, Retry,
    broken::{Broken, broken, remark},
    retry::{asked, is_passing, is_untouched},
};

/// Time to reach a receiver.
const CONNECT: Duration = Duration::from_secs(10);

/// Time for a whole try: an answer that takes longer is of no use to a pipeline.
const TRY: Duration = Duration::from_secs(30);

/// Most of an answer that is read: a hundred comments of the greatest length.
const MOST_READ: u64 = 16 << 20;

/// When a request may be made again although nobody knows whether it was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Repeat {
    /// Always: twice is as good as once.
    Always,
    /// Only where it certainly was not done.
    Undone,
}

/// Value of a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) enum Header {
    Plain(String),
    Secret(Secret),
}

/// What is asked.
#[derive(Debug)]
pub(in super::super) struct Request<'a> {
    pub(in super::super) method: Method,
    pub(in super::super) address: &'a Address,
    pub(in super::super) headers: Vec<(String, Header)>,
    pub(in super::super) body: Option<Vec<u8>>,
    pub(in super::super) repeat: Repeat,
}

/// Sends requests.
#[derive(Debug)]
pub(in super::super) struct Client {
    retry: Retry,
    trust: Trust,
}

impl Client {
    pub(in super::super) fn new(retry: Retry, trust: Trust) -> Self {
        Self { retry, trust }
    }

    /// Sends `request` until there is an answer that counts, or patience ends. Any status is an answer.
    pub(in super::super) fn send(&self, request: &Request<'_>) -> Result<Answer, Broken> {
        let secrets = request.secrets();
        if !secrets.is_empty() && !request.address.keeps_secrets() {
            let mut broken =
                Broken::unsent("a secret would go there over plain http, readable on its way");
            broken.hint = Some("use https://, or a receiver on this machine".to_owned());
            return Err(broken);
        }
        let agent = agent(request.address, &self.trust)?;
        let began = Instant::now();
        let mut tried = 0;
        loop {
            tried += 1;
            let left = self.retry.whole.saturating_sub(began.elapsed());
            let mut outcome = once(&agent, request, left, &secrets);
            let Some(asked) = self.wants_another(request, &outcome) else {
                return outcome;
            };
            let wait = asked.unwrap_or_else(|| self.retry.wait(tried));
            let is_too_long = began.elapsed() + wait > self.retry.whole;
            if tried >= self.retry.tries || is_too_long {
                let remark = remark(tried, asked.filter(|_| is_too_long));
                match &mut outcome {
                    Ok(answer) => answer.remark = remark,
                    Err(broken) => broken.remark = remark,
                }
                return outcome;
            }
            thread::sleep(wait);
        }
    }

    /// `None` when the outcome stands; else the wait that is asked for before another try.
    fn wants_another(
        &self,
        request: &Request<'_>,
        outcome: &Result<Answer, Broken>,
    ) -> Option<Option<Duration>> {
        let may = |is_undone: bool| is_undone || request.repeat == Repeat::Always;
        match outcome {
            Ok(answer) => {
                let (status, headers) = (answer.status, &answer.headers);
                let again = is_passing(status, headers) && may(is_untouched(status));
                again.then(|| asked(headers, Timestamp::now()))
            }
            Err(broken) if broken.is_final => None,
            Err(broken) => may(!broken.may_be_done).then_some(None),
        }
    }
}

impl Request<'_> {
    fn secrets(&self) -> Vec<String> {
        let secrets = self.headers.iter().filter_map(|(_, value)| match value {
            // With its scheme and without: `Bearer abc`, `abc`.
            Header::Secret(secret) => {
                let text = secret.reveal();
                let word = text.split_once(' ').map(|(_, word)| word);
                Some(std::iter::once(text).chain(word).map(str::to_owned))
            }
            Header::Plain(_) => None,
        });
        secrets.flatten().chain(self.address.secrets()).collect()
    }
}

fn agent(address: &Address, trust: &Trust) -> Result<Agent, Broken> {
    // A proxy is not asked for what is on this machine.
    let proxy = Proxy::try_from_env().filter(|_| !address.is_loopback());
    let tls = TlsConfig::builder().root_certs(roots(trust)?).build();
    let config = Agent::config_builder()
        .http_status_as_error(false)
        // A redirect would take secrets to where nobody sent them.
        .max_redirects(0)
        .max_redirects_will_error(false)
        .timeout_connect(Some(CONNECT))
        .user_agent(concat!("benchhost/", env!("CARGO_PKG_VERSION")))
        .tls_config(tls)
        .proxy(proxy);
    Ok(config.build().into())
}

fn roots(trust: &Trust) -> Result<RootCerts, Broken> {
    let found = trust.roots().map_err(Broken::unsent)?;
    let certificates = found.map(|roots| {
        let owned = roots
            .iter()
            .map(|root| Certificate::from_der(root).to_owned());
        Arc::new(owned.collect())
    });
    Ok(certificates.map_or(RootCerts::WebPki, RootCerts::Specific))
}

fn once(
    agent: &Agent,
    request: &Request<'_>,
    left: Duration,
    secrets: &[String],
) -> Result<Answer, Broken> {
    let limit = TRY.min(left.max(Duration::from_secs(1)));
    let built = built(request)?;
    let failed = |error: Error| broken(&error, limit);
    let mut response = if request.body.is_some() {
        let built = agent.configure_request(built);
        agent.run(built.timeout_global(Some(limit)).build())
    } else {
        let built = agent.configure_request(built.map(|_| ()));
        agent.run(built.timeout_global(Some(limit)).build())
    }
    .map_err(failed)?;
    // Counted after it was unpacked: a few kilobytes may become gigabytes.
    let mut body = Vec::new();
    let mut reader = response.body_mut().as_reader().take(MOST_READ + 1);
    let read = reader.read_to_end(&mut body);
    read.map_err(|error| failed(error.into()))?;
    if body.len() as u64 > MOST_READ {
        return Err(failed(Error::BodyExceedsLimit(MOST_READ)));
    }
    Ok(Answer {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        body,
        secrets: secrets.to_vec(),
        remark: String::new(),
    })
}

fn built(request: &Request<'_>) -> Result<http::Request<Vec<u8>>, Broken> {
    let mut builder = http::Request::builder()
        .method(request.method.clone())
        .uri(request.address.text());
    for (name, value) in &request.headers {
        let refused = || {
            Broken::unsent(format!(
                "the header `{name}` holds letters that no header may"
            ))
        };
        let value = match value {
            Header::Plain(text) => HeaderValue::from_str(text).map_err(|_| refused())?,
            Header::Secret(secret) => {
                let mut value = HeaderValue::from_str(secret.reveal()).map_err(|_| refused())?;
                value.set_sensitive(true);
                value
            }
        };
        builder = builder.header(name, value);
    }
    let body = request.body.clone().unwrap_or_default();
    builder
        .body(body)
        .map_err(|error| Broken::unsent(error.to_string()))
}
