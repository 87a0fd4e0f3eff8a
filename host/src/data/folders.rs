//! Where data lies: the folders of `BENCHHOST_DATA`, and the cache, which `fetch` fills.

use std::{
    env,
    ffi::{OsStr, OsString},
    path::{self, Path, PathBuf},
};

use super::DataError;

/// Folders of the user's own, separated as in `PATH`; workloads look through them in their order.
pub const DATA_VARIABLE: &str = "BENCHHOST_DATA";

/// The folder that `fetch` fills, where it is not the usual one.
pub const CACHE_VARIABLE: &str = "BENCHHOST_CACHE";

/// The folders, without links to the current one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folders {
    /// The user's own, in their order.
    pub own: Vec<PathBuf>,
    /// The cache.
    pub cache: PathBuf,
}

/// What decides where data lies.
#[derive(Debug, Default)]
struct Surroundings {
    data: Option<OsString>,
    cache: Option<OsString>,
    xdg_cache: Option<OsString>,
    home: Option<PathBuf>,
}

impl Surroundings {
    fn now() -> Self {
        Self {
            data: env::var_os(DATA_VARIABLE),
            cache: env::var_os(CACHE_VARIABLE),
            xdg_cache: env::var_os("XDG_CACHE_HOME"),
            home: env::home_dir(),
        }
    }

    fn cache(&self) -> Option<PathBuf> {
        let set = |value: &Option<OsString>| value.clone().filter(|value| !value.is_empty());
        if let Some(cache) = set(&self.cache) {
            return Some(absolute(PathBuf::from(cache)));
        }
        // A relative one is to be ignored: XDG Base Directory Specification.
        let xdg = set(&self.xdg_cache)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute());
        let home = self.home.clone().filter(|home| home.is_absolute());
        let caches = xdg.or_else(|| Some(home?.join(".cache")))?;
        Some(caches.join("benchhost/data"))
    }

    fn own(&self) -> Vec<PathBuf> {
        let data = self.data.clone().unwrap_or_default();
        env::split_paths(&data)
            .filter(|folder| !folder.as_os_str().is_empty())
            .map(absolute)
            .collect()
    }

    fn joined(&self) -> Option<OsString> {
        let mut folders = self.own();
        folders.extend(self.cache().filter(|cache| !folders.contains(cache)));
        // The only folders that cannot be in such a list have its separator in their names.
        folders.retain(|folder| env::join_paths([folder]).is_ok());
        let list = env::join_paths(folders).expect("each of them can be joined");
        (!list.is_empty()).then_some(list)
    }
}

/// As it is, where it cannot be made absolute: the current folder is gone.
fn absolute(path: PathBuf) -> PathBuf {
    path::absolute(&path).unwrap_or(path)
}

impl Folders {
    /// The folders, with `typed` as the cache where something was typed.
    ///
    /// # Errors
    /// [`DataError::NoFolder`] when nobody says where the cache is.
    pub fn located(typed: Option<&Path>) -> Result<Self, DataError> {
        let surroundings = Surroundings::now();
        let cache = match typed.filter(|typed| typed.as_os_str() != OsStr::new("")) {
            Some(typed) => Some(absolute(typed.to_owned())),
            None => surroundings.cache(),
        };
        Ok(Self {
            own: surroundings.own(),
            cache: cache.ok_or(DataError::NoFolder)?,
        })
    }

    /// What to do so that workers look in the cache; `None` when they do.
    #[must_use]
    pub fn unseen(&self) -> Option<String> {
        let looked_in = Surroundings::now().joined().unwrap_or_default();
        if env::split_paths(&looked_in).any(|folder| folder == self.cache) {
            return None;
        }
        let cache = self.cache.display();
        Some(if env::join_paths([&self.cache]).is_ok() {
            format!("workloads look there only with {CACHE_VARIABLE}={cache}")
        } else {
            format!(
                "workloads cannot look in `{cache}`: folders are listed with `:` between them, and its name has one; choose \
                 another with --cache DIR or {CACHE_VARIABLE}"
            )
        })
    }

    /// All of them, in the order in which workloads look.
    pub fn all(&self) -> impl Iterator<Item = &Path> {
        let own = self.own.iter().filter(|folder| **folder != self.cache);
        own.chain([&self.cache]).map(PathBuf::as_path)
    }
}

/// Value of `BENCHHOST_DATA` for a worker: the user's folders, then the cache. They are absolute, because workers have another
/// current folder. `None` when there are none.
#[must_use]
pub fn for_workers() -> Option<OsString> {
    Surroundings::now().joined()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(cache: &str, xdg: &str, home: &str) -> Option<PathBuf> {
        let set = |value: &str| Some(value).filter(|v| !v.is_empty()).map(OsString::from);
        Surroundings {
            data: None,
            cache: set(cache),
            xdg_cache: set(xdg),
            home: set(home).map(PathBuf::from),
        }
        .cache()
    }

    #[test]
    fn the_nearest_word_says_where_the_cache_is() {
        assert_eq!(with("/c", "/x", "/h"), Some("/c".into()));
        assert_eq!(with("", "/x", "/h"), Some("/x/benchhost/data".into()));
        assert_eq!(with("", "x", "/h"), Some("/h/.cache/benchhost/data".into()));
        assert_eq!(with("", "", ""), None);
        assert_eq!(
            with("c", "", ""),
            Some(env::current_dir().unwrap().join("c"))
        );
    }

    #[test]
    fn workers_get_the_users_folders_then_the_cache_all_absolute() {
        let here = env::current_dir().unwrap();
        let joined = |data: &str, cache: &str| {
            let surroundings = Surroundings {
                data: Some(data.into()),
                cache: Some(cache.into()),
                ..Surroundings::default()
            };
            surroundings
                .joined()
                .map(|list| list.into_string().unwrap())
        };

        assert_eq!(
            joined("/a::b", "/c").unwrap(),
            format!("/a:{}/b:/c", here.display())
        );
        assert_eq!(joined("/a:/c", "/c").unwrap(), "/a:/c");
        assert_eq!(joined("/a", "/with:separator").unwrap(), "/a");
        assert_eq!(joined("", ""), None);
    }
}
