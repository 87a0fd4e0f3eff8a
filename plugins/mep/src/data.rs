//! Rows to learn from: images with labels, or the four lines of XOR.
//!
//! Rows are normalised and labels one-hot when they are loaded, outside the timed part; a batch copies both.

use std::path::{Path, PathBuf};

use benchhost_plugin_api::Error;
use benchhost_support::{
    files,
    idx::{self, Idx},
};

/// Pixels of an image.
pub(crate) const PIXELS: usize = 784;

/// Kinds of images.
pub(crate) const CLASSES: usize = 10;

/// Files of a data set: images and labels to learn from, images and labels to test with.
const FILES: [&str; 4] = [
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
];

/// The first 2 000 and 500 images of MNIST; origin and sums in `data/NOTICE`.
const SUBSET: [&[u8]; 4] = [
    include_bytes!("../data/train-images-idx3-ubyte.gz"),
    include_bytes!("../data/train-labels-idx1-ubyte.gz"),
    include_bytes!("../data/t10k-images-idx3-ubyte.gz"),
    include_bytes!("../data/t10k-labels-idx1-ubyte.gz"),
];

/// Mean and deviation of the pixels (0–1) of the training images.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Normalisation {
    mean: f32,
    deviation: f32,
}

/// Source: torchvision's and PyTorch's own MNIST examples use these.
pub(crate) const MNIST: Normalisation = Normalisation {
    mean: 0.1307,
    deviation: 0.3081,
};

/// Of Fashion-MNIST.
pub(crate) const FASHION: Normalisation = Normalisation {
    mean: 0.2860,
    deviation: 0.3530,
};

/// Rows with what they are.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Rows {
    /// Length of a row.
    pub inputs: usize,
    /// Length of a target.
    pub outputs: usize,
    /// `[rows, inputs]`.
    pub points: Vec<f32>,
    /// `[rows, outputs]`: one-hot, or 0 and 1 where there is one output.
    pub targets: Vec<f32>,
    /// Class of each row.
    pub labels: Vec<u8>,
}

/// What is learned from, and what is tested with.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Data {
    pub train: Rows,
    pub test: Rows,
}

impl Rows {
    pub(crate) fn len(&self) -> usize {
        self.labels.len()
    }

    pub(crate) fn point(&self, row: usize) -> &[f32] {
        &self.points[row * self.inputs..][..self.inputs]
    }

    pub(crate) fn target(&self, row: usize) -> &[f32] {
        &self.targets[row * self.outputs..][..self.outputs]
    }

    /// The four lines of exclusive or. With one output the target is the answer, with two it is one-hot.
    pub(crate) fn xor(outputs: usize) -> Self {
        let labels = vec![0, 1, 1, 0];
        Self {
            inputs: 2,
            outputs,
            points: vec![0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0],
            targets: match outputs {
                1 => labels.iter().map(|label| f32::from(*label)).collect(),
                _ => one_hot(&labels, outputs),
            },
            labels,
        }
    }

    fn images(images: &[u8], labels: &[u8], normalisation: Normalisation) -> Self {
        let Normalisation { mean, deviation } = normalisation;
        let points = images
            .iter()
            .map(|pixel| (f32::from(*pixel) / 255.0 - mean) / deviation);
        Self {
            inputs: PIXELS,
            outputs: CLASSES,
            points: points.collect(),
            targets: one_hot(labels, CLASSES),
            labels: labels.to_vec(),
        }
    }
}

fn one_hot(labels: &[u8], classes: usize) -> Vec<f32> {
    let mut targets = vec![0.0; labels.len() * classes];
    for (target, label) in targets.chunks_mut(classes).zip(labels) {
        target[usize::from(*label)] = 1.0;
    }
    targets
}

/// Images by the name of their source: `subset`, `mnist`, `fashion-mnist`, or the path of a folder with the four files.
/// Of each half the first `train` and `test`; 0 is all. `normalisation`: `None` looks whether the name says fashion.
///
/// # Errors
/// [`Error::unsupported`] where a known data set is not on this machine; [`Error::config`] for files that are not what
/// they should be and for more images than there are.
pub(crate) fn load(
    source: &str,
    normalisation: Option<Normalisation>,
    (train, test): (usize, usize),
) -> Result<Data, Error> {
    let files = read(source)?;
    let normalisation = normalisation.unwrap_or_else(|| by_name(source));
    let [train_images, train_labels, test_images, test_labels] = &files;
    let half = |key, images, labels, count| {
        let (images, labels) = first(source, key, images, labels, count)?;
        Ok::<_, Error>(Rows::images(images, labels, normalisation))
    };
    Ok(Data {
        train: half("train", train_images, train_labels, train)?,
        test: half("test", test_images, test_labels, test)?,
    })
}

