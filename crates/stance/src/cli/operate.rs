//! The words behind `stance backup`, `stance restore` and `stance doctor`.

use std::path::PathBuf;

use clap::Args;

use super::TextOrJson;

const AFTER_BACKUP: &str = "\
What is in it:
  The databases (of the service, of scans, of imported advisories) as they are at one moment each, the keys of the audit
  log and of pseudonyms, and manifest.json with SHA-256 of each. It is readable by its owner only: who has it can sign
  the audit log, and knows what is wrong where. A service that runs is not held up.

Exit codes:
  0  the backup is whole and was checked
  2  error of use, configuration or tool; nothing is left at the place of the backup";

const AFTER_RESTORE: &str = "\
Exit codes:
  0  the data directory holds what the backup holds
  2  error of use, configuration or tool; a backup that is not whole; the data directory is as it was";

#[derive(Debug, Args)]
#[command(after_help = AFTER_BACKUP)]
pub(crate) struct BackupArguments {
    /// Where the backup is to be: a directory that does not exist yet
    #[arg(value_name = "DIRECTORY")]
    pub(crate) to: PathBuf,
    /// Text for people or JSON for programs
    #[arg(long, env = "STANCE_BACKUP_FORMAT", default_value = "text")]
    pub(crate) format: TextOrJson,
}

#[derive(Debug, Args)]
#[command(after_help = AFTER_RESTORE)]
pub(crate) struct RestoreArguments {
    /// The directory of the backup
    #[arg(value_name = "DIRECTORY")]
    pub(crate) from: PathBuf,
    /// Only check that the backup is whole: files, databases and audit logs
    #[arg(long, env = "STANCE_RESTORE_CHECK")]
    pub(crate) check: bool,
    /// Put aside what the data directory holds, in a directory of its own beside the restored files
    #[arg(long, env = "STANCE_RESTORE_REPLACE", conflicts_with = "check")]
    pub(crate) replace: bool,
    /// Text for people or JSON for programs
    #[arg(long, env = "STANCE_RESTORE_FORMAT", default_value = "text")]
    pub(crate) format: TextOrJson,
}

const AFTER_DOCTOR: &str = "\
Exit codes:
  0  nothing is wrong; there may be warnings
  1  something is wrong, and the line says what to do
  2  error of use";

#[derive(Debug, Args)]
#[command(after_help = AFTER_DOCTOR)]
pub(crate) struct DoctorArguments {
    /// Read everything however large it is: whole databases with their indexes, all sums, the whole audit log
    #[arg(long, env = "STANCE_DOCTOR_FULL")]
    pub(crate) full: bool,
    /// Address of a service that should answer, such as http://127.0.0.1:7878
    #[arg(long, env = "STANCE_DOCTOR_URL", value_name = "URL")]
    pub(crate) url: Option<String>,
    /// Only ask that address whether it is ready: for the health check of a container
    #[arg(long, env = "STANCE_DOCTOR_READY", requires = "url")]
    pub(crate) ready: bool,
    /// Certificate in PEM that `stance serve` is given; checked for its dates
    #[arg(long, env = "STANCE_TLS_CERT", value_name = "FILE")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// Private key that `stance serve` is given
    #[arg(long, env = "STANCE_TLS_KEY", value_name = "FILE")]
    pub(crate) tls_key: Option<PathBuf>,
    /// Text for people or JSON for programs
    #[arg(long, env = "STANCE_DOCTOR_FORMAT", default_value = "text")]
    pub(crate) format: TextOrJson,
}
