//! The lessons of this repository, end to end, on the embedded cluster and on a real one.

mod common;

use common::{Cluster, Ran, Tool};
use serde_json::Value;

fn prove(lesson: &str) {
    for cluster in Cluster::all() {
        let run = Tool::in_project().verify(&[lesson, "--strict"], cluster.clone());
        assert_eq!(run.exit, 0, "{cluster:?}: {:#?}\n{}", run.findings(lesson), run.stderr);
    }
}

#[test]
fn service_types_is_proved_strictly() {
    prove("lessons/service-types.md");
}

#[test]
fn scaling_is_proved_strictly() {
    prove("lessons/scaling.md");
}

#[test]
fn rolling_update_is_proved_strictly() {
    prove("lessons/rolling-update.md");
}

#[test]
fn every_output_and_all_five_claims_of_the_reference_lesson_are_proved() {
    let run = Tool::in_project().verify(&["lessons/service-types.md"], Cluster::Embedded);
    let report = run.json();
    let steps = report["lessons"][0]["steps"].as_array().expect("steps").clone();
    let list = |step: &Value, field: &str| step[field].as_array().cloned().unwrap_or_default();
    let commands: Vec<Value> = steps.iter().flat_map(|step| list(step, "commands")).collect();
    let claims: Vec<Value> = steps.iter().flat_map(|step| list(step, "claims")).collect();
    assert_eq!(commands.len(), 10);
    assert_eq!(commands.iter().filter(|command| command["matched"] == true).count(), 8);
    assert_eq!(claims.len(), 5);
    assert!(claims.iter().all(|claim| claim["verdict"] == "proved"), "{claims:#?}");
    let page = &commands.iter().find(|command| command["session"] == "curl").expect("typed into the Pod")["stdout"];
    assert!(page.as_str().expect("text").contains("<title>Welcome to nginx!</title>"));
}

/// The report with everything volatile taken out: what differs between two clusters, or two runs, that tell the same story.
fn story(run: &Ran) -> Value {
    let volatile = regex::Regex::new(
        r"(?x) \d+\.\d+\.\d+\.\d+ | \b\d{4}-\d\d-\d\dT[\d:.]+Z | \b3[0-2]\d{3}\b | demo-[a-z0-9]{8,10}(?:-[a-z0-9]{5})?\b |
           \b[0-9a-f]{8}-[0-9a-f-]{27}\b | \b\d+(?:m\d+)?[sm]\b | \s{2,} | \n\n ",
    )
    .expect("the pattern is valid");
    fn strip(value: &mut Value, volatile: &regex::Regex) {
        match value {
            Value::String(text) => *text = volatile.replace_all(text, "~").into_owned(),
            Value::Array(list) => list.iter_mut().for_each(|item| strip(item, volatile)),
            Value::Object(fields) => {
                for field in ["seconds", "cluster", "evidence"] {
                    fields.remove(field);
                }
                fields.values_mut().for_each(|field| strip(field, volatile));
            }
            _ => {}
        }
    }
    let mut report = run.json();
    strip(&mut report, &volatile);
    report
}

#[test]
fn both_clusters_tell_the_same_story() {
    let Some(real) = Cluster::real() else { return };
    let tool = Tool::in_project();
    let embedded = story(&tool.verify(&["lessons/service-types.md"], Cluster::Embedded));
    let real = story(&tool.verify(&["lessons/service-types.md"], real));
    let pretty = |value: &Value| serde_json::to_string_pretty(value).expect("plain data");
    assert_eq!(pretty(&embedded), pretty(&real));
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let tool = Tool::in_project();
    let of_seed = |seed: &str| {
        let run = tool.verify(&["lessons/service-types.md", "--seed", seed], Cluster::Embedded);
        let mut report = run.json();
        report["lessons"][0]["seconds"] = Value::Null;
        report.to_string()
    };
    assert_eq!(of_seed("7"), of_seed("7"));
    assert_ne!(of_seed("7"), of_seed("8"));
}

