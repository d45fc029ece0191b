//! One function per kind of fact: the assets and relations it adds.

use crate::asset::{Asset, AssetId, AssetKind, How, Scope};
use crate::digest;
use crate::evidence::Evidence;
use crate::fact::{
    Artifact, ArtifactFormat, Build, Dependency, Ecosystem, Fact, Instructions, McpServer,
    Reference, Secret, Service,
};
use crate::inventory::Inventory;
use crate::observation::Observation;
use crate::relation::{Relation, RelationKind};

/// The attribute of a package that only development needs.
const DEVELOPMENT: &str = "development";

/// Takes the attribute back from packages that some manifest asks for without it.
pub(super) fn settle_development(inventory: &mut Inventory, observations: &[Observation]) {
    for observation in observations {
        if let Fact::Dependency(dependency) = &observation.fact
            && !dependency.development
            && let Some(asset) = inventory.assets.get_mut(&package(dependency))
        {
            asset.attributes.remove(DEVELOPMENT);
        }
    }
}

pub(super) fn add(inventory: &mut Inventory, observation: &Observation) {
    match &observation.fact {
        Fact::Artifact(artifact) => add_artifact(inventory, artifact),
        Fact::Reference(reference) => add_reference(inventory, reference),
        // Both ends are told by references of their own.
        Fact::Relation(relation) => inventory.relations.push(Relation::clone(relation)),
        Fact::Dependency(dependency) => add_dependency(inventory, dependency),
        Fact::McpServer(server) => add_mcp_server(inventory, server),
        Fact::Service(service) => add_service(inventory, service),
        Fact::Instructions(instructions) => add_instructions(inventory, instructions),
        Fact::Secret(secret) => add_secret(inventory, secret),
        Fact::Manifest(manifest) => {
            own(inventory, &manifest.evidence.path.clone());
        }
        Fact::AgentPermission(permission) => super::clients::permit(inventory, permission),
        // These speak about other assets, or about none.
        Fact::Code(_)
        | Fact::Provenance(_)
        | Fact::Signature(_)
        | Fact::Comparison(_)
        | Fact::OtherPackage(_)
        | Fact::Vulnerable(_)
        | Fact::AdvisoryState(_)
        | Fact::Opened(_)
        | Fact::Sensitive(_)
        | Fact::Allow(_)
        | Fact::Gap(_) => {}
    }
}

/// The application that a path belongs to, as an asset of the inventory.
fn own(inventory: &mut Inventory, path: &str) -> AssetId {
    let application = inventory.applications.of(path);
    if let Some(known) = inventory.assets.get(&application.id) {
        return known.id.clone();
    }
    let mut evidence = application.evidence.clone();
    if evidence.path.is_empty() {
        // The root has no manifest: the first file that makes it an application stands for it.
        evidence = Evidence::file(path);
    }
    let asset = Asset::new(
        AssetKind::Application,
        &application.name,
        application.name.as_str(),
        How::Configuration,
        evidence,
    )
    .with_some("version", application.version.clone());
    inventory.see(asset)
}

fn relate(
    inventory: &mut Inventory,
    from: AssetId,
    kind: RelationKind,
    to: AssetId,
    asset: &Asset,
) {
    if let Some(evidence) = asset.evidence.first() {
        inventory.relations.push(Relation {
            from,
            to,
            kind,
            evidence: evidence.clone(),
        });
    }
}

/// Sees an asset and ties it to the application that its first evidence belongs to.
fn see_owned(inventory: &mut Inventory, asset: Asset, kind: RelationKind) -> AssetId {
    let path = asset.evidence.first().map(|evidence| evidence.path.clone());
    let from = own(inventory, &path.unwrap_or_default());
    relate(inventory, from, kind, asset.id.clone(), &asset);
    inventory.see(asset)
}

