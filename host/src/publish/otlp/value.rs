//! Attributes: a name and a value of one of few types.

use benchhost_record::{Case, ParamValue};
use opentelemetry_proto::tonic::common::v1::{AnyValue, ArrayValue, KeyValue, any_value::Value};

/// An attribute with a text.
pub(super) fn text(key: &str, value: &str) -> KeyValue {
    attribute(key, Value::StringValue(value.to_owned()))
}

/// An attribute with a whole number.
pub(super) fn whole(key: &str, value: u64) -> KeyValue {
    attribute(
        key,
        Value::IntValue(i64::try_from(value).unwrap_or(i64::MAX)),
    )
}

/// An attribute with a number.
pub(super) fn number(key: &str, value: f64) -> KeyValue {
    attribute(key, Value::DoubleValue(value))
}

/// An attribute with several texts.
pub(super) fn texts(key: &str, values: &[&str]) -> KeyValue {
    let values = values
        .iter()
        .map(|text| any(Value::StringValue((*text).to_owned())));
    attribute(
        key,
        Value::ArrayValue(ArrayValue {
            values: values.collect(),
        }),
    )
}

/// What a case is: `case`, `plugin`, `workload`, `threads`, `device`, and `param.NAME` for each parameter.
pub(super) fn of_case(case: &Case) -> Vec<KeyValue> {
    let mut found = vec![
        text("case", case.id.as_str()),
        text("plugin", &case.plugin),
        text("workload", &case.workload),
        whole("threads", case.threads.into()),
        text("device", &case.device),
    ];
    let params = case
        .params
        .iter()
        .map(|(name, value)| attribute(&format!("param.{name}"), param(value)));
    found.extend(params);
    found
}

fn param(value: &ParamValue) -> Value {
    match value {
        ParamValue::Bool(value) => Value::BoolValue(*value),
        ParamValue::Int(value) => Value::IntValue(*value),
        ParamValue::Float(value) if value.is_finite() => Value::DoubleValue(*value),
        ParamValue::Text(value) => Value::StringValue(value.clone()),
        // Arrays of attributes hold one type only; a list of a suite may not.
        ParamValue::Float(_) | ParamValue::List(_) => Value::StringValue(value.to_string()),
    }
}

fn attribute(key: &str, value: Value) -> KeyValue {
    KeyValue {
        key: key.to_owned(),
        value: Some(any(value)),
        ..KeyValue::default()
    }
}

fn any(value: Value) -> AnyValue {
    AnyValue { value: Some(value) }
}
