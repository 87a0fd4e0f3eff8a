//! Three photos whose class is known, embedded: `photos/NOTICE` says where they come from.

use benchhost_plugin_api::Error;
use image::ImageFormat;

/// Mean and standard deviation of the colours of ImageNet, from 0 to 1; the net was trained on pixels normalised so.
const MEAN: [f32; 3] = [0.485, 0.456, 0.406];
const DEVIATION: [f32; 3] = [0.229, 0.224, 0.225];

/// A photo and what EfficientNet-Lite0 says of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Photo {
    pub name: &'static str,
    jpeg: &'static [u8],
    /// Index of the class in ImageNet's order.
    pub class: usize,
    pub class_name: &'static str,
    /// Probability of that class, by PyTorch 2.15 in f64 from the same pixels.
    pub probability: f64,
}

/// All of them; a batch takes them by turns.
pub(crate) const PHOTOS: [Photo; 3] = [
    Photo {
        name: "chelsea",
        jpeg: include_bytes!("../../photos/chelsea.jpg"),
        class: 285,
        class_name: "Egyptian cat",
        probability: 0.350_408,
    },
    Photo {
        name: "coffee",
        jpeg: include_bytes!("../../photos/coffee.jpg"),
        class: 967,
        class_name: "espresso",
        probability: 0.806_989,
    },
    Photo {
        name: "rocket",
        jpeg: include_bytes!("../../photos/rocket.jpg"),
        class: 657,
        class_name: "missile",
        probability: 0.207_492,
    },
];

impl Photo {
    /// Width and height in pixels and the bytes of the colours, `[height, width, 3]`.
    pub(crate) fn pixels(&self) -> Result<(usize, usize, Vec<u8>), Error> {
        let image = image::load_from_memory_with_format(self.jpeg, ImageFormat::Jpeg)?.into_rgb8();
        let (width, height) = image.dimensions();
        Ok((width as usize, height as usize, image.into_raw()))
    }

    /// The photo as the net takes it: `[side, side, 3]`, normalised.
    pub(crate) fn input(&self, side: usize) -> Result<Vec<f32>, Error> {
        let (width, height, bytes) = self.pixels()?;
        if (width, height) != (side, side) {
            return Err(Error::failed(format!(
                "photo {} has {width} × {height} pixels, expected {side} × {side}",
                self.name
            )));
        }
        let value = |(at, byte): (usize, &u8)| {
            let colour = at % 3;
            (f32::from(*byte) / 255.0 - MEAN[colour]) / DEVIATION[colour]
        };
        Ok(bytes.iter().enumerate().map(value).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_photo_is_of_the_size_the_net_takes_and_normalised() {
        for photo in PHOTOS {
            let input = photo.input(224).unwrap();

            assert_eq!(input.len(), 224 * 224 * 3);
            let mean = input.iter().sum::<f32>() / input.len() as f32;
            assert!(mean.abs() < 1.5, "{}: {mean}", photo.name);
            assert!(photo.jpeg.len() < 60_000, "{}", photo.name);
        }
    }
}
