//! Every route asks for its permission, whoever comes: the walk over the whole table.

use stance_serve::auth::Permission;
use stance_serve::route::Listed;
use stance_store::accounts::Role;

use crate::harness::{self, Client, Running};

/// The path with something in it that does not exist.
fn filled(path: &str) -> String {
    path.split('/')
        .map(|part| match part.strip_prefix('{') {
            Some(name) if name.starts_with("id") || name.ends_with("_id}") => "999999999",
            Some(_) => "none",
            None => part,
        })
        .collect::<Vec<_>>()
        .join("/")
}

/// Asks without a body and without a token of a form: whoever passes the permission is told what is missing.
fn ask(client: &mut Client, row: &Listed, csrf: &str) -> (u16, String) {
    let path = filled(&row.path);
    let headers = [("content-type", "application/json"), ("x-csrf-token", csrf)];
    let headers = if csrf.is_empty() {
        &headers[..1]
    } else {
        &headers
    };
    let answer = client.send(row.method.as_str(), &path, headers, Vec::new());
    (answer.status, answer.text)
}

fn table(server: &Running) -> Vec<Listed> {
    let table = server.app.table().to_vec();
    assert!(table.len() > 40, "the table is there: {}", table.len());
    table
}

/// What must not be called in the walk: it ends the session that walks.
fn ends_the_session(row: &Listed) -> bool {
    row.path.ends_with("/sign-out") && !row.path.contains("{id}")
        || row.path.ends_with("end-others")
}

/// What answers for as long as somebody listens.
fn streams(row: &Listed) -> bool {
    row.path == "/events"
}

#[test]
fn nobody_passes_only_where_it_says_public() {
    let server = harness::start();
    server.user("admin2", Role::Admin);
    for row in table(&server) {
        let (status, text) = ask(&mut server.client(), &row, "");
        let name = format!("{} {}: {status} {text}", row.method, row.path);
        assert!(status < 500, "{name}");
        if row.permission == Permission::Public {
            assert!(
                ![401, 403].contains(&status) || row.path.ends_with("/sign-in"),
                "{name}"
            );
        } else if row.is_api() || row.method != "GET" || row.path == "/metrics" {
            assert_eq!(status, 401, "{name}");
        } else {
            assert_eq!(status, 303, "{name}");
        }
    }
}

#[test]
fn each_role_passes_exactly_where_the_table_says() {
    let server = harness::start();
    for role in Role::ALL {
        let mut client = server.signed_in(role);
        let csrf = client.csrf().unwrap();
        for row in table(&server) {
            if ends_the_session(&row) || streams(&row) {
                continue;
            }
            let (status, text) = ask(&mut client, &row, &csrf);
            let name = format!("{role} {} {}: {status} {text}", row.method, row.path);
            assert!(status < 500, "{name}");
            let may = row.permission.is_of(role);
            let refused = status == 403 && text.contains("this needs the permission");
            assert_eq!(refused, !may, "{name}");
        }
    }
}

#[test]
fn a_token_passes_exactly_where_its_scope_says() {
    let server = harness::start();
    server.user("root", Role::Admin);
    for scope in Permission::scopes() {
        let token = server.token("root", &[scope.name()]);
        let mut client = Client::with_token(&server.url, &token);
        for row in table(&server) {
            if streams(&row) {
                continue;
            }
            let (status, text) = ask(&mut client, &row, "");
            let name = format!(
                "{} {} {}: {status} {text}",
                scope.name(),
                row.method,
                row.path
            );
            assert!(status < 500, "{name}");
            let may = match row.permission {
                Permission::Public | Permission::SignedIn => true,
                needed => needed == scope,
            };
            let refused = status == 403
                && (text.contains("lacks the scope") || text.contains("not for tokens"));
            assert_eq!(refused, !may, "{name}");
        }
    }
}

#[test]
fn an_auditor_changes_nothing_but_the_own_account() {
    let changes: Vec<String> = table(&harness::start())
        .iter()
        .filter(|row| row.method != "GET" && row.permission.is_of(Role::Auditor))
        .filter(|row| {
            !matches!(
                row.permission,
                Permission::Public | Permission::OwnAccount | Permission::SignedIn
            )
        })
        .map(|row| format!("{} {}", row.method, row.path))
        .collect();
    assert_eq!(changes, Vec::<String>::new());
}
