//! Which GPUs `CUDA_VISIBLE_DEVICES` leaves to the workers.

/// The variable of CUDA that hides GPUs; workers inherit it.
pub const VISIBLE_VARIABLE: &str = "CUDA_VISIBLE_DEVICES";

/// Indices of the GPUs that `value` leaves, in its order; `None` when it does not restrict them or speaks of parts of
/// GPUs (MIG), which have no index.
///
/// `uuids`: unique names of all GPUs by index of the driver. As CUDA does, an entry may be the beginning of a unique
/// name, and the first entry that names no GPU ends the list. CUDA's own numbers are those of the driver with
/// `CUDA_DEVICE_ORDER=PCI_BUS_ID`, or when all GPUs are alike.
///
/// Source: CUDA C++ Programming Guide, "CUDA Environment Variables".
#[must_use]
pub fn visible(value: Option<&str>, uuids: &[String]) -> Option<Vec<u32>> {
    let mut left = Vec::new();
    for entry in value?.split(',').map(str::trim) {
        if entry.starts_with("MIG-") {
            return None;
        }
        let Some(index) = named(entry, uuids) else {
            break;
        };
        left.push(index as u32);
    }
    Some(left)
}

/// Index of the GPU that one entry names.
fn named(entry: &str, uuids: &[String]) -> Option<usize> {
    if !entry.starts_with("GPU-") {
        return entry.parse().ok().filter(|index| *index < uuids.len());
    }
    let mut named = uuids
        .iter()
        .enumerate()
        .filter(|(_, uuid)| uuid.starts_with(entry));
    match (named.next(), named.next()) {
        (Some((index, _)), None) => Some(index),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_read_as_cuda_reads_it() {
        let uuids = ["GPU-aa11".to_owned(), "GPU-aa22".into(), "GPU-bb33".into()];
        let of = |value| visible(Some(value), &uuids);

        assert_eq!(visible(None, &uuids), None);
        assert_eq!(of("2, 0"), Some(vec![2, 0]));
        assert_eq!(of("GPU-bb,1"), Some(vec![2, 1]));
        assert_eq!(of(""), Some(vec![]));
        assert_eq!(of("-1"), Some(vec![]));
        // What comes after a GPU that is not there is not seen either.
        assert_eq!(of("1,7,0"), Some(vec![1]));
        assert_eq!(of("GPU-aa"), Some(vec![]), "two GPUs begin so");
        assert_eq!(of("MIG-5f0e"), None);
    }
}
