//! Makes the C header again and compares it with the committed one: whoever changes the types changes the header.

use std::{fs, path::Path};

const COMMITTED: &str = include_str!("../include/benchhost_plugin.h");

#[test]
fn the_header_is_what_cbindgen_makes_of_the_types() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut config = cbindgen::Config::from_file(root.join("cbindgen.toml")).unwrap();
    config.after_includes = Some(format!(
        "\n/* Version of plugin-api that this header came with. */\n#define BH_API_VERSION \"{}\"",
        benchhost_plugin_api::API_VERSION
    ));
    let bindings = ["src/abi/c.rs", "src/abi/types.rs", "src/abi/status.rs"]
        .iter()
        .fold(cbindgen::Builder::new().with_config(config), |all, file| {
            all.with_src(root.join(file))
        })
        .generate()
        .unwrap();
    let mut header = Vec::new();
    bindings.write(&mut header);
    let header = String::from_utf8(header).unwrap();

    let made = Path::new(env!("CARGO_TARGET_TMPDIR")).join("benchhost_plugin.h");
    fs::write(&made, &header).unwrap();
    assert!(
        header == COMMITTED,
        "include/benchhost_plugin.h is not what the types say; what they say is in {}",
        made.display()
    );
}
