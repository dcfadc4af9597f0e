//! One container: its processes, their terminal, what is written and who listens to it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::{mpsc, watch};
use tokio::task::AbortHandle;

use super::command::{self, StartError};
use super::files::Files;
use super::image::Image;
use super::log::Log;
use super::process::Process;
use super::stream::{Input, Output, Sink};
use super::terminal::{Terminal, Translated};
use crate::clock::Clock;
use crate::entropy::Entropy;
use crate::network::Stack;

/// SIGKILL, as it stands in exit codes (128 + 9).
pub const KILLED: i32 = 137;
/// SIGTERM of a process that does not handle it (128 + 15).
pub const TERMINATED: i32 = 143;
/// SIGINT of a process that does not handle it (128 + 2).
pub const INTERRUPTED: i32 = 130;

/// Who a process runs as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Number of the user.
    pub uid: i64,
    /// Number of its first group.
    pub gid: i64,
    /// Name of the user, where the image's `/etc/passwd` has one.
    pub name: Option<String>,
    /// Home directory.
    pub home: String,
}

/// What a container is made from: the kubelet fills it in.
#[derive(Debug)]
pub struct Setup {
    /// 64 hexadecimal digits.
    pub id: String,
    /// Name of the host that processes see: the Pod's.
    pub hostname: String,
    /// The image, for what its data says of prompts and words.
    pub image: Arc<Image>,
    /// The command line of process 1.
    pub command: Vec<String>,
    /// The environment of all processes.
    pub environment: BTreeMap<String, String>,
    /// Working directory.
    pub directory: String,
    /// Who processes run as.
    pub user: User,
    /// All files.
    pub files: Files,
    /// The Pod's network.
    pub network: Stack,
    /// Time.
    pub clock: Clock,
    /// Randomness.
    pub entropy: Entropy,
    /// Process 1 has a terminal.
    pub terminal: bool,
    /// Process 1 has a standard input that stays open.
    pub stdin: bool,
}

/// A line of `ps`.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Process number.
    pub pid: u32,
    /// Command line.
    pub command: String,
}

/// Those who watch what process 1 writes: (to standard error, bytes).
type Attached = Arc<Mutex<Vec<mpsc::UnboundedSender<(bool, Bytes)>>>>;

/// A process that runs.
struct Running {
    command: String,
    task: Option<AbortHandle>,
    exit: watch::Sender<Option<i32>>,
}

#[derive(Default)]
struct Processes {
    last: u32,
    running: BTreeMap<u32, Running>,
}

/// A container that was created; [`Container::start`] brings it to life.
pub struct Container {
    /// What it was made from.
    pub setup: Setup,
    /// What process 1 wrote.
    pub log: Log,
    input: Input,
    terminal: Option<Terminal>,
    attached: Attached,
    processes: Mutex<Processes>,
    exit: watch::Sender<Option<i32>>,
}

impl std::fmt::Debug for Container {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Container({})", self.setup.id)
    }
}

/// Takes what process 1 writes: into the log, and to whoever is attached.
struct Console {
    error: bool,
    log: Log,
    attached: Attached,
}

impl Sink for Console {
    fn write(&self, bytes: &[u8]) {
        self.log.write(self.error, bytes);
        let mut attached = self.attached.lock().unwrap_or_else(PoisonError::into_inner);
        attached.retain(|to| to.send((self.error, Bytes::copy_from_slice(bytes))).is_ok());
    }
}

impl Container {
    /// A container that does not run yet.
    pub fn new(setup: Setup) -> Arc<Self> {
        let log = Log::new(setup.clock);
        let attached = Arc::default();
        let input = if setup.stdin { Input::open() } else { Input::empty() };
        let screen = Output::to(Translated(Output::to(Console {
            error: false,
            log: log.clone(),
            attached: Arc::clone(&attached),
        })));
        let terminal = setup.terminal.then(|| Terminal::new(input.clone(), screen));
        let (exit, _) = watch::channel(None);
        Arc::new(Self { setup, log, input, terminal, attached, processes: Mutex::default(), exit })
    }

    fn processes(&self) -> MutexGuard<'_, Processes> {
        self.processes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn console(&self, error: bool) -> Output {
        // A terminal has one output; standard error comes out there too.
        let error_stream = error && self.terminal.is_none();
        let console = Console { error: error_stream, log: self.log.clone(), attached: Arc::clone(&self.attached) };
        match self.terminal {
            Some(_) => Output::to(Translated(Output::to(console))),
            None => Output::to(console),
        }
    }

    /// Starts process 1.
    ///
    /// # Errors
    /// In the words of runc, when the command cannot be run.
    pub fn start(self: &Arc<Self>) -> Result<(), StartError> {
        let process = Process {
            pid: 1,
            arguments: self.setup.command.clone(),
            environment: self.setup.environment.clone(),
            directory: self.setup.directory.clone(),
            stdin: self.input.clone(),
            stdout: self.console(false),
            stderr: self.console(true),
            terminal: self.terminal.clone(),
            container: Arc::clone(self),
        };
        let mut finished = self.spawn(process)?;
        let container = Arc::clone(self);
        tokio::spawn(async move {
            let code = finished.wait_for(Option::is_some).await.ok().and_then(|code| *code).unwrap_or(KILLED);
            container.end(code);
        });
        Ok(())
    }

