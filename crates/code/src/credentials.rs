//! Classes and functions of cloud SDKs that sign in without a key in the source: as a managed identity, as whoever runs
//! the program, as a service account. Which class says whose identity; all languages ask here.

/// How somebody signs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignIn {
    /// The cloud, as vendors are called.
    pub vendor: &'static str,
    /// The class or function, as the makers of the SDK for Python and JavaScript call it.
    pub name: &'static str,
    /// What people call it.
    pub title: &'static str,
}

const fn sign_in(vendor: &'static str, name: &'static str, title: &'static str) -> SignIn {
    SignIn {
        vendor,
        name,
        title,
    }
}

/// The classes of `azure-identity` and its siblings, of `google-auth` and of the AWS SDKs.
const ALL: [SignIn; 26] = [
    sign_in(
        "azure",
        "DefaultAzureCredential",
        "default Azure credential",
    ),
    sign_in("azure", "ManagedIdentityCredential", "managed identity"),
    sign_in("azure", "WorkloadIdentityCredential", "workload identity"),
    sign_in("azure", "AzureCliCredential", "Azure CLI"),
    sign_in(
        "azure",
        "AzureDeveloperCliCredential",
        "Azure Developer CLI",
    ),
    sign_in("azure", "AzurePowerShellCredential", "Azure PowerShell"),
    sign_in("azure", "AzurePipelinesCredential", "Azure Pipelines"),
    sign_in("azure", "VisualStudioCredential", "Visual Studio"),
    sign_in("azure", "InteractiveBrowserCredential", "browser sign-in"),
    sign_in("azure", "DeviceCodeCredential", "device code"),
    sign_in(
        "azure",
        "ClientSecretCredential",
        "service principal by secret",
    ),
    sign_in(
        "azure",
        "ClientCertificateCredential",
        "service principal by certificate",
    ),
    sign_in(
        "azure",
        "ClientAssertionCredential",
        "service principal by assertion",
    ),
    sign_in(
        "azure",
        "EnvironmentCredential",
        "Azure credential of the environment",
    ),
    sign_in("azure", "OnBehalfOfCredential", "Azure on behalf of a user"),
    sign_in(
        "google",
        "google.auth.default",
        "application default credentials",
    ),
    sign_in("google", "GoogleAuth", "application default credentials"),
    sign_in(
        "google",
        "GoogleCredentials",
        "application default credentials",
    ),
    sign_in(
        "google",
        "GoogleCredential",
        "application default credentials",
    ),
    sign_in(
        "google",
        "FindDefaultCredentials",
        "application default credentials",
    ),
    sign_in(
        "aws",
        "DefaultCredentialsProvider",
        "default AWS credentials",
    ),
    sign_in("aws", "ProfileCredentialsProvider", "AWS profile"),
    sign_in(
        "aws",
        "InstanceProfileCredentialsProvider",
        "AWS instance profile",
    ),
    sign_in(
        "aws",
        "DefaultAWSCredentialsProviderChain",
        "default AWS credentials",
    ),
    sign_in(
        "aws",
        "StsAssumeRoleCredentialsProvider",
        "assumed AWS role",
    ),
    sign_in(
        "aws",
        "FallbackCredentialsFactory",
        "default AWS credentials",
    ),
];

/// The way of signing in that a class, its builder or its constructor is: `DefaultAzureCredentialBuilder`,
/// `NewDefaultAzureCredential`.
#[must_use]
pub fn signs_in(class: &str) -> Option<SignIn> {
    let name = class.strip_prefix("New").unwrap_or(class);
    let name = name.strip_suffix("Builder").unwrap_or(name);
    let name = match name {
        "AzureCLICredential" => "AzureCliCredential",
        "AzureDeveloperCLICredential" => "AzureDeveloperCliCredential",
        name => name,
    };
    ALL.iter().find(|one| one.name == name).copied()
}

/// The names of all, as far as their last part goes.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    ALL.iter()
        .filter(|one| !one.name.contains('.'))
        .map(|one| one.name)
}

#[cfg(test)]
mod tests {
    use super::signs_in;

    #[test]
    fn builders_and_constructors_are_the_class_they_make() {
        for class in [
            "DefaultAzureCredential",
            "DefaultAzureCredentialBuilder",
            "NewDefaultAzureCredential",
        ] {
            assert_eq!(
                signs_in(class).map(|it| it.name),
                Some("DefaultAzureCredential"),
                "{class}"
            );
        }
        assert_eq!(signs_in("AzureKeyCredential"), None);
    }
}
