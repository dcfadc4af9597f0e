//! Who a container's processes run as: the image's user, or what the security contexts say.

use serde_json::Value;

use crate::runtime::container::User;
use crate::runtime::files::Kind;
use crate::runtime::files::Tree;
use crate::runtime::image::Image;

fn lines(tree: &Tree, path: &str) -> Vec<Vec<String>> {
    match tree.get(path).map(|entry| &entry.kind) {
        Some(Kind::File(bytes)) => {
            String::from_utf8_lossy(bytes).lines().map(|line| line.split(':').map(str::to_owned).collect()).collect()
        }
        _ => Vec::new(),
    }
}

/// The user of a container.
///
/// # Errors
/// In the kubelet's words, when the container must not run as root and would.
pub fn user(pod: &Value, container: &Value, image: &Image, root: &Tree) -> Result<User, String> {
    let context = |field: &str| {
        let own = &container["securityContext"][field];
        if own.is_null() { &pod["spec"]["securityContext"][field] } else { own }
    };
    let known = lines(root, "/etc/passwd");
    let of_image = image.description.user.as_deref().unwrap_or("0").split(':').next().unwrap_or("0");
    let asked = context("runAsUser").as_i64();
    let wanted = asked.map_or_else(|| of_image.to_owned(), |uid| uid.to_string());
    let entry = known.iter().find(|fields| fields.first() == Some(&wanted) || fields.get(2) == Some(&wanted));
    let number = |at: usize| entry.and_then(|fields| fields.get(at)).and_then(|number| number.parse::<i64>().ok());
    let uid = number(2).or_else(|| wanted.parse().ok()).unwrap_or_default();
    if context("runAsNonRoot") == true {
        let name = pod["metadata"]["name"].as_str().unwrap_or_default();
        let namespace = pod["metadata"]["namespace"].as_str().unwrap_or_default();
        let pod_uid = pod["metadata"]["uid"].as_str().unwrap_or_default();
        let place = format!(
            "(pod: \"{name}_{namespace}({pod_uid})\", container: {})",
            container["name"].as_str().unwrap_or_default()
        );
        if uid == 0 && asked.is_some() {
            return Err(format!("container's runAsUser breaks non-root policy {place}"));
        }
        if uid == 0 {
            return Err(format!("container has runAsNonRoot and image will run as root {place}"));
        }
        if asked.is_none() && of_image.parse::<i64>().is_err() {
            return Err(format!(
                "container has runAsNonRoot and image has non-numeric user ({of_image}), cannot verify user is non-root {place}"
            ));
        }
    }
    Ok(User {
        uid,
        gid: context("runAsGroup").as_i64().or_else(|| number(3)).unwrap_or_default(),
        name: entry.and_then(|fields| fields.first()).cloned(),
        home: entry.and_then(|fields| fields.get(5)).cloned().unwrap_or_else(|| "/".into()),
    })
}
