//! The structure of an ELF file, as far as it decides whether the file may be opened.
//!
//! The dynamic linker trusts what it maps: a library that is cut off inside a segment kills whoever opens it with
//! SIGBUS. So the rule "every segment lies inside the file" is checked here, before anything is opened. A file
//! whose segments are whole but whose section headers are cut off would load, but its manifest cannot be found;
//! it is refused as truncated too. Damage inside a segment cannot be seen from outside; the probe is for that.

use std::path::Path;

use benchhost_plugin_api::{
    abi::{abi_stable::library::ROOT_MODULE_LOADER_NAME, c},
    manifest,
};
use object::{
    Endianness,
    elf::{self, FileHeader64},
    read::elf::{Dyn as _, FileHeader as _, ProgramHeader as _, SectionHeader as _},
};

use super::LoadError;

type Header = FileHeader64<Endianness>;

/// Machine numbers of ELF with the names Rust has for them.
const MACHINES: [(u16, &str); 7] = [
    (3, "x86"),
    (21, "powerpc64"),
    (22, "s390x"),
    (40, "arm"),
    (62, "x86_64"),
    (183, "aarch64"),
    (243, "riscv64"),
];

/// A file that begins like ELF of our class.
pub(super) struct Elf<'a> {
    path: &'a Path,
    bytes: &'a [u8],
    header: &'a Header,
    endian: Endianness,
}

impl<'a> Elf<'a> {
    /// Reads the header of `bytes`, the content of `path`.
    pub(super) fn parse(path: &'a Path, bytes: &'a [u8]) -> Result<Self, LoadError> {
        if !bytes.starts_with(b"\x7fELF") {
            return Err(LoadError::NotElf {
                path: path.to_owned(),
                found: describe(bytes).to_owned(),
            });
        }
        if bytes.len() < size_of::<Header>() {
            return Err(truncated(
                path,
                bytes,
                "its header",
                size_of::<Header>() as u64,
            ));
        }
        if bytes[4] == elf::ELFCLASS32.0 {
            return Err(LoadError::WrongClass {
                path: path.to_owned(),
                found: "32-bit".to_owned(),
                expected: "64-bit".to_owned(),
            });
        }
        let header = Header::parse(bytes).map_err(|e| damaged(path, e))?;
        let endian = header.endian().map_err(|e| damaged(path, e))?;
        Ok(Self {
            path,
            bytes,
            header,
            endian,
        })
    }

    /// Whether this processor can run it.
    pub(super) fn check_machine(&self) -> Result<(), LoadError> {
        let number = self.header.e_machine(self.endian).0;
        let name = MACHINES.iter().find(|(known, _)| *known == number);
        let mut found = name.map_or(format!("machine number {number}"), |(_, n)| (*n).to_owned());
        let same_order = self.header.is_little_endian() == cfg!(target_endian = "little");
        if found == std::env::consts::ARCH && same_order {
            return Ok(());
        }
        if !same_order {
            found.push_str(" with bytes in the other order");
        }
        Err(LoadError::WrongMachine {
            path: self.path.to_owned(),
            found,
            expected: std::env::consts::ARCH.to_owned(),
        })
    }

    /// Whether everything the headers mention lies inside the file.
    pub(super) fn check_segments(&self) -> Result<(), LoadError> {
        let (header, endian) = (self.header, self.endian);
        let table = u64::from(header.e_phnum(endian)) * u64::from(header.e_phentsize(endian));
        self.check_end("its program header table", header.e_phoff(endian), table)?;
        for segment in self.segments()? {
            let part = match segment.p_type(endian) {
                elf::PT_LOAD => "a segment",
                elf::PT_DYNAMIC => "the dynamic segment",
                elf::PT_TLS => "the thread-local segment",
                _ => continue,
            };
            self.check_end(part, segment.p_offset(endian), segment.p_filesz(endian))?;
        }
        let table = u64::from(header.e_shnum(endian)) * u64::from(header.e_shentsize(endian));
        self.check_end("its section header table", header.e_shoff(endian), table)
    }

    /// Whether it is a library.
    pub(super) fn check_kind(&self) -> Result<(), LoadError> {
        let found = match self.header.e_type(self.endian) {
            elf::ET_DYN if !self.is_program()? => return Ok(()),
            elf::ET_DYN | elf::ET_EXEC => "a program",
            elf::ET_REL => "an object file",
            elf::ET_CORE => "a core dump",
            _ => "an ELF file of unknown type",
        };
        Err(LoadError::NotSharedObject {
            path: self.path.to_owned(),
            found: found.to_owned(),
        })
    }

