//! Damages libraries on purpose.

use benchhost_plugin_api::abi::abi_stable::library::AbiHeader;
use object::{
    Endianness,
    elf::{FileHeader64, PT_LOAD},
    read::elf::{FileHeader, ProgramHeader},
};

/// Bytes of a library, to be damaged.
#[derive(Clone)]
pub(crate) struct Elf {
    pub(crate) bytes: Vec<u8>,
}

impl Elf {
    pub(crate) fn read(path: &std::path::Path) -> Self {
        let bytes = std::fs::read(path).unwrap();
        Self { bytes }
    }

    /// Where in the file the last segment that is mapped ends.
    pub(crate) fn segments_end(&self) -> usize {
        let header = FileHeader64::<Endianness>::parse(&*self.bytes).unwrap();
        let endian = header.endian().unwrap();
        let segments = header.program_headers(endian, &*self.bytes).unwrap();
        let ends = segments
            .iter()
            .filter(|segment| segment.p_type(endian) == PT_LOAD)
            .map(|segment| segment.p_offset(endian) + segment.p_filesz(endian));
        ends.max().unwrap() as usize
    }

    /// Replaces each `from` by `to`, which has as many bytes.
    pub(crate) fn replace(mut self, from: &str, to: &str) -> Self {
        assert_eq!(from.len(), to.len());
        let places: Vec<usize> = (0..self.bytes.len())
            .filter(|at| self.bytes[*at..].starts_with(from.as_bytes()))
            .collect();
        assert!(!places.is_empty(), "the library does not mention {from}");
        for at in places {
            self.bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
        }
        self
    }

    /// The library made for the machine of this number.
    pub(crate) fn with_machine(mut self, number: u16) -> Self {
        self.bytes[18..20].copy_from_slice(&number.to_le_bytes());
        self
    }

    /// The library as a file of this type: 1 object, 2 program, 3 library, 4 core.
    pub(crate) fn with_type(mut self, number: u16) -> Self {
        self.bytes[16..18].copy_from_slice(&number.to_le_bytes());
        self
    }

    /// Changes the header that abi_stable writes: 32 bytes of magic, then two numbers of its version.
    pub(crate) fn with_abi_header(mut self, change: impl FnOnce(&mut [u8])) -> Self {
        let magic = AbiHeader::VALUE.magic_string;
        let at = self.bytes.windows(32).position(|window| window == magic);
        let at = at.expect("the library has abi_stable's header");
        change(&mut self.bytes[at..at + 40]);
        self
    }

    /// `bits` bits flipped at places drawn from `random`, a state of [`next_random`].
    pub(crate) fn flipped(mut self, bits: usize, random: &mut u64) -> Self {
        for _ in 0..bits {
            let bit = next_random(random) as usize % (self.bytes.len() * 8);
            self.bytes[bit / 8] ^= 1 << (bit % 8);
        }
        self
    }
}

/// SplitMix64 (Steele, Lea & Flood 2014), enough to draw places.
pub(crate) fn next_random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
