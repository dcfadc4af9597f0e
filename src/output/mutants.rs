//! The reference lesson's outputs, changed in one place each: every mutant is refused, at the right line, with a reason that says what differs.

use super::*;
use crate::lesson::parse;
use crate::plan::{Action, plan};
use crate::testing;
use std::path::Path;

/// What a cluster printed for each output of the lesson, in order.
const SEEN: &[&str] = &[
    "No resources found in default namespace.\nNo resources found in default namespace.\n",
    "deployment.apps/demo created\n",
    "NAME                   READY   STATUS    RESTARTS   AGE\ndemo-7758cfff5-whp6x   1/1     Running   0          2s\n",
    "service/demo exposed\n",
    "NAME   TYPE        CLUSTER-IP    EXTERNAL-IP   PORT(S)   AGE\ndemo   ClusterIP   10.96.3.114   <none>        80/TCP    0s\n",
    "<!DOCTYPE html>\n<html>\n<head>\n<title>Welcome to nginx!</title>\n<style>\n</style>\n</head>\n</html>\n",
    "service/demo patched\n",
    "NAME   TYPE       CLUSTER-IP    EXTERNAL-IP   PORT(S)        AGE\ndemo   NodePort   10.96.3.114   <none>        80:31244/TCP   8s\n",
];

/// A page against outputs: line in the page and reason of the first refusal.
fn verdict(page: &str, seen: &[String]) -> Option<(usize, String)> {
    let (plan, _) = plan(&parse(page, Path::new("lesson.md")).0);
    let mut bindings = Bindings::new();
    let groups = plan
        .steps
        .iter()
        .flat_map(|step| &step.actions)
        .filter_map(|action| if let Action::Run(group) = action { Some(group) } else { None });
    let expected = groups.filter_map(|group| Some((group, group.expected.as_ref()?)));
    for ((group, expected), seen) in expected.zip(seen) {
        let command = group.commands.last().map_or("", |command| command.text.as_str());
        let context = MatchContext { command, mode: expected.mode, similar: expected.similar };
        let result = match_output(&expected.text, seen, &context, &mut bindings);
        if let Some(reason) = result.reason {
            let line = if reason.line == 0 { expected.line } else { expected.line + reason.line - 1 };
            return Some((line, reason.why));
        }
    }
    None
}

fn lesson() -> String {
    std::fs::read_to_string(testing::repository("lessons/service-types.md")).expect("the reference lesson is here")
}

fn seen() -> Vec<String> {
    SEEN.iter().map(|text| text.to_string()).collect()
}

#[test]
fn the_lesson_itself_is_true() {
    assert_eq!(verdict(&lesson(), &seen()), None);
}

