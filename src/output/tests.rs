//! The matcher on whole outputs.

use super::*;
use crate::testing;
use proptest::prelude::*;

fn matched(command: &str, expected: &str, observed: &str) -> MatchResult {
    match_output(expected, observed, &MatchContext { command, ..MatchContext::default() }, &mut Bindings::new())
}

fn why(command: &str, expected: &str, observed: &str) -> String {
    matched(command, expected, observed)
        .reason
        .map_or_else(String::new, |reason| format!("{}: {}", reason.line, reason.why))
}

const SERVICE: &str = "NAME   TYPE        CLUSTER-IP     EXTERNAL-IP   PORT(S)   AGE\ndemo   ClusterIP   10.96.120.45   <none>        80/TCP    5s\n";

#[test]
fn the_cluster_ip_of_one_step_is_that_of_the_next() {
    let mut bindings = Bindings::new();
    let context = MatchContext { command: "kubectl get svc", ..MatchContext::default() };
    let first = match_output(
        SERVICE,
        &SERVICE.replace("10.96.120.45", "10.96.3.4").replace(" 5s", " 0s"),
        &context,
        &mut bindings,
    );
    assert!(first.matched, "{first:?}");
    assert_eq!(first.new_bindings[0].name, "ip1");
    let later = SERVICE.replace("ClusterIP  ", "NodePort   ").replace("80/TCP    5s", "80:30007/TCP   1m");
    let seen = later.replace("10.96.120.45", "10.96.3.4").replace("30007", "31402").replace("1m", "12s");
    assert_eq!(match_output(&later, &seen, &context, &mut bindings.clone()).reason, None);
    let moved = seen.replace("10.96.3.4", "10.96.9.9");
    let refused = match_output(&later, &moved, &context, &mut bindings).reason.expect("refused");
    assert_eq!(
        refused.why,
        "row `demo`: column CLUSTER-IP: the lesson's 10.96.120.45 was 10.96.3.4 before, now the cluster printed 10.96.9.9"
    );
    assert_eq!(bindings.iter().count(), 1, "a mismatch binds nothing");
}

#[test]
fn tables_say_what_is_wrong() {
    let get = "kubectl get svc";
    assert_eq!(
        why(get, SERVICE, &SERVICE.replace("ClusterIP  ", "NodePort   ")),
        "2: row `demo`: column TYPE: the lesson shows ClusterIP, the cluster printed NodePort"
    );
    assert_eq!(
        why(get, SERVICE, &format!("{SERVICE}extra   ClusterIP   10.96.1.1   <none>   80/TCP   5s\n")),
        "0: the cluster printed 1 row more: `extra`"
    );
    let two = format!("{SERVICE}web   ClusterIP   10.96.1.1   <none>   80/TCP   5s\n");
    assert_eq!(why(get, &two, SERVICE), "3: the cluster printed no row `web`");
    assert_eq!(
        why(get, SERVICE, "No resources found in default namespace.\n"),
        "1: the lesson shows a table, the cluster printed `No resources found in default namespace.`"
    );
    assert_eq!(why(get, SERVICE, ""), "1: the lesson shows a table, the cluster printed nothing");
    assert_eq!(
        why(get, SERVICE, &SERVICE.replace("<none>", "<pending>")),
        "2: row `demo`: column EXTERNAL-IP: the lesson shows <none>, the cluster printed <pending>"
    );
    assert_eq!(
        why("kubectl get cronjob", "NAME   SCHEDULE   AGE\n", "NAME   SCHEDULE   TIMEZONE   AGE\n"),
        "1: the cluster printed also the column TIMEZONE"
    );
}

#[test]
fn rows_come_in_any_order_unless_sorted() {
    let pods = "NAME                   READY   STATUS    RESTARTS   AGE\nweb-6f7c8d9f6b-abcde   1/1     Running   0          5s\nweb-6f7c8d9f6b-fghij   0/1     Pending   0          5s\n";
    let seen = "NAME                  READY   STATUS    RESTARTS   AGE\nweb-8d87469cc-75rh2   0/1     Pending   0          1s\nweb-8d87469cc-dwlvx   1/1     Running   0          1s\n";
    assert_eq!(matched("kubectl get pods", pods, seen).reason, None);
    assert!(!matched("kubectl get pods --sort-by=.metadata.name", pods, seen).matched);
    let open = "NAME                   READY   STATUS    RESTARTS   AGE\nweb-6f7c8d9f6b-abcde   1/1     Running   0          5s\n...\n";
    assert_eq!(matched("kubectl get pods", open, seen).reason, None);
    assert!(
        !matched(
            "kubectl get pods",
            pods,
            &seen.replace("dwlvx   1/1     Running   0", "dwlvx   1/1     Running   1 (3s ago)")
        )
        .matched
    );
}

