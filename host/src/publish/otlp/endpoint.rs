//! Where a signal goes: what was typed, what is written, what the variables of OpenTelemetry say.
//!
//! <https://opentelemetry.io/docs/specs/otel/protocol/exporter/>

use std::env;

use percent_encoding::percent_decode_str;

use super::{
    super::secret::Secret, Address, Header, OtlpAsked, OtlpSettings, PublishError, is_secret_name,
};

/// A kind of telemetry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signal {
    Metrics,
    Traces,
}

impl Signal {
    fn path(self) -> &'static str {
        match self {
            Self::Metrics => "v1/metrics",
            Self::Traces => "v1/traces",
        }
    }

    /// `OTEL_EXPORTER_OTLP_METRICS_ENDPOINT` of `ENDPOINT`.
    fn variable(self, what: &str) -> String {
        let signal = match self {
            Self::Metrics => "METRICS",
            Self::Traces => "TRACES",
        };
        format!("OTEL_EXPORTER_OTLP_{signal}_{what}")
    }

    /// The variable of this signal, else the one for all.
    fn said(self, what: &str) -> Option<String> {
        variable(&self.variable(what)).or_else(|| variable(&format!("OTEL_EXPORTER_OTLP_{what}")))
    }
}

/// Where a signal goes, and how.
#[derive(Debug)]
pub(super) struct Endpoint {
    pub(super) address: Address,
    pub(super) headers: Vec<(String, Header)>,
    pub(super) is_gzip: bool,
}

impl Endpoint {
    pub(super) fn of(
        signal: Signal,
        asked: &OtlpAsked,
        settings: &OtlpSettings,
    ) -> Result<Self, PublishError> {
        let mut headers = said_headers(signal)?;
        for (name, source) in &settings.headers {
            headers.push((name.clone(), source.header()?));
        }
        let is_said_gzip = || {
            signal
                .said("COMPRESSION")
                .is_some_and(|word| word == "gzip")
        };
        Ok(Self {
            address: address(signal, asked, settings)?,
            headers,
            is_gzip: asked.gzip || settings.gzip.unwrap_or_else(is_said_gzip),
        })
    }
}

fn address(
    signal: Signal,
    asked: &OtlpAsked,
    settings: &OtlpSettings,
) -> Result<Address, PublishError> {
    let parse = |from: &str, text: &str| {
        Address::parse(text, false).map_err(|why| PublishError::usage(format!("{from}: {why}")))
    };
    if let Some(text) = &asked.endpoint {
        return Ok(parse("--endpoint", text)?.below(signal.path()));
    }
    if let Some(base) = &settings.endpoint {
        return Ok(base.below(signal.path()));
    }
    let found = |name: String| variable(&name).map(|text| parse(&name, &text)).transpose();
    let whole = found(signal.variable("ENDPOINT"))?;
    let base = found("OTEL_EXPORTER_OTLP_ENDPOINT".to_owned())?;
    let address = whole.or(base.map(|base| base.below(signal.path())));
    let address = address.ok_or_else(|| {
        PublishError::usage("it is not known where the collector of OpenTelemetry is")
            .with_hint("--endpoint http://HOST:4318 says it, endpoint of [otlp] in publish.toml, or OTEL_EXPORTER_OTLP_ENDPOINT")
    })?;
    // It was meant for others: they may speak another protocol to the same place.
    match signal.said("PROTOCOL") {
        Some(protocol) if protocol != "http/protobuf" => Err(PublishError::usage(format!(
            "OTEL_EXPORTER_OTLP_PROTOCOL is {protocol:?}, and only http/protobuf is spoken here"
        ))
        .with_hint("--endpoint with the address for http, whose port is 4318 as a rule")),
        _ => Ok(address),
    }
}

/// `name=value,other=value`, values percent-encoded.
fn said_headers(signal: Signal) -> Result<Vec<(String, Header)>, PublishError> {
    let Some(text) = signal.said("HEADERS") else {
        return Ok(Vec::new());
    };
    let pairs = pairs(&text).ok_or_else(|| {
        PublishError::usage(
            "OTEL_EXPORTER_OTLP_HEADERS is no list like name=value,other=value, percent-encoded",
        )
    })?;
    let header = |(name, value): (String, String)| {
        let value = if is_secret_name(&name) {
            Header::Secret(Secret::new(value))
        } else {
            Header::Plain(value)
        };
        (name, value)
    };
    Ok(pairs.into_iter().map(header).collect())
}

/// The pairs of `a=1,b=%20`; `None` when it is something else.
pub(super) fn pairs(text: &str) -> Option<Vec<(String, String)>> {
    let parts = text
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty());
    let pairs = parts.map(|part| {
        let (name, value) = part.split_once('=')?;
        let decode = |text: &str| {
            percent_decode_str(text.trim())
                .decode_utf8()
                .ok()
                .map(|text| text.into_owned())
        };
        let name = decode(name)?;
        (!name.is_empty()).then_some((name, decode(value)?))
    });
    pairs.collect()
}

pub(super) fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_pairs_read_as_the_specification_says() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());

        assert_eq!(
            pairs("api-key=a%3Db%2C, x = y ,e="),
            Some(vec![pair("api-key", "a=b,"), pair("x", "y"), pair("e", "")])
        );
        assert_eq!(pairs(""), Some(Vec::new()));
        assert_eq!(pairs("hunter2"), None);
        assert_eq!(pairs("=x"), None);
        assert_eq!(pairs("a=%ff"), None);
    }
}
