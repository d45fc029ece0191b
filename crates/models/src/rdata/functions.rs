//! Functions of R that reach outside of the object they stand in.

use std::collections::HashMap;
use std::sync::LazyLock;

/// What a function does that an object has no need of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capability {
    /// Starts a program.
    Process,
    /// Opens a connection or downloads.
    Network,
    /// Evaluates text, a file or code of another language.
    Code,
    /// Loads native code.
    Native,
    /// Calls native code that is loaded already.
    NativeCall,
    /// Reads another serialised object.
    Load,
    /// Changes files.
    Write,
    /// Reads files or the environment.
    Read,
    /// Leaves something behind that runs later, or changes what other code means.
    Hook,
    /// Attaches a package.
    Attach,
}

use Capability::{Attach, Code, Hook, Load, Native, NativeCall, Network, Process, Read, Write};

#[rustfmt::skip]
const FUNCTIONS: &[(Capability, &[&str])] = &[
    (Process, &[
        "system", "system2", "shell", "shell.exec", "pipe", "browseURL", "fifo", ".Tcl", "tcl", "exec_wait",
        "exec_background", "exec_internal", "r_wait", "r_background", "processx::run", "processx::process",
        "callr::r", "callr::r_bg", "callr::rscript", "callr::rcmd", "mcparallel", "terminalExecute",
        "makeCluster", "makePSOCKcluster", "psnice", "pskill",
    ]),
    (Network, &[
        "url", "download.file", "download.packages", "install.packages", "update.packages", "socketConnection",
        "serverSocket", "socketAccept", "make.socket", "write.socket", "read.socket", "url.show", "nsl",
        "install_github", "install_url", "install_git", "install_version", "curl_download", "curl_fetch_memory",
        "curl_fetch_disk", "getURL", "getURLContent", "postForm", "httr::GET", "httr::POST", "httr::PUT",
        "httr2::req_perform", "curl::curl", "httpGET", "httpPOST", "curlGetHeaders", "libcurlDownload",
    ]),
    (Code, &[
        "source", "sys.source", "parse", "str2lang", "str2expression", "source_url", "source_gist", "sourceCpp",
        "cppFunction", "evalCpp", "py_run_string", "py_run_file", "py_eval", "source_python", ".jcall", ".jnew",
        "J", "evalText", "parse_expr", "parse_exprs", "eval_string", "runApp", "runGitHub", "runUrl", "julia_eval",
        "js_eval", "knit", "Stangle", "example", "demo",
    ]),
    (Native, &["dyn.load", "library.dynam", "dyn.unload", "inline::cfunction", "cfunction", "getNativeSymbolInfo"]),
    (NativeCall, &[".C", ".Call", ".External", ".External2", ".Fortran", ".External.graphics"]),
    (Load, &["readRDS", "load", "unserialize", "lazyLoad", "lazyLoadDBfetch", "loadWorkbook", "sys.load.image", "attach"]),
    (Write, &[
        "unlink", "file.remove", "file.rename", "file.copy", "file.create", "file.append", "file.symlink",
        "file.link", "dir.create", "writeLines", "writeBin", "writeChar", "write", "write.table", "write.csv",
        "sink", "save", "save.image", "saveRDS", "dput", "dump", "Sys.chmod", "Sys.umask", "fwrite", "write_file",
        "Sys.setFileTime",
    ]),
    (Read, &[
        "readLines", "readBin", "readChar", "file", "scan", "read.csv", "read.table", "read.delim", "fread",
        "list.files", "dir", "Sys.getenv", "Sys.info", "read_file", "gzfile", "bzfile", "xzfile", "unz", "readRenviron",
    ]),
    (Hook, &[
        "reg.finalizer", "setHook", "addTaskCallback", "makeActiveBinding", "delayedAssign", "trace", "untrace",
        "assignInNamespace", "assignInMyNamespace", "unlockBinding", "lockBinding", "registerS3method",
        "registerS3methods", "setMethod", "Sys.setenv", ".libPaths", "setwd", "new.finalizer", "later", "setTimeLimit",
        "tracemem", "globalCallingHandlers", "R_RegisterCFinalizer", "environment<-", "body<-", "Rprof",
    ]),
    (Attach, &["library", "require", "requireNamespace", "loadNamespace", "attachNamespace", "p_load"]),
];

