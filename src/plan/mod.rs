//! [`Lesson`](crate::lesson::Lesson) to [`Plan`]: which fence is a command, what its output is, which session it is typed into.
//!
//! The entry is [`plan`](fn@plan). Pure: nothing is run and nothing is read here.

mod build;
mod command;
mod controls;
mod model;
mod shell_words;
mod step;

pub use build::plan;
pub use model::*;
pub(crate) use shell_words::{SimpleCommand, Token, simple_commands, tokens};

/// All commands of a plan with the places that they are typed into, in order.
pub(crate) fn commands_with_places(plan: &Plan) -> Vec<(Place, &Command)> {
    let actions = plan.steps.iter().flat_map(|step| &step.actions);
    let commands = actions.flat_map(|action| match action {
        Action::Run(group) => group.commands.iter().map(|command| (group.place, command)).collect(),
        Action::OpenSession(open) => vec![(Place::Shell(open.shell), &open.command)],
        _ => Vec::new(),
    });
    commands.collect()
}

#[cfg(test)]
mod tests;
