//! The only source of randomness in the crate: the same seed gives the same cluster, byte for byte.

use std::sync::{Arc, Mutex, PoisonError};

/// Letters of generated names: no vowels and nothing that is mistaken for another (k8s.io/apimachinery util/rand).
const NAME_LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";

/// A seeded stream of random numbers. Clones draw from the same stream.
#[derive(Clone, Debug)]
pub struct Entropy {
    state: Arc<Mutex<u64>>,
}

impl Entropy {
    /// The stream that belongs to `seed`.
    pub fn seeded(seed: u64) -> Self {
        Self { state: Arc::new(Mutex::new(seed)) }
    }

    /// SplitMix64: small, and the same on every platform.
    fn next(&self) -> u64 {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = *state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A random (version 4) UUID.
    pub fn uid(&self) -> String {
        let (high, low) = (self.next(), self.next());
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xfff,
            0x8000 | (low >> 48 & 0x3fff),
            low & 0xffff_ffff_ffff
        )
    }

    /// `len` letters as they stand at the end of generated names.
    pub fn suffix(&self, len: usize) -> String {
        (0..len).map(|_| char::from(NAME_LETTERS[self.below(NAME_LETTERS.len() as u64) as usize])).collect()
    }

    /// A number in `0..n`; 0 where `n` is 0.
    pub fn below(&self, n: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(n)) >> 64) as u64
    }

    /// `len` hexadecimal digits.
    pub fn hex(&self, len: usize) -> String {
        (0..len).map(|_| char::from(b"0123456789abcdef"[self.below(16) as usize])).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_stream() {
        let (one, other) = (Entropy::seeded(7), Entropy::seeded(7));
        assert_eq!(one.uid(), other.uid());
        assert_eq!(one.suffix(5), other.suffix(5));
        assert_ne!(Entropy::seeded(8).uid(), Entropy::seeded(7).uid());
    }

    #[test]
    fn uids_are_version_four() {
        let uid = Entropy::seeded(1).uid();
        assert_eq!(uid.len(), 36, "{uid}");
        assert_eq!(&uid[14..15], "4", "{uid}");
        assert!("89ab".contains(&uid[19..20]), "{uid}");
    }
}
