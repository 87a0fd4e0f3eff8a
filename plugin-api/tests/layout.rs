//! Compares the binary interface with the one that was released: `layout-1.0.txt`.
//!
//! Every plugin that was ever built against 1.x relies on it. The text has names, types, sizes and offsets of all
//! types of this crate that can be reached from the root module; nothing in it depends on addresses or versions.

use std::{collections::BTreeMap, fmt::Write, fs, path::Path};

use benchhost_plugin_api::abi::{
    BatchOut, HostServices_Ref, PluginError, PluginMod_Ref, WorkloadBox,
    abi_stable::{
        StableAbi,
        type_layout::{TLData, TLField, TypeLayout},
    },
};

const SNAPSHOT: &str = include_str!("layout-1.0.txt");

const RULE: &str = "the binary interface has changed. Within 1.x a type may only grow at its end: a field with \
    #[sabi(missing_field(option))], a method with a default body; nothing is removed, renamed or retyped, and structs \
    passed by value do not grow. If the new text only adds at the end of a type, replace tests/layout-1.0.txt; if not, undo it \
    or make plugin-api 2.0.0 with another ABI_REVISION";

#[test]
fn the_layout_is_that_of_the_snapshot() {
    let mut types = BTreeMap::new();
    for root in [
        <PluginMod_Ref as StableAbi>::LAYOUT,
        <HostServices_Ref as StableAbi>::LAYOUT,
        <BatchOut as StableAbi>::LAYOUT,
        <PluginError as StableAbi>::LAYOUT,
        <WorkloadBox as StableAbi>::LAYOUT,
    ] {
        visit(root, &mut types);
    }
    let text: String = types.into_values().collect();

    let actual = Path::new(env!("CARGO_TARGET_TMPDIR")).join("layout.txt");
    fs::write(&actual, &text).unwrap();
    let difference = first_difference(SNAPSHOT, &text);
    assert!(
        text == SNAPSHOT,
        "{RULE}.\n{difference}\nall of it: {}",
        actual.display()
    );
}

/// The first line in which two texts differ.
fn first_difference(expected: &str, found: &str) -> String {
    let lines = expected.lines().chain([""]).zip(found.lines().chain([""]));
    let difference = lines
        .enumerate()
        .find(|(_, (expected, found))| expected != found);
    difference.map_or_else(String::new, |(index, (expected, found))| {
        format!(
            "line {}:\n  released: {expected}\n  now:      {found}",
            index + 1
        )
    })
}

/// Adds `layout`, if it is a type of ours, and all types that can be reached from it.
fn visit(layout: &'static TypeLayout, types: &mut BTreeMap<String, String>) {
    let name = layout.full_type().to_string();
    if types.contains_key(&name) {
        return;
    }
    let is_ours = layout.package().as_str() == env!("CARGO_PKG_NAME");
    let text = if is_ours {
        describe(layout)
    } else {
        String::new()
    };
    types.insert(name, text);
    for field in fields(layout)
        .into_iter()
        .chain(layout.phantom_fields().iter())
    {
        visit(field.layout(), types);
    }
}

fn fields(layout: &'static TypeLayout) -> Vec<TLField> {
    layout
        .get_fields()
        .map(|fields| fields.iter().collect())
        .unwrap_or_default()
}

/// One type in one paragraph.
fn describe(layout: &'static TypeLayout) -> String {
    let mut text = format!(
        "{} ({}, {} bytes, aligned to {})\n",
        layout.full_type(),
        kind(layout),
        layout.size(),
        layout.alignment()
    );
    let mut offset = 0;
    for field in fields(layout) {
        let (size, alignment) = (field.layout().size(), field.layout().alignment());
        // All types of the interface are repr(C).
        offset = usize::next_multiple_of(offset, alignment.max(1));
        let _ = writeln!(
            text,
            "  {offset:3} {}: {} ({size} bytes)",
            field.name(),
            spelling(&field)
        );
        offset += size;
    }
    text.push('\n');
    text
}

/// The type of a field; that of a function with its parameters.
fn spelling(field: &TLField) -> String {
    let functions: Vec<String> = field
        .function_range()
        .iter()
        .map(|function| {
            function
                .to_string()
                .lines()
                .next()
                .unwrap_or_default()
                .to_owned()
        })
        .collect();
    let text = match functions.as_slice() {
        [] => field.full_type().to_string(),
        functions => functions.join(" + "),
    };
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn kind(layout: &'static TypeLayout) -> String {
    match layout.data() {
        TLData::Primitive(_) => "primitive".to_owned(),
        TLData::Opaque => "opaque".to_owned(),
        TLData::Struct { .. } => "struct".to_owned(),
        TLData::Union { .. } => "union".to_owned(),
        TLData::Enum(_) => "enum".to_owned(),
        TLData::PrefixType(prefix) => {
            format!("grows after its first {} fields", prefix.first_suffix_field)
        }
    }
}