fn add_artifact(inventory: &mut Inventory, artifact: &Artifact) {
    let path = &artifact.evidence.path;
    if artifact.format == ArtifactFormat::Configuration {
        // It speaks about the model beside it; its templates are told as prompts of their own.
        own(inventory, path);
        return;
    }
    let name = path.rsplit(['/', '!']).next().unwrap_or(path);
    let dtypes: Vec<&str> = artifact.dtypes.keys().map(String::as_str).collect();
    let mut asset = Asset::new(
        AssetKind::Model,
        format!("file/{path}"),
        name,
        How::Observed,
        artifact.evidence.clone(),
    )
    .with("format", artifact.format.title())
    .with("size", artifact.size)
    .with_some("framework", artifact.framework.clone())
    .with_some("sha256", artifact.sha256.clone())
    .with_some("tensors", artifact.tensors)
    .with_some("parameters", artifact.parameters)
    .with_some("architecture", artifact.architecture.clone())
    .with_some("licence", artifact.licence.clone());
    if !dtypes.is_empty() {
        asset = asset.with("dtypes", dtypes.join(", "));
    }
    see_owned(inventory, asset, RelationKind::Contains);
}

fn add_reference(inventory: &mut Inventory, reference: &Reference) {
    if let (AssetKind::Package, How::Import) = (reference.kind, reference.how)
        && is_built(inventory, &reference.key)
    {
        return;
    }
    let mut asset = Asset::new(
        reference.kind,
        &reference.key,
        reference.name.as_str(),
        reference.how,
        reference.evidence.clone(),
    )
    .with_some("vendor", reference.vendor.clone());
    asset.aliases.extend(reference.aliases.iter().cloned());
    for (name, value) in &reference.attributes {
        if name == super::FULL_DESCRIPTION {
            continue;
        }
        asset = asset.with(name, value.clone());
    }
    let whole = reference.attributes.get(super::FULL_DESCRIPTION);
    let described = whole.or_else(|| reference.attributes.get("description"));
    if let Some(text) = described.and_then(serde_json::Value::as_str) {
        asset = asset.with(digest::DESCRIPTION, digest::text(text));
    }
    if reference.kind == AssetKind::Repository {
        // The other way round: the repository contains the application.
        let application = own(inventory, "");
        relate(
            inventory,
            asset.id.clone(),
            RelationKind::Contains,
            application,
            &asset,
        );
        inventory.see(asset);
        return;
    }
    if reference.kind == AssetKind::McpServer && reference.relation == RelationKind::Exposes {
        asset = published(inventory, asset);
    }
    let id = see_owned(inventory, asset, reference.relation);
    if let Some(vendor) = &reference.vendor
        && reference.kind != AssetKind::Vendor
    {
        see_vendor(inventory, vendor, reference.how, &id, &reference.evidence);
    }
}

/// Whether a package is what the tree builds, which its own code imports.
fn is_built(inventory: &Inventory, key: &str) -> bool {
    let Some((ecosystem, name)) = key
        .strip_prefix("pkg:")
        .and_then(|rest| rest.split_once('/'))
    else {
        return false;
    };
    let ecosystem = Ecosystem::of_name(ecosystem);
    ecosystem.is_some_and(|it| inventory.applications.built(it, name).is_some())
}

/// A server that a program implements also goes by the name of the package that publishes it.
fn published(inventory: &Inventory, mut asset: Asset) -> Asset {
    let Some(first) = asset.evidence.first() else {
        return asset;
    };
    let application = inventory.applications.of(&first.path);
    if application.evidence.path.is_empty() {
        return asset;
    }
    if application.name != asset.name {
        asset.aliases.insert(application.name.clone());
    }
    asset.evidence.push(application.evidence.clone());
    asset
}

fn see_vendor(
    inventory: &mut Inventory,
    vendor: &str,
    how: How,
    of: &AssetId,
    evidence: &Evidence,
) {
    let asset = Asset::new(AssetKind::Vendor, vendor, vendor, how, evidence.clone());
    relate(
        inventory,
        of.clone(),
        RelationKind::ProvidedBy,
        asset.id.clone(),
        &asset,
    );
    inventory.see(asset);
}

