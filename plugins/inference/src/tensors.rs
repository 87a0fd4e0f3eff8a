//! The tensors of a safetensors file as plain slices of f32.

use std::{
    collections::HashMap,
    fs::File,
    io::{Read, Seek},
    path::Path,
};

use benchhost_plugin_api::Error;
use safetensors::{Dtype, tensor::Metadata};

/// Bytes of the file that are read at once: they stay in the second-level cache until they are converted.
const PIECE_BYTES: usize = 256 << 10;

/// Named tensors, f32, row-major.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tensors {
    /// The file, for messages; empty: none.
    origin: String,
    entries: HashMap<String, Entry>,
}

#[derive(Debug, Clone)]
struct Entry {
    shape: Vec<usize>,
    values: Vec<f32>,
}

impl Tensors {
    /// Reads all f32 tensors of the file at `path`; others (position indices, counters) are left out.
    pub(crate) fn load(path: &Path) -> Result<Self, Error> {
        let read = Self::read(path);
        let tensors = read.map_err(|error| error.context(format!("reading {}", path.display())))?;
        Ok(Self {
            origin: path.display().to_string(),
            ..tensors
        })
    }

    /// Tensor by tensor, so that the file is never in memory twice.
    fn read(path: &Path) -> Result<Self, Error> {
        let mut file = File::open(path)?;
        let file_bytes = file.metadata()?.len();
        let mut length = [0; 8];
        file.read_exact(&mut length)?;
        let length = u64::from_le_bytes(length);
        if length > file_bytes {
            return Err(Error::config(
                "no safetensors file: its header is longer than it",
            ));
        }
        let mut header = vec![0; length as usize];
        file.read_exact(&mut header)?;
        // Checks that the tensors lie one after the other without gaps.
        let metadata: Metadata = serde_json::from_slice(&header)?;
        let expected = 8 + length + metadata.data_len() as u64;
        if file_bytes != expected {
            return Err(Error::config(format!(
                "the file has {file_bytes} bytes, expected {expected} by its header"
            )));
        }
        let mut tensors = Self::default();
        for name in metadata.offset_keys() {
            let Some(info) = metadata.info(&name) else {
                continue;
            };
            let bytes = info.data_offsets.1 - info.data_offsets.0;
            if info.dtype == Dtype::F32 {
                tensors.insert(&name, &info.shape, values(&mut file, bytes / 4)?);
            } else {
                file.seek_relative(bytes as i64)?;
            }
        }
        Ok(tensors)
    }

    /// Adds or replaces a tensor.
    pub(crate) fn insert(&mut self, name: &str, shape: &[usize], values: Vec<f32>) {
        let shape = shape.to_vec();
        self.entries
            .insert(name.to_owned(), Entry { shape, values });
    }

    /// Values of tensor `name`, which must have that shape.
    pub(crate) fn get(&self, name: &str, shape: &[usize]) -> Result<&[f32], Error> {
        let found = self.shape(name)?;
        if found != shape {
            return Err(Error::config(format!(
                "tensor {name} of {} has shape {found:?}, expected {shape:?}",
                self.origin()
            )));
        }
        Ok(&self.entries[name].values)
    }

    /// As [`get`](Self::get), and frees the tensor here.
    pub(crate) fn take(&mut self, name: &str, shape: &[usize]) -> Result<Vec<f32>, Error> {
        self.get(name, shape)?;
        let entry = self.entries.remove(name);
        Ok(entry.map_or_else(Vec::new, |entry| entry.values))
    }

    /// Shape of tensor `name`.
    pub(crate) fn shape(&self, name: &str) -> Result<&[usize], Error> {
        match self.entries.get(name) {
            Some(entry) => Ok(&entry.shape),
            None => Err(Error::config(format!(
                "{} has no tensor {name}",
                self.origin()
            ))),
        }
    }

    fn origin(&self) -> &str {
        match &*self.origin {
            "" => "the model",
            path => path,
        }
    }

