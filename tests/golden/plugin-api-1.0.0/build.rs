//! Records how the plugin is built. This crate is compiled with the plugin's own flags, so what cargo tells its
//! build script is true for the plugin.

use std::{env, process::Command};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let rustc = env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let version = Command::new(rustc)
        .arg("-V")
        .output()
        .map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
        .unwrap_or_default();
    let rows = [
        ("rustc", version),
        ("target", variable("TARGET")),
        ("opt_level", variable("OPT_LEVEL")),
        ("profile", variable("PROFILE")),
        ("target_features", variable("CARGO_CFG_TARGET_FEATURE")),
    ];
    for (key, value) in rows {
        println!(
            "cargo::rustc-env=BENCHHOST_BUILD_{}={}",
            key.to_uppercase(),
            value.replace('\'', "")
        );
    }
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_default()
}