    /// Whether the file is a position-independent executable, which has the type of a library.
    fn is_program(&self) -> Result<bool, LoadError> {
        for segment in self.segments()? {
            let entries = segment
                .dynamic(self.endian, self.bytes)
                .map_err(|e| damaged(self.path, e))?;
            let flags = entries.unwrap_or_default().iter().find(|entry| {
                entry.d_tag(self.endian) == elf::DT_FLAGS_1
                    && entry.val(self.endian) & elf::DF_1_PIE.0 != 0
            });
            if flags.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The bytes of the manifest; none for a plugin in C, whose descriptor says everything.
    pub(super) fn manifest_section(&self) -> Result<Option<&'a [u8]>, LoadError> {
        let (endian, bytes) = (self.endian, self.bytes);
        let sections = self
            .header
            .sections(endian, bytes)
            .map_err(|e| damaged(self.path, e))?;
        if let Some((_, section)) = sections.section_by_name(endian, manifest::SECTION.as_bytes()) {
            let data = section.data(endian, bytes);
            return data.map(Some).map_err(|e| damaged(self.path, e));
        }
        let symbols = sections.symbols(endian, bytes, elf::SHT_DYNSYM);
        let exports = |name: &str| {
            symbols.is_ok_and(|symbols| {
                symbols.iter().any(|symbol| {
                    symbol.st_shndx.get(endian) != elf::SHN_UNDEF
                        && symbols.symbol_name(endian, symbol) == Ok(name.as_bytes())
                })
            })
        };
        if exports(c::SYMBOL) {
            return Ok(None);
        }
        if exports(ROOT_MODULE_LOADER_NAME) {
            return Err(LoadError::ManifestInvalid {
                path: self.path.to_owned(),
                reason: format!("the {} section is missing", manifest::SECTION),
            });
        }
        Err(LoadError::NoPluginSymbol {
            path: self.path.to_owned(),
            found: format!(
                "it has no {} section and no symbol `{}`",
                manifest::SECTION,
                c::SYMBOL
            ),
        })
    }

    fn segments(&self) -> Result<&'a [elf::ProgramHeader64<Endianness>], LoadError> {
        self.header
            .program_headers(self.endian, self.bytes)
            .map_err(|e| damaged(self.path, e))
    }

    fn check_end(&self, part: &str, offset: u64, size: u64) -> Result<(), LoadError> {
        let need = offset.saturating_add(size);
        if need > self.bytes.len() as u64 {
            return Err(truncated(self.path, self.bytes, part, need));
        }
        Ok(())
    }
}

fn truncated(path: &Path, bytes: &[u8], part: &str, need: u64) -> LoadError {
    LoadError::Truncated {
        path: path.to_owned(),
        part: part.to_owned(),
        need,
        have: bytes.len() as u64,
    }
}

fn damaged(path: &Path, error: object::read::Error) -> LoadError {
    LoadError::Damaged {
        path: path.to_owned(),
        reason: error.to_string(),
    }
}

/// What a file that is not ELF looks like.
fn describe(bytes: &[u8]) -> &'static str {
    let head = &bytes[..bytes.len().min(512)];
    match head {
        [] => "an empty file",
        [b'#', b'!', ..] => "a script",
        [b'M', b'Z', ..] => "a Windows library",
        [0xcf | 0xce, 0xfa, 0xed, 0xfe, ..] | [0xca, 0xfe, 0xba, 0xbe, ..] => "a macOS library",
        _ if head.starts_with(b"!<arch>\n") => "a static library",
        _ if head.iter().all(|byte| !matches!(byte, 0..=8 | 14..=31)) => "a text file",
        _ => "a binary file of another kind",
    }
}

#[cfg(test)]
mod tests {
    use super::super::sniff::sniff;
    use super::*;

    fn error_of(bytes: &[u8]) -> String {
        sniff(Path::new("libx.so"), bytes).unwrap_err().to_string()
    }

    #[test]
    fn what_is_not_elf_is_called_by_its_name() {
        for (bytes, name) in [
            (&b""[..], "an empty file"),
            (b"root:x:0:0\n", "a text file"),
            (b"#!/bin/sh\n", "a script"),
            (b"!<arch>\nlib.o", "a static library"),
            (b"MZ\x90", "a Windows library"),
            (b"\0\x01\x02", "a binary file"),
        ] {
            assert!(error_of(bytes).contains(name), "{name}");
        }
    }

    #[test]
    fn a_header_that_is_cut_off_says_how_much_is_missing() {
        assert!(
            error_of(b"\x7fELF\x02\x01\x01").contains("its header needs 64 bytes, the file has 7")
        );
    }

    #[test]
    fn a_program_is_not_a_library() {
        let program = std::env::current_exe().unwrap();
        let bytes = std::fs::read(&program).unwrap();

        let error = sniff(&program, &bytes).unwrap_err();

        assert!(
            matches!(error, LoadError::NotSharedObject { .. }),
            "{error}"
        );
    }
}
