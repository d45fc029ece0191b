//! The commands about signatures.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::TextOrJson;

/// How a model is hashed to be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SignedHash {
    /// SHA-256, which every verifier knows
    Sha256,
    /// BLAKE2b
    Blake2b,
    /// BLAKE3
    Blake3,
}

#[derive(Debug, Args)]
pub(crate) struct SignArguments {
    /// The model: a directory, or one file
    #[arg(value_name = "MODEL")]
    pub(crate) model: PathBuf,
    /// The private key, in PEM: ECDSA on P-256, P-384 or P-521, or Ed25519
    #[arg(long, env = "STANCE_SIGN_PRIVATE_KEY", value_name = "FILE")]
    pub(crate) private_key: PathBuf,
    /// File whose first line is the password of the private key [default: the environment variable
    /// STANCE_SIGN_PASSWORD]
    #[arg(long, env = "STANCE_SIGN_PASSWORD_FILE", value_name = "FILE")]
    pub(crate) password_file: Option<PathBuf>,
    /// The certificate of the key, in PEM, to be put into the signature
    #[arg(long, env = "STANCE_SIGN_CERTIFICATE", value_name = "FILE")]
    pub(crate) certificate: Option<PathBuf>,
    /// Certificates between it and a trusted one, in PEM; may be repeated
    #[arg(
        long,
        env = "STANCE_SIGN_CHAIN",
        value_name = "FILE",
        value_delimiter = ',',
        requires = "certificate"
    )]
    pub(crate) chain: Vec<PathBuf>,
    /// Where to write the signature [default: model.sig in a directory, FILE.sig behind a file]
    #[arg(short, long, env = "STANCE_SIGN_OUTPUT", value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Leave out this path of the model; may be repeated
    #[arg(
        long,
        env = "STANCE_SIGN_IGNORE",
        value_name = "PATH",
        value_delimiter = ','
    )]
    pub(crate) ignore: Vec<PathBuf>,
    /// Also sign .git, .gitattributes, .github and .gitignore
    #[arg(long, env = "STANCE_SIGN_WITH_GIT")]
    pub(crate) with_git: bool,
    /// Let symbolic links to files count as those files
    #[arg(long, env = "STANCE_SIGN_ALLOW_SYMLINKS")]
    pub(crate) allow_symlinks: bool,
    /// How the files are hashed
    #[arg(long, env = "STANCE_SIGN_HASH", default_value = "sha256")]
    pub(crate) hash: SignedHash,
    /// Hash each stretch of so many bytes by itself, on all cores, instead of whole files
    #[arg(long, env = "STANCE_SIGN_SHARD_SIZE", value_name = "BYTES", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) shard_size: Option<u64>,
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("trust").required(true).args(["public_key", "certificate_chain", "identity"]))]
pub(crate) struct VerifyArguments {
    /// The model: a directory, or one file
    #[arg(value_name = "MODEL")]
    pub(crate) model: PathBuf,
    /// The signature [default: model.sig in a directory; FILE.sig or model.sig beside a file]
    #[arg(long, env = "STANCE_VERIFY_SIGNATURE", value_name = "FILE")]
    pub(crate) signature: Option<PathBuf>,
    /// Trust the holder of this public key, in PEM
    #[arg(long, env = "STANCE_VERIFY_PUBLIC_KEY", value_name = "FILE")]
    pub(crate) public_key: Option<PathBuf>,
    /// Trust holders of certificates that lead to one of these, in PEM; may be repeated
    #[arg(
        long,
        env = "STANCE_VERIFY_CERTIFICATE_CHAIN",
        value_name = "FILE",
        value_delimiter = ','
    )]
    pub(crate) certificate_chain: Vec<PathBuf>,
    /// Trust this Sigstore identity: a mail address, or the address of a workflow
    #[arg(long, env = "STANCE_VERIFY_IDENTITY", value_name = "IDENTITY", requires_all = ["identity_provider", "trust_root"])]
    pub(crate) identity: Option<String>,
    /// Who vouches for the identity, such as https://accounts.google.com
    #[arg(
        long,
        env = "STANCE_VERIFY_IDENTITY_PROVIDER",
        value_name = "ADDRESS",
        requires = "identity"
    )]
    pub(crate) identity_provider: Option<String>,
    /// Keys and certificates of the Sigstore instance: its trusted_root.json
    #[arg(
        long,
        env = "STANCE_VERIFY_TRUST_ROOT",
        value_name = "FILE",
        requires = "identity"
    )]
    pub(crate) trust_root: Option<PathBuf>,
    /// Leave out this path of the model; may be repeated
    #[arg(
        long,
        env = "STANCE_VERIFY_IGNORE",
        value_name = "PATH",
        value_delimiter = ','
    )]
    pub(crate) ignore: Vec<PathBuf>,
    /// Accept files that were not signed
    #[arg(long, env = "STANCE_VERIFY_IGNORE_UNSIGNED_FILES")]
    pub(crate) ignore_unsigned_files: bool,
    /// Hold .git, .gitattributes, .github and .gitignore against the signature as well
    #[arg(long, env = "STANCE_VERIFY_WITH_GIT")]
    pub(crate) with_git: bool,
    /// Let symbolic links to files count as those files
    #[arg(long, env = "STANCE_VERIFY_ALLOW_SYMLINKS")]
    pub(crate) allow_symlinks: bool,
    /// Text for people or JSON for programs
    #[arg(long, env = "STANCE_VERIFY_FORMAT", default_value = "text")]
    pub(crate) format: TextOrJson,
}
