//! Parameters that are typed: `--param KEY=VALUE`. Whether a workload has them is checked with the plan.

use benchhost_record::{ParamValue, Params};

use super::Failure;

/// Parameters as `KEY=VALUE`; the value is read as TOML, and as text when it is none.
pub(super) fn params(option: &str, typed: &[String]) -> Result<Params, Failure> {
    typed.iter().map(|text| param(option, text)).collect()
}

fn param(option: &str, text: &str) -> Result<(String, ParamValue), Failure> {
    let wrong = || Failure::usage(format!("{option}: `{text}` is not KEY=VALUE"));
    let (key, value) = text.split_once('=').ok_or_else(wrong)?;
    if key.is_empty() {
        return Err(wrong());
    }
    let table: Option<toml::Table> = toml::from_str(&format!("v = {value}")).ok();
    let parsed = table.and_then(|table| table.get("v").and_then(from_toml));
    Ok((
        key.to_owned(),
        parsed.unwrap_or_else(|| ParamValue::Text(value.to_owned())),
    ))
}

fn from_toml(value: &toml::Value) -> Option<ParamValue> {
    match value {
        toml::Value::Boolean(value) => Some(ParamValue::Bool(*value)),
        toml::Value::Integer(value) => Some(ParamValue::Int(*value)),
        toml::Value::Float(value) => Some(ParamValue::Float(*value)),
        toml::Value::String(value) => Some(ParamValue::Text(value.clone())),
        toml::Value::Array(values) => values
            .iter()
            .map(from_toml)
            .collect::<Option<_>>()
            .map(ParamValue::List),
        toml::Value::Datetime(_) | toml::Value::Table(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_toml_and_else_as_text() {
        let typed = [
            "a=1", "b=1.5", "c=true", "d=f32", "e=[1, 2]", "f=x=y", "g=\"1\"", "h=",
        ];
        let params = params("--param", &typed.map(str::to_owned)).unwrap();

        assert_eq!(params["a"], ParamValue::Int(1));
        assert_eq!(params["b"], ParamValue::Float(1.5));
        assert_eq!(params["c"], ParamValue::Bool(true));
        assert_eq!(params["d"], ParamValue::Text("f32".into()));
        assert_eq!(
            params["e"],
            ParamValue::List(vec![ParamValue::Int(1), ParamValue::Int(2)])
        );
        assert_eq!(params["f"], ParamValue::Text("x=y".into()));
        assert_eq!(params["g"], ParamValue::Text("1".into()));
        assert_eq!(params["h"], ParamValue::Text(String::new()));
        assert!(param("--param", "novalue").is_err() && param("--param", "=1").is_err());
    }
}
