//! Signals from an HDF5 file: one dataset for each ID at the root, shape `[length, channels]` or `[length]`.
//!
//! Floating-point datasets hold physical values; 16- and 32-bit integers hold counts, which the attribute
//! `scale` (one value, or one for each channel) turns into physical values. 8-bit integers are labels or flags
//! of a recording, not a recording: they are left out and noted.

use std::{fs, io::ErrorKind, path::Path};

use benchhost_plugin_api::Error;
use hdf5_pure::{AttrValue, DType, Dataset, File, is_hdf5_bytes};

use super::{Signal, Signals};

/// Reads every ID of the file at `path` into memory.
///
/// # Errors
/// [`Error::config`] with the path and what was found: no such file, not HDF5, damaged, nothing at the root, a
/// dataset of another type or shape, a value that is not finite.
pub fn read(path: &Path) -> Result<Signals, Error> {
    let name = path.display().to_string();
    let bytes = fs::read(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => Error::config(format!("signals file {name} does not exist")),
        _ => Error::config(format!("cannot read signals file {name}: {error}")),
    })?;
    parse(bytes, &name)
}

/// Reads every ID of a file that is already in memory; `name` stands for the path in messages.
///
/// # Errors
/// As [`read`].
pub fn parse(bytes: Vec<u8>, name: &str) -> Result<Signals, Error> {
    let length = bytes.len();
    if !is_hdf5_bytes(&bytes) {
        return Err(Error::config(format!(
            "signals file {name} is not HDF5: no HDF5 signature in its {length} bytes"
        )));
    }
    let damaged = |error: hdf5_pure::Error| {
        Error::config(format!(
            "signals file {name} is damaged or of an unknown form: {error}"
        ))
    };
    let file = File::from_bytes(bytes).map_err(damaged)?;
    let mut names = file.root().datasets().map_err(damaged)?;
    names.sort_unstable();
    let mut signals = Signals {
        source: name.to_owned(),
        ids: Vec::with_capacity(names.len()),
        left_out: Vec::new(),
        bytes: length as u64,
    };
    for id in &names {
        let dataset = file.dataset(id).map_err(damaged)?;
        let tried = format!("signals file {name}: dataset `{id}`");
        match signal(id, &dataset).map_err(|error| error.into_error(&tried))? {
            Some(signal) => signals.ids.push(signal),
            None => signals
                .left_out
                .push(format!("`{id}` holds 8-bit labels, not a signal")),
        }
    }
    if signals.ids.is_empty() {
        return Err(Error::config(nothing_in(
            name,
            &names,
            &file.root().groups().unwrap_or_default(),
        )));
    }
    Ok(signals)
}

fn nothing_in(name: &str, datasets: &[String], groups: &[String]) -> String {
    let found = match (datasets, groups) {
        ([], []) => "nothing".to_owned(),
        ([], groups) => format!("only groups ({})", groups.join(", ")),
        (datasets, _) => format!("only labels ({})", datasets.join(", ")),
    };
    format!(
        "signals file {name} has no signals: expected one dataset for each ID at the root, found {found}"
    )
}

/// What is wrong with a dataset.
enum Fault {
    Unreadable(hdf5_pure::Error),
    Unusable(String),
}

impl From<hdf5_pure::Error> for Fault {
    fn from(error: hdf5_pure::Error) -> Self {
        Self::Unreadable(error)
    }
}

impl Fault {
    fn into_error(self, tried: &str) -> Error {
        match self {
            Self::Unreadable(error) => Error::config(format!("{tried} cannot be read: {error}")),
            Self::Unusable(what) => Error::config(format!("{tried} {what}")),
        }
    }
}