fn add_dependency(inventory: &mut Inventory, dependency: &Dependency) {
    // A member of the same workspace is what the tree builds, not something that is fetched.
    let built = inventory
        .applications
        .built(dependency.ecosystem, &dependency.name);
    if let Some(member) = built.cloned() {
        let from = own(inventory, &dependency.evidence.path.clone());
        if from != member {
            inventory.relations.push(Relation {
                from,
                to: member,
                kind: RelationKind::DependsOn,
                evidence: dependency.evidence.clone(),
            });
        }
        return;
    }
    let mut asset = Asset::new(
        AssetKind::Package,
        dependency.ecosystem.purl(&dependency.name),
        dependency.name.as_str(),
        How::Configuration,
        dependency.evidence.clone(),
    )
    .with("ecosystem", dependency.ecosystem.name())
    .with_some("version", dependency.version.clone());
    if !dependency.constraint.is_empty() {
        asset = asset.with("constraint", dependency.constraint.as_str());
    }
    if dependency.development {
        asset = asset.with(DEVELOPMENT, true);
        // What only builds or tests a program does not run for its users.
        asset.scope = asset.scope.max(Scope::Test);
    }
    if dependency.direct == Some(false) {
        asset = asset.with("transitive", true);
    }
    see_owned(inventory, asset, RelationKind::DependsOn);
}

fn add_mcp_server(inventory: &mut Inventory, server: &McpServer) {
    let client = client_of(inventory, server);
    let mut asset = Asset::new(
        AssetKind::McpServer,
        mcp_server_key(server),
        server.name.as_str(),
        How::Configuration,
        server.evidence.clone(),
    )
    .with("transport", server.transport.name())
    .with_some(
        "client",
        Some(server.client.as_str()).filter(|client| !client.is_empty()),
    )
    .with_some("command", server.command.clone())
    .with_some("url", server.url.clone());
    if !server.arguments.is_empty() {
        asset = asset.with("arguments", server.arguments.clone());
    }
    if server.disabled {
        asset = asset.with("disabled", true);
    }
    if let Some(url) = &server.url {
        asset.aliases.insert(url.clone());
    }
    if let Some(package) = &server.package {
        let purl = format!("pkg:{}/{}", package.ecosystem, package.name);
        asset = asset.with("package", purl.as_str());
        let dependency = Asset::new(
            AssetKind::Package,
            &purl,
            package.name.as_str(),
            How::Configuration,
            package.evidence.clone(),
        )
        .with("ecosystem", package.ecosystem.as_str())
        .with_some("version", package.version.clone());
        relate(
            inventory,
            asset.id.clone(),
            RelationKind::DependsOn,
            dependency.id.clone(),
            &dependency,
        );
        inventory.see(dependency);
    }
    relate(
        inventory,
        client,
        RelationKind::Configures,
        asset.id.clone(),
        &asset,
    );
    inventory.see(asset);
}

/// Who connects to a server: the client whose file declares it, or the application whose code does.
fn client_of(inventory: &mut Inventory, server: &McpServer) -> AssetId {
    if server.client.is_empty() {
        return own(inventory, &server.evidence.path.clone());
    }
    inventory.see(super::clients::agent(
        &server.client,
        server.evidence.clone(),
    ))
}

/// The natural key of a configured MCP server: the file that declares it and its name there.
#[must_use]
pub(crate) fn mcp_server_key(server: &McpServer) -> String {
    format!("{}#{}", server.evidence.path, server.name)
}

/// The image of a service, if it is an asset of its own.
fn image_of_ai(service: &Service) -> Option<&Build> {
    let image = service.image.as_ref()?;
    super::images::is_of_ai(&image.name).then_some(image)
}

