//! The tensors of a safetensors file as plain slices of f32.

use std::{collections::HashMap, path::Path};

use benchhost_plugin_api::Error;
use safetensors::{Dtype, SafeTensors};

/// Named tensors, f32, row-major.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tensors {
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
        let reading = || format!("reading {}", path.display());
        let bytes = std::fs::read(path).map_err(|error| Error::from(error).context(reading()))?;
        let file = SafeTensors::deserialize(&bytes)
            .map_err(|error| Error::from(error).context(reading()))?;
        let mut tensors = Self::default();
        for (name, view) in file.iter() {
            if view.dtype() == Dtype::F32 {
                let (values, _) = view.data().as_chunks::<4>();
                let values = values.iter().map(|bytes| f32::from_le_bytes(*bytes));
                tensors.insert(name, view.shape(), values.collect());
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
                "tensor {name} of the model has shape {found:?}, expected {shape:?}"
            )));
        }
        Ok(&self.entries[name].values)
    }

    /// Shape of tensor `name`.
    pub(crate) fn shape(&self, name: &str) -> Result<&[usize], Error> {
        match self.entries.get(name) {
            Some(entry) => Ok(&entry.shape),
            None => Err(Error::config(format!("the model has no tensor {name}"))),
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

    #[test]
    fn what_is_no_safetensors_file_is_refused_with_its_name() {
        let folder = std::env::temp_dir().join(format!("benchhost-tensors-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("model.safetensors");
        std::fs::write(&path, "no tensors").unwrap();

        let error = Tensors::load(&path).unwrap_err();

        std::fs::remove_dir_all(&folder).unwrap();
        assert!(error.to_string().starts_with("reading "), "{error}");
    }
}
