//! A serial device.

use std::fs::File;
use std::path::Path;

use crate::failure::Failure;
use crate::input::name_of;

/// Opens a serial device for both directions. Given its speed in bits a second, sets it to that and to 8 data bits, no
/// parity, one stop bit, without any change of the bytes. Otherwise its settings stay.
#[cfg(unix)]
pub(crate) fn open(path: &Path, baud: Option<u32>) -> Result<File, Failure> {
    use rustix::fs::{Mode, OFlags, fcntl_getfl, fcntl_setfl};
    use rustix::termios::{ControlModes, OptionalActions, isatty, tcgetattr, tcsetattr};

    let name = name_of(path);
    let cannot = |what: &str, error| Failure::Usage(format!("cannot {what} {name}: {error}"));
    // A line without a carrier would not open, and the device must not become the terminal of this program.
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let device = rustix::fs::open(path, flags, Mode::empty()).map_err(|error| cannot("open", error))?;
    if !isatty(&device) {
        return Err(Failure::Usage(format!("{name} is no serial device")));
    }
    if let Some(baud) = baud {
        let mut settings = tcgetattr(&device).map_err(|error| cannot("ask", error))?;
        settings.make_raw();
        settings.control_modes.remove(ControlModes::CSTOPB | ControlModes::CRTSCTS);
        settings.control_modes.insert(ControlModes::CLOCAL | ControlModes::CREAD);
        settings.set_speed(baud).map_err(|error| cannot("set the speed of", error))?;
        tcsetattr(&device, OptionalActions::Now, &settings).map_err(|error| cannot("set", error))?;
    }
    let flags = fcntl_getfl(&device).map_err(|error| cannot("ask", error))?;
    fcntl_setfl(&device, flags - OFlags::NONBLOCK).map_err(|error| cannot("set", error))?;
    Ok(File::from(device))
}

#[cfg(not(unix))]
pub(crate) fn open(path: &Path, baud: Option<u32>) -> Result<File, Failure> {
    let name = name_of(path);
    if baud.is_some() {
        return Err(Failure::Usage("--baud is for Unix. Set the device with `mode` first".to_owned()));
    }
    let opened = std::fs::OpenOptions::new().read(true).write(true).open(path);
    opened.map_err(|error| Failure::Usage(format!("cannot open {name}: {error}")))
}
