//! End to end over fake servers.
