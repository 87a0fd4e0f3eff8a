//! The thermal design power of a CPU, by the name the kernel shows.
//!
//! Names are compared word by word after what varies between kernels and vendors is taken away. A name that could be
//! several CPUs is no CPU: a wrong power would look as good as a right one.

use std::sync::LazyLock;

/// Vendors whose CPUs the table names in full. Rows without one, such as `6140`, could be a CPU of anybody.
const VENDORS: [&str; 4] = ["amd", "intel", "apple", "ampere"];

/// Words that say nothing about which CPU it is.
const NOISE: [&str; 7] = [
    "cpu",
    "processor",
    "apu",
    "soc",
    "x-series",
    "gen",
    "genuine",
];

/// What begins the graphics in the name of a CPU, or an advertisement.
const TAILS: [&str; 6] = ["@", ",", " with ", " w/ ", " radeon ", " includes "];

/// A model number has at least so many characters: `n95`, `7763`, `e5-2680`.
const MODEL_NUMBER: usize = 3;

/// A word that only one of two names has may be left out when it is a plain word of at least so many letters, such as
/// `gold`. Shorter ones (`HE`, `LV`, `PRO`) are other products of the same number.
const PLAIN_WORD: usize = 4;

/// The thermal design power of a CPU, as the table says it.
#[derive(Debug, Clone, PartialEq)]
pub struct CpuTdp {
    /// Thermal design power of one socket, W. What the cooling is made for: boosts take more, idling takes much less.
    pub tdp_w: f64,
    /// Name in the table.
    pub name: String,
}

/// Why the thermal design power of a CPU is not known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnknownTdp {
    /// No name at all, as on many machines that are not x86.
    #[error(
        "the kernel shows no CPU model; set `tdp-w` to the thermal design power of one socket in watts"
    )]
    NoName,
    /// No row fits.
    #[error(
        "CPU `{model}` is in no table; set `tdp-w` to the thermal design power of one socket in watts"
    )]
    NotListed {
        /// The name as the kernel shows it.
        model: String,
    },
    /// Rows with different powers fit.
    #[error(
        "CPU `{model}` could be any of {rows} in the table; set `tdp-w` to the thermal design power of one socket in watts"
    )]
    Ambiguous {
        /// The name as the kernel shows it.
        model: String,
        /// How many rows fit.
        rows: usize,
    },
    /// The row that fits has no number.
    #[error(
        "CPU `{model}` is in the table without its power; set `tdp-w` to the thermal design power of one socket in watts"
    )]
    NoPower {
        /// The name as the kernel shows it.
        model: String,
    },
}

/// Thermal design power by `model name` of `/proc/cpuinfo`.
///
/// First rows with the same words, then rows with the same model number in which one name has plain words that the
/// other has not (`Xeon Gold 6226R`, `Xeon 6226R`). All rows that fit must say the same.
///
/// # Errors
/// An [`UnknownTdp`], which says what to configure.
pub fn cpu_tdp(model: &str) -> Result<CpuTdp, UnknownTdp> {
    let model = model.trim();
    let wanted = words(model);
    if wanted.is_empty() {
        return Err(UnknownTdp::NoName);
    }
    let same: Vec<&Row> = ROWS.iter().filter(|row| row.words == wanted).collect();
    if has_digit(&wanted) && !same.is_empty() {
        return agreed(model, &same);
    }
    let alike: Vec<&Row> = ROWS
        .iter()
        .filter(|row| is_within(&wanted, &row.words) || is_within(&row.words, &wanted))
        .collect();
    if !alike.is_empty() {
        return agreed(model, &alike);
    }
    // A family without a number: say how many CPUs it could be.
    let rows = ROWS.iter().filter(|row| row.words.starts_with(&wanted));
    Err(match rows.count() {
        0 => UnknownTdp::NotListed {
            model: model.to_owned(),
        },
        rows => UnknownTdp::Ambiguous {
            model: model.to_owned(),
            rows,
        },
    })
}

fn agreed(model: &str, rows: &[&Row]) -> Result<CpuTdp, UnknownTdp> {
    let first = rows[0];
    if rows.iter().any(|row| row.tdp_w != first.tdp_w) {
        return Err(UnknownTdp::Ambiguous {
            model: model.to_owned(),
            rows: rows.len(),
        });
    }
    if first.tdp_w <= 0.0 {
        return Err(UnknownTdp::NoPower {
            model: model.to_owned(),
        });
    }
    Ok(CpuTdp {
        tdp_w: first.tdp_w,
        name: first.name.clone(),
    })
}

