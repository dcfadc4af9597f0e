//! `--junit FILE`: a test suite a lesson, a test case a command with an outcome or a claim.

use crate::runner::{LessonResult, RunResult, Verdict};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use std::time::Duration;

/// The report as JUnit XML.
///
/// # Errors
/// Where the XML cannot be written, which for text from a lesson does not happen.
pub fn render(run: &RunResult) -> Result<String, quick_junit::SerializeError> {
    let mut report = Report::new("kubectl-lesson");
    for lesson in &run.lessons {
        report.add_test_suite(suite(lesson));
    }
    if !run.problems.is_empty() {
        let mut suite = TestSuite::new("lint");
        for problem in &run.problems {
            let name = format!("{}:{} {}", problem.file, problem.line, problem.code);
            suite.add_test_case(case(&name, Verdict::NotUnderstood, &problem.message, 0.0));
        }
        report.add_test_suite(suite);
    }
    report.to_string()
}

fn suite(lesson: &LessonResult) -> TestSuite {
    let mut suite = TestSuite::new(lesson.file.clone());
    suite.set_time(Duration::from_secs_f64(lesson.seconds.max(0.0)));
    for step in &lesson.steps {
        for command in &step.commands {
            let name = format!("{}:{} {}", step.heading, command.line, command.text);
            let mut test = match &command.skipped {
                Some(reason) => {
                    let mut status = TestCaseStatus::skipped();
                    status.set_message(reason.clone());
                    TestCase::new(name, status)
                }
                None => case(&name, command.verdict(), command.reason.as_deref().unwrap_or_default(), 0.0),
            };
            test.set_classname(lesson.file.clone());
            test.set_system_out(&command.stdout);
            test.set_system_err(&command.stderr);
            suite.add_test_case(test);
        }
        for claim in step.initial.iter().chain(&step.claims) {
            let name = format!("{}:{} {}", step.heading, claim.line, claim.text);
            let mut test = case(&name, claim.verdict, &claim.reason, 0.0);
            test.set_classname(lesson.file.clone());
            suite.add_test_case(test);
        }
    }
    suite
}

fn case(name: &str, verdict: Verdict, reason: &str, seconds: f64) -> TestCase {
    let mut status = match verdict {
        Verdict::Proved => TestCaseStatus::success(),
        Verdict::Refuted => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Verdict::NotUnderstood | Verdict::Error => TestCaseStatus::non_success(NonSuccessKind::Error),
    };
    if verdict != Verdict::Proved {
        status.set_message(reason.to_string());
    }
    let mut test = TestCase::new(name.to_string(), status);
    test.set_time(Duration::from_secs_f64(seconds));
    test
}
