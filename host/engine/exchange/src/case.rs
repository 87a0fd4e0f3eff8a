//! Names of cases with parameters, in the form of `benchhost_record::CaseId`.

use std::collections::BTreeMap;

/// `name?a=1&b=x`: keys sorted, values percent-encoded so that the form can be split again.
pub(crate) fn named(name: &str, params: &BTreeMap<String, String>) -> String {
    let mut case = name.to_owned();
    for (index, (key, value)) in params.iter().enumerate() {
        case.push(if index == 0 { '?' } else { '&' });
        encode(key, &mut case);
        case.push('=');
        encode(value, &mut case);
    }
    case
}

/// `case` with one more parameter; the others stay where they are.
pub(crate) fn with(case: &str, key: &str, value: &str) -> String {
    let (name, query) = case.split_once('?').unwrap_or((case, ""));
    let mut longer = format!("{name}?{key}=");
    encode(value, &mut longer);
    if !query.is_empty() {
        longer.push('&');
        longer.push_str(query);
    }
    longer
}

fn encode(text: &str, into: &mut String) {
    for c in text.chars() {
        if matches!(c, '%' | '&' | '=' | '?' | '#') || c.is_whitespace() || c.is_control() {
            let mut bytes = [0; 4];
            for byte in c.encode_utf8(&mut bytes).bytes() {
                into.push_str(&format!("%{byte:02X}"));
            }
        } else {
            into.push(c);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_sorted_and_encoded() {
        let params = BTreeMap::from([("n".into(), "1 0".into()), ("kind".into(), "'a=b'".into())]);

        assert_eq!(named("sort", &params), "sort?kind='a%3Db'&n=1%200");
        assert_eq!(named("sort", &BTreeMap::new()), "sort");
    }
}
