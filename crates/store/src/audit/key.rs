//! The key that signs the audit log: two files beside the database.
#![expect(
    clippy::disallowed_methods,
    reason = "the key lies in files of the data directory, as the database does"
)]

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use stance_govern::signature::{PrivateKey, PublicKey};

use crate::{Result, StoreError};

/// The private key, PKCS #8 in PEM, for its owner only.
pub const KEY_FILE: &str = "audit.key";

/// The public key in PEM, for everybody.
pub const PUBLIC_FILE: &str = "audit.pub";

/// Largest file of a key that is read.
const LARGEST: u64 = 16 << 10;

/// The Ed25519 key of a data directory.
#[derive(Debug)]
pub struct AuditKey {
    private: PrivateKey,
    is_new: bool,
}

impl AuditKey {
    /// Reads the key of a data directory, or makes one when there is neither a private nor a public key.
    ///
    /// # Errors
    ///
    /// [`StoreError::AuditKey`] when a key cannot be read or written, others may read the private key, or the two do
    /// not belong together.
    pub fn open(directory: &Path) -> Result<Self> {
        let (path, public) = (directory.join(KEY_FILE), directory.join(PUBLIC_FILE));
        let mut is_new = false;
        // In this order: another process that makes the key right now makes the private half first.
        let published = public.exists();
        if !path.exists() {
            if published {
                let reason = format!(
                    "it is missing and {} is there; restore it from a backup, or move the public key away to begin with a new key",
                    public.display()
                );
                return Err(StoreError::AuditKey { path, reason });
            }
            is_new = make(&path)?;
        }
        let private = read_private(&path)?;
        match Self::public(directory)? {
            Some(known) if known != *private.public() => Err(StoreError::AuditKey {
                path,
                reason: format!("{} belongs to another key", public.display()),
            }),
            Some(_) => Ok(Self { private, is_new }),
            None => {
                publish(&public, private.public())?;
                Ok(Self { private, is_new })
            }
        }
    }

    /// The public key of a data directory, if there is one.
    ///
    /// # Errors
    ///
    /// [`StoreError::AuditKey`] when it cannot be read.
    pub fn public(directory: &Path) -> Result<Option<PublicKey>> {
        let path = directory.join(PUBLIC_FILE);
        let text = match read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(unusable(&path, &error)),
        };
        match PublicKey::from_pem(&text) {
            Ok(key) if key.ed25519().is_some() => Ok(Some(key)),
            Ok(_) => Err(unusable(&path, "it is no Ed25519 key")),
            Err(refusal) => Err(unusable(&path, &refusal)),
        }
    }

    /// The private key.
    #[must_use]
    pub fn private(&self) -> &PrivateKey {
        &self.private
    }

    /// The private half, for somebody who signs with nothing else.
    #[must_use]
    pub fn into_private(self) -> PrivateKey {
        self.private
    }

    /// Whether it was made just now.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.is_new
    }
}

fn unusable(path: &Path, reason: &(impl ToString + ?Sized)) -> StoreError {
    StoreError::AuditKey {
        path: path.to_owned(),
        reason: reason.to_string(),
    }
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    File::open(path)?.take(LARGEST).read_to_end(&mut text)?;
    Ok(text)
}

fn read_private(path: &Path) -> Result<PrivateKey> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let metadata = fs::metadata(path).map_err(|error| unusable(path, &error))?;
        let mode = metadata.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            let reason =
                format!("others may use it (mode {mode:03o}); `chmod 600` it if nobody did");
            return Err(unusable(path, &reason));
        }
    }
    let text = read(path).map_err(|error| unusable(path, &error))?;
    match PrivateKey::from_pem(&text, None) {
        Ok(key) if key.public().ed25519().is_some() => Ok(key),
        Ok(_) => Err(unusable(path, "it is no Ed25519 key")),
        Err(refusal) => Err(unusable(path, &refusal)),
    }
}

/// Makes a key, whole or not at all. Gives whether it was this process that made it.
fn make(path: &Path) -> Result<bool> {
    let failed = |error: io::Error| unusable(path, &error);
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(|error| unusable(path, &error))?;
    let key = PrivateKey::ed25519(&secret).map_err(|refusal| unusable(path, &refusal))?;
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory).map_err(failed)?;
    }
    let draft = draft(path)?;
    write(&draft, &key.to_pem(), 0o600).map_err(failed)?;
    // A link is made only where nothing stands: of two processes that do this at once, one wins.
    let made = match fs::hard_link(&draft, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        // Not every file system has links.
        Err(_) => write(path, &key.to_pem(), 0o600).map(|()| true),
        Ok(()) => Ok(true),
    };
    fs::remove_file(&draft).map_err(failed)?;
    made.map_err(failed)
}

fn publish(path: &Path, key: &PublicKey) -> Result<()> {
    let draft = draft(path)?;
    write(&draft, &key.to_pem(), 0o644)
        .and_then(|()| fs::rename(&draft, path))
        .map_err(|error| unusable(path, &error))
}

/// A name beside `path` that nobody else uses.
fn draft(path: &Path) -> Result<PathBuf> {
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(|error| unusable(path, &error))?;
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}", stance_core::digest::hex(&random)));
    Ok(name.into())
}

fn write(path: &Path, text: &str, mode: u32) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(mode);
    }
    #[cfg(not(unix))]
    let _ = mode;
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