#[test]
fn a_lesson_that_says_something_else_is_refused() {
    // What stands in the lesson, what the mutant says, the line and the reason of its refusal.
    let mutants = [
        (
            "demo created",
            "demo configured",
            49,
            "the lesson shows `deployment.apps/demo configured`, the cluster printed `deployment.apps/demo created`",
        ),
        (
            "deployment.apps/demo",
            "deployment.apps/web",
            49,
            "the lesson shows `deployment.apps/web created`, the cluster printed `deployment.apps/demo created`",
        ),
        (
            "demo-6f7c8d9f6b-abcde",
            "web-6f7c8d9f6b-abcde",
            60,
            "row `web-6f7c8d9f6b-abcde`: column NAME: the lesson shows web-6f7c8d9f6b-abcde, the cluster printed demo-7758cfff5-whp6x",
        ),
        (
            "1/1     Running",
            "2/2     Running",
            60,
            "row `demo-6f7c8d9f6b-abcde`: column READY: the lesson shows 2/2, the cluster printed 1/1",
        ),
        (
            "Running   0 ",
            "Pending   0 ",
            60,
            "row `demo-6f7c8d9f6b-abcde`: column STATUS: the lesson shows Pending, the cluster printed Running",
        ),
        (
            "Running   0 ",
            "Running   3 ",
            60,
            "row `demo-6f7c8d9f6b-abcde`: column RESTARTS: the lesson shows 3, the cluster printed 0",
        ),
        (
            "ClusterIP   10.96.120.45",
            "NodePort    10.96.120.45",
            83,
            "row `demo`: column TYPE: the lesson shows NodePort, the cluster printed ClusterIP",
        ),
        (
            "80/TCP    5s",
            "81/TCP    5s",
            83,
            "row `demo`: column PORT(S): the lesson shows 81/TCP, the cluster printed 80/TCP",
        ),
        (
            "<none>        80/TCP",
            "1.2.3.4       80/TCP",
            83,
            "row `demo`: column EXTERNAL-IP: the lesson shows 1.2.3.4, the cluster printed <none>",
        ),
        (
            "NodePort   10.96.120.45",
            "NodePort   10.96.120.46",
            140,
            "row `demo`: column CLUSTER-IP: the lesson shows two values, 10.96.120.45 and 10.96.120.46, the cluster printed 10.96.3.114 for both",
        ),
        (
            "80:30007/TCP   1m",
            "80/TCP         1m",
            140,
            "row `demo`: column PORT(S): the lesson shows 80/TCP, the cluster printed 80:31244/TCP",
        ),
        (
            "80:30007/TCP",
            "80:80/TCP   ",
            140,
            "row `demo`: column PORT(S): the lesson shows 80:80/TCP, the cluster printed 80:31244/TCP",
        ),
        (
            "Welcome to nginx!",
            "Welcome to caddy!",
            114,
            "the lesson shows `<title>Welcome to caddy!</title>`, the cluster printed `<title>Welcome to nginx!</title>`",
        ),
        ("<html>\n", "", 112, "the lesson shows `<head>`, the cluster printed `<html>`"),
        ("...\n", "", 111, "the cluster printed 4 lines more: `<style>`"),
        (
            "No resources found in default namespace.\n",
            "",
            36,
            "the cluster printed 1 line more: `No resources found in default namespace.`",
        ),
        (
            "in default namespace",
            "in other namespace",
            36,
            "the lesson shows `No resources found in other namespace.`, the cluster printed `No resources found in default namespace.`",
        ),
        (
            "service/demo patched",
            "service/demo patched (no change)",
            129,
            "the lesson shows `service/demo patched (no change)`, the cluster printed `service/demo patched`",
        ),
        ("EXTERNAL-IP   PORT(S)   AGE", "PORT(S)   AGE", 82, "the cluster printed also the column EXTERNAL-IP"),
    ];
    for (from, to, line, reason) in mutants {
        let page = lesson();
        let mutant = page.replacen(from, to, 1);
        assert_ne!(page, mutant, "{from}");
        assert_eq!(verdict(&mutant, &seen()), Some((line, reason.to_string())), "{from} -> {to}");
    }
}

#[test]
fn a_cluster_that_does_something_else_is_refused() {
    let mutants = [
        (
            2,
            "0          2s\n",
            "0          2s\ndemo-7758cfff5-9tq4z   1/1     Running   0          2s\n",
            59,
            "the cluster printed 1 row more: `demo-7758cfff5-9tq4z`",
        ),
        (
            2,
            "Running ",
            "ImagePullBackOff ",
            60,
            "row `demo-6f7c8d9f6b-abcde`: column STATUS: the lesson shows Running, the cluster printed ImagePullBackOff",
        ),
        (
            7,
            "10.96.3.114",
            "10.96.77.1 ",
            140,
            "row `demo`: column CLUSTER-IP: the lesson's 10.96.120.45 was 10.96.3.114 before, now the cluster printed 10.96.77.1",
        ),
        (
            7,
            "<none>       ",
            "<pending>    ",
            140,
            "row `demo`: column EXTERNAL-IP: the lesson shows <none>, the cluster printed <pending>",
        ),
        (
            7,
            "8s\n",
            "8s\nextra   ClusterIP   10.96.8.8   <none>   80/TCP   8s\n",
            139,
            "the cluster printed 1 row more: `extra`",
        ),
        (
            5,
            "Welcome to nginx!",
            "502 Bad Gateway",
            114,
            "the lesson shows `<title>Welcome to nginx!</title>`, the cluster printed `<title>502 Bad Gateway</title>`",
        ),
        (
            6,
            "service/demo patched\n",
            "service/demo patched (no change)\n",
            129,
            "the lesson shows `service/demo patched`, the cluster printed `service/demo patched (no change)`",
        ),
    ];
    for (output, from, to, line, reason) in mutants {
        let mut outputs = seen();
        let changed = outputs[output].replacen(from, to, 1);
        assert_ne!(outputs[output], changed, "{from}");
        outputs[output] = changed;
        assert_eq!(verdict(&lesson(), &outputs), Some((line, reason.to_string())), "{from} -> {to}");
    }
}
