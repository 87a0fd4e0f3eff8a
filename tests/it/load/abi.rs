//! Plugins built against other versions of plugin-api, and two builds of one plugin.

use std::{fs, process::Command};

use benchhost::load;

use super::{assert_refused, check};
use crate::support::{
    Elf, Sandbox, Variant, abi_variant, broken_plugin, checker, finish, plugin, root,
};

#[test]
fn plugins_of_other_1_x_versions_are_accepted() {
    let sandbox = Sandbox::new();

    for (variant, api) in [(Variant::Older, "1.0.0"), (Variant::Newer, "1.9.0")] {
        let output = check(&sandbox, &abi_variant(variant));

        assert_eq!(output.code, Some(0), "{variant:?}: {output:?}");
        assert!(
            output.stdout.contains(&format!("plugin-api  {api}")),
            "{output:?}"
        );
    }
}

/// A library that was built when 1.0.0 was new, by the compiler of that day, and never again.
#[test]
#[cfg(all(target_arch = "x86_64", target_os = "linux", target_env = "gnu"))]
fn the_library_of_1_0_0_that_was_kept_loads_and_runs() {
    let sandbox = Sandbox::new();
    let kept = root().join("tests/golden/plugin-1.0.0-x86_64-unknown-linux-gnu.so.zst");
    let library = zstd::decode_all(fs::File::open(kept).unwrap()).unwrap();
    let library = sandbox.write("libvariant_older.so", library);

    let checked = check(&sandbox, &library);
    let suite = "name = 's'\n[defaults]\nmax-time = '50ms'\n[plugins]\nold = './libvariant_older.so'\n\
        [[benchmark]]\nname = 'count'\nplugin = 'old'\nworkload = 'count'\naxes = { start = [0, 7] }\n";
    let (output, run) = sandbox.suite(suite);

    assert_eq!(checked.code, Some(0), "{checked:?}");
    assert!(checked.stdout.contains("plugin-api  1.0.0"), "{checked:?}");
    assert_eq!(output.code, Some(0), "{output:?}");
    assert_eq!(run.cases.len(), 2);
    for case in &run.cases {
        assert!(
            case.outcome.is_ok() && !case.measurements.is_empty(),
            "{case:?}"
        );
    }
}

#[test]
fn plugins_of_2_0_are_refused_with_the_line_to_write() {
    let sandbox = Sandbox::new();
    let hint = "rebuild the plugin with `benchhost-plugin-api = \"1\"`";
    let rows = [
        (Variant::Two, "built for plugin ABI 2, this host speaks 1"),
        (
            Variant::TwoWithOldRevision,
            "built against plugin-api 2.0.0",
        ),
        (Variant::TwoDisguised, "built against plugin-api 2.0.0"),
    ];

    for (variant, words) in rows {
        assert_refused(&sandbox, &abi_variant(variant), &[words, hint]);
    }
}

#[test]
fn a_changed_field_is_named() {
    let sandbox = Sandbox::new();

    assert_refused(
        &sandbox,
        &abi_variant(Variant::ChangedField),
        &[
            "HostServices.seed",
            "u64 here, u32 in the plugin",
            "full comparison",
        ],
    );
}

#[test]
fn hosts_of_other_1_x_versions_accept_the_plugins_of_today() {
    for variant in [Variant::Older, Variant::Newer] {
        let output = finish(Command::new(checker(variant)).arg(plugin("noop")));

        assert_eq!(output.code, Some(0), "{variant:?}: {output:?}");
        assert!(output.stdout.contains("name = \"noop\""), "{output:?}");
    }
}

#[test]
fn two_builds_of_one_plugin_do_not_mix_in_one_process() {
    let sandbox = Sandbox::new();
    let copy = |elf: Elf| {
        let path = sandbox.write("libnoop.so", elf.bytes);
        load::snapshot(&path, &sandbox.path().join("copies"))
            .unwrap()
            .0
    };
    let first_build = Elf::read(&plugin("noop"));
    let second_build = first_build.clone().replace(
        "Nothing, measured perfectly.",
        "Nothing, but in other words.",
    );

    let first = load::open(&copy(first_build)).unwrap();
    let second = load::open(&copy(second_build)).unwrap();

    assert!(
        first.meta_text.contains("measured perfectly"),
        "{}",
        first.meta_text
    );
    assert!(
        second.meta_text.contains("in other words"),
        "{}",
        second.meta_text
    );
    let create = |opened: load::Opened| match opened.door {
        load::Door::Rust(module) => module.create() as usize,
        other => panic!("{other:?}"),
    };
    assert_ne!(create(first), create(second));
}

#[test]
fn a_plugin_with_another_abi_stable_is_refused() {
    let sandbox = Sandbox::new();
    let good = Elf::read(&plugin("noop"));
    let version = good.clone().with_abi_header(|header| header[36] += 1);
    let magic = good.with_abi_header(|header| header[0] ^= 0xff);

    let version = sandbox.write("version.so", version.bytes);
    let magic = sandbox.write("magic.so", magic.bytes);

    assert_refused(&sandbox, &version, &["uses abi_stable 0.", "hint: rebuild"]);
    assert_refused(&sandbox, &magic, &["not a benchhost plugin"]);
}

#[test]
fn a_plugin_whose_types_cannot_be_compared_is_refused() {
    let sandbox = Sandbox::new();

    assert_refused(
        &sandbox,
        &broken_plugin("no_layout"),
        &["no description of its types"],
    );
}
