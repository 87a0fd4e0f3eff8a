//! How documents and samples lie in the file: zstd around JSON, zstd around plain columns of numbers.

use benchhost_record::Samples;
use rusqlite::types::Type;
use serde::{Serialize, de::DeserializeOwned};

/// Fast, and most of what is to be had.
const LEVEL: i32 = 3;

/// Largest document that is unpacked: what a damaged header may claim is not believed.
const LARGEST_BYTES: usize = 1 << 30;

/// `value` as JSON, compressed.
pub(super) fn pack<T: Serialize>(value: &T) -> rusqlite::Result<Vec<u8>> {
    let text = serde_json::to_vec(value).map_err(written)?;
    zstd::bulk::compress(&text, LEVEL).map_err(written)
}

/// What [`pack`] was given.
pub(super) fn unpack<T: DeserializeOwned>(bytes: &[u8]) -> rusqlite::Result<T> {
    let text = decompress(bytes)?;
    serde_json::from_slice(&text).map_err(|error| damaged(format!("a document: {error}")))
}

/// The samples of every measurement, exactly; in the order of the measurements.
pub(super) fn pack_samples<'a>(
    all: impl Iterator<Item = &'a Samples>,
) -> rusqlite::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    for samples in all {
        bytes.extend((samples.len() as u64).to_le_bytes());
        bytes.extend(samples.repetition.iter().flat_map(|x| x.to_le_bytes()));
        bytes.extend(samples.iterations.iter().flat_map(|x| x.to_le_bytes()));
        bytes.extend(samples.value.iter().flat_map(|x| x.to_le_bytes()));
    }
    zstd::bulk::compress(&bytes, LEVEL).map_err(written)
}

/// What [`pack_samples`] was given.
pub(super) fn unpack_samples(bytes: &[u8]) -> rusqlite::Result<Vec<Samples>> {
    let bytes = decompress(bytes)?;
    let mut rest = bytes.as_slice();
    let mut all = Vec::new();
    while !rest.is_empty() {
        let one = samples(&mut rest).ok_or_else(|| damaged("samples end early".to_owned()))?;
        all.push(one);
    }
    Ok(all)
}

fn samples(rest: &mut &[u8]) -> Option<Samples> {
    let count = usize::try_from(u64::from_le_bytes(*rest.split_off(..8)?.first_chunk()?)).ok()?;
    Some(Samples {
        repetition: column(rest, count, u32::from_le_bytes)?,
        iterations: column(rest, count, u64::from_le_bytes)?,
        value: column(rest, count, f64::from_le_bytes)?,
    })
}

fn column<const N: usize, T>(
    rest: &mut &[u8],
    count: usize,
    number: fn([u8; N]) -> T,
) -> Option<Vec<T>> {
    let bytes = rest.split_off(..count.checked_mul(N)?)?;
    let (chunks, _) = bytes.as_chunks::<N>();
    Some(chunks.iter().map(|chunk| number(*chunk)).collect())
}

/// Plain numbers, exactly.
pub(super) fn pack_values(values: &[f64]) -> rusqlite::Result<Vec<u8>> {
    let bytes: Vec<u8> = values.iter().flat_map(|x| x.to_le_bytes()).collect();
    zstd::bulk::compress(&bytes, LEVEL).map_err(written)
}

/// What [`pack_values`] was given.
pub(super) fn unpack_values(bytes: &[u8]) -> rusqlite::Result<Vec<f64>> {
    let bytes = decompress(bytes)?;
    let (chunks, _) = bytes.as_chunks::<8>();
    Ok(chunks
        .iter()
        .map(|chunk| f64::from_le_bytes(*chunk))
        .collect())
}

fn decompress(bytes: &[u8]) -> rusqlite::Result<Vec<u8>> {
    use std::io::Read as _;
    let fail = |error: std::io::Error| damaged(format!("a compressed document: {error}"));
    let mut text = Vec::new();
    zstd::stream::Decoder::new(bytes)
        .map_err(fail)?
        .take(LARGEST_BYTES as u64)
        .read_to_end(&mut text)
        .map_err(fail)?;
    Ok(text)
}

/// What is stored makes no sense.
pub(super) fn damaged(what: String) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, Type::Blob, what.into())
}

fn written(error: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure(Box::new(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_come_back_bit_by_bit_and_damage_is_noticed() {
        let mut one = Samples::default();
        one.push(0, 1000, 0.1 + 0.2);
        one.push(3, 1, f64::INFINITY);
        let all = [one, Samples::default()];

        let packed = pack_samples(all.iter()).unwrap();

        assert_eq!(unpack_samples(&packed).unwrap(), all);
        assert!(unpack_samples(&packed[..packed.len() - 1]).is_err());
        assert!(unpack::<String>(b"no zstd").is_err());
    }
}