/// What a function can do, by its name with or without its package.
#[must_use]
pub fn capability(name: &str) -> Option<Capability> {
    static BY_NAME: LazyLock<HashMap<&str, Capability>> = LazyLock::new(|| {
        let each = FUNCTIONS.iter();
        each.flat_map(|(capability, names)| names.iter().map(|name| (*name, *capability)))
            .collect()
    });
    let bare = name.rsplit(':').next().unwrap_or(name);
    BY_NAME.get(name).or_else(|| BY_NAME.get(bare)).copied()
}

/// Whether the argument at `index`, called `tag`, of the function `name` is a function that it calls or keeps.
pub(super) fn applies(name: &str, tag: Option<&str>, index: usize) -> bool {
    const FIRST: &[&str] = &[
        "do.call",
        "Map",
        "mapply",
        "Reduce",
        "Filter",
        "Position",
        "Find",
        "exec",
        "invoke",
        "partial",
        "compose",
        "Vectorize",
        "future_mapply",
        "match.fun",
        "call",
        "as.name",
        "as.symbol",
        "sym",
        "get",
        "get0",
        "getFunction",
        "getFromNamespace",
        "getAnywhere",
        "mget",
    ];
    const SECOND: &[&str] = &[
        "lapply",
        "sapply",
        "vapply",
        "rapply",
        "eapply",
        "map",
        "map_chr",
        "walk",
        "mclapply",
        "future_lapply",
        "parLapply",
        "<-",
        "<<-",
        "=",
        "assign",
        "forceAndCall",
        "getExportedValue",
        "`<-`",
    ];
    let bare = name.rsplit(':').next().unwrap_or(name);
    let named = matches!(tag, Some("FUN" | "f" | "what" | ".f" | ".fn"));
    match index {
        0 if tag.is_none() || named => FIRST.contains(&bare) || named && SECOND.contains(&bare),
        1 if tag.is_none() => SECOND.contains(&bare),
        _ => named && (FIRST.contains(&bare) || SECOND.contains(&bare)),
    }
}

/// Functions whose value is the function, or the symbol, that their text names.
pub(super) fn looks_up(name: &str) -> bool {
    const NAMES: &[&str] = &[
        "get",
        "get0",
        "match.fun",
        "getFunction",
        "getExportedValue",
        "getFromNamespace",
        "getAnywhere",
        "dynGet",
        "as.name",
        "as.symbol",
        "quote",
        "bquote",
        "(",
        "identity",
        "sym",
        "ensym",
        "rlang::sym",
        "eval",
        "force",
        "Recall",
    ];
    NAMES.contains(&name.rsplit(':').next().unwrap_or(name))
}

/// Objects of a saved workspace that R calls by itself when it starts or ends.
pub(super) const HOOKS: &[&str] = &[
    ".First",
    ".Last",
    ".First.sys",
    ".Last.sys",
    ".onLoad",
    ".onAttach",
    ".onUnload",
];

/// Environments in which the functions of R themselves are found.
pub(super) fn is_environment(printed: &str) -> bool {
    const CALLS: &[&str] = &[
        "baseenv(",
        "asNamespace(",
        "getNamespace(",
        "as.environment(",
        "globalenv(",
        "topenv(",
        "environment(",
        "parent.env(",
    ];
    const NAMES: &[&str] = &[".BaseNamespaceEnv", ".GlobalEnv"];
    NAMES.contains(&printed) || CALLS.iter().any(|call| printed.starts_with(call))
}
