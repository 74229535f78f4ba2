//! A directory of its own for one server, and the processes started in it.

use std::error::Error;
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

/// What most functions here return: the program prints the error and counts it as a failure.
pub(crate) type Fallible<T> = Result<T, Box<dyn Error>>;

/// The process groups that run, for [`kill_all`].
static GROUPS: Mutex<Vec<u32>> = Mutex::new(Vec::new());

/// How long a server may take to start. MariaDB and PostgreSQL need a few seconds on a busy machine.
const START: Duration = Duration::from_secs(30);

/// A temporary directory and the processes that run in it. Dropping it ends them and removes the directory.
pub(crate) struct Stage {
    dir: PathBuf,
    children: Vec<Child>,
    /// Folders elsewhere.
    others: Vec<PathBuf>,
}

impl Stage {
    /// Makes the directory. Every user may write to it, because some servers give up root's rights.
    pub(crate) fn new(name: &str) -> Fallible<Self> {
        let dir = std::env::temp_dir().join(format!("anysplit-interop-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(&dir)?;
        fs::set_permissions(&dir, fs::Permissions::from_mode(0o777))?;
        Ok(Self { dir, children: Vec::new(), others: Vec::new() })
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Writes a file and returns its path.
    pub(crate) fn file(&self, name: &str, text: &str) -> Fallible<PathBuf> {
        let path = self.dir.join(name);
        fs::write(&path, text)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644))?;
        Ok(path)
    }

    /// Makes a folder that belongs to `user`, if there is such a user and this program is root.
    pub(crate) fn folder(&self, name: &str, user: &str) -> Fallible<PathBuf> {
        Self::own(self.dir.join(name), user)
    }

    /// Makes a folder in memory where the system has a place for that: Exim waits for the disk at every mail.
    pub(crate) fn folder_in_memory(&mut self, user: &str) -> Fallible<PathBuf> {
        let name = format!("anysplit-interop-{}", std::process::id());
        match Self::own(Path::new("/dev/shm").join(name), user) {
            Ok(path) => {
                self.others.push(path.clone());
                Ok(path)
            }
            Err(_) => self.folder("memory", user),
        }
    }

    fn own(path: PathBuf, user: &str) -> Fallible<PathBuf> {
        fs::create_dir_all(&path)?;
        if let Some((uid, gid)) = if is_root() { ids(user) } else { None } {
            chown(&path, Some(uid), Some(gid))?;
        }
        Ok(path)
    }

    /// Starts a server and waits until it listens at all of `ports`.
    pub(crate) fn start(&mut self, command: &mut Command, ports: &[u16]) -> Fallible<()> {
        let log = self.dir.join(format!("log{}", self.children.len()));
        let output = fs::File::create(&log)?;
        let child = command
            .current_dir(&self.dir)
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .process_group(0)
            .spawn()?;
        if let Ok(mut groups) = GROUPS.lock() {
            groups.push(child.id());
        }
        self.children.push(child);
        let start = Instant::now();
        for &port in ports {
            while TcpStream::connect(("127.0.0.1", port)).is_err() {
                let ended = self.children.last_mut().map(Child::try_wait).transpose()?.flatten();
                if ended.is_some() || start.elapsed() > START {
                    let text = fs::read(&log).unwrap_or_default();
                    let tail = &text[text.len().saturating_sub(600)..];
                    return Err(format!("does not listen: {}", String::from_utf8_lossy(tail)).into());
                }
                thread::sleep(Duration::from_millis(20));
            }
        }
        Ok(())
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        for child in self.children.iter_mut().rev() {
            let group = child.id();
            signal("TERM", group);
            let start = Instant::now();
            while matches!(child.try_wait(), Ok(None)) && start.elapsed() < Duration::from_secs(2) {
                thread::sleep(Duration::from_millis(10));
            }
            signal("KILL", group);
            let _ = child.wait();
            if let Ok(mut groups) = GROUPS.lock() {
                groups.retain(|&running| running != group);
            }
        }
        for folder in self.others.iter().chain([&self.dir]) {
            let _ = fs::remove_dir_all(folder);
        }
    }
}

/// Kills every server that still runs, for an end that drops nothing.
pub(crate) fn kill_all() {
    for &group in GROUPS.lock().iter().flat_map(|groups| groups.iter()) {
        signal("KILL", group);
    }
}

/// Sends a signal to a process group. The standard library can only kill the process that it started, and the workers
/// of nginx and PHP-FPM outlive that one.
fn signal(name: &str, group: u32) {
    let script = format!("kill -{name} -{group}");
    let _ = Command::new("/bin/sh").args(["-c", &script]).stderr(Stdio::null()).status();
}

/// Returns the path of the first of these programs that is installed.
pub(crate) fn find(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    folders.extend(["/usr/sbin", "/usr/local/sbin", "/sbin"].map(PathBuf::from));
    // Debian keeps each version of PostgreSQL's programs in a folder of its own.
    if let Ok(versions) = fs::read_dir("/usr/lib/postgresql") {
        folders.extend(versions.flatten().map(|version| version.path().join("bin")));
    }
    names.iter().find_map(|name| folders.iter().map(|folder| folder.join(name)).find(|path| path.is_file()))
}

/// Returns the first number with a dot that the program prints when it is asked for its version.
pub(crate) fn version(program: &Path, flag: &str) -> String {
    let Ok(output) = run(Command::new(program).arg(flag), b"", Duration::from_secs(10)) else { return "?".into() };
    let is_version =
        |word: &&str| word.contains('.') && word.trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit());
    let found = output.text.split([' ', '\n', '/', '=', ',', '(', ')', '-']).find(is_version);
    found.map_or("?", |word| word.trim_start_matches('v')).into()
}