#[test]
fn two_commands_may_share_an_output() {
    let none = "No resources found in default namespace.\n";
    let printed = |command, text| Printed { command, combined: text, stdout: "", stderr: text };
    let group = [printed("kubectl get svc", none), printed("kubectl get deployments", none)];
    let context = MatchContext::default();
    assert!(match_group(&none.repeat(2), &group, &context, &mut Bindings::new()).matched);
    assert!(!match_group(none, &group, &context, &mut Bindings::new()).matched, "one line is missing");
    let created = [printed("kubectl create -f x", "pod/x created\n"), group[1]];
    assert!(match_group(none, &created, &context, &mut Bindings::new()).matched, "that of the last alone");
    assert!(!match_group(&none.repeat(3), &group, &context, &mut Bindings::new()).matched);
    let warned = Printed {
        command: "kubectl create -f x",
        combined: "Warning: old\npod/x created\n",
        stdout: "pod/x created\n",
        stderr: "Warning: old\n",
    };
    assert!(match_group("pod/x created\n", &[warned], &context, &mut Bindings::new()).matched);
    let failed = Printed { command: "x", combined: "a\nError: no\n", stdout: "a\n", stderr: "Error: no\n" };
    assert!(!match_group("a\n", &[failed], &context, &mut Bindings::new()).matched);
}

#[test]
fn text_is_whole_unless_elided() {
    let page = "<!DOCTYPE html>\n<html>\n<head>\n<title>Welcome to nginx!</title>\n<style>\n</style>\n</html>\n";
    let beginning = "<!DOCTYPE html>\n<html>\n<head>\n<title>Welcome to nginx!</title>\n...\n";
    assert_eq!(why("curl http://demo", beginning, page), "");
    assert_eq!(why("curl", "<html>\n", "<html>\n</html>\n"), "0: the cluster printed 1 line more: `</html>`");
    assert_eq!(why("curl", "a\nb\n", "a\nc\n"), "2: the lesson shows `b`, the cluster printed `c`");
    assert_eq!(why("curl", "a\n...\nz\n", "a\nb\nc\nz\n"), "");
    assert_eq!(why("curl", "a\nb\n", "a\n"), "2: the lesson shows `b`, the cluster printed nothing more");
}

#[test]
fn yaml_and_json_are_parts() {
    let seen = "apiVersion: v1\nkind: Service\nmetadata:\n  name: demo\n  resourceVersion: \"344\"\n  uid: 37cfaa22-9c1a-4daa-a0ff-4379c1aee9be\nspec:\n  clusterIP: 10.96.3.4\n  ports:\n  - nodePort: 31402\n    port: 80\n  type: NodePort\n";
    let get = "kubectl get svc demo -o yaml";
    assert_eq!(
        why(
            get,
            "metadata:\n  resourceVersion: \"1\"\n  uid: d9d1ca5b-eb34-11e7-887b-42010a8002b8\nspec:\n  clusterIP: 10.0.0.1\n  ports:\n  - nodePort: 30007\n",
            seen
        ),
        ""
    );
    assert_eq!(
        why(get, "spec:\n  type: ClusterIP\n", seen),
        "2: .spec.type: the lesson shows ClusterIP, the cluster printed NodePort"
    );
    assert_eq!(
        why(get, "spec:\n  externalName: x\n", seen),
        "2: .spec.externalName: the lesson shows x, the cluster printed no such field"
    );
    assert_eq!(why(get, "    ports:\n    - port: 80\n    ...\n", seen), "");
    assert_eq!(
        why(
            "kubectl get x -o json",
            "\"kind\": \"Service\",\n\"spec\": {\n  \"type\": \"NodePort\"\n}\n...\n",
            "{\"kind\":\"Service\",\"spec\":{\"a\":1,\"type\":\"NodePort\"}}"
        ),
        ""
    );
}

