//! Frames on the worker's socket: `u32` length · `u16` kind · `u16` flags · payload, little-endian.
//!
//! Kind 1 is a JSON message. The length is bounded, so that a plugin that finds the socket and writes rubbish
//! cannot make the host allocate without limit.

use std::io::{self, Read, Write};

use serde::{Serialize, de::DeserializeOwned};

const HEADER_BYTES: usize = 8;
const KIND_JSON: u16 = 1;

/// Longest payload accepted.
const MAX_PAYLOAD_BYTES: usize = 16 << 20;

/// Writes one message.
pub(super) fn write<M: Serialize>(stream: &mut impl Write, message: &M) -> io::Result<()> {
    let payload = serde_json::to_vec(message)?;
    let mut frame = Vec::with_capacity(HEADER_BYTES + payload.len());
    frame.extend_from_slice(&(payload.len() as u32).to_le_bytes());
    frame.extend_from_slice(&KIND_JSON.to_le_bytes());
    frame.extend_from_slice(&0u16.to_le_bytes());
    frame.extend_from_slice(&payload);
    stream.write_all(&frame)
}

/// Reads one message, waiting for it. `None` at the end of the stream.
pub(super) fn read<M: DeserializeOwned>(stream: &mut impl Read) -> io::Result<Option<M>> {
    let mut buffer = Buffer::default();
    let mut chunk = [0; 4096];
    loop {
        if let Some(message) = buffer.next()? {
            return Ok(Some(message));
        }
        // Never reads past the frame, so that nothing is lost between two calls.
        let wanted = buffer.missing().min(chunk.len());
        match stream.read(&mut chunk[..wanted]) {
            Ok(0) => return Ok(None),
            Ok(n) => buffer.extend(&chunk[..n]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Bytes of frames that arrive in pieces.
#[derive(Debug, Default)]
pub(super) struct Buffer {
    bytes: Vec<u8>,
}

impl Buffer {
    /// Adds what has arrived.
    pub(super) fn extend(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The next whole message, if there is one.
    pub(super) fn next<M: DeserializeOwned>(&mut self) -> io::Result<Option<M>> {
        let Some(length) = self.payload_length()? else {
            return Ok(None);
        };
        let end = HEADER_BYTES + length;
        if self.bytes.len() < end {
            return Ok(None);
        }
        let message = serde_json::from_slice(&self.bytes[HEADER_BYTES..end])?;
        self.bytes.drain(..end);
        Ok(Some(message))
    }

    fn payload_length(&self) -> io::Result<Option<usize>> {
        let Some(header) = self.bytes.first_chunk::<HEADER_BYTES>() else {
            return Ok(None);
        };
        let length = u32::from_le_bytes([header[0], header[1], header[2], header[3]]) as usize;
        let kind = u16::from_le_bytes([header[4], header[5]]);
        if kind != KIND_JSON || length > MAX_PAYLOAD_BYTES {
            let message = format!("not a frame: kind {kind}, {length} bytes");
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        Ok(Some(length))
    }

    fn missing(&self) -> usize {
        match self.payload_length() {
            Ok(Some(length)) => HEADER_BYTES + length - self.bytes.len(),
            _ => HEADER_BYTES - self.bytes.len().min(HEADER_BYTES),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_survive_being_cut_anywhere() {
        let mut stream = Vec::new();
        write(&mut stream, &vec!["one"]).unwrap();
        write(&mut stream, &vec!["two", "three"]).unwrap();

        let mut buffer = Buffer::default();
        let mut got: Vec<Vec<String>> = Vec::new();
        for byte in &stream {
            buffer.extend(std::slice::from_ref(byte));
            got.extend(buffer.next::<Vec<String>>().unwrap());
        }

        assert_eq!(got, [vec!["one"], vec!["two", "three"]]);
        let mut reader = &stream[..];
        assert_eq!(read::<Vec<String>>(&mut reader).unwrap().unwrap(), ["one"]);
        assert_eq!(
            read::<Vec<String>>(&mut reader).unwrap().unwrap(),
            ["two", "three"]
        );
        assert_eq!(read::<Vec<String>>(&mut reader).unwrap(), None);
    }

    #[test]
    fn rubbish_and_endless_frames_are_refused() {
        for rubbish in [&b"hello, world"[..], &[255, 255, 255, 255, 1, 0, 0, 0]] {
            let mut buffer = Buffer::default();
            buffer.extend(rubbish);
            assert!(buffer.next::<String>().is_err());
        }
    }
}
