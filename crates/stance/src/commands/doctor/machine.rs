//! The program, the machine and what the service is given beside its data.

use jiff::{SignedDuration, Timestamp};
use stance_govern::signature::Certificate;
use stance_serve::server::{TlsFiles, check_tls};

use super::Area;
use crate::cli::DoctorArguments;

/// How long before its end a certificate is told to be renewed.
const SOON: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Largest file of certificates that is read.
const LARGEST: u64 = 1 << 20;

pub(super) fn program(area: &mut Area<'_>) {
    area.ok(format!(
        "stance {}, {} rules, {} frameworks",
        env!("CARGO_PKG_VERSION"),
        stance_rules::all().count(),
        stance_core::control::frameworks().len()
    ));
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    area.ok(format!("{cores} cores"));
}

/// Certificate and key that the service is given.
pub(super) fn tls(area: &mut Area<'_>, arguments: &DoctorArguments, now: Timestamp) {
    let (Some(certificate), Some(key)) = (&arguments.tls_cert, &arguments.tls_key) else {
        if arguments.tls_cert.is_some() != arguments.tls_key.is_some() {
            area.wrong(
                "a certificate or a key is given, and not the other",
                "give both --tls-cert and --tls-key",
            );
        }
        return;
    };
    let files = TlsFiles {
        certificate: certificate.clone(),
        key: key.clone(),
    };
    if let Err(error) = check_tls(&files) {
        area.failed(&error);
        return;
    }
    private(area, key);
    let text = crate::signing::read_bounded(certificate, LARGEST).unwrap_or_default();
    let Ok(all) = Certificate::all_from_pem(&text) else {
        area.warning(
            format!(
                "{} fits its key; its dates cannot be read",
                certificate.display()
            ),
            "look at them with `openssl x509 -noout -dates`",
        );
        return;
    };
    // One that signed it may end earlier than it does.
    let ends = all.iter().map(|one| one.validity().1).min();
    let begins = all.iter().map(|one| one.validity().0).max();
    let (Some(begins), Some(ends)) = (begins, ends) else {
        return;
    };
    let name = certificate.display();
    if now < begins {
        area.wrong(
            format!("{name} is valid from {begins}"),
            "check the clock of this machine, or wait until then",
        );
    } else if now > ends {
        area.wrong(
            format!("{name} ended at {ends}"),
            "renew the certificate and start the service again",
        );
    } else if ends.duration_since(now) < SOON {
        area.warning(
            format!("{name} ends at {ends}"),
            "renew the certificate and start the service again",
        );
    } else {
        area.ok(format!("{name} fits its key and is valid until {ends}"));
    }
}

/// Says when others can read a private key.
fn private(area: &mut Area<'_>, key: &std::path::Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(key).map_or(0, |it| it.permissions().mode() & 0o777);
        if mode & 0o007 != 0 {
            area.wrong(
                format!("everybody can use {} (mode {mode:03o})", key.display()),
                "`chmod 600` it, and renew the certificate if somebody may have read it",
            );
        }
    }
    #[cfg(not(unix))]
    let _ = (area, key);
}