struct Row {
    name: String,
    words: Vec<String>,
    tdp_w: f64,
}

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    let table = include_str!("../tables/cpu_tdp.csv");
    let rows = csv::Reader::from_reader(table.as_bytes()).into_records();
    let rows = rows.map(|row| row.expect("the embedded table is well-formed, tested"));
    let rows = rows.map(|row| Row {
        name: row[0].to_owned(),
        words: words(&row[0]),
        tdp_w: row[1].parse().expect("a number, tested"),
    });
    let is_named = |row: &Row| row.words.iter().any(|word| is_vendor(word));
    rows.filter(is_named).collect()
});

/// The words that say which CPU it is, in lower case.
fn words(name: &str) -> Vec<String> {
    let mut text = name.to_lowercase();
    // `FX(tm)-8350` is one word, `Core(TM)2` are two.
    for mark in ["(r)", "(tm)", "(c)"] {
        text = text.replace(&format!("{mark}-"), "-").replace(mark, " ");
    }
    let text = without_brackets(&text);
    let end = TAILS.iter().filter_map(|tail| text.find(tail)).min();
    let mut words: Vec<String> = Vec::new();
    for word in text[..end.unwrap_or(text.len())].split_whitespace() {
        if !is_noise(word) && words.last().is_none_or(|last| last != word) {
            words.push(word.to_owned());
        }
    }
    words
}

fn without_brackets(text: &str) -> String {
    let mut depth = 0_u32;
    let mut kept = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ if depth == 0 => kept.push(c),
            _ => {}
        }
    }
    kept
}

/// Words such as `cpu`, `64-core`, `13th` (of `13th Gen`), `2.20ghz`, and the `0` after first Xeons (`E5-2680 0`).
fn is_noise(word: &str) -> bool {
    let starts_with_digit = word.starts_with(|c: char| c.is_ascii_digit());
    let is_ordinal = starts_with_digit
        && ["st", "nd", "rd", "th"]
            .iter()
            .any(|end| word.ends_with(end));
    let is_frequency = starts_with_digit && word.ends_with("hz");
    let is_cores = word.ends_with("-core") || word.ends_with("-cores");
    NOISE.contains(&word) || word == "0" || is_ordinal || is_frequency || is_cores
}

fn is_vendor(word: &str) -> bool {
    VENDORS.contains(&word)
}

fn has_digit(words: &[String]) -> bool {
    words
        .iter()
        .any(|word| word.contains(|c: char| c.is_ascii_digit()))
}

