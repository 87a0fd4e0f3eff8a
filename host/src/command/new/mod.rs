//! `benchhost new`: a folder with a plugin that builds, passes its own test and can be run at once.
//!
//! What the plugin is built against comes with the folder (`sdk/`), so that it builds anywhere; below a workspace that has
//! `benchhost-plugin-api`, that one is used. The folder appears whole or not at all.

mod manifest;
mod name;
mod place;
mod sdk;
mod templates;

use std::{
    fmt::Write as _,
    fs, io,
    path::{Component, Path, PathBuf},
};

use anyhow::Context as _;
use minijinja::context;

use self::place::Place;
use super::Failure;
use crate::{
    cli::{NewArguments, Template},
    exit, terminal,
};

/// A file of the new folder: path in it, content.
type Made = (PathBuf, String);

/// Makes the folder and says what to type next.
///
/// # Errors
/// [`Failure`] for a name that cannot be used, a folder that is there already, and whatever writing reports.
pub fn execute(arguments: &NewArguments) -> Result<u8, Failure> {
    let typed = &arguments.path;
    let name = name::of(typed)?;
    let folder = real(typed)?;
    check_free(&folder)?;
    let place = Place::of(&folder);
    if matches!(arguments.template, Template::C | Template::Python) && place.is_member() {
        return Err(Failure::usage(format!(
            "`{}` would be a member of the workspace around it, which expects a Cargo.toml there",
            typed.display()
        ))
        .hint(
            "make it in a folder that the workspace does not list, or add it to `exclude` first",
        ));
    }
    let files = files(&name, arguments.template, &place)?;
    write(&folder, &files).map_err(|error| {
        let message = format!("cannot make `{}`: {error}", typed.display());
        let code = match error.kind() {
            io::ErrorKind::StorageFull => exit::FAILED,
            _ => exit::USAGE,
        };
        Failure {
            message,
            hints: Vec::new(),
            code,
        }
    })?;
    terminal::show(&told(&shown(typed), arguments.template, &files)).context("cannot print")?;
    Ok(exit::FINE)
}

/// Where `typed` really is: links and `..` of what exists are followed, so that the workspace around is the right one.
fn real(typed: &Path) -> Result<PathBuf, Failure> {
    let absolute = std::path::absolute(typed).context("cannot tell the current folder")?;
    let above = absolute.ancestors().skip(1).find(|above| above.exists());
    let above = above.unwrap_or(Path::new("/"));
    let below = absolute.strip_prefix(above).unwrap_or(&absolute);
    if below.components().any(|part| part == Component::ParentDir) {
        return Err(Failure::usage(format!(
            "`{}` has a `..` behind a folder that does not exist",
            typed.display()
        )));
    }
    let above = above
        .canonicalize()
        .with_context(|| format!("cannot read `{}`", above.display()))?;
    Ok(above.join(below))
}

/// Nothing that exists is touched, but an empty folder may be filled.
fn check_free(folder: &Path) -> Result<(), Failure> {
    let is_free = match fs::symlink_metadata(folder) {
        Err(_) => true,
        Ok(found) => {
            let mut entries = fs::read_dir(folder);
            found.is_dir()
                && entries
                    .as_mut()
                    .is_ok_and(|entries| entries.next().is_none())
        }
    };
    if is_free {
        return Ok(());
    }
    Err(Failure::usage(format!(
        "`{}` exists already, and nothing is overwritten",
        folder.display()
    ))
    .hint("choose another name, or remove it first"))
}

/// All files of the plugin.
fn files(name: &str, template: Template, place: &Place) -> Result<Vec<Made>, Failure> {
    let context = context! {
        name,
        module => name.replace('-', "_"),
        Type => camel(name),
        cuda => template == Template::CandleCuda,
    };
    let mut made = templates::rendered(template, &context)?;
    if matches!(template, Template::C | Template::Python) {
        return Ok(made);
    }
    made.push(("Cargo.toml".into(), manifest::of(name, template, place)?));
    if place.lock_is_own() {
        // The versions that benchhost itself is tested with; cargo drops what is not needed.
        made.push(("Cargo.lock".into(), sdk::LOCK.to_owned()));
    }
    if place.api().is_none() {
        made.extend(sdk::files()?);
    }
    Ok(made)
}

