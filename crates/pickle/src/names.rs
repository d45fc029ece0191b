//! One name for what Python calls by several: the modules in C behind a module, and the names of
//! Python 2 that loaders of protocols 0 to 2 translate.

use std::borrow::Cow;

/// Whole names, as `_compat_pickle.NAME_MAPPING` of Python 3 has them, as far as they can do harm
/// or stand in honest files.
const NAMES: &[(&str, &str)] = &[
    ("__builtin__.reduce", "functools.reduce"),
    ("__builtin__.intern", "sys.intern"),
    ("__builtin__.unichr", "builtins.chr"),
    ("__builtin__.unicode", "builtins.str"),
    ("__builtin__.basestring", "builtins.str"),
    ("__builtin__.long", "builtins.int"),
    ("__builtin__.xrange", "builtins.range"),
    ("itertools.imap", "builtins.map"),
    ("itertools.ifilter", "builtins.filter"),
    ("itertools.ifilterfalse", "itertools.filterfalse"),
    ("itertools.izip", "builtins.zip"),
    ("itertools.izip_longest", "itertools.zip_longest"),
    ("UserDict.IterableUserDict", "collections.UserDict"),
    ("exceptions.StandardError", "builtins.Exception"),
    (
        "multiprocessing.process.Process",
        "multiprocessing.context.Process",
    ),
    (
        "multiprocessing.forking.Popen",
        "multiprocessing.popen_fork.Popen",
    ),
    ("urllib.quote", "urllib.parse.quote"),
    ("urllib.unquote", "urllib.parse.unquote"),
    ("urllib.urlencode", "urllib.parse.urlencode"),
    ("urllib.urlopen", "urllib.request.urlopen"),
    ("urllib.urlretrieve", "urllib.request.urlretrieve"),
    ("types.StringType", "builtins.str"),
    ("types.UnicodeType", "builtins.str"),
    ("types.ListType", "builtins.list"),
    ("types.TupleType", "builtins.tuple"),
    ("types.DictType", "builtins.dict"),
    ("types.IntType", "builtins.int"),
    ("types.LongType", "builtins.int"),
    ("types.FloatType", "builtins.float"),
    ("types.TypeType", "builtins.type"),
    ("types.ClassType", "builtins.type"),
    ("types.ObjectType", "builtins.object"),
    ("types.FileType", "builtins.open"),
];

/// Modules: those in C, those of Python 2.
const MODULES: &[(&str, &str)] = &[
    ("__builtin__", "builtins"),
    ("__builtins__", "builtins"),
    ("_operator", "operator"),
    ("_functools", "functools"),
    ("copy_reg", "copyreg"),
    ("_codecs", "codecs"),
    ("_collections", "collections"),
    ("exceptions", "builtins"),
    ("_struct", "struct"),
    ("_bisect", "bisect"),
    ("_heapq", "heapq"),
    ("_json", "json"),
    ("_asyncio", "asyncio"),
    ("_multiprocessing", "multiprocessing"),
    ("_sqlite3", "sqlite3"),
    ("_bz2", "bz2"),
    ("_lzma", "lzma"),
    ("_thread", "threading"),
    ("thread", "threading"),
    ("dummy_thread", "threading"),
    ("_dummy_thread", "threading"),
    ("cPickle", "pickle"),
    ("_pickle", "pickle"),
    ("_compat_pickle", "pickle"),
    ("UserDict", "collections"),
    ("UserList", "collections"),
    ("UserString", "collections"),
    ("StringIO", "io"),
    ("cStringIO", "io"),
    ("Queue", "queue"),
    ("SocketServer", "socketserver"),
    ("ConfigParser", "configparser"),
    ("repr", "reprlib"),
    ("commands", "subprocess"),
    ("_winreg", "winreg"),
    ("httplib", "http.client"),
    ("BaseHTTPServer", "http.server"),
    ("CGIHTTPServer", "http.server"),
    ("SimpleHTTPServer", "http.server"),
    ("cookielib", "http.cookiejar"),
    ("Cookie", "http.cookies"),
    ("xmlrpclib", "xmlrpc.client"),
    ("SimpleXMLRPCServer", "xmlrpc.server"),
    ("DocXMLRPCServer", "xmlrpc.server"),
    ("HTMLParser", "html.parser"),
    ("htmlentitydefs", "html.entities"),
    ("markupbase", "_markupbase"),
    ("urllib2", "urllib.request"),
    ("urlparse", "urllib.parse"),
    ("robotparser", "urllib.robotparser"),
    ("anydbm", "dbm"),
    ("whichdb", "dbm"),
    ("dbhash", "dbm.bsd"),
    ("gdbm", "dbm.gnu"),
    ("dumbdbm", "dbm.dumb"),
    ("os2emxpath", "ntpath"),
    ("Tkinter", "tkinter"),
    ("FileDialog", "tkinter.filedialog"),
    ("tkFileDialog", "tkinter.filedialog"),
    ("SimpleDialog", "tkinter.simpledialog"),
    ("tkSimpleDialog", "tkinter.simpledialog"),
    ("tkMessageBox", "tkinter.messagebox"),
    ("Dialog", "tkinter.dialog"),
    ("ScrolledText", "tkinter.scrolledtext"),
    ("test.test_support", "test.support"),
];

/// The name that Python 3 has for a dotted name of a pickle.
#[must_use]
pub fn python3_name(name: &str) -> Cow<'_, str> {
    // Nearly all names of honest files end here: none of the old modules starts as theirs do.
    if let Some((_, new)) = NAMES.iter().find(|(old, _)| *old == name) {
        return Cow::Borrowed(new);
    }
    let top = name.split('.').next().unwrap_or_default();
    for (old, new) in MODULES {
        if !old.starts_with(top) {
            continue;
        }
        if let Some(rest) = name.strip_prefix(old)
            && (rest.is_empty() || rest.starts_with('.'))
        {
            return Cow::Owned(format!("{new}{rest}"));
        }
    }
    Cow::Borrowed(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_and_inner_names_become_the_names_of_python_3() {
        assert_eq!(python3_name("__builtin__.eval"), "builtins.eval");
        assert_eq!(python3_name("__builtin__.reduce"), "functools.reduce");
        assert_eq!(python3_name("commands.getoutput"), "subprocess.getoutput");
        assert_eq!(python3_name("_operator.attrgetter"), "operator.attrgetter");
        assert_eq!(python3_name("cPickle"), "pickle");
        assert_eq!(python3_name("repr_tools.X"), "repr_tools.X");
    }
}