fn by_name(source: &str) -> Normalisation {
    let folder = Path::new(source).file_name().unwrap_or_default();
    if folder.to_string_lossy().contains("fashion") {
        FASHION
    } else {
        MNIST
    }
}

fn read(source: &str) -> Result<[Idx; 4], Error> {
    let read_all = |path: &dyn Fn(&str) -> Result<PathBuf, Error>| {
        let mut files = Vec::with_capacity(FILES.len());
        for name in FILES {
            files.push(idx::read(&path(name)?)?);
        }
        Ok(files)
    };
    let files = match source {
        "subset" => FILES
            .iter()
            .zip(SUBSET)
            .map(|(name, bytes)| idx::parse(bytes, name))
            .collect::<Result<Vec<_>, Error>>(),
        "mnist" | "fashion-mnist" => read_all(&|name| {
            let plain = format!("{source}/{name}");
            files::find(source, &[&plain, &format!("{plain}.gz")])
        }),
        folder => read_all(&|name| in_folder(Path::new(folder), name)),
    }?;
    Ok(files.try_into().expect("one for each name"))
}

fn in_folder(folder: &Path, name: &str) -> Result<PathBuf, Error> {
    let candidates = [folder.join(name), folder.join(format!("{name}.gz"))];
    candidates
        .into_iter()
        .find(|path| path.is_file())
        .ok_or_else(|| {
            Error::config(format!(
                "data is \"{}\", expected \"subset\", \"mnist\", \"fashion-mnist\" or a folder with {name} or {name}.gz",
                folder.display()
            ))
        })
}

/// Values of the first `count` images and labels.
fn first<'a>(
    source: &str,
    key: &str,
    images: &'a Idx,
    labels: &'a Idx,
    count: usize,
) -> Result<(&'a [u8], &'a [u8]), Error> {
    let refuse = |found: String| Err(Error::config(format!("data \"{source}\" {found}")));
    let [there, 28, 28] = images.shape[..] else {
        return refuse(format!(
            "has {key} images of shape {:?}, expected [count, 28, 28]",
            images.shape
        ));
    };
    if labels.shape != [there] {
        return refuse(format!(
            "has {there} {key} images and labels of shape {:?}, expected [{there}]",
            labels.shape
        ));
    }
    if let Some(label) = labels.values.iter().find(|label| **label >= CLASSES as u8) {
        return refuse(format!("has a {key} label {label}, expected 0 to 9"));
    }
    if there == 0 {
        return refuse(format!("has no {key} images"));
    }
    if count > there {
        return Err(Error::config(format!(
            "{key} is {count}, but \"{source}\" has {there} such images; use fewer, or 0 for all"
        )));
    }
    let count = if count == 0 { there } else { count };
    Ok((&images.values[..count * PIXELS], &labels.values[..count]))
}

/// Rows copied together, as a step takes them.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    /// `[rows, inputs]`.
    pub points: Vec<f32>,
    /// `[rows, outputs]`.
    pub targets: Vec<f32>,
    /// Class of each row.
    pub labels: Vec<u32>,
    /// Which rows of the source, in their order.
    pub taken: Vec<usize>,
}

impl Batch {
    /// Room for `rows` rows of `source`, so that filling never allocates.
    pub(crate) fn with_room(source: &Rows, rows: usize) -> Self {
        Self {
            points: Vec::with_capacity(rows * source.inputs),
            targets: Vec::with_capacity(rows * source.outputs),
            labels: Vec::with_capacity(rows),
            taken: Vec::with_capacity(rows),
        }
    }

    /// Replaces what is there by the rows `taken` of `source`.
    pub(crate) fn fill(&mut self, source: &Rows, taken: &[usize]) {
        self.points.clear();
        self.targets.clear();
        self.labels.clear();
        self.taken.clear();
        self.taken.extend_from_slice(taken);
        for row in taken {
            self.points.extend_from_slice(source.point(*row));
            self.targets.extend_from_slice(source.target(*row));
            self.labels.push(source.labels[*row].into());
        }
    }

    pub(crate) fn rows(&self) -> usize {
        self.taken.len()
    }

