//! The service from outside: real server, real database.
