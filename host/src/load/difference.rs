//! Says in one line each how two types differ. abi_stable's own text has up to 45 KB with the cause at its end.

use benchhost_plugin_api::abi::abi_stable::{
    abi_stability::abi_checking::{AbiInstability, AbiInstabilityError, AbiInstabilityErrors},
    type_layout::TLFieldOrFunction,
};

/// How many differences are named in the message; the others are in the report.
const CAUSES: usize = 5;

/// Longest text of a type in a message, in characters.
const TYPE_LENGTH: usize = 60;

/// The first few of `causes`, and how many there are beyond them.
pub(super) fn shortened(mut causes: Vec<String>) -> Vec<String> {
    let more = causes.len().saturating_sub(CAUSES);
    causes.truncate(CAUSES);
    if more > 0 {
        causes.push(format!("and {more} more"));
    }
    causes
}

/// One line for each difference; `swapped` when the plugin was taken as the interface.
pub(super) fn causes(errors: &AbiInstabilityErrors, swapped: bool) -> Vec<String> {
    let root = errors.interface.name();
    let mut lines = Vec::new();
    for error in &errors.errors {
        let place = place(root, error);
        for difference in &error.errs {
            let line = format!("{place} {}", sentence(difference, swapped));
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
    }
    lines
}

/// The innermost `Type.field` that differs.
fn place(root: &str, error: &AbiInstabilityError) -> String {
    let names: Vec<(&str, &str)> = error
        .stack_trace
        .iter()
        .map(|step| match &step.expected {
            TLFieldOrFunction::Field(field) => (field.name(), field.layout().name()),
            TLFieldOrFunction::Function(function) => (function.name.as_str(), ""),
        })
        .collect();
    match names.as_slice() {
        [] => root.to_owned(),
        [(field, _)] => format!("{root}.{field}"),
        [.., (outer, ""), (field, _)] => format!("{outer}({field})"),
        [.., (_, owner), (field, _)] => format!("{owner}.{field}"),
    }
}

fn sentence(difference: &AbiInstability, swapped: bool) -> String {
    use AbiInstability as D;
    let (what, sides) = match difference {
        D::Name(v) => ("type", v.display_str()),
        D::Size(v) => ("size in bytes", v.display_str()),
        D::Alignment(v) => ("alignment", v.display_str()),
        D::FieldCountMismatch(v) => ("number of fields", v.display_str()),
        D::MismatchedPrefixSize(v) => ("number of first fields", v.display_str()),
        D::PackageVersion(v) => ("package version", v.display_str()),
        D::Package(v) => ("package", v.display_str()),
        D::MismatchedPrimitive(v) => ("type", v.debug_str()),
        D::UnexpectedField(v) => {
            let names = v.as_ref().map(|field| field.name().to_owned());
            ("field", Some(names))
        }
        D::TooManyVariants(v) => ("number of variants", v.display_str()),
        other => {
            let name = format!("{other:?}");
            let name = name.split(['(', '{', ' ']).next().unwrap_or_default();
            return format!("differs ({name})");
        }
    };
    let Some(sides) = sides else {
        return format!("differs in {what}");
    };
    let (host, plugin) = if swapped {
        (sides.found, sides.expected)
    } else {
        (sides.expected, sides.found)
    };
    format!(
        "has {what} {} here, {} in the plugin",
        short(&host),
        short(&plugin)
    )
}

/// `text` in one line of bounded length.
fn short(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= TYPE_LENGTH {
        return line;
    }
    line.chars().take(TYPE_LENGTH).chain(['…']).collect()
}
