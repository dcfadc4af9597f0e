//! Plans of whole pages.

use super::*;
use crate::lesson::{ClaimSection, parse};
use crate::testing;
use std::fmt::Write;
use std::path::Path;

fn planned(page: &str) -> Plan {
    plan(&parse(page, Path::new("page.md")).0).0
}

fn codes(page: &str) -> Vec<String> {
    plan(&parse(page, Path::new("page.md")).0)
        .1
        .into_iter()
        .map(|problem| format!("{}:{}", problem.line, problem.code))
        .collect()
}

/// A plan as text, to be read in a diff.
fn shown(plan: &Plan) -> String {
    let mut text = format!("title: {}\n", plan.title);
    for claim in &plan.assumptions {
        let _ = writeln!(text, "assumption: {} (line {})", claim.text, claim.line);
    }
    for step in &plan.steps {
        let _ = writeln!(text, "\n{:?} {} {:?} (line {})", step.kind, step.id, step.heading, step.line);
        for action in &step.actions {
            let _ = write!(text, "{}", shown_action(action));
        }
        for claim in &step.claims {
            let section = match claim.section {
                ClaimSection::Changed => "changed",
                ClaimSection::Unchanged => "unchanged",
                ClaimSection::Initial => "initially",
                ClaimSection::Assumption => "assumed",
            };
            let _ = writeln!(text, "  {:>4} {section}: {}", claim.line, claim.text);
        }
        for cel in &step.cel {
            let _ = writeln!(text, "  {:>4} cel: {}", cel.line, cel.expression);
        }
    }
    text
}

fn shown_action(action: &Action) -> String {
    match action {
        Action::Say(say) => format!("  {:>4} say {:?}\n", say.line, say.text),
        Action::Run(group) => {
            let place = match group.place {
                Place::Shell(0) => String::new(),
                Place::Shell(shell) => format!(" in shell {shell}"),
                Place::Session(SessionId(id)) => format!(" in session {id}"),
            };
            let commands: String = group.commands.iter().map(|command| shown_command(command, &place)).collect();
            commands + &shown_expected(&group.expected)
        }
        Action::OpenSession(open) => {
            shown_command(&open.command, &format!(" opens session {}", open.id.0)) + &shown_expected(&open.expected)
        }
        Action::CloseSession(close) => {
            format!("  {:>4} close session {} ({:?})\n", close.line, close.id.0, close.reason)
                + &shown_expected(&close.expected)
        }
        Action::WriteFile(file) => format!("  {:>4} file {} {:?}\n", file.line, file.name, file.content),
    }
}

fn shown_command(command: &Command, place: &str) -> String {
    let controls =
        if command.controls == Controls::default() { String::new() } else { format!(" {:?}", command.controls) };
    let run = if command.run == RunKind::Ends { String::new() } else { format!(" {:?}", command.run) };
    format!("  {:>4} {:?}{run}{place}: {:?}{controls}\n", command.line, command.effect, command.text)
}

fn shown_expected(expected: &Option<Expected>) -> String {
    let Some(expected) = expected else {
        return String::new();
    };
    let similar = if expected.similar { " similar" } else { "" };
    format!("  {:>4}   prints{similar} {:?}: {:?}\n", expected.line, expected.mode, expected.text)
}

#[test]
fn the_reference_lesson() {
    let path = testing::repository("lessons/service-types.md");
    let text = std::fs::read_to_string(&path).expect("the reference lesson is here");
    let (lesson, _) = parse(&text, Path::new("lessons/service-types.md"));
    let (plan, problems) = plan(&lesson);
    assert_eq!(problems, []);
    testing::golden("service-types.plan.txt", &shown(&plan));
}

#[test]
fn a_session_goes_on_over_headings_until_exit() {
    let page = "# T\n\n## A\n\n```shell\nkubectl exec -it web -- bash\n```\n\nIn your shell, list:\n\n```shell\nls /\n```\n\n## B\n\nIn your shell, look:\n\n```shell\ncat /x\n```\n\n```shell\nexit # leave\n```\n\n```shell\nkubectl get pods\n```\n";
    let plan = planned(page);
    let lines: Vec<String> =
        shown(&plan).lines().filter(|line| !line.contains("say")).skip(2).map(|line| line.trim().to_string()).collect();
    assert_eq!(
        lines,
        [
            "Step a \"A\" (line 3)",
            "6 Mutate opens session 1: \"kubectl exec -it web -- bash\"",
            "12 Read in session 1: \"ls /\"",
            "",
            "Step b \"B\" (line 15)",
            "20 Read in session 1: \"cat /x\"",
            "24 close session 1 (Command)",
            "28 Read: \"kubectl get pods\"",
        ]
    );
}

