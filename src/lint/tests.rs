//! Each code's mistake is found, and its mend is clean.

use super::*;
use crate::testing;

/// Knows no file, no claim with "feels" or "Kubernetes" in it, and no flag `--prot`.
struct Known;

impl Knowledge for Known {
    fn kubectl(&self, args: &[String]) -> Result<(), Fault> {
        match args.iter().find(|word| word.starts_with("--prot")) {
            Some(_) => {
                Err(Fault { message: "unknown flag: --prot".into(), help: Some("did you mean `--port`?".into()) })
            }
            None => Ok(()),
        }
    }

    fn claim(&self, claim: &ClaimText, _: &Lesson) -> Result<(), Fault> {
        match claim.text.contains("feels") {
            true => Err(Fault { message: "\"feels\" is not understood".into(), help: None }),
            false => Ok(()),
        }
    }

    fn has_file(&self, _: &Path) -> bool {
        false
    }
}

fn found(page: &str) -> Vec<String> {
    lint(page, Path::new("page.md"), &Known).into_iter().map(|problem| problem.code).collect()
}

/// A page around a piece of one, so that nothing else is wrong with it.
fn page(piece: &str) -> String {
    let runs = piece.contains("```") && !piece.contains("```\n\nWhat") || piece.contains("```shell");
    let step = if runs { "" } else { "\n## Step 9: Look\n\n```\nkubectl get pods\n```\n" };
    match piece.starts_with("---") || piece.starts_with('#') {
        true => format!("{piece}{step}"),
        false => format!("# A lesson\n\n## Step 0: Begin\n\ntext\n\n{piece}{step}"),
    }
}

#[test]
fn every_mistake_is_found_and_every_mend_is_clean() {
    // L002: a page of nothing but the mistake; L021: the grammar alone knows it; L014 and L022 need pages of their own.
    for entry in lesson::codes() {
        let (mistake, mend) = match entry.code.as_str() {
            "L002" | "L014" => (entry.mistake.clone(), entry.mend.clone()),
            "L021" | "L022" => continue,
            _ => (page(&entry.mistake), page(&entry.mend)),
        };
        assert!(
            found(&mistake).contains(&entry.code),
            "{} is not found in:\n{mistake}\nfound {:?}",
            entry.code,
            found(&mistake)
        );
        assert!(!found(&mend).contains(&entry.code), "{} is still found in:\n{mend}", entry.code);
    }
}

#[test]
fn the_reference_lesson_is_clean_but_for_what_it_leaves_out() {
    let text =
        std::fs::read_to_string(testing::repository("lessons/service-types.md")).expect("the reference lesson is here");
    // Step 1 makes something and claims nothing.
    let told: Vec<_> =
        lint(&text, Path::new("a.md"), &Known).into_iter().map(|problem| (problem.line, problem.code)).collect();
    assert_eq!(told, [(45, "L008".to_string())]);
}

#[test]
fn files_are_made_in_many_ways() {
    for makes in [
        "cat <<EOF >./x.yaml\nkind: Pod\nEOF",
        "curl -o x.yaml http://a/b",
        "wget http://a/x.yaml",
        "echo a | tee x.yaml",
        "cp y.yaml x.yaml",
    ] {
        let page = format!("# T\n\n## A\n\n```shell\n{makes}\nkubectl apply -f x.yaml\n```\n");
        assert!(!found(&page).contains(&"L012".to_string()), "{makes}");
    }
    for fine in [
        "kubectl apply -f https://k8s.io/x.yaml",
        "kubectl apply -f -",
        "kubectl apply -f $FILE",
        "kubectl logs -f web",
        "kubectl apply -f ./",
        "kubectl exec web -- tar -f x.yaml",
    ] {
        let page = format!("# T\n\n## A\n\n```shell\n{fine}\n```\n");
        assert!(!found(&page).contains(&"L012".to_string()), "{fine}");
    }
}

#[test]
fn variables_in_single_quotes_are_none() {
    for fine in [
        "awk '{print $1}' x",
        "POD=a; echo $POD",
        "for i in 1 2; do echo $i; done",
        "echo ${NAME:-x}",
        "echo \\$NAME",
        "echo $HOME $?",
    ] {
        let page = format!("# T\n\n## A\n\n```shell\n{fine}\n```\n");
        assert!(!found(&page).contains(&"L016".to_string()), "{fine}");
    }
}