#[test]
fn modes() {
    let result = |mode, expected: &str, observed: &str| {
        match_output(expected, observed, &MatchContext { mode, ..MatchContext::default() }, &mut Bindings::new())
            .matched
    };
    assert!(result(MatchMode::Exact, "a  b\n", "a  b") && !result(MatchMode::Exact, "a  b", "a b"));
    assert!(
        result(MatchMode::Regex, "^b.d$", "abc\nbcd\n")
            && !result(MatchMode::Regex, "^x", "abc")
            && !result(MatchMode::Regex, "[", "[")
    );
    assert!(
        result(MatchMode::Contains, "10.0.0.7 ok", "x 10.9.9.9   ok y") && !result(MatchMode::Contains, "ok", "no")
    );
    assert!(result(MatchMode::Subset, "a\nc", "a\nb\nc\nd") && !result(MatchMode::Subset, "c\na", "a\nb\nc"));
    assert!(result(MatchMode::Unordered, "b\na", "a\nb") && !result(MatchMode::Unordered, "b\na", "a\nb\nc"));
}

#[test]
fn a_line_that_repeats_with_another_time_is_one() {
    let line = |second: u32, word: &str| format!("Thu Jan  4 14:06:{second:02} UTC 2024 My sport is {word}\n");
    let shown = [line(46, "football"), line(56, "football"), line(58, "cricket")].concat();
    let seen = [line(1, "football"), line(2, "cricket"), line(3, "cricket"), line(4, "cricket")].concat();
    assert_eq!(why("kubectl logs -f x", &shown, &seen), "");
    assert_ne!(why("kubectl logs -f x", &shown, &line(1, "football")), "");
}

/// Outputs of real pages, against what a real cluster printed: `verdict` is that of a tolerant script.
#[test]
fn outputs_of_real_pages() {
    let (Some(pages), Some(transcripts)) =
        (testing::shared("corpus/kubernetes-website/content/en/docs"), testing::shared("transcripts/dev"))
    else {
        return;
    };
    let labels = std::fs::read_to_string(transcripts.with_file_name("labels.tsv")).unwrap_or_default();
    let label = |page: &str, index: i64| {
        labels.lines().find_map(|line| {
            let mut cells = line.split('\t');
            (cells.next() == Some(page) && cells.next() == Some(&index.to_string()))
                .then(|| cells.next().unwrap_or_default().to_string())
        })
    };
    let mut counts: std::collections::BTreeMap<String, (usize, usize)> = Default::default();
    let mut told = String::new();
    for file in testing::files(&transcripts, "json") {
        let transcript: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(&file).expect("readable")).expect("JSON");
        let page = transcript["page"]
            .as_str()
            .unwrap_or_default()
            .trim_start_matches("content/en/docs/")
            .trim_end_matches(".md")
            .to_string();
        let text = std::fs::read_to_string(pages.join(&page).with_extension("md")).expect("the page is here");
        let plan = crate::plan::plan(&crate::lesson::parse(&text, std::path::Path::new("page.md")).0).0;
        let similar: Vec<String> = plan
            .steps
            .iter()
            .flat_map(|step| &step.actions)
            .filter_map(
                |action| {
                    if let crate::plan::Action::Run(group) = action { group.expected.as_ref() } else { None }
                },
            )
            .filter(|expected| expected.similar)
            .map(|expected| expected.text.trim().to_string())
            .collect();
        let mut bindings = Bindings::new();
        for command in transcript["commands"].as_array().into_iter().flatten() {
            let (Some(expected), Some(verdict)) = (command["page_output"].as_str(), command["verdict"].as_str()) else {
                continue;
            };
            if verdict == "not run" {
                continue;
            }
            let string = |key: &str| command[key].as_str().unwrap_or_default();
            let (stdout, stderr, line) = (string("stdout"), string("stderr"), string("command"));
            let combined = format!("{stdout}{stderr}");
            let printed = Printed { command: line, combined: &combined, stdout, stderr };
            let similar = similar.iter().any(|text| text == expected.trim());
            let context = MatchContext { similar, ..MatchContext::default() };
            let result = match_group(expected, &[printed], &context, &mut bindings);
            let index = command["index"].as_i64().unwrap_or_default();
            let cause = label(&page, index).unwrap_or_default();
            let entry = counts.entry(format!("{verdict} {cause}")).or_default();
            if result.matched {
                entry.0 += 1;
            } else {
                entry.1 += 1;
            }
            let agrees = verdict.starts_with("matched") == result.matched;
            if !agrees {
                let why = result.reason.map_or_else(String::new, |reason| format!("{}: {}", reason.line, reason.why));
                told += &format!(
                    "\n==== {page} {index} {verdict} {cause} `{line}` ours: {why}\n--- page\n{expected}\n--- seen\n{combined}\n"
                );
            }
        }
    }
    for (verdict, (matched, refused)) in &counts {
        println!("{verdict}: {matched} match, {refused} do not");
    }
    if std::env::var_os("SHOW").is_some() {
        println!("{told}");
    }
    let sum = |head: &str| {
        counts
            .iter()
            .filter(|(key, _)| key.starts_with(head))
            .fold((0, 0), |sum, (_, entry)| (sum.0 + entry.0, sum.1 + entry.1))
    };
    let ((exact, missed), (lax, refused)) = (sum("matched (exact)"), sum("mismatched"));
    let (shape, missed_shape) = sum("matched (shape)");
    println!(
        "exact and shape: {} right, {} too strict; mismatched: {refused} right, {lax} too lax",
        exact + shape,
        missed + missed_shape
    );
    assert!((missed + missed_shape) * 100 <= 10 * (exact + shape + missed + missed_shape), "too strict");
    assert!(lax * 100 <= 10 * (lax + refused), "too lax");
}