#[test]
fn a_session_ends_with_the_next_heading_that_runs_kubectl() {
    let page = "## A\n\n```\nkubectl exec -it web -- sh\n```\n\n## B\n\n```\nkubectl get pods\n```\n";
    let actions: Vec<_> = planned(page).steps.into_iter().flat_map(|step| step.actions).collect();
    assert!(matches!(&actions[1], Action::CloseSession(close) if close.reason == CloseReason::StepEnd), "{actions:?}");
    assert!(matches!(&actions[2], Action::Run(group) if group.place == Place::Shell(0)));
}

#[test]
fn redis_lines_go_into_their_session_and_kubectl_leaves_it() {
    let page = "## A\n\n```shell\nkubectl exec -it pod/redis -- redis-cli\n```\n\nCheck:\n\n```shell\n127.0.0.1:6379> CONFIG GET maxmemory\n```\n\nIt should show:\n\n```shell\n1) \"maxmemory\"\n2) \"0\"\n```\n\nApply:\n\n```shell\nkubectl apply -f x.yaml\n```\n";
    let text = shown(&planned(page));
    assert!(text.contains("10 Mutate in session 1: \"CONFIG GET maxmemory\"\n    16   prints Auto"), "{text}");
    assert!(text.contains("23 close session 1 (OwnCommand)"), "{text}");
}

#[test]
fn another_terminal_is_a_second_shell() {
    let page = "## A\n\n```\nkubectl get pods -w\n```\n\nIn another terminal, scale it:\n\n```\nkubectl scale deploy/web --replicas=2\n```\n\nBack in the first terminal:\n\n```\nls\n```\n";
    let places: Vec<_> = planned(page).steps[0]
        .actions
        .iter()
        .filter_map(|action| if let Action::Run(group) = action { Some(group.place) } else { None })
        .collect();
    assert_eq!(places, [Place::Shell(0), Place::Shell(1), Place::Shell(0)]);
}

#[test]
fn files_edits_and_cel() {
    let page = "## A\n\nSave this as `web.yaml`:\n\n```yaml\nkind: Service\n```\n\n{{% code_sample file=\"pods/a.yaml\" %}}\n\n```\nkubectl edit svc web\n```\n\nChange it:\n\n```yaml\nspec: {}\n```\n\n```cel\nafter.size() == 1\n```\n";
    let text = shown(&planned(page));
    assert!(text.contains("file web.yaml Inline(\"kind: Service\\n\")"), "{text}");
    assert!(text.contains("file a.yaml Sample(\"pods/a.yaml\")"), "{text}");
    assert!(text.contains("Edit { text: Some(\"spec: {}\\n\") }"), "{text}");
    assert!(text.contains("cel: after.size() == 1"), "{text}");
}

#[test]
fn controls_reach_their_block_or_their_step() {
    let page = "## A\n<!-- lesson: name=first timeout=5s -->\n\ntext\n\n<!-- lesson: exit=1 match=contains -->\n```shell\nls\nfalse\n```\n\n```output\nno\n```\n\n<!-- lesson: skip reason=\"slow\" -->\n\n## B\n\n```\nls\n```\n";
    let plan = planned(page);
    let step = &plan.steps[0];
    assert_eq!((step.id.as_str(), step.timeout), ("first", Some(std::time::Duration::from_secs(5))));
    let Some(Action::Run(group)) = step.actions.last() else { panic!("{step:?}") };
    assert_eq!(group.commands.iter().map(|command| command.controls.exit).collect::<Vec<_>>(), [None, Some(1)]);
    assert_eq!(
        group.expected.as_ref().map(|expected| (expected.mode, expected.text.as_str())),
        Some((crate::output::MatchMode::Contains, "no\n"))
    );
    assert_eq!(plan.steps[1].skip.as_deref(), Some("slow"));
}

