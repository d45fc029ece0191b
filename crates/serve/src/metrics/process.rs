//! What the process takes of its machine, under the names that every Prometheus client uses.

use super::Exposition;

#[cfg(not(target_os = "linux"))]
pub(super) fn write(_: &mut Exposition) {}

/// Writes what `/proc/self` tells; what it does not tell is left out.
#[cfg(target_os = "linux")]
pub(super) fn write(text: &mut Exposition) {
    use super::Kind;

    let Some(figures) = figures() else { return };
    text.single(
        "process_cpu_seconds_total",
        Kind::Counter,
        "Seconds of processor time, of the user and of the system.",
        figures.processor,
    );
    text.single(
        "process_resident_memory_bytes",
        Kind::Gauge,
        "Bytes of memory that are in use.",
        figures.resident,
    );
    text.single(
        "process_virtual_memory_bytes",
        Kind::Gauge,
        "Bytes of addresses that are in use.",
        figures.virtual_memory,
    );
    if let Some(open) = figures.open {
        text.single(
            "process_open_fds",
            Kind::Gauge,
            "Files and sockets that are open.",
            open,
        );
    }
    if let Some(start) = figures.start {
        text.single(
            "process_start_time_seconds",
            Kind::Gauge,
            "When the process began, in seconds since 1970.",
            start,
        );
    }
}

#[cfg(target_os = "linux")]
struct Figures {
    processor: f64,
    resident: u64,
    virtual_memory: u64,
    open: Option<usize>,
    start: Option<f64>,
}

#[cfg(target_os = "linux")]
fn figures() -> Option<Figures> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the process stands in brackets and may hold anything.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    // Numbers of proc(5), less three: pid and name are cut off, and it counts from one.
    let field = |number: usize| fields.get(number.checked_sub(3)?)?.parse::<u64>().ok();
    let ticks = rustix::param::clock_ticks_per_second().max(1);
    #[expect(clippy::cast_precision_loss, reason = "figures for drawings")]
    let seconds = |count: u64| count as f64 / ticks as f64;
    let boot = std::fs::read_to_string("/proc/stat").ok().and_then(|text| {
        let line = text.lines().find_map(|line| line.strip_prefix("btime "))?;
        line.trim().parse::<f64>().ok()
    });
    Some(Figures {
        processor: seconds(field(14)?.saturating_add(field(15)?)),
        virtual_memory: field(23)?,
        resident: field(24)?.saturating_mul(rustix::param::page_size() as u64),
        open: std::fs::read_dir("/proc/self/fd")
            .ok()
            .map(|files| files.count().saturating_sub(1)),
        start: boot.zip(field(22)).map(|(boot, at)| boot + seconds(at)),
    })
}
