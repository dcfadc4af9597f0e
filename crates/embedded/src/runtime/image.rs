//! The images that the embedded cluster carries, from the data file beside this one.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use bytes::Bytes;
use jiff::Timestamp;
use serde::Deserialize;

use super::files::{Kind, Tree};
use super::reference::Reference;
use crate::entropy::Entropy;

/// First line of a file that is a program. The next line calls it by its name with all arguments: that is how the shell language runs it by path.
pub const PROGRAM_MARK: &str = "#!/simulated\n";

/// The prompts of a shell without a `PS1`: of the superuser, and of others. `\w` is the working directory, `\u` the user, `\h` the host.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Prompts {
    /// Of uid 0.
    pub root: String,
    /// Of all others.
    pub user: String,
}

/// A set of programs and files that several images share: what their base image brings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Base {
    /// The folder that programs stand in.
    folder: String,
    /// Programs, by name.
    programs: Vec<String>,
    /// Programs that the true image has and this cluster does not simulate: they say so when called.
    #[serde(default)]
    unsupported: Vec<String>,
    /// Shells, and how each prompts and complains.
    shells: BTreeMap<String, Prompts>,
    /// Text files.
    #[serde(default)]
    files: BTreeMap<String, String>,
    /// Empty directories.
    #[serde(default)]
    directories: Vec<String>,
    /// Symbolic links.
    #[serde(default)]
    links: BTreeMap<String, String>,
}

/// What the data file says of one image.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// Names in registries: `docker.io/library/nginx`.
    pub repositories: Vec<String>,
    /// Tags that exist. `1.27.{0..5}` and `{a,b}` stand for several.
    tags: Vec<String>,
    #[serde(default)]
    base: Option<String>,
    /// Programs beyond those of the base: path, name of the program.
    #[serde(default)]
    programs: BTreeMap<String, String>,
    #[serde(default)]
    files: BTreeMap<String, String>,
    #[serde(default)]
    directories: Vec<String>,
    #[serde(default)]
    links: BTreeMap<String, String>,
    /// Words before the arguments, as in a Dockerfile.
    #[serde(default)]
    pub entrypoint: Vec<String>,
    /// Arguments where a container names none.
    #[serde(default)]
    pub cmd: Vec<String>,
    /// Environment that the image sets, `PATH` aside. `{tag}` is the image's tag.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// User that processes run as: a number, or a name of the image's passwd file.
    #[serde(default)]
    pub user: Option<String>,
    /// Working directory.
    #[serde(default)]
    pub workdir: Option<String>,
    /// Megabytes to pull.
    pub megabytes: f64,
    /// What its programs print as their version, where that depends on the tag and the tag does not say it: tag, version.
    #[serde(default)]
    versions: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Catalogue {
    bases: BTreeMap<String, Base>,
    images: Vec<Description>,
}

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    // A test reads the file, so that a mistake in it never leaves this repository.
    serde_yaml::from_str(include_str!("data/images.yaml")).unwrap_or_else(|error| panic!("data/images.yaml: {error}"))
});

/// Text files too long for the data file.
const LONG_FILES: &[(&str, &str)] = &[
    ("nginx/index.html", include_str!("data/files/nginx/index.html")),
    ("nginx/50x.html", include_str!("data/files/nginx/50x.html")),
    ("nginx/nginx.conf", include_str!("data/files/nginx/nginx.conf")),
    ("nginx/default.conf", include_str!("data/files/nginx/default.conf")),
    ("httpd/index.html", include_str!("data/files/httpd/index.html")),
];

/// An image as a node holds it.
#[derive(Clone, Debug)]
pub struct Image {
    /// Its whole name.
    pub reference: Reference,
    /// What the data says of it.
    pub description: &'static Description,
}

