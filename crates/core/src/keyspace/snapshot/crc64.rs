//! CRC-64 as Redis computes it (Jones's polynomial, reflected), eight bytes a step; in a browser, which has to download the tables
//! and copies small keyspaces, one byte a step.

/// The polynomial with its bits reversed.
const POLYNOMIAL: u64 = 0x95ac_9329_ac4b_c9b5;

/// Bytes a step.
const STEP: usize = if cfg!(target_family = "wasm") { 1 } else { 8 };

static TABLES: [[u64; 256]; STEP] = tables();

/// A checksum being computed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Crc64(u64);

impl Crc64 {
    pub(super) const fn new() -> Self {
        Self(0)
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        let (chunks, rest) = if STEP == 8 { bytes.as_chunks::<8>() } else { (&[][..], bytes) };
        for chunk in chunks {
            let mixed = (self.0 ^ u64::from_le_bytes(*chunk)).to_le_bytes();
            let words = mixed.iter().zip(TABLES.iter().rev());
            self.0 = words.fold(0, |crc, (byte, table)| crc ^ table[usize::from(*byte)]);
        }
        for &byte in rest {
            let [low, ..] = self.0.to_le_bytes();
            self.0 = TABLES[0][usize::from(low ^ byte)] ^ (self.0 >> 8);
        }
    }

    pub(super) const fn value(self) -> u64 {
        self.0
    }
}

const fn tables() -> [[u64; 256]; STEP] {
    let mut tables = [[0; 256]; STEP];
    let mut n = 0;
    while n < 256 {
        let mut crc = n as u64;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ POLYNOMIAL } else { crc >> 1 };
            bit += 1;
        }
        tables[0][n] = crc;
        n += 1;
    }
    let mut k = 1;
    while k < STEP {
        let mut n = 0;
        while n < 256 {
            let before = tables[k - 1][n];
            tables[k][n] = tables[0][(before & 0xff) as usize] ^ before >> 8;
            n += 1;
        }
        k += 1;
    }
    tables
}

#[cfg(test)]
mod tests {
    use super::Crc64;

    #[test]
    fn it_is_the_checksum_of_redis() {
        let mut crc = Crc64::new();
        crc.update(b"123456789");
        assert_eq!(crc.value(), 0xe9c6_d914_c4b8_d9ca);
    }

    #[test]
    fn chunks_do_not_matter() {
        let bytes: [u8; 100] = core::array::from_fn(|i| u8::try_from(i * 7 % 256).unwrap_or(0));
        let mut whole = Crc64::new();
        whole.update(&bytes);
        for cut in 0..bytes.len() {
            let mut parts = Crc64::new();
            parts.update(&bytes[..cut]);
            parts.update(&bytes[cut..]);
            assert_eq!(parts.value(), whole.value());
        }
    }
}