#[test]
fn a_heading_below_a_numbered_step_is_a_part_of_it() {
    let page = "## Step 1: Scale\n\n```\nls\n```\n\n### Look\n\n```\nls\n```\n\n### What changed\n\n* A Pod was created\n\n## Clean up\n\n```\nkubectl delete deploy web\n```\n";
    let plan = planned(page);
    assert_eq!(
        plan.steps.iter().map(|step| (step.kind, step.commands().count(), step.claims.len())).collect::<Vec<_>>(),
        [(StepKind::Step, 2, 1), (StepKind::CleanUp, 1, 0)]
    );
}

#[test]
fn what_the_page_leaves_open_is_told() {
    assert_eq!(codes("# T\n\ntext\n"), ["1:L014"]);
    assert_eq!(codes("## Step 1\n\nWhat changed:\n\n* A Pod was created\n\n## Step 2\n\n```\nls\n```\n"), ["5:L007"]);
    assert_eq!(codes("## A\n\n```output\nx\n```\n\n```\nls\n```\n"), ["3:L010"]);
    let twice = "## A\n<!-- lesson: name=x -->\n\ntext\n\n```\nls\n```\n\n## B\n<!-- lesson: name=x -->\n\ntext\n\n```\nls\n```\n";
    assert_eq!(codes(twice), ["10:L015"]);
}

/// Commands of real pages, against those that a person found in them.
#[test]
fn commands_of_real_pages() {
    let (Some(pages), Some(transcripts)) =
        (testing::shared("corpus/kubernetes-website/content/en/docs"), testing::shared("transcripts/dev"))
    else {
        return;
    };
    let (mut wanted, mut found, mut extra, mut outputs, mut outputs_found) = (0, 0, 0, 0, 0);
    let mut missed = String::new();
    for file in testing::files(&transcripts, "json") {
        let transcript: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(&file).expect("readable")).expect("JSON");
        let page = transcript["page"].as_str().unwrap_or_default();
        let page = pages.join(page.trim_start_matches("content/en/docs/")).with_extension("md");
        let Ok(text) = std::fs::read_to_string(&page) else { panic!("{}", page.display()) };
        let plan = planned(&text);
        let normal = |text: &str| text.split_whitespace().filter(|word| *word != "\\").collect::<Vec<_>>().join(" ");
        let mut ours: Vec<(String, Option<String>)> = Vec::new();
        for action in plan.steps.iter().flat_map(|step| &step.actions) {
            match action {
                Action::Run(group) => {
                    let last = group.commands.len() - 1;
                    for (at, command) in group.commands.iter().enumerate() {
                        let output =
                            group.expected.as_ref().filter(|_| at == last).map(|expected| normal(&expected.text));
                        ours.push((normal(&command.text), output));
                    }
                }
                Action::OpenSession(open) => {
                    ours.push((
                        normal(&open.command.text),
                        open.expected.as_ref().map(|expected| normal(&expected.text)),
                    ));
                }
                _ => {}
            }
        }
        for command in transcript["commands"].as_array().into_iter().flatten() {
            let text = normal(command["command"].as_str().unwrap_or_default());
            let output = command["page_output"].as_str().map(normal);
            wanted += 1;
            outputs += usize::from(output.is_some());
            let same = |(ours, _): &(String, Option<String>)| *ours == text;
            let position =
                ours.iter().position(|entry| same(entry) && entry.1 == output).or_else(|| ours.iter().position(same));
            match position {
                Some(position) => {
                    found += 1;
                    let (_, our_output) = ours.remove(position);
                    if output.is_some() && our_output == output {
                        outputs_found += 1;
                    } else if our_output != output {
                        let _ = writeln!(
                            missed,
                            "{}:{} output of {text}\n   page {output:?}\n   ours {our_output:?}",
                            page.display(),
                            command["line"]
                        );
                    }
                }
                None => {
                    let _ = writeln!(missed, "{}:{} missed {text}", page.display(), command["line"]);
                }
            }
        }
        extra += ours.len();
        for (text, _) in ours {
            let _ = writeln!(missed, "{} extra {text}", page.display());
        }
    }
    println!("commands: {found} of {wanted} found, {extra} beyond them; outputs: {outputs_found} of {outputs}");
    if std::env::var_os("SHOW").is_some() {
        println!("{missed}");
    }
    assert!(found * 100 >= wanted * 90, "{missed}");
}