    /// Runs a process and gives a channel that will hold its exit code.
    ///
    /// # Errors
    /// In the words of runc, when the command cannot be run.
    pub fn spawn(self: &Arc<Self>, mut process: Process) -> Result<watch::Receiver<Option<i32>>, StartError> {
        let (program, arguments) =
            command::resolve(self, &process.arguments, &process.environment, &process.directory)?;
        process.arguments = arguments;
        let (exit, finished) = watch::channel(None);
        {
            let mut processes = self.processes();
            processes.last += 1;
            process.pid = processes.last;
            let command = process.arguments.join(" ");
            processes.running.insert(process.pid, Running { command, task: None, exit: exit.clone() });
        }
        let (pid, container) = (process.pid, Arc::clone(self));
        let interrupted = process.terminal.clone().filter(|_| pid != 1 && !command::is_shell(&process.arguments));
        let task = tokio::spawn(async move {
            let code = match interrupted {
                None => program.run(process).await,
                Some(terminal) => tokio::select! {
                    biased;
                    code = program.run(process) => code,
                    () = terminal.interrupted() => INTERRUPTED,
                },
            };
            container.processes().running.remove(&pid);
            let _ = exit.send_replace(Some(code));
        });
        if let Some(entry) = self.processes().running.get_mut(&pid) {
            entry.task = Some(task.abort_handle());
        }
        Ok(finished)
    }

    /// Ends one process with `code`.
    fn finish(&self, pid: u32, code: i32) {
        let Some(Running { task, exit, .. }) = self.processes().running.remove(&pid) else { return };
        if let Some(task) = task {
            task.abort();
        }
        let _ = exit.send_replace(Some(code));
    }

    /// Sends a signal to a process, as `kill` does. `false` where there is no such process.
    pub fn signal(self: &Arc<Self>, pid: u32, signal: i32) -> bool {
        let Some(command) = self.processes().running.get(&pid).map(|running| running.command.clone()) else {
            return false;
        };
        let words: Vec<String> = command.split(' ').map(str::to_owned).collect();
        let handled = command::resolve(self, &words, &self.setup.environment, &self.setup.directory)
            .ok()
            .and_then(|(program, _)| program.on_terminate());
        match (signal, handled) {
            (0, _) => {}
            // The kernel shields process 1 from signals sent from inside of its own namespace.
            (9, _) if pid == 1 => {}
            (9, _) => self.finish(pid, KILLED),
            (2 | 3 | 15, Some(code)) => self.finish(pid, code),
            (1 | 2 | 3 | 15, None) if pid != 1 => self.finish(pid, 128 + signal),
            _ => {}
        }
        true
    }

    /// Asks process 1 to end (SIGTERM, or the image's own signal). It may not listen.
    pub fn terminate(self: &Arc<Self>) {
        self.signal(1, 15);
    }

    /// Ends all processes at once (SIGKILL).
    pub fn kill(&self) {
        self.finish(1, KILLED);
        self.end(KILLED);
    }

    fn end(&self, code: i32) {
        if self.exit.borrow().is_some() {
            return;
        }
        let left: Vec<u32> = self.processes().running.keys().copied().collect();
        for pid in left {
            self.finish(pid, KILLED);
        }
        self.setup.network.close(&self.setup.id);
        self.log.close();
        self.attached.lock().unwrap_or_else(PoisonError::into_inner).clear();
        let _ = self.exit.send_replace(Some(code));
    }

    /// The exit code of process 1, once it has ended.
    pub fn exit_code(&self) -> Option<i32> {
        *self.exit.borrow()
    }

    /// Waits for the end of process 1 and gives its exit code.
    pub async fn wait(&self) -> i32 {
        let mut exit = self.exit.subscribe();
        exit.wait_for(Option::is_some).await.ok().and_then(|code| *code).unwrap_or(KILLED)
    }

    /// All processes that run, by number.
    pub fn list(&self) -> Vec<Listed> {
        self.processes()
            .running
            .iter()
            .map(|(pid, running)| Listed { pid: *pid, command: running.command.clone() })
            .collect()
    }

    /// The terminal of process 1, where it has one.
    pub fn terminal(&self) -> Option<&Terminal> {
        self.terminal.as_ref()
    }

    /// The standard input of process 1.
    pub fn input(&self) -> &Input {
        &self.input
    }

    /// What process 1 writes from now on: (to standard error, bytes). It ends when the container does.
    pub fn attach(&self) -> mpsc::UnboundedReceiver<(bool, Bytes)> {
        let (to, from) = mpsc::unbounded_channel();
        if self.exit_code().is_none() {
            self.attached.lock().unwrap_or_else(PoisonError::into_inner).push(to);
        }
        from
    }
}
