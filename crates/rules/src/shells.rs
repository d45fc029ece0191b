//! What hands an agent a shell: facts about published servers and about command lines.

use stance_core::fact::McpServer;

/// MCP servers that are made to run any command on the machine they run on, by package name.
#[rustfmt::skip]
const SHELL_SERVERS: [&str; 26] = [
    "@dillip285/mcp-terminal", "@mako10k/mcp-shell-server", "@mkusaka/mcp-shell-server",
    "@simonb97/server-win-cli", "@wonderwhy-er/desktop-commander", "desktop-commander",
    "bash-mcp", "iterm-mcp", "mcp-bash", "mcp-server-bash", "mcp-server-commands",
    "mcp-server-shell", "mcp-server-terminal", "mcp-shell", "mcp-shell-server", "mcp-ssh",
    "mcp-terminal", "open-interpreter", "powershell-mcp", "shell-command-mcp",
    "shell-mcp-server", "ssh-mcp", "ssh-mcp-server", "super-shell-mcp", "terminal-controller",
    "tmux-mcp",
];

/// The name under which a server is known to run any command.
pub(crate) fn shell_server(server: &McpServer) -> Option<&str> {
    let package = server.package.as_ref().map(|package| package.name.as_str());
    let bare = |word: &'_ str| {
        word.rsplit(['/', '\\'])
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    let known = |name: &str| {
        let last = bare(name);
        SHELL_SERVERS
            .iter()
            .any(|server| *server == name || *server == last)
    };
    package
        .filter(|name| known(name))
        .or_else(|| server.command.as_deref().filter(|command| known(command)))
}

/// The words of a command, those behind `sh -c` split too, when it is run by a shell.
pub(crate) fn shell_line(server: &McpServer) -> Option<String> {
    let command = server.command.as_deref()?;
    let name = command.rsplit(['/', '\\']).next().unwrap_or_default();
    let name = name.to_ascii_lowercase();
    let name = name.strip_suffix(".exe").unwrap_or(&name);
    let shell = matches!(
        name,
        "sh" | "bash" | "zsh" | "dash" | "fish" | "cmd" | "powershell" | "pwsh" | "wsl"
    );
    shell.then(|| server.arguments.join(" "))
}

/// Whether a program is a shell.
pub(crate) fn is_shell(program: &str) -> bool {
    let name = program.rsplit(['/', '\\']).next().unwrap_or_default();
    matches!(
        name.trim_end_matches(".exe"),
        "sh" | "bash" | "zsh" | "dash" | "ash" | "ksh" | "fish" | "cmd" | "powershell" | "pwsh"
    )
}
