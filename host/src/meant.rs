//! What was probably meant by a name that is not there: a piece for sentences. The engine of plans decides what is like what.

use std::path::Path;

use benchhost_plan::closest;

/// ` (did you mean …?)`, when one of `known` is like `word`; else nothing.
pub(crate) fn meant<S: AsRef<str>>(word: &str, known: &[S]) -> String {
    suggested(closest(word, known).as_deref())
}

/// ` (did you mean …?)` for what is to be suggested, if anything is.
pub(crate) fn suggested(name: Option<&str>) -> String {
    name.map_or_else(String::new, |name| format!(" (did you mean `{name}`?)"))
}

/// The path beside `path`, which does not exist, that looks most like it; with `ending`, only those that end so.
pub(crate) fn beside(path: &Path, ending: &str) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    let folder = path.parent()?;
    let entries = match folder.as_os_str().is_empty() {
        true => Path::new(".").read_dir(),
        false => folder.read_dir(),
    };
    let names = entries.ok()?.flatten();
    let names = names.filter_map(|entry| entry.file_name().into_string().ok());
    let names: Vec<String> = names.filter(|name| name.ends_with(ending)).collect();
    let meant = folder.join(closest(name, &names)?);
    meant.to_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_suggested_that_lies_where_the_other_does_not() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("quick.toml"), "").unwrap();
        std::fs::write(folder.path().join("quick.md"), "").unwrap();
        let beside = |name: &str| beside(&folder.path().join(name), ".toml");

        let meant = folder.path().join("quick.toml");
        assert_eq!(beside("quikc.toml").as_deref(), meant.to_str());
        assert_eq!(beside("weekly.json"), None);
        assert_eq!(beside("nowhere/quick.toml"), None);
    }

    #[test]
    fn nothing_is_said_where_nothing_is_alike() {
        assert_eq!(meant("tiem", &["time", "flops"]), " (did you mean `time`?)");
        assert_eq!(meant("zebra", &["time", "flops"]), "");
    }
}