impl Image {
    /// `docker.io/library/nginx@sha256:…`: what `status.containerStatuses[].imageID` shows. The digest is made up, and the same for each name.
    pub fn id(&self) -> String {
        let mut seed = 0xcbf2_9ce4_8422_2325_u64;
        for byte in self.reference.full().bytes() {
            seed = (seed ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        let digest =
            self.reference.digest.clone().unwrap_or_else(|| format!("sha256:{}", Entropy::seeded(seed).hex(64)));
        format!("{}@{digest}", self.reference.repository)
    }

    /// Bytes to pull.
    pub fn bytes(&self) -> u64 {
        (self.description.megabytes * 1e6) as u64
    }

    /// The version that its programs print.
    pub fn version(&self) -> &str {
        let tag = self.reference.tag.as_deref().unwrap_or("latest");
        match self.description.versions.get(tag) {
            Some(version) => version,
            None if tag.starts_with(|first: char| first.is_ascii_digit()) => tag.split('-').next().unwrap_or(tag),
            None => self.description.versions.get("latest").map_or(tag, String::as_str),
        }
    }

    fn base(&self) -> Option<&'static Base> {
        self.description.base.as_ref().and_then(|name| CATALOGUE.bases.get(name))
    }

    /// How a shell of this image, called by `name`, prompts.
    pub fn prompts(&self, name: &str) -> Option<&'static Prompts> {
        let shells = &self.base()?.shells;
        shells.get(name)
    }

    /// Programs beyond those of the base: path, name of the program.
    pub fn programs(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let description = self.description;
        description.programs.iter().map(|(path, program)| (path.as_str(), program.as_str()))
    }

    /// The image's file system.
    pub fn files(&self, at: Timestamp) -> Tree {
        let mut tree = Tree::new(at);
        let program = |name: &str| Kind::File(Bytes::from(format!("{PROGRAM_MARK}{name} \"$@\"\n")));
        if let Some(base) = self.base() {
            for name in base.programs.iter().chain(base.shells.keys()) {
                tree.put(&format!("{}/{name}", base.folder), program(name), 0o755, at);
            }
            for name in &base.unsupported {
                tree.put(&format!("{}/{name}", base.folder), program("unsupported"), 0o755, at);
            }
            put_texts(&mut tree, &base.files, &base.directories, &base.links, at);
        }
        for (path, name) in &self.description.programs {
            tree.put(path, program(name), 0o755, at);
        }
        put_texts(&mut tree, &self.description.files, &self.description.directories, &self.description.links, at);
        tree
    }
}

fn put_texts(
    tree: &mut Tree,
    files: &'static BTreeMap<String, String>,
    directories: &[String],
    links: &BTreeMap<String, String>,
    at: Timestamp,
) {
    for path in directories {
        let mode = if path == "/tmp" { 0o1777 } else { 0o755 };
        tree.put(path, Kind::Directory, mode, at);
    }
    for (path, text) in files {
        let long = text.strip_prefix("file:").and_then(|name| LONG_FILES.iter().find(|(known, _)| *known == name));
        let text: Bytes = match long {
            Some((_, text)) => Bytes::from_static(text.as_bytes()),
            None => Bytes::from_static(text.as_bytes()),
        };
        let mode = if text.starts_with(b"#!") { 0o755 } else { 0o644 };
        tree.put(path, Kind::File(text), mode, at);
    }
    for (path, target) in links {
        tree.put(path, Kind::Link(target.clone()), 0o777, at);
    }
}

/// Why the registry does not give an image: its answer, after `failed to resolve reference "…": `.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    /// No image of that name is carried.
    #[error("{name}: not found (the embedded cluster carries no image {repository}{nearest})")]
    NoRepository {
        /// The whole name.
        name: String,
        /// Its part without the tag.
        repository: String,
        /// `; the nearest is …`, or nothing.
        nearest: String,
    },
    /// The image is carried, that tag is not.
    #[error("{name}: not found (of {repository} the embedded cluster carries {tags})")]
    NoTag {
        /// The whole name.
        name: String,
        /// Its part without the tag.
        repository: String,
        /// The tags that exist, as the data writes them.
        tags: String,
    },
}