/// `my-plugin` as a type of Rust or Python: `MyPlugin`.
fn camel(name: &str) -> String {
    let mut camel = String::new();
    for word in name.split('-') {
        let mut letters = word.chars();
        camel.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        camel.push_str(letters.as_str());
    }
    camel
}

/// The folder as it must be typed to be taken for one.
fn shown(typed: &Path) -> String {
    // Without the slash at the end.
    let text = typed
        .components()
        .collect::<PathBuf>()
        .display()
        .to_string();
    let text = if text.contains('/') {
        text
    } else {
        format!("./{text}")
    };
    let is_plain = |letter: char| letter.is_alphanumeric() || "-_./+".contains(letter);
    if text.chars().all(is_plain) {
        text
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// Writes all files into a folder beside, and gives it its name at the end.
fn write(folder: &Path, files: &[Made]) -> io::Result<()> {
    let parent = folder.parent().unwrap_or(Path::new("/"));
    fs::create_dir_all(parent)?;
    let part = tempfile::Builder::new()
        .prefix(".benchhost-new-")
        .permissions(everybody())
        .tempdir_in(parent)?;
    for (path, content) in files {
        let path = part.path().join(path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(path, content)?;
    }
    // An empty folder gives way.
    fs::rename(part.path(), folder)?;
    // Moved away: there is nothing left to remove.
    let _ = part.keep();
    Ok(())
}

/// What any folder gets before the umask: a temporary one would be for its owner alone.
fn everybody() -> fs::Permissions {
    use std::os::unix::fs::PermissionsExt as _;
    fs::Permissions::from_mode(0o777)
}

/// What was made and what to type next.
fn told(folder: &str, template: Template, files: &[Made]) -> String {
    let mut text = format!("made {folder}\n");
    for (path, _) in files.iter().filter(|(path, _)| !path.starts_with("sdk")) {
        let _ = writeln!(text, "  {}", path.display());
    }
    if files.iter().any(|(path, _)| path.starts_with("sdk")) {
        text.push_str("  sdk/  what it is built against, with it so that it builds anywhere\n");
    }
    let test = match template {
        Template::Python => "python3 -m unittest",
        Template::C => "sh test.sh",
        _ => "cargo test",
    };
    let _ = write!(
        text,
        "\nnext\n  benchhost run --plugin {folder}\n  benchhost run {folder}/suite.toml\n  cd {folder} && {test}\n"
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_appears_whole_or_not_at_all() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("a/b/hello");
        let files = vec![("src/lib.rs".into(), "x".to_owned())];

        write(&folder, &files).unwrap();
        assert!(folder.join("src/lib.rs").is_file());
        assert!(check_free(&folder).is_err());
        assert!(write(&folder, &files).is_err(), "a folder with files stays");

        let empty = root.path().join("empty");
        fs::create_dir(&empty).unwrap();
        assert!(check_free(&empty).is_ok());
        write(&empty, &files).unwrap();

        let blocked = vec![("x".into(), String::new()), ("x/y".into(), String::new())];
        assert!(write(&root.path().join("never"), &blocked).is_err());
        let mut left: Vec<_> = fs::read_dir(root.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        left.sort();
        assert_eq!(left, ["a", "empty"]);
    }

    #[test]
    fn names_become_types_and_folders() {
        assert_eq!(camel("my-plugin2"), "MyPlugin2");
        assert_eq!(shown(Path::new("hello/")), "./hello");
        assert_eq!(shown(Path::new("a b'c/x")), r"'a b'\''c/x'");
        assert_eq!(shown(Path::new("plugins/hello")), "plugins/hello");
    }
}