/// Words, addresses, ages, tables and trees, mixed.
fn output() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "NAME   READY   STATUS\n",
        "demo-6f7c8d9f6b-abcde   1/1   Running\n",
        "10.96.120.45",
        "80:30007/TCP",
        "5s",
        "2 (5s ago)",
        " ",
        "  ",
        "\n",
        "\n\n",
        "a: b\n",
        "- x\n",
        "{\"a\": 1}",
        "}",
        "Error from server",
        "<none>",
        "2026-11-23T04:40:27Z",
        "37cfaa22-9c1a-4daa-a0ff-4379c1aee9be",
        "web",
        "é",
        "...",
        "::1",
        "\t",
        "---\n",
        "1",
        "\"",
    ]);
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

fn any_command() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "kubectl get pods",
        "kubectl get pods -o yaml",
        "kubectl describe pod x",
        "curl x",
        "printenv",
        "kubectl get pods -w",
        "kubectl get nodes",
        "kubectl get x -o json",
    ])
}

proptest! {
    #[test]
    fn every_text_matches_itself(text in output(), command in any_command()) {
        let result = matched(command, &text, &text);
        prop_assert!(result.matched, "{result:?}");
    }

    #[test]
    fn no_pair_of_texts_panics(a in output(), b in any::<String>(), command in any_command()) {
        for mode in [MatchMode::Auto, MatchMode::Exact, MatchMode::Subset, MatchMode::Contains, MatchMode::Regex, MatchMode::Unordered] {
            let context = MatchContext { command, mode, similar: false };
            match_output(&a, &b, &context, &mut Bindings::new());
            match_output(&b, &a, &context, &mut Bindings::new());
        }
    }

    #[test]
    fn a_changed_literal_never_matches(name in "[a-z]{3,9}", other in "[a-z]{3,9}", replicas in 0u32..9) {
        prop_assume!(name != other);
        let table = |name: &str| format!("NAME    READY   UP-TO-DATE   AVAILABLE   AGE\n{name}   {replicas}/{replicas}   {replicas}   {replicas}   5s\n");
        prop_assert!(!matched("kubectl get deploy", &table(&name), &table(&other)).matched);
        let line = |name: &str| format!("deployment.apps/{name} scaled\n");
        prop_assert!(!matched("kubectl scale", &line(&name), &line(&other)).matched);
        let yaml = |name: &str| format!("spec:\n  replicas: {replicas}\n  name: {name}\n");
        prop_assert!(!matched("kubectl get -o yaml", &yaml(&name), &yaml(&other)).matched);
        let more = format!("spec:\n  replicas: {}\n  name: {name}\n", replicas + 1);
        prop_assert!(!matched("kubectl get -o yaml", &yaml(&name), &more).matched);
    }
}
