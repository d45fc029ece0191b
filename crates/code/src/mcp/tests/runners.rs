use crate::mcp::package;

#[test]
fn runners_name_their_package_and_whether_it_is_exact() {
    for (line, ecosystem, name, version, pinned) in [
        ("npx -y @scope/name", "npm", "@scope/name", None, false),
        (
            "npx -y @scope/name@latest",
            "npm",
            "@scope/name",
            Some("latest"),
            false,
        ),
        ("npx -y name@^1.2.3", "npm", "name", Some("^1.2.3"), false),
        ("npx name@1.2", "npm", "name", Some("1.2"), false),
        (
            "npx --yes name@1.2.3-rc.1",
            "npm",
            "name",
            Some("1.2.3-rc.1"),
            true,
        ),
        (
            "npx -p @s/pkg@2.0.0 bin",
            "npm",
            "@s/pkg",
            Some("2.0.0"),
            true,
        ),
        ("C:\\nodejs\\npx.cmd -y name", "npm", "name", None, false),
        (
            "cmd /c npx -y name@1.0.0",
            "npm",
            "name",
            Some("1.0.0"),
            true,
        ),
        ("env A=b npx name", "npm", "name", None, false),
        ("bunx name@1.0.0", "npm", "name", Some("1.0.0"), true),
        ("pnpm dlx name", "npm", "name", None, false),
        ("yarn dlx name@3.1.4", "npm", "name", Some("3.1.4"), true),
        ("npm exec -- name@1.0.0", "npm", "name", Some("1.0.0"), true),
        ("npx -y owner/repo", "git", "github:owner/repo", None, false),
        (
            "npx -y github:owner/repo#0123456789abcdef0123456789abcdef01234567",
            "git",
            "github:owner/repo",
            Some("0123456789abcdef0123456789abcdef01234567"),
            true,
        ),
        (
            "npx -y https://h/x.tgz",
            "url",
            "https://h/x.tgz",
            None,
            false,
        ),
        ("uvx mcp-server-git", "pypi", "mcp-server-git", None, false),
        (
            "uvx mcp_server.git==1.2",
            "pypi",
            "mcp-server-git",
            Some("1.2"),
            true,
        ),
        ("uvx pkg[extra]@1.2.3", "pypi", "pkg", Some("1.2.3"), true),
        ("uvx pkg@latest", "pypi", "pkg", Some("latest"), false),
        (
            "uvx --python 3.12 --from pkg>=2 tool",
            "pypi",
            "pkg",
            Some(">=2"),
            false,
        ),
        (
            "uvx --from git+https://github.com/o/r@main tool",
            "git",
            "git+https://github.com/o/r",
            Some("main"),
            false,
        ),
        ("uv tool run pkg==1.*", "pypi", "pkg", Some("1.*"), false),
        (
            "pipx run --spec pkg==1.0 tool",
            "pypi",
            "pkg",
            Some("1.0"),
            true,
        ),
        (
            "docker run -i --rm -e TOKEN ghcr.io/o/i",
            "docker",
            "ghcr.io/o/i",
            None,
            false,
        ),
        (
            "docker run --rm -i --mount type=bind,src=/a,dst=/b mcp/x:latest",
            "docker",
            "mcp/x",
            Some("latest"),
            false,
        ),
        (
            "docker run h:5000/i:1.2.3",
            "docker",
            "h:5000/i",
            Some("1.2.3"),
            true,
        ),
        (
            "docker run mcp/x@sha256:00 a",
            "docker",
            "mcp/x",
            Some("sha256:00"),
            true,
        ),
        (
            "deno run -A npm:name@1.0.0",
            "npm",
            "name",
            Some("1.0.0"),
            true,
        ),
        (
            "deno run https://h/s.ts",
            "url",
            "https://h/s.ts",
            None,
            false,
        ),
        (
            "go run example.com/x@v1.2.3",
            "golang",
            "example.com/x",
            Some("v1.2.3"),
            true,
        ),
    ] {
        let words: Vec<&str> = line.split(' ').collect();
        let run = package::of_command(&words).unwrap_or_else(|| panic!("{line}"));
        assert_eq!(
            (
                run.ecosystem,
                run.name.as_str(),
                run.version.as_deref(),
                run.pinned
            ),
            (ecosystem, name, version, pinned),
            "{line}"
        );
    }
    for line in [
        "node server.js",
        "python -m server",
        "uv run server.py",
        "npx ./local",
        "npx",
        "docker compose up",
        "/usr/bin/srv --x",
    ] {
        let words: Vec<&str> = line.split(' ').collect();
        assert_eq!(package::of_command(&words), None, "{line}");
    }
}