#[test]
fn an_image_typo_names_image_pod_and_answer() {
    let tool = Tool::new();
    tool.write("typo.md", "# Typo\n\n## Step 1\n\n```\nkubectl create deployment demo --image=ngnix\n```\n\n```\nkubectl get pods\n```\n\n```\nNAME                    READY   STATUS    RESTARTS   AGE\ndemo-6f7c8d9f6b-abcde   1/1     Running   0          5s\n```\n");
    for cluster in Cluster::all() {
        let run = tool.verify(&["typo.md"], cluster.clone());
        assert_eq!(run.exit, 1, "{cluster:?}");
        let why = &run.findings("typo.md")[0].why;
        for part in ["Pod/demo-", "image ngnix", "failed to resolve reference"] {
            assert!(why.contains(part), "{cluster:?}: no {part:?} in {why}");
        }
    }
}

#[test]
fn exit_codes_are_as_documented() {
    let tool = Tool::new();
    let lesson = |claim: &str| {
        format!(
            "# T\n\n## Step 1\n\n```\nkubectl create deployment demo --image=nginx\n```\n\nWhat changed:\n\n* {claim}\n"
        )
    };
    tool.write("proved.md", &lesson("A Deployment was created"));
    tool.write("refuted.md", &lesson("A Service was created"));
    tool.write("unclear.md", &lesson("Everybody was happier afterwards"));
    assert_eq!(tool.run(&["verify", "proved.md"]).exit, 0);
    assert_eq!(tool.run(&["verify", "refuted.md"]).exit, 1);
    assert_eq!(tool.run(&["verify", "--no-such-flag", "proved.md"]).exit, 2);
    assert_eq!(tool.run(&["verify", "nowhere.md"]).exit, 2);
    assert_eq!(tool.run(&["verify", "unclear.md"]).exit, 3);
    tool.write("nothing-there", "apiVersion: v1\nkind: Config\ncurrent-context: kind-x\ncontexts: [{name: kind-x, context: {cluster: x, user: x}}]\nclusters: [{name: x, cluster: {server: 'http://127.0.0.1:1'}}]\nusers: [{name: x, user: {}}]\n");
    assert_eq!(tool.run(&["verify", "--kubeconfig", "nothing-there", "proved.md"]).exit, 4);
}

#[test]
fn a_context_that_is_not_local_is_refused_by_name() {
    let tool = Tool::new();
    tool.write("lesson.md", "# T\n\n## Step 1\n\n```\nkubectl get pods\n```\n");
    tool.write("prod", "apiVersion: v1\nkind: Config\ncurrent-context: prod-eu\ncontexts: [{name: prod-eu, context: {cluster: x, user: x}}]\nclusters: [{name: x, cluster: {server: 'https://prod.example:6443'}}]\nusers: [{name: x, user: {}}]\n");
    let run = tool.run(&["verify", "--cluster", "kubeconfig", "--kubeconfig", "prod", "lesson.md"]);
    assert_eq!(run.exit, 4);
    for part in ["prod-eu", "--context prod-eu"] {
        assert!(run.stderr.contains(part), "{}", run.stderr);
    }
}

#[test]
fn run_without_a_terminal_says_what_to_use() {
    let run = Tool::in_project().run(&["run", "lessons/service-types.md"]);
    assert_eq!(run.exit, 2);
    assert!(run.stderr.contains("run --auto") && run.stderr.contains("verify"), "{}", run.stderr);
}

#[test]
fn run_auto_plays_the_lesson() {
    let run = Tool::in_project().run(&["run", "--auto", "--plain", "lessons/service-types.md"]);
    assert_eq!(run.exit, 0, "{}\n{}", run.stdout, run.stderr);
    for part in ["A Service exposes Pods", "Welcome to nginx!", "5 of 5 steps", "Key observation"] {
        assert!(run.stdout.contains(part), "no {part:?} in {}", run.stdout);
    }
}

#[test]
fn junit_has_a_case_for_every_output_and_claim() {
    let tool = Tool::new();
    let lesson = std::fs::read_to_string("lessons/service-types.md").expect("the lesson");
    tool.write("lesson.md", &lesson.replace("* A node port was allocated", "* The Service was deleted"));
    assert_eq!(tool.run(&["verify", "lesson.md", "--junit", "report.xml"]).exit, 1);
    let xml = tool.read("report.xml");
    assert_eq!(xml.matches("<testcase").count(), 16, "10 commands, 5 claims, the initial state");
    assert_eq!(xml.matches("<failure").count(), 1);
}
