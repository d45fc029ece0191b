//! What those who run the service do, and what happens to it: backups, the doctor, TLS, signals, faults.

mod backup;
mod ending;
mod faults;
mod tls;