fn signal(name: &str, dataset: &Dataset) -> Result<Option<Signal>, Fault> {
    let dtype = dataset.dtype()?;
    let counts = match dtype {
        DType::F32 | DType::F64 => false,
        DType::I16 | DType::I32 | DType::U16 | DType::U32 => true,
        DType::I8 | DType::U8 => return Ok(None),
        other => {
            return Err(Fault::Unusable(format!(
                "holds {other}, expected f32, f64, or 16- or 32-bit integers"
            )));
        }
    };
    let (length, channels) = shape(&dataset.shape()?)?;
    let values: Vec<f32> = if dtype == DType::F32 {
        dataset.read_f32()?
    } else {
        let scale = if counts {
            scale(dataset, channels)?
        } else {
            None
        };
        let scale = scale.unwrap_or_else(|| vec![1.0; channels]);
        // Counts of 16 bits are read as they are: four times less to move than the f64 of everything else.
        match dtype {
            DType::I16 => scaled(&dataset.read_i16()?, &scale),
            _ => scaled(&dataset.read_f64()?, &scale),
        }
    };
    match values.iter().position(|value| !value.is_finite()) {
        Some(index) => Err(Fault::Unusable(format!(
            "holds {} at sample {}, channel {}",
            values[index],
            index / channels,
            index % channels
        ))),
        None => Ok(Some(Signal {
            name: name.to_owned(),
            length,
            channels,
            values,
        })),
    }
}

/// Rows of `scale.len()` values, each times the scale of its column.
fn scaled<T: Copy + Into<f64>>(values: &[T], scale: &[f64]) -> Vec<f32> {
    let physical = |(value, scale): (&T, &f64)| ((*value).into() * scale) as f32;
    let mut out = Vec::with_capacity(values.len());
    for row in values.chunks(scale.len()) {
        out.extend(row.iter().zip(scale).map(physical));
    }
    out
}

fn shape(dims: &[u64]) -> Result<(usize, usize), Fault> {
    match *dims {
        [length] => Ok((length as usize, 1)),
        [length, channels] if channels > 0 => Ok((length as usize, channels as usize)),
        _ => Err(Fault::Unusable(format!(
            "has shape {dims:?}, expected [length, channels] or [length]"
        ))),
    }
}

/// Attribute `scale`, one value for each channel; `None` when there is none.
fn scale(dataset: &Dataset, channels: usize) -> Result<Option<Vec<f64>>, Fault> {
    let widen = |values: &[f32]| values.iter().map(|v| f64::from(*v)).collect();
    let scale: Vec<f64> = match dataset.attrs()?.get("scale") {
        None => return Ok(None),
        Some(AttrValue::F64(value)) => vec![*value; channels],
        Some(AttrValue::F32(value)) => vec![f64::from(*value); channels],
        Some(AttrValue::F64Array(values)) => values.clone(),
        Some(AttrValue::F32Array(values)) => widen(values),
        Some(other) => {
            return Err(Fault::Unusable(format!(
                "has attribute `scale` = {other:?}, expected floating-point values"
            )));
        }
    };
    if scale.len() != channels {
        return Err(Fault::Unusable(format!(
            "has {channels} channels, but attribute `scale` has {} values",
            scale.len()
        )));
    }
    Ok(Some(scale))
}

#[cfg(test)]
mod tests {
    use benchhost_plugin_api::ErrorKind;
    use hdf5_pure::FileBuilder;

    use super::*;

    fn file(build: impl FnOnce(&mut FileBuilder)) -> Result<Signals, Error> {
        let mut builder = FileBuilder::new();
        build(&mut builder);
        parse(builder.finish().unwrap(), "x.h5")
    }

    fn message(result: Result<Signals, Error>) -> String {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        error.to_string()
    }

    #[test]
    fn one_and_two_dimensions_become_row_major_signals_in_the_order_of_their_names() {
        let signals = file(|file| {
            file.create_dataset("b")
                .with_f32_data(&[1.0, 2.0, 3.0, 4.0])
                .with_shape(&[2, 2]);
            file.create_dataset("a")
                .with_f64_data(&[5.0, 6.0, 7.0])
                .with_shape(&[3]);
        })
        .unwrap();

        let [a, b] = &signals.ids[..] else {
            panic!("{:?}", signals.ids)
        };
        assert_eq!((a.name.as_str(), a.length, a.channels), ("a", 3, 1));
        assert_eq!(a.values, [5.0, 6.0, 7.0]);
        assert_eq!((b.name.as_str(), b.length, b.channels), ("b", 2, 2));
        assert_eq!(b.window(1, 1), [3.0, 4.0]);
    }