    /// Whether there is a tensor `name`.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.entries.contains_key(name)
    }

    /// Number of values in all tensors.
    pub(crate) fn values(&self) -> usize {
        self.entries.values().map(|entry| entry.values.len()).sum()
    }

    /// Name, shape and values of all tensors, in no order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &[usize], &[f32])> {
        self.entries
            .iter()
            .map(|(name, entry)| (name.as_str(), &*entry.shape, &*entry.values))
    }
}

/// The next `count` values of `file`.
fn values(file: &mut File, count: usize) -> Result<Vec<f32>, Error> {
    let mut values = Vec::with_capacity(count);
    let mut bytes = vec![0; PIECE_BYTES];
    while values.len() < count {
        let piece = &mut bytes[..PIECE_BYTES.min(4 * (count - values.len()))];
        file.read_exact(piece)?;
        let (piece, _) = piece.as_chunks::<4>();
        values.extend(piece.iter().map(|bytes| f32::from_le_bytes(*bytes)));
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use benchhost_plugin_api::ErrorKind;

    use super::*;

    #[test]
    fn a_tensor_of_another_shape_or_name_is_named() {
        let mut tensors = Tensors::default();
        tensors.insert("w", &[2, 3], vec![0.0; 6]);

        assert_eq!(tensors.get("w", &[2, 3]).unwrap().len(), 6);
        for (error, sentence) in [
            (
                tensors.get("w", &[3, 2]).unwrap_err(),
                "tensor w of the model has shape [2, 3], expected [3, 2]",
            ),
            (
                tensors.get("v", &[6]).unwrap_err(),
                "the model has no tensor v",
            ),
        ] {
            assert_eq!(
                (error.kind(), error.to_string().as_str()),
                (ErrorKind::Config, sentence)
            );
        }
    }

    fn written(content: &[u8]) -> Result<Tensors, Error> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.safetensors");
        std::fs::write(&path, content).unwrap();
        Tensors::load(&path)
    }

    /// A header, padded to eight bytes as the format asks, and the bytes of all tensors.
    fn file(header: &str, data: &[u8]) -> Vec<u8> {
        let header = format!("{header:<width$}", width = header.len().next_multiple_of(8));
        let length = (header.len() as u64).to_le_bytes();
        [&length, header.as_bytes(), data].concat()
    }

    const HEADER: &str = r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},
        "n":{"dtype":"I64","shape":[1],"data_offsets":[8,16]},
        "b":{"dtype":"F32","shape":[1,1],"data_offsets":[16,20]}}"#;

    #[test]
    fn values_of_f32_are_read_and_other_types_passed_over() {
        let mut data = Vec::new();
        for value in [1.5f32, -2.0, 9.0, 9.0, 0.25] {
            data.extend(value.to_le_bytes());
        }

        let mut tensors = written(&file(HEADER, &data)).unwrap();

        assert_eq!(tensors.get("a", &[2]).unwrap(), [1.5, -2.0]);
        assert_eq!(tensors.take("b", &[1, 1]).unwrap(), [0.25]);
        assert!(!tensors.has("n") && !tensors.has("b"));
        let missing = tensors.get("c", &[1]).unwrap_err().to_string();
        assert!(
            missing.ends_with("model.safetensors has no tensor c"),
            "{missing}"
        );
        assert_eq!(tensors.values(), 2);
    }

    #[test]
    fn what_is_no_safetensors_file_is_refused_with_its_name() {
        for (content, cause) in [
            (b"no tensors".to_vec(), "its header is longer than it"),
            (b"short".to_vec(), "failed to fill whole buffer"),
            (file("[]", b""), "invalid type: sequence"),
            (file(HEADER, &[0; 19]), "bytes, expected"),
        ] {
            let error = written(&content).unwrap_err().to_string();
            assert!(
                error.starts_with("reading ") && error.contains(cause),
                "{error}"
            );
        }
    }
}
