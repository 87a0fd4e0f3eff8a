//! How a workload says that something went wrong, and what kind of wrong it is.

use std::fmt;

use crate::abi::status;

/// What kind of trouble an [`Error`] reports; the host turns it into the outcome of the case.
///
/// ```
/// use benchhost_plugin_api::{Error, ErrorKind};
///
/// fn is_worth_another_try(error: &Error) -> bool {
///     error.kind() == ErrorKind::Failed
/// }
/// assert!(!is_worth_another_try(&Error::wrong("found 7, expected 8")));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Something failed: a file, a device, a library.
    Failed,
    /// A parameter has a value the workload cannot use.
    Config,
    /// The work was done but the answer is wrong. A case with a wrong answer has no speed.
    Wrong,
    /// This machine cannot run the case (no such device, no such data); the case is skipped, not failed.
    Unsupported,
}

impl ErrorKind {
    /// The number that crosses the ABI for this kind.
    #[must_use]
    pub fn code(self) -> u32 {
        match self {
            Self::Failed => status::FAILED,
            Self::Config => status::CONFIG,
            Self::Wrong => status::WRONG,
            Self::Unsupported => status::UNSUPPORTED,
        }
    }
}

/// An error of a workload: a kind, a sentence, and the chain of causes.
///
/// Any standard error converts into a [`ErrorKind::Failed`] with `?`.
///
/// ```
/// use benchhost_plugin_api::{Error, ErrorKind};
///
/// let error = Error::unsupported("no CUDA device; run with device = \"cpu\"");
/// assert_eq!(error.kind(), ErrorKind::Unsupported);
///
/// let error: Error = "x".parse::<u32>().unwrap_err().into();
/// assert_eq!(error.to_string(), "invalid digit found in string");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    message: String,
    detail: String,
}

impl Error {
    /// Something failed. `message`: lower case, no final stop, names the thing.
    ///
    /// ```
    /// # use benchhost_plugin_api::{Error, ErrorKind};
    /// let error = Error::failed("the library has no kernel for 7 channels");
    /// assert_eq!(error.kind(), ErrorKind::Failed);
    /// ```
    #[must_use]
    pub fn failed(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Failed, message)
    }

    /// A parameter cannot be used. Name the parameter, the value found and the values accepted.
    ///
    /// ```
    /// # use benchhost_plugin_api::Error;
    /// fn check(window: usize, stride: usize) -> Result<(), Error> {
    ///     if stride > window {
    ///         let message = format!("stride is {stride}, expected at most the window, {window}");
    ///         return Err(Error::config(message));
    ///     }
    ///     Ok(())
    /// }
    /// assert_eq!(check(8, 9).unwrap_err().to_string(), "stride is 9, expected at most the window, 8");
    /// ```
    #[must_use]
    pub fn config(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Config, message)
    }

    /// The answer is wrong. Say what was found and what was expected; [`ensure_right`] is the short form.
    ///
    /// ```
    /// # use benchhost_plugin_api::{Error, ErrorKind};
    /// let error = Error::wrong("the sum is 7, expected 8");
    /// assert_eq!(error.kind(), ErrorKind::Wrong);
    /// ```
    #[must_use]
    pub fn wrong(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Wrong, message)
    }

    /// This machine cannot run the case. Say what is missing and how it is had.
    ///
    /// ```
    /// # use benchhost_plugin_api::Error;
    /// fn data(path: &str) -> Result<Vec<u8>, Error> {
    ///     std::fs::read(path).map_err(|error| {
    ///         Error::unsupported(format!("no data: {error}; `benchhost data fetch mnist` gets it"))
    ///     })
    /// }
    /// assert!(data("/no/such/file").unwrap_err().to_string().ends_with("gets it"));
    /// ```
    #[must_use]
    pub fn unsupported(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Unsupported, message)
    }

    fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            detail: String::new(),
        }
    }

    /// Puts what was being tried before the message.
    ///
    /// ```
    /// # use benchhost_plugin_api::Error;
    /// let error = std::fs::read("/no/such/x.h5").map_err(|error| Error::from(error).context("reading x.h5"));
    /// assert!(error.unwrap_err().to_string().starts_with("reading x.h5: No such file"));
    /// ```
    #[must_use]
    pub fn context(mut self, tried: impl fmt::Display) -> Self {
        self.message = format!("{tried}: {}", self.message);
        self
    }

    /// The kind of trouble.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Causes below the message, one a line; empty when there are none.
    ///
    /// ```
    /// # use benchhost_plugin_api::Error;
    /// #[derive(Debug)]
    /// struct BadRow(std::num::ParseIntError);
    /// # impl std::fmt::Display for BadRow {
    /// #     fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result { f.write_str("row 7 is no number") }
    /// # }
    /// impl std::error::Error for BadRow {
    ///     fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
    ///         Some(&self.0)
    ///     }
    /// }
    ///
    /// let error = Error::from(BadRow("x".parse::<u32>().unwrap_err()));
    /// assert_eq!(error.to_string(), "row 7 is no number");
    /// assert_eq!(error.detail(), "caused by: invalid digit found in string\n");
    /// ```
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

// `Error` itself is not a `std::error::Error`, which is what lets every standard error convert with `?`.
impl<E: std::error::Error + Send + Sync + 'static> From<E> for Error {
    fn from(error: E) -> Self {
        let mut detail = String::new();
        let mut cause = error.source();
        while let Some(next) = cause {
            detail.push_str(&format!("caused by: {next}\n"));
            cause = next.source();
        }
        Self {
            kind: ErrorKind::Failed,
            message: error.to_string(),
            detail,
        }
    }
}

/// `Ok` when `right`, else a wrong answer with the message.
///
/// # Errors
/// [`ErrorKind::Wrong`] when `right` is false.
///
/// ```
/// # use benchhost_plugin_api::ensure_right;
/// assert!(ensure_right(2 + 2 == 4, || "arithmetic is broken").is_ok());
/// ```
pub fn ensure_right<M: Into<String>>(
    right: bool,
    message: impl FnOnce() -> M,
) -> Result<(), Error> {
    if right {
        Ok(())
    } else {
        Err(Error::wrong(message()))
    }
}
