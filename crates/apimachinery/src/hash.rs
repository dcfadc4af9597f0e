//! Hashes and generated names, as Go's `hash/fnv` and `k8s.io/apimachinery/pkg/util/rand` have them.
//!
//! Upstream hashes a pod template by writing the Go struct, pointers followed, as text into FNV-1a
//! (`k8s.io/kubernetes/pkg/util/hash`). That text names Go types and unset fields, which JSON does not have, so the
//! same hash cannot be computed here; what is built from [`fnv32a`] and [`safe_encode`] has the same look and the same
//! property, that equal templates have equal hashes.

/// The characters of generated suffixes: no vowels and nothing that looks like one, so that no word appears.
pub const ALPHANUMS: &str = "bcdfghjklmnpqrstvwxz2456789";

/// Encodes text in the alphabet of generated names (`rand.SafeEncodeString`).
pub fn safe_encode(s: &str) -> String {
    let alphabet = ALPHANUMS.as_bytes();
    s.chars().map(|c| alphabet[c as usize % alphabet.len()] as char).collect()
}

/// The 32-bit FNV-1 hash with the multiplication last (FNV-1a), Go's `fnv.New32a`.
pub fn fnv32a(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_hashes() {
        assert_eq!(fnv32a(b""), 0x811c_9dc5);
        assert_eq!(fnv32a(b"a"), 0xe40c_292c);
        assert_eq!(fnv32a(b"foobar"), 0xbf9c_f968);
    }

    #[test]
    fn digits_are_encoded_like_upstreams_hashes() {
        assert_eq!(safe_encode("0123456789"), "456789bcdf");
    }
}
