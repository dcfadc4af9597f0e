//! Generated names: which part of `demo-6f7c8d9f6b-abcde` is literal, and which is random or hashed.

/// Letters and digits of Kubernetes' random suffixes and hashes (`k8s.io/apimachinery/pkg/util/rand`).
const ALPHABET: &str = "bcdfghjklmnpqrstvwxz2456789";

/// Suffixes that authors write where a random one stands.
const INVENTED: &[&str] = &["abcde", "fghij", "klmno", "pqrst", "uvwxy", "xxxxx", "yyyyy", "zzzzz", "abcdef"];

fn is_plain(segment: &str) -> bool {
    !segment.is_empty() && segment.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

fn has_digit(segment: &str) -> bool {
    segment.bytes().any(|byte| byte.is_ascii_digit())
}

fn has_letter(segment: &str) -> bool {
    segment.bytes().any(|byte| byte.is_ascii_lowercase())
}

fn is_of_alphabet(segment: &str) -> bool {
    segment.chars().all(|c| ALPHABET.contains(c))
}

/// A pod-template-hash as a page shows it: the real ones, the decimal ones of old, and invented ones.
fn is_hash(segment: &str) -> bool {
    let xs = segment.len() >= 6 && segment.bytes().all(|byte| byte == b'x');
    is_plain(segment) && (6..=10).contains(&segment.len()) && (has_digit(segment) || is_of_alphabet(segment)) || xs
}

/// Words of five letters that look random and are not.
const WORDS: &[&str] = &[
    "nginx", "mysql", "https", "front", "tests", "world", "proxy", "first", "third", "small", "black", "green",
    "white", "stack",
];

/// A random suffix as a page shows it; those of old had vowels.
fn is_random(segment: &str) -> bool {
    let vowels = segment.bytes().filter(|byte| b"aeiou".contains(byte)).count();
    is_plain(segment) && segment.len() == 5 && has_letter(segment) && vowels <= 1 && !WORDS.contains(&segment)
        || INVENTED.contains(&segment)
}

/// What a cluster really generates: random letters, or (Jobs of a CronJob) the minutes since 1970.
fn is_generated(segment: &str) -> bool {
    is_of_alphabet(segment) || segment.len() >= 8 && segment.bytes().all(|byte| byte.is_ascii_digit())
}

/// How the end of a generated name is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// `-6f7c8d9f6b-abcde`: a Pod of a ReplicaSet, of a CronJob's Job.
    HashAndRandom,
    /// `-abcde`: a Pod of a DaemonSet or Job, a volume, an EndpointSlice.
    Random,
    /// `-6f7c8d9f6b`: a ReplicaSet, a Job of a CronJob.
    Hash,
}

/// The ending of `name` and the literal beginning before it, if it looks generated.
pub(super) fn split(name: &str) -> Option<(&str, Ending)> {
    let (front, last) = name.rsplit_once('-')?;
    if let Some((base, hash)) = front.rsplit_once('-')
        && !base.is_empty()
        && is_hash(hash)
        && is_plain(last)
        && (last.len() == 5 || INVENTED.contains(&last))
    {
        return Some((base, Ending::HashAndRandom));
    }
    if front.is_empty() {
        return None;
    }
    if is_random(last) {
        return Some((front, Ending::Random));
    }
    (is_hash(last) && last.len() >= 8).then_some((front, Ending::Hash))
}

/// The parts of `observed` behind `base`, if they are of the form of `ending`: hash, random.
pub(super) fn same_form<'a>(observed: &'a str, base: &str, ending: Ending) -> Option<Vec<&'a str>> {
    let parts: Vec<&str> = observed.strip_prefix(base)?.strip_prefix('-')?.split('-').collect();
    let fits = match (ending, parts.as_slice()) {
        (Ending::HashAndRandom, [hash, random]) => {
            (5..=11).contains(&hash.len()) && is_generated(hash) && random.len() == 5 && is_of_alphabet(random)
        }
        (Ending::Random, [random]) => random.len() == 5 && is_of_alphabet(random),
        (Ending::Hash, [hash]) => (6..=11).contains(&hash.len()) && is_generated(hash),
        _ => false,
    };
    fits.then_some(parts)
}

/// Whether `text` alone is a hash (the value of `pod-template-hash`).
pub(super) fn is_hash_value(text: &str) -> bool {
    is_plain(text) && (5..=11).contains(&text.len()) && (has_digit(text) || is_of_alphabet(text))
}

/// Whether `name` ends as kustomize names ConfigMaps and Secrets: by a hash of their content, the same everywhere.
pub(super) fn is_content_hash(name: &str) -> bool {
    name.rsplit_once('-')
        .is_some_and(|(_, hash)| hash.len() == 10 && hash.chars().all(|c| "2456789bcdfghkmt".contains(c)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_names() {
        assert_eq!(split("demo-6f7c8d9f6b-abcde"), Some(("demo", Ending::HashAndRandom)));
        assert_eq!(split("nginx-deployment-1006230814-6winp"), Some(("nginx-deployment", Ending::HashAndRandom)));
        assert_eq!(split("redis-follower-dddfbdcc9-82sfr"), Some(("redis-follower", Ending::HashAndRandom)));
        assert_eq!(split("fluentd-elasticsearch-bfbz7"), Some(("fluentd-elasticsearch", Ending::Random)));
        assert_eq!(split("nginx-deployment-8d87469cc"), Some(("nginx-deployment", Ending::Hash)));
        assert_eq!(split("hello-4111706356"), Some(("hello", Ending::Hash)));
    }

    #[test]
    fn names_of_people() {
        for name in [
            "demo",
            "my-nginx",
            "shell-demo",
            "zk-0",
            "memory-demo-2",
            "two-containers",
            "redis-leader",
            "web-mysql",
            "kube-system",
            "game-config",
            "security-context-demo-4",
        ] {
            assert_eq!(split(name), None, "{name}");
        }
    }

    #[test]
    fn observed_names_have_the_same_form() {
        assert_eq!(same_form("demo-8d87469cc-75rh2", "demo", Ending::HashAndRandom), Some(vec!["8d87469cc", "75rh2"]));
        assert_eq!(same_form("demo-2-8d87469cc-75rh2", "demo", Ending::HashAndRandom), None);
        assert_eq!(same_form("demo", "demo", Ending::HashAndRandom), None);
        assert_eq!(same_form("demo-abcde", "demo", Ending::Random), None);
    }
}