    #[test]
    fn counts_times_scale_are_physical_values() {
        let signals = file(|file| {
            file.create_dataset("a")
                .with_i16_data(&[1, 2, -3, 4])
                .with_shape(&[2, 2])
                .set_attr("scale", AttrValue::F64Array(vec![0.5, 10.0]));
            file.create_dataset("b")
                .with_i32_data(&[7])
                .with_shape(&[1]);
        })
        .unwrap();

        assert_eq!(signals.ids[0].values, [0.5, 20.0, -1.5, 40.0]);
        assert_eq!(signals.ids[1].values, [7.0]);
    }

    #[test]
    fn labels_are_left_out_and_noted() {
        let signals = file(|file| {
            file.create_dataset("signal")
                .with_f32_data(&[1.0])
                .with_shape(&[1]);
            file.create_dataset("flags")
                .with_u8_data(&[0, 1])
                .with_shape(&[2]);
        })
        .unwrap();

        assert_eq!(signals.ids.len(), 1);
        assert_eq!(
            signals.left_out,
            ["`flags` holds 8-bit labels, not a signal"]
        );
    }

    #[test]
    fn every_fault_names_the_file_and_what_was_found() {
        let missing = message(read(Path::new("no/such.h5")));
        assert_eq!(missing, "signals file no/such.h5 does not exist");

        let text = message(parse(b"a,b\n1,2\n".to_vec(), "x.csv"));
        assert_eq!(
            text,
            "signals file x.csv is not HDF5: no HDF5 signature in its 8 bytes"
        );

        let empty = message(file(|_| {}));
        assert!(
            empty.ends_with("one dataset for each ID at the root, found nothing"),
            "{empty}"
        );

        let labels = message(file(|file| {
            file.create_dataset("l").with_u8_data(&[1]).with_shape(&[1]);
        }));
        assert!(labels.ends_with("found only labels (l)"), "{labels}");

        let wide = message(file(|file| {
            file.create_dataset("w")
                .with_i64_data(&[1])
                .with_shape(&[1]);
        }));
        assert_eq!(
            wide,
            "signals file x.h5: dataset `w` holds i64, expected f32, f64, or 16- or 32-bit integers"
        );

        let cube = message(file(|file| {
            file.create_dataset("c")
                .with_f32_data(&[0.0; 8])
                .with_shape(&[2, 2, 2]);
        }));
        assert!(
            cube.contains("`c` has shape [2, 2, 2], expected [length, channels]"),
            "{cube}"
        );

        let nan = message(file(|file| {
            file.create_dataset("n")
                .with_f32_data(&[0.0, 1.0, 2.0, f32::NAN])
                .with_shape(&[2, 2]);
        }));
        assert_eq!(
            nan,
            "signals file x.h5: dataset `n` holds NaN at sample 1, channel 1"
        );

        let scale = message(file(|file| {
            file.create_dataset("s")
                .with_i16_data(&[1, 2])
                .with_shape(&[1, 2])
                .set_attr("scale", AttrValue::F64Array(vec![1.0, 2.0, 3.0]));
        }));
        assert!(
            scale.ends_with("has 2 channels, but attribute `scale` has 3 values"),
            "{scale}"
        );
    }

    #[test]
    fn a_file_cut_short_is_an_error_at_every_length() {
        let mut builder = FileBuilder::new();
        builder
            .create_dataset("a")
            .with_f32_data(&[1.0; 64])
            .with_shape(&[32, 2]);
        let bytes = builder.finish().unwrap();

        for length in (0..bytes.len() - 1).step_by(7) {
            let error = parse(bytes[..length].to_vec(), "cut.h5").unwrap_err();
            assert!(
                error.to_string().starts_with("signals file cut.h5"),
                "{length}: {error}"
            );
        }
    }
}
