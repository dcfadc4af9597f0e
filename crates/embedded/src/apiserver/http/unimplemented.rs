//! Resources that Kubernetes has and this cluster has not: it says so instead of pretending.

use apimachinery::status::Status;
use serde_json::Value;

use super::request::ResourcePath;

/// The answer to a path of a resource that the real API server serves (`data/discovery.json`) and this one does not; `None` for
/// what nobody serves.
pub(super) fn answer(path: &ResourcePath) -> Option<Status> {
    let documents = include_str!("../../../data/discovery.json").lines();
    let groups: Vec<Value> = documents
        // Recorded JSON; a line that is none names no resource.
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .flat_map(|document| document["items"].as_array().cloned().unwrap_or_default())
        .collect();
    let group = groups.iter().find(|group| group["metadata"]["name"].as_str().unwrap_or_default() == path.group)?;
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let version = list(&group["versions"]).into_iter().find(|version| version["version"] == path.version.as_str())?;
    list(&version["resources"]).into_iter().find(|resource| resource["resource"] == path.resource.as_str())?;
    let name = match path.group.as_str() {
        "" => path.resource.clone(),
        group => format!("{}.{group}", path.resource),
    };
    let mut status = Status::unknown_path();
    status.message = format!("the embedded cluster does not implement {name}: use a real cluster for it");
    Some(status)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apiserver::http::request::Path;

    fn message(path: &str) -> Option<String> {
        let Path::Resource(path) = Path::parse(path) else { panic!("{path} is no resource") };
        answer(&path).map(|status| status.message)
    }

    #[test]
    fn what_is_missing_is_told_from_what_nobody_has() {
        let autoscalers = "/apis/autoscaling/v2/namespaces/x/horizontalpodautoscalers";
        assert_eq!(
            message(autoscalers).as_deref(),
            Some(
                "the embedded cluster does not implement horizontalpodautoscalers.autoscaling: use a real cluster for it"
            )
        );
        assert!(message("/api/v1/namespaces/x/persistentvolumeclaims/y").is_some());
        assert_eq!(message("/api/v1/nonsense"), None);
        assert_eq!(message("/apis/example.com/v1/nonsense"), None);
    }
}