/// Asks the registry for an image.
///
/// # Errors
/// The registry's answer when there is none.
pub fn find(reference: &Reference) -> Result<Image, RegistryError> {
    let same = |description: &&Description| description.repositories.contains(&reference.repository);
    let mut tags = Vec::new();
    for description in CATALOGUE.images.iter().filter(same) {
        let found = match &reference.tag {
            // An image named by a digest only: which of them it is cannot be told from the made-up digests.
            None => false,
            Some(tag) => description.tags.iter().any(|pattern| matches(pattern, tag)),
        };
        if found {
            return Ok(Image { reference: reference.clone(), description });
        }
        tags.extend(description.tags.iter().cloned());
    }
    let (name, repository) = (reference.full(), reference.repository.clone());
    if tags.is_empty() {
        let short = |name: &str| name.trim_start_matches("docker.io/").trim_start_matches("library/").to_owned();
        let nearest = CATALOGUE
            .images
            .iter()
            .flat_map(|image| &image.repositories)
            .map(|known| (distance(&short(known), &short(&repository)), known))
            .min()
            .filter(|(distance, known)| *distance <= 3.min(short(known).len() / 2))
            .map(|(_, known)| format!("; the nearest is {}", short(known)))
            .unwrap_or_default();
        return Err(RegistryError::NoRepository { name, repository, nearest });
    }
    Err(RegistryError::NoTag { name, repository, tags: tags.join(", ") })
}

/// Whether a tag is one that a pattern of the data stands for.
fn matches(pattern: &str, tag: &str) -> bool {
    let Some((before, rest)) = pattern.split_once('{') else { return pattern == tag };
    let (Some((inside, after)), Some(tag_rest)) = (rest.split_once('}'), tag.strip_prefix(before)) else {
        return false;
    };
    if let Some((first, last)) = inside.split_once("..") {
        let (Ok(first), Ok(last)) = (first.parse::<u32>(), last.parse::<u32>()) else { return false };
        return (first..=last)
            .any(|number| tag_rest.strip_prefix(&number.to_string()).is_some_and(|rest| matches(after, rest)));
    }
    inside.split(',').any(|word| tag_rest.strip_prefix(word).is_some_and(|rest| matches(after, rest)))
}

/// How many letters must be put in, taken out, changed or swapped with their neighbour to make one word of another.
fn distance(one: &str, other: &str) -> usize {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let mut rows = vec![vec![0; other.len() + 1]; one.len() + 1];
    for i in 0..=one.len() {
        for j in 0..=other.len() {
            rows[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let changed = rows[i - 1][j - 1] + usize::from(one[i - 1] != other[j - 1]);
                let mut least = changed.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
                if i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1] {
                    least = least.min(rows[i - 2][j - 2] + 1);
                }
                least
            };
        }
    }
    rows[one.len()][other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::programs;

    fn ask(name: &str) -> Result<Image, RegistryError> {
        find(&Reference::parse(name).unwrap())
    }

    #[test]
    fn carried_images_are_found_and_others_say_what_is() {
        assert_eq!(ask("nginx").unwrap().reference.full(), "docker.io/library/nginx:latest");
        assert!(ask("nginx:1.14.2").is_ok());
        assert!(ask("nginx:1.27-alpine").is_ok());
        assert_eq!(
            ask("ngnix").unwrap_err().to_string(),
            "docker.io/library/ngnix:latest: not found (the embedded cluster carries no image docker.io/library/ngnix; the nearest is nginx)"
        );
        let typo = ask("nginx:1.161").unwrap_err().to_string();
        assert!(typo.starts_with("docker.io/library/nginx:1.161: not found (of docker.io/library/nginx the embedded cluster carries latest, "), "{typo}");
    }

    #[test]
    fn patterns_of_tags() {
        assert!(matches("1.27.{0..5}", "1.27.5"));
        assert!(!matches("1.27.{0..5}", "1.27.6"));
        assert!(!matches("1.27.{0..5}", "1.27.51"));
        assert!(matches("1.{25..29}{,-alpine}", "1.28-alpine"));
        assert!(matches("1.{25..29}{,-alpine}", "1.28"));
    }

    #[test]
    fn every_program_of_every_image_exists() {
        for description in &CATALOGUE.images {
            if let Some(base) = &description.base {
                assert!(CATALOGUE.bases.contains_key(base), "{base}");
            }
            for name in description.programs.values() {
                assert!(programs::find(name).is_some(), "{name}");
            }
        }
        for base in CATALOGUE.bases.values() {
            for name in base.programs.iter().chain(base.shells.keys()) {
                assert!(programs::find(name).is_some(), "{name}");
            }
        }
    }
}