/// Whether `short` is `long` without some plain words, and still says vendor and model number.
fn is_within(short: &[String], long: &[String]) -> bool {
    let is_number =
        |word: &String| word.len() >= MODEL_NUMBER && word.contains(|c: char| c.is_ascii_digit());
    let is_plain = |word: &str| {
        word.len() >= PLAIN_WORD
            && word.chars().all(|c| c.is_ascii_alphabetic())
            && !is_vendor(word)
    };
    if !short.iter().any(is_number) || !short.iter().any(|word| is_vendor(word)) {
        return false;
    }
    let mut rest = short.iter().peekable();
    for word in long {
        if rest.next_if(|next| *next == word).is_none() && !is_plain(word) {
            return false;
        }
    }
    rest.peek().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_as_the_kernel_shows_them_are_found() {
        for (model, tdp_w) in [
            ("Intel(R) Xeon(R) Gold 6226R CPU @ 2.90GHz", 150.0),
            ("Intel(R) Xeon(R) CPU E5-2680 v4 @ 2.40GHz", 120.0),
            ("Intel(R) Xeon(R) CPU E5-2680 v2 @ 2.80GHz", 115.0),
            ("Intel(R) Xeon(R) CPU E5-2680 0 @ 2.70GHz", 130.0),
            ("Intel(R) Xeon(R) CPU E5-2686 v4 @ 2.30GHz", 145.0),
            ("Intel(R) Xeon(R) Platinum 8175M CPU @ 2.50GHz", 240.0),
            ("Intel(R) Xeon(R) Platinum 8259CL CPU @ 2.50GHz", 210.0),
            ("Intel(R) Xeon(R) Platinum 8375C CPU @ 2.90GHz", 300.0),
            ("INTEL(R) XEON(R) GOLD 6548Y+", 250.0),
            ("Intel(R) Core(TM) i7-8650U CPU @ 1.90GHz", 15.0),
            ("Intel(R) Core(TM) i7-7820X CPU @ 3.60GHz", 140.0),
            ("Intel(R) Core(TM)2 Duo CPU     E8400  @ 3.00GHz", 65.0),
            ("13th Gen Intel(R) Core(TM) i9-13900K", 125.0),
            ("Intel(R) Core(TM) Ultra 7 155H", 28.0),
            ("Intel(R) N100", 6.0),
            ("Intel(R) Xeon(R) E-2388G CPU @ 3.20GHz", 95.0),
            ("AMD EPYC 7763 64-Core Processor", 280.0),
            ("AMD EPYC 7B12", 240.0),
            ("AMD EPYC 9654 96-Core Processor", 360.0),
            ("AMD Ryzen 9 7950X 16-Core Processor", 170.0),
            ("AMD Ryzen 9 7950X3D 16-Core Processor", 120.0),
            ("AMD Ryzen 7 PRO 3700U w/ Radeon Vega Mobile Gfx", 15.0),
            ("AMD Ryzen Threadripper PRO 3945WX 12-Cores", 280.0),
            ("AMD Ryzen Embedded V1605B with Radeon Vega Gfx", 15.0),
            ("AMD FX(tm)-8350 Eight-Core Processor", 125.0),
            ("AMD Opteron(tm) Processor 6176", 115.0),
        ] {
            assert_eq!(cpu_tdp(model).map(|cpu| cpu.tdp_w), Ok(tdp_w), "{model}");
        }
    }

    #[test]
    fn names_that_could_be_several_cpus_or_none_are_not_found() {
        for model in [
            "AMD EPYC",
            "AMD EPYC Processor",
            "AMD EPYC-Rome Processor",
            "AMD EPYC Processor (with IBPB)",
            "Intel(R) Xeon(R) CPU @ 2.20GHz",
            "Intel(R) Xeon(R) Processor @ 2.90GHz",
            "Intel Xeon Processor (Skylake, IBRS)",
            "Intel Core Processor (Haswell, no TSX, IBRS)",
            "QEMU Virtual CPU version 2.5+",
            "Common KVM processor",
            "ARMv8 Processor rev 0 (v8l)",
            "VirtualApple @ 2.50GHz processor",
            // A version of a number that the table does not have is another CPU.
            "Intel(R) Xeon(R) CPU E5-2680 v9 @ 2.40GHz",
            // One letter is another CPU as well.
            "AMD EPYC 7763Q 64-Core Processor",
            "AMD EPYC 9R14",
            // The table has an Opteron 6176 HE of none, and numbers without a vendor.
            "AMD Opteron(tm) Processor 6176 HE",
            "AMD EPYC 6278",
            "6140",
            "Intel(R) Pentium(R) 4 CPU 3.00GHz",
            "",
        ] {
            assert!(cpu_tdp(model).is_err(), "{model}: {:?}", cpu_tdp(model));
        }
    }

    #[test]
    fn what_is_unknown_is_told_apart_and_says_what_to_configure() {
        let unknown = |model| cpu_tdp(model).unwrap_err();

        assert!(matches!(
            unknown("AMD EPYC"),
            UnknownTdp::Ambiguous { rows: 148, .. }
        ));
        assert!(matches!(
            unknown("AMD EPYC 9R14"),
            UnknownTdp::NotListed { .. }
        ));
        assert!(matches!(
            unknown("Intel Quark Microcontroller D1000"),
            UnknownTdp::NoPower { .. }
        ));
        // Two rows, 125 and 140 W.
        assert!(matches!(
            unknown("AMD Phenom(tm) II X4 965 BE Processor"),
            UnknownTdp::Ambiguous { rows: 2, .. }
        ));
        assert_eq!(unknown(" "), UnknownTdp::NoName);
        for model in [
            "AMD EPYC",
            "AMD EPYC 9R14",
            "Intel Quark Microcontroller D1000",
            "",
        ] {
            assert!(unknown(model).to_string().contains("`tdp-w`"), "{model}");
        }
    }

    #[test]
    fn a_plain_word_that_one_side_leaves_out_does_not_hide_the_model_number() {
        let found = cpu_tdp("Intel(R) Xeon(R) 6226R CPU @ 2.90GHz").unwrap();

        assert_eq!(
            (found.name.as_str(), found.tdp_w),
            ("Intel Xeon Gold 6226R", 150.0)
        );
    }

    #[test]
    fn every_row_of_the_table_with_a_vendor_finds_its_own_power_or_says_it_is_ambiguous() {
        let found = ROWS.iter().filter(|row| match cpu_tdp(&row.name) {
            Ok(cpu) => {
                assert_eq!(cpu.tdp_w, row.tdp_w, "{}", row.name);
                true
            }
            Err(_) => false,
        });

        // 4914 rows, of which 221 have no vendor.
        assert_eq!(ROWS.len(), 4693);
        assert!(found.count() > 4600);
    }
}
