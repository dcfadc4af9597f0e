//! Amounts of resources: what pods ask for and what nodes have (k8s.io/component-helpers/resource).

use std::collections::BTreeMap;

use apimachinery::quantity::Quantity;
use serde_json::Value;

use crate::controllers::object::{at, items};

/// What a container without a request counts as, in the scores only: 100m of CPU.
const DEFAULT_MILLI_CPU: i64 = 100;
/// What a container without a request counts as, in the scores only: 200 MiB of memory.
const DEFAULT_MEMORY: i64 = 200 * 1024 * 1024;

/// Amounts by resource: CPU in thousandths, everything else in its own unit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resources(BTreeMap<String, i64>);

impl Resources {
    /// The amounts of a map of quantities.
    pub fn from_map(map: &Value) -> Self {
        let amount = |(name, value): (&String, &Value)| {
            let quantity = Quantity::from_json(value).ok()?;
            Some((name.clone(), if name == "cpu" { quantity.milli_value() } else { quantity.value() }))
        };
        Self(map.as_object().into_iter().flatten().filter_map(amount).collect())
    }

    /// What a pod asks for: its containers together, or its greediest init container if that is more; sidecars add up.
    pub fn requested_by(pod: &Value) -> Self {
        Self::with_requests(pod, |container| Self::from_map(at(container, "resources.requests")))
    }

    /// As [`Resources::requested_by`], with a little for each container that asks for nothing.
    pub fn scored_for(pod: &Value) -> Self {
        Self::with_requests(pod, |container| {
            let mut amounts = Self::from_map(at(container, "resources.requests"));
            amounts.0.entry("cpu".to_owned()).or_insert(DEFAULT_MILLI_CPU);
            amounts.0.entry("memory".to_owned()).or_insert(DEFAULT_MEMORY);
            amounts
        })
    }

    fn with_requests(pod: &Value, of: impl Fn(&Value) -> Self) -> Self {
        let mut sum =
            items(pod, "spec.containers").iter().fold(Self::default(), |sum, container| sum.plus(&of(container)));
        let mut sidecars = Self::default();
        let mut greediest = Self::default();
        for container in items(pod, "spec.initContainers") {
            if container["restartPolicy"] == "Always" {
                sidecars = sidecars.plus(&of(container));
                greediest = greediest.max(&sidecars);
            } else {
                greediest = greediest.max(&sidecars.plus(&of(container)));
            }
        }
        sum = sum.plus(&sidecars).max(&greediest);
        let of_pod = Self::from_map(at(pod, "spec.resources.requests"));
        sum.0.extend(of_pod.0);
        sum.plus(&Self::from_map(at(pod, "spec.overhead")))
    }

    /// The sum of two amounts.
    pub fn plus(&self, other: &Self) -> Self {
        let mut sum = self.clone();
        for (name, amount) in &other.0 {
            *sum.0.entry(name.clone()).or_default() += amount;
        }
        sum
    }

    fn max(&self, other: &Self) -> Self {
        let mut most = self.clone();
        for (name, amount) in &other.0 {
            let entry = most.0.entry(name.clone()).or_default();
            *entry = (*entry).max(*amount);
        }
        most
    }

    /// The amount of one resource, 0 when there is none.
    pub fn get(&self, name: &str) -> i64 {
        self.0.get(name).copied().unwrap_or(0)
    }

    /// Names and amounts, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, i64)> {
        self.0.iter().map(|(name, amount)| (name.as_str(), *amount))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn init_containers_count_when_they_ask_for_more() {
        let container = |cpu: &str| json!({"resources": {"requests": {"cpu": cpu, "memory": "64Mi"}}});
        let mut sidecar = container("50m");
        sidecar["restartPolicy"] = json!("Always");
        let pod = json!({"spec": {
            "containers": [container("100m"), container("0.2")], "initContainers": [sidecar, container("1")]}});
        let requested = Resources::requested_by(&pod);
        assert_eq!((requested.get("cpu"), requested.get("memory")), (1050, 3 * 64 * 1024 * 1024));
        assert_eq!(Resources::requested_by(&json!({"spec": {"containers": [{}]}})), Resources::default());
        assert_eq!(Resources::scored_for(&json!({"spec": {"containers": [{}]}})).get("cpu"), 100);
    }
}