/// Returns a port on loopback that nothing listens at.
pub(crate) fn free_port() -> Fallible<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

pub(crate) fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|metadata| metadata.uid() == 0)
}

/// Returns the user's number and the group's.
pub(crate) fn ids(user: &str) -> Option<(u32, u32)> {
    let users = fs::read_to_string("/etc/passwd").ok()?;
    let fields: Vec<&str> = users.lines().map(|line| line.split(':').collect()).find(|f: &Vec<_>| f[0] == user)?;
    Some((fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?))
}

/// Makes the command run as `user` if this program is root: PostgreSQL refuses to run as root.
pub(crate) fn as_user(command: &mut Command, user: &str) {
    if let Some((uid, gid)) = if is_root() { ids(user) } else { None } {
        command.uid(uid).gid(gid);
    }
}

/// What a program printed and how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Output {
    pub(crate) text: String,
    pub(crate) code: Option<i32>,
}

/// Runs a program to its end, and kills it when the time is over.
pub(crate) fn run(command: &mut Command, input: &[u8], limit: Duration) -> Fallible<Output> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let (mut stdin, input) = (child.stdin.take(), input.to_vec());
    // Each pipe has a thread, because a program can block at any of them.
    let writer = thread::spawn(move || stdin.take().map(|mut stdin| stdin.write_all(&input)));
    let readers = [
        child.stdout.take().map(|mut pipe| thread::spawn(move || read_all(&mut pipe))),
        child.stderr.take().map(|mut pipe| thread::spawn(move || read_all(&mut pipe))),
    ];
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break Some(status);
        }
        if start.elapsed() > limit {
            let _ = child.kill();
            let _ = child.wait();
            break None;
        }
        thread::sleep(Duration::from_millis(5));
    };
    let _ = writer.join();
    let bytes: Vec<u8> = readers.into_iter().flatten().flat_map(|reader| reader.join().unwrap_or_default()).collect();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    match status {
        Some(status) => Ok(Output { text, code: status.code() }),
        None => Err(format!("the client did not end within {} s; it printed {text:?}", limit.as_secs()).into()),
    }
}

fn read_all(pipe: &mut impl Read) -> Vec<u8> {
    let mut bytes = Vec::new();
    let _ = pipe.read_to_end(&mut bytes);
    bytes
}