fn add_service(inventory: &mut Inventory, service: &Service) {
    let Some(image) = image_of_ai(service) else {
        return;
    };
    let asset = Asset::new(
        AssetKind::Compute,
        format!("pkg:docker/{}", image.name),
        image.name.as_str(),
        How::Configuration,
        service.evidence.clone(),
    )
    .with("service", service.name.as_str())
    .with_some("version", image.version.clone());
    see_owned(inventory, asset, RelationKind::DependsOn);
    // What runs there is a store, whoever reads it.
    if let Some(technology) = super::images::vector_store(&image.name) {
        let store = Asset::new(
            AssetKind::VectorStore,
            technology,
            technology,
            How::Configuration,
            service.evidence.clone(),
        )
        .with("technology", technology)
        .with("service", service.name.as_str());
        see_owned(inventory, store, RelationKind::DependsOn);
    }
}

fn add_instructions(inventory: &mut Inventory, instructions: &Instructions) {
    let asset = Asset::new(
        AssetKind::Prompt,
        format!("file/{}", instructions.evidence.path),
        instructions.name.as_str(),
        How::Observed,
        instructions.evidence.clone(),
    )
    .with("type", instructions.kind.name())
    .with_some(digest::TEXT, instructions.digest.clone());
    see_owned(inventory, asset, RelationKind::Contains);
}

fn add_secret(inventory: &mut Inventory, secret: &Secret) {
    let asset = Asset::new(
        AssetKind::Secret,
        format!("{}/{}", secret.pattern, secret.digest),
        secret.title,
        How::Literal,
        secret.evidence.clone(),
    )
    .with("value", secret.redacted.as_str())
    .with("vendor", secret.vendor);
    see_owned(inventory, asset, RelationKind::HoldsSecret);
}

impl Fact {
    /// The asset that a finding about this fact is about, given the
    /// application that the path belongs to.
    #[must_use]
    pub fn asset(&self, application: &AssetId) -> AssetId {
        match self {
            Self::Artifact(artifact) => {
                let kind = match artifact.format {
                    ArtifactFormat::Configuration if artifact.has_template() => AssetKind::Prompt,
                    ArtifactFormat::Configuration => return application.clone(),
                    _ => AssetKind::Model,
                };
                AssetId::new(kind, format!("file/{}", artifact.evidence.path))
            }
            Self::Comparison(comparison) => AssetId::new(
                AssetKind::Model,
                format!("file/{}", comparison.evidence.path),
            ),
            Self::Reference(reference) => AssetId::new(reference.kind, &reference.key),
            Self::Relation(relation) => relation.from.clone(),
            Self::Dependency(dependency) => package(dependency),
            Self::Vulnerable(vulnerable) if vulnerable.inventoried => {
                package(&vulnerable.dependency)
            }
            Self::McpServer(server) => AssetId::new(AssetKind::McpServer, mcp_server_key(server)),
            Self::AgentPermission(permission) => AssetId::new(AssetKind::Agent, &permission.client),
            Self::Service(service) => image_of_ai(service).map_or_else(
                || application.clone(),
                |image| AssetId::new(AssetKind::Compute, format!("pkg:docker/{}", image.name)),
            ),
            Self::Instructions(instructions) => AssetId::new(
                AssetKind::Prompt,
                format!("file/{}", instructions.evidence.path),
            ),
            Self::Secret(secret) => AssetId::new(
                AssetKind::Secret,
                format!("{}/{}", secret.pattern, secret.digest),
            ),
            Self::Code(_)
            | Self::Provenance(_)
            | Self::Signature(_)
            | Self::Manifest(_)
            | Self::OtherPackage(_)
            | Self::Vulnerable(_)
            | Self::AdvisoryState(_)
            | Self::Opened(_)
            | Self::Sensitive(_)
            | Self::Allow(_)
            | Self::Gap(_) => application.clone(),
        }
    }
}

fn package(dependency: &Dependency) -> AssetId {
    AssetId::new(
        AssetKind::Package,
        dependency.ecosystem.purl(&dependency.name),
    )
}
