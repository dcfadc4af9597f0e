//! Volumes (kubectl: pkg/describe/describe.go `describeVolumes`).

use super::persistentvolumeclaim;
use super::volume_types::{OF_PERSISTENT, OF_PODS, SHARED, Show, Type};
use super::writer::{Writer, bool_of, bracketed, joined, list, pairs, str_of};
use crate::text::display;
use apimachinery::meta;
use apimachinery::quantity::Quantity;
use serde_json::Value;

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

/// What a PersistentVolume is made of.
pub(super) fn source_of_persistent(w: &mut Writer, spec: &Value) {
    if !plain(w, spec, &[SHARED, OF_PERSISTENT]) {
        w.line(1, format_args!("<unknown>"));
    }
}

/// The fields of a volume of one of these types, if it is of one.
fn plain(w: &mut Writer, volume: &Value, types: &[&[Type]]) -> bool {
    let mut types = types.iter().flat_map(|types| types.iter());
    let Some((field, kind, fields)) = types.find(|(field, ..)| volume[*field].is_object()) else { return false };
    let volume = &volume[*field];
    w.line(2, format_args!("Type:\t{kind}"));
    for (title, path, how) in *fields {
        w.line(2, format_args!("{title}\t{}", shown(meta::dig(volume, path).unwrap_or(&Value::Null), *how)));
    }
    if *field == "csi" {
        attributes(w, &volume["volumeAttributes"]);
    }
    true
}

fn shown(value: &Value, how: Show) -> String {
    match how {
        Show::Or(otherwise) if value.is_null() => otherwise.to_string(),
        Show::Or(_) => display(value),
        Show::List => bracketed(value),
        Show::Joined => joined(value, ", "),
        Show::Map if value.is_null() => "map[]".into(),
        Show::Map => display(value),
        Show::Reference(_) if value.is_null() => "nil".into(),
        Show::Reference(kind) => {
            let namespace = match kind {
                "SecretReference" => format!("Namespace:{},", str_of(&value["namespace"])),
                _ => String::new(),
            };
            format!("&{kind}{{Name:{},{namespace}}}", str_of(&value["name"]))
        }
    }
}

fn source(w: &mut Writer, volume: &Value) {
    if plain(w, volume, &[SHARED, OF_PODS]) {
        return;
    }
    if volume["emptyDir"].is_object() {
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
    if !template.is_null() {
        w.nested(2, |w| persistentvolumeclaim::print(w, template, false));
    }
}
