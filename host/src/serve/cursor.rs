//! Where a page ends, as a word that is handed back for the next one. Only the server reads it.

use super::answer::Problem;

/// The place `numbers` in the list `list`.
pub(super) fn write(list: char, numbers: &[i64]) -> String {
    let numbers: Vec<String> = numbers.iter().map(i64::to_string).collect();
    let text = format!("{list}{}", numbers.join(","));
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

/// The numbers of a place in the list `list`.
///
/// # Errors
/// For a word that this list never gave.
pub(super) fn read<const N: usize>(list: char, word: &str) -> Result<[i64; N], Problem> {
    numbers(list, word).ok_or_else(|| {
        Problem::bad(format!(
            "the cursor {word:?} is none of this list, expected the `next` of its page before"
        ))
        .hint("ask without `cursor` for the first page")
    })
}

fn numbers<const N: usize>(list: char, word: &str) -> Option<[i64; N]> {
    if !word.is_ascii() || !word.len().is_multiple_of(2) {
        return None;
    }
    let bytes = (0..word.len()).step_by(2);
    let bytes: Option<Vec<u8>> = bytes
        .map(|at| u8::from_str_radix(&word[at..at + 2], 16).ok())
        .collect();
    let text = String::from_utf8(bytes?).ok()?;
    let numbers = text.strip_prefix(list)?.split(',');
    let numbers: Option<Vec<i64>> = numbers.map(|number| number.parse().ok()).collect();
    numbers?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_by_the_list_that_gave_it_and_by_no_other() {
        let word = write('p', &[-5, i64::MAX]);

        assert_eq!(read('p', &word).unwrap(), [-5, i64::MAX]);
        assert!(read::<1>('p', &word).is_err());
        assert!(read::<2>('s', &word).is_err());
        for word in ["", "7", "é", "zz", "70312c", "+1+1", "' OR 1=1"] {
            assert!(read::<2>('p', word).is_err(), "{word}");
        }
    }
}
