//! Volumes (kubectl: pkg/describe/describe.go `describeVolumes`).

use super::writer::{Writer, bool_of, list, or, pairs, str_of};
use crate::text::display;
use apimachinery::quantity::Quantity;
use serde_json::Value;

/// A field of a volume: its title, its name, and what is shown where it is not set.
type Field = (&'static str, &'static str, &'static str);

/// The types whose fields are shown just as they are: name, type, fields.
const PLAIN: &[(&str, &str, &[Field])] = &[
    ("hostPath", "HostPath (bare host directory volume)", &[("Path", "path", ""), ("HostPathType", "type", "<none>")]),
    (
        "secret",
        "Secret (a volume populated by a Secret)",
        &[("SecretName", "secretName", ""), ("Optional", "optional", "false")],
    ),
    (
        "configMap",
        "ConfigMap (a volume populated by a ConfigMap)",
        &[("Name", "name", ""), ("Optional", "optional", "false")],
    ),
    (
        "nfs",
        "NFS (an NFS mount that lasts the lifetime of a pod)",
        &[("Server", "server", ""), ("Path", "path", ""), ("ReadOnly", "readOnly", "false")],
    ),
    (
        "persistentVolumeClaim",
        "PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)",
        &[("ClaimName", "claimName", ""), ("ReadOnly", "readOnly", "false")],
    ),
    (
        "csi",
        "CSI (a Container Storage Interface (CSI) volume source)",
        &[("Driver", "driver", ""), ("FSType", "fsType", ""), ("ReadOnly", "readOnly", "false")],
    ),
    (
        "image",
        "Image (a container image or OCI artifact)",
        &[("Reference", "reference", ""), ("PullPolicy", "pullPolicy", "")],
    ),
    (
        "gitRepo",
        "GitRepo (a volume that is pulled from git when the pod is created)",
        &[("Repository", "repository", ""), ("Revision", "revision", "")],
    ),
];

pub(super) fn describe(w: &mut Writer, volumes: &Value, space: &str) {
    let volumes = list(volumes);
    let none = if volumes.is_empty() { "\t<none>" } else { "" };
    w.line(0, format_args!("{space}Volumes:{none}"));
    let indent = if space.is_empty() { "" } else { " " };
    for volume in volumes {
        w.line(1, format_args!("{indent}{}:", str_of(&volume["name"])));
        source(w, volume);
    }
}

fn source(w: &mut Writer, volume: &Value) {
    let plain = PLAIN.iter().find(|(field, ..)| volume[*field].is_object());
    if let Some((name, kind, fields)) = plain {
        w.line(2, format_args!("Type:\t{kind}"));
        for (title, field, otherwise) in *fields {
            let value = &volume[*name][*field];
            let shown = if value.is_null() { otherwise.to_string() } else { display(value) };
            w.line(2, format_args!("{title}:\t{shown}"));
        }
        if *name == "csi" {
            attributes(w, &volume["csi"]["volumeAttributes"]);
        }
    } else if volume["emptyDir"].is_object() {
        empty_dir(w, &volume["emptyDir"]);
    } else if volume["projected"].is_object() {
        projected(w, &volume["projected"]);
    } else if volume["downwardAPI"].is_object() {
        w.line(2, format_args!("Type:\tDownwardAPI (a volume populated by information about the pod)\n    Items:"));
        for item in list(&volume["downwardAPI"]["items"]) {
            for source in [&item["fieldRef"]["fieldPath"], &item["resourceFieldRef"]["resource"]] {
                if let Some(source) = source.as_str() {
                    w.line(3, format_args!("{source} -> {}", str_of(&item["path"])));
                }
            }
        }
    } else if volume["ephemeral"].is_object() {
        ephemeral(w, &volume["ephemeral"]["volumeClaimTemplate"]);
    } else {
        w.line(1, format_args!("<unknown>"));
    }
}

fn empty_dir(w: &mut Writer, dir: &Value) {
    let limit = Quantity::from_json(&dir["sizeLimit"]).ok().filter(|limit| limit.sign() > 0);
    let limit = limit.map_or("<unset>".to_string(), |limit| limit.to_string());
    w.line(2, format_args!("Type:\tEmptyDir (a temporary directory that shares a pod's lifetime)"));
    w.line(2, format_args!("Medium:\t{}", str_of(&dir["medium"])));
    w.line(2, format_args!("SizeLimit:\t{limit}"));
}

fn projected(w: &mut Writer, projected: &Value) {
    w.line(2, format_args!("Type:\tProjected (a volume that contains injected data from multiple sources)"));
    for source in list(&projected["sources"]) {
        let (secret, config) = (&source["secret"], &source["configMap"]);
        let named = |title: &str, of: &Value| {
            let (name, optional) = (str_of(&of["name"]), bool_of(&of["optional"]));
            format!("{title}:\t{name}\n    Optional:\t{optional}")
        };
        if secret.is_object() {
            w.line(2, format_args!("{}", named("SecretName", secret)));
        } else if source["downwardAPI"].is_object() {
            w.line(2, format_args!("DownwardAPI:\ttrue"));
        } else if config.is_object() {
            w.line(2, format_args!("{}", named("ConfigMapName", config)));
        } else if source["serviceAccountToken"].is_object() {
            let seconds = &source["serviceAccountToken"]["expirationSeconds"];
            w.line(2, format_args!("TokenExpirationSeconds:\t{}", seconds.as_i64().unwrap_or(3600)));
        }
    }
}

/// A CSI driver's own settings, sorted.
fn attributes(w: &mut Writer, attributes: &Value) {
    const MAX: usize = 140;
    w.text(2, format_args!("VolumeAttributes:\t"));
    let mut first = true;
    for (key, value) in pairs(attributes) {
        if !first {
            // Two writes upstream, each indented.
            w.text(2, format_args!(""));
            w.text(2, format_args!("\t"));
        }
        first = false;
        let line = format!("{key}={value}");
        if line.len() > MAX {
            w.line(2, format_args!("{}...", &line[..line.floor_char_boundary(MAX)]));
        } else {
            w.line(2, format_args!("{line}"));
        }
    }
    if first {
        w.line(0, format_args!("<none>"));
    }
}

/// A claim that comes and goes with the pod; it has no volume of its own yet.
fn ephemeral(w: &mut Writer, template: &Value) {
    w.line(
        2,
        format_args!(
            "Type:\tEphemeralVolume (an inline specification for a volume that gets created and deleted with the pod)"
        ),
    );
    if template.is_null() {
        return;
    }
    let (metadata, spec) = (&template["metadata"], &template["spec"]);
    let class = metadata["annotations"]["volume.beta.kubernetes.io/storage-class"].as_str();
    w.line(2, format_args!("StorageClass:\t{}", class.unwrap_or(or(&spec["storageClassName"], ""))));
    w.line(2, format_args!("Volume:\t{}", str_of(&spec["volumeName"])));
    for (title, of, sign) in [("Labels", &metadata["labels"], "="), ("Annotations", &metadata["annotations"], ": ")] {
        let lines: Vec<String> = pairs(of).map(|(key, value)| format!("{key}{sign}{value}")).collect();
        // Every write is indented, also those within a line.
        if lines.is_empty() {
            w.line(2, format_args!("{title}:\t    <none>"));
        }
        for (index, line) in lines.iter().enumerate() {
            let start = match (index, sign) {
                (0, _) => format!("{title}:\t"),
                (_, "=") => "    \t".to_string(),
                _ => "\t".to_string(),
            };
            w.line(2, format_args!("{start}    {line}"));
        }
    }
    w.line(2, format_args!("Capacity:\t"));
    w.line(2, format_args!("Access Modes:\t"));
    w.some(2, "VolumeMode", &spec["volumeMode"]);
    let source = &spec["dataSource"];
    if source.is_object() {
        w.line(2, format_args!("DataSource:"));
        w.some(3, "APIGroup", &source["apiGroup"]);
        w.line(3, format_args!("Kind:\t{}", str_of(&source["kind"])));
        w.line(3, format_args!("Name:\t{}", str_of(&source["name"])));
    }
}