    /// Whether each row is still that of `source`, label included.
    pub(crate) fn is_of(&self, source: &Rows) -> bool {
        self.taken.iter().enumerate().all(|(at, row)| {
            self.points[at * source.inputs..][..source.inputs] == *source.point(*row)
                && self.targets[at * source.outputs..][..source.outputs] == *source.target(*row)
                && self.labels[at] == u32::from(source.labels[*row])
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use benchhost_plugin_api::ErrorKind;

    use super::*;

    #[test]
    fn the_subset_is_the_beginning_of_mnist() {
        let data = load("subset", None, (0, 0)).unwrap();

        assert_eq!((data.train.len(), data.test.len()), (2000, 500));
        assert_eq!(data.train.labels[..10], [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
        assert_eq!(data.test.labels[..10], [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
        // The first pixel is black, and black is −mean/deviation.
        assert_eq!(data.train.points[0], -0.1307 / 0.3081);
        let mean = data.train.points.iter().sum::<f32>() / data.train.points.len() as f32;
        assert!(mean.abs() < 0.02, "{mean}");
    }

    #[test]
    fn one_hot_targets_and_batches_follow_the_labels() {
        let data = load("subset", None, (30, 5)).unwrap();
        let mut batch = Batch::with_room(&data.train, 2);

        batch.fill(&data.train, &[7, 3]);

        assert!(batch.is_of(&data.train));
        assert_eq!(
            batch.targets[..10],
            [0., 0., 0., 1., 0., 0., 0., 0., 0., 0.]
        );
        batch.targets.swap(3, 4);
        assert!(!batch.is_of(&data.train));
    }

    #[test]
    fn more_images_than_there_are_is_refused() {
        let error = load("subset", None, (2001, 5)).unwrap_err();

        assert_eq!(
            error.to_string(),
            "train is 2001, but \"subset\" has 2000 such images; use fewer, or 0 for all"
        );
    }

    fn folder(images: [u8; 4], values: usize, label: u8) -> tempfile::TempDir {
        let folder = tempfile::Builder::new()
            .prefix("fashion")
            .tempdir()
            .unwrap();
        for half in ["train", "t10k"] {
            let mut bytes = vec![0, 0, 8, 3, 0, 0, 0];
            bytes.extend([images[0], 0, 0, 0, images[1], 0, 0, 0, images[2]]);
            bytes.extend(vec![0; values]);
            fs::write(
                folder.path().join(format!("{half}-images-idx3-ubyte")),
                bytes,
            )
            .unwrap();
            let labels = [0, 0, 8, 1, 0, 0, 0, images[3]];
            let labels: Vec<u8> = labels
                .into_iter()
                .chain(vec![label; images[3].into()])
                .collect();
            fs::write(
                folder.path().join(format!("{half}-labels-idx1-ubyte")),
                labels,
            )
            .unwrap();
        }
        folder
    }

    #[test]
    fn a_folder_named_fashion_has_the_normalisation_of_fashion() {
        let folder = folder([2, 28, 28, 2], 2 * PIXELS, 3);
        let path = folder.path().to_str().unwrap();

        let black = |normalisation| load(path, normalisation, (1, 0)).unwrap().train.points[0];

        assert_eq!(black(None), -0.2860 / 0.3530);
        assert_eq!(black(Some(MNIST)), -0.1307 / 0.3081);
    }

    #[test]
    fn a_folder_of_other_files_is_refused_with_what_is_wrong() {
        for (images, values, label, sentence) in [
            (
                [2, 28, 27, 2],
                2 * 28 * 27,
                3,
                "has train images of shape [2, 28, 27], expected [count, 28, 28]",
            ),
            (
                [2, 28, 28, 1],
                2 * PIXELS,
                3,
                "has 2 train images and labels of shape [1], expected [2]",
            ),
            (
                [1, 28, 28, 1],
                PIXELS,
                10,
                "has a train label 10, expected 0 to 9",
            ),
            ([0, 28, 28, 0], 0, 0, "has no train images"),
        ] {
            let folder = folder(images, values, label);
            let path = folder.path().to_str().unwrap();

            let error = load(path, None, (0, 0)).unwrap_err();

            assert_eq!(error.kind(), ErrorKind::Config);
            assert_eq!(error.to_string(), format!("data \"{path}\" {sentence}"));
        }
    }

    #[test]
    fn a_folder_that_is_not_there_is_refused_with_the_choices() {
        assert_eq!(
            load("mnits", None, (0, 0)).unwrap_err().to_string(),
            "data is \"mnits\", expected \"subset\", \"mnist\", \"fashion-mnist\" or a folder with \
             train-images-idx3-ubyte or train-images-idx3-ubyte.gz"
        );
    }
}
