//! What every store must do: revisions, watches without holes, Expired beyond the window.

use embedded::storage::{EventType, Expired, Key, Storage, Watch};
use futures::{FutureExt, StreamExt};
use proptest::prelude::*;
use serde_json::{Value, json};

fn key(name: &str) -> Key {
    ("ns".to_owned(), name.to_owned())
}

fn object(name: &str, value: i64) -> Value {
    json!({"metadata": {"name": name, "namespace": "ns"}, "value": value})
}

fn seen(watch: &mut Watch) -> Vec<(EventType, String, u64)> {
    std::iter::from_fn(|| watch.next().now_or_never().flatten())
        .map(|event| (event.kind, event.object["metadata"]["name"].as_str().unwrap().to_owned(), event.revision))
        .collect()
}

#[test]
fn each_write_gets_the_next_revision() {
    let storage = Storage::default();
    let mut tables = storage.lock();
    assert_eq!(tables.put("pods", &key("a"), object("a", 1))["metadata"]["resourceVersion"], "1");
    assert_eq!(tables.put("services", &key("b"), object("b", 1))["metadata"]["resourceVersion"], "2");
    assert_eq!(tables.remove("pods", &key("a")).unwrap()["metadata"]["resourceVersion"], "3");
    assert!(tables.remove("pods", &key("a")).is_none());
    assert_eq!(tables.revision(), 3);
}

#[test]
fn a_watch_begins_after_its_revision_and_sees_only_its_namespace() {
    let storage = Storage::default();
    storage.lock().put("pods", &key("a"), object("a", 1));
    let mut all = storage.watch("pods", None, 0).unwrap();
    let mut late = storage.watch("pods", None, 1).unwrap();
    let mut elsewhere = storage.watch("pods", Some("other"), 0).unwrap();
    storage.lock().put("pods", &key("a"), object("a", 2));
    storage.lock().remove("pods", &key("a"));
    let a = || "a".to_owned();
    assert_eq!(
        seen(&mut all),
        [(EventType::Added, a(), 1), (EventType::Modified, a(), 2), (EventType::Deleted, a(), 3)]
    );
    assert_eq!(seen(&mut late), [(EventType::Modified, a(), 2), (EventType::Deleted, a(), 3)]);
    assert_eq!(seen(&mut elsewhere), []);
}

#[tokio::test]
async fn a_sleeping_watch_is_woken() {
    let storage = Storage::default();
    let mut watch = storage.watch("pods", None, 0).unwrap();
    let waiting = tokio::spawn(async move { watch.next().await.unwrap().revision });
    tokio::task::yield_now().await;
    storage.lock().put("pods", &key("a"), object("a", 1));
    assert_eq!(waiting.await.unwrap(), 1);
}

#[test]
fn what_is_forgotten_is_expired() {
    let storage = Storage::with_window(2);
    let mut slow = storage.watch("pods", None, 0).unwrap();
    for value in 1..=4 {
        storage.lock().put("pods", &key("a"), object("a", value));
    }
    let expired = Expired { asked: 0, oldest: 2 };
    assert_eq!(storage.watch("pods", None, 0).unwrap_err(), expired);
    assert_eq!(expired.to_string(), "too old resource version: 0 (2)");
    assert_eq!(seen(&mut storage.watch("pods", None, 2).unwrap()).len(), 2);
    assert_eq!(seen(&mut slow), []);
    assert_eq!(slow.expired(), Some(expired), "a slow reader is told instead of being given a hole");
}

proptest! {
    /// Whatever is written: state at a revision + the events after it = the state now.
    #[test]
    fn history_replays_to_the_present(writes in prop::collection::vec((0..4u8, prop::option::of(0..100i64)), 1..60), from in 0..60u64) {
        let storage = Storage::default();
        for (name, value) in &writes {
            let name = format!("p{name}");
            match value {
                Some(value) => { storage.lock().put("pods", &key(&name), object(&name, *value)); }
                None => { storage.lock().remove("pods", &key(&name)); }
            }
        }
        let from = from.min(storage.lock().revision());
        let Some(mut state) = storage.lock().table("pods").map(|table| table.at(from).unwrap()) else { return Ok(()) };
        let mut watch = storage.watch("pods", None, from).unwrap();
        while let Some(event) = watch.try_next() {
            let name = event.object["metadata"]["name"].as_str().unwrap();
            match event.kind {
                EventType::Deleted => { prop_assert!(state.remove(&key(name)).is_some()); }
                kind => prop_assert_eq!(state.insert(key(name), event.object.clone()).is_none(), kind == EventType::Added),
            }
        }
        let now: Vec<_> = storage.lock().list("pods", None).cloned().collect();
        prop_assert_eq!(state.into_values().collect::<Vec<_>>(), now);
    }
}
