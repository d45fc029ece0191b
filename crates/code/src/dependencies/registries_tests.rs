//! Manifests and lock files of the registries that came later, and packages that are no AI.

use stance_core::fact::{Dependency, Fact, GapReason};
use stance_read::{Bytes, Interests, Limits, Options};

fn facts(path: &str, content: &str) -> Vec<Fact> {
    let interests = Interests::default();
    let options = Options {
        limits: Limits::default(),
        hash: false,
        interests: &interests,
        parsers: crate::PARSERS,
    };
    let report = stance_read::scan(path, &Bytes(content.as_bytes()), &options);
    report.facts.into_iter().map(|(_, fact)| fact).collect()
}

fn all(path: &str, content: &str) -> Vec<(Dependency, bool)> {
    let found = facts(path, content)
        .into_iter()
        .filter_map(|fact| match fact {
            Fact::Dependency(dependency) => Some((*dependency, true)),
            Fact::OtherPackage(dependency) => Some((*dependency, false)),
            _ => None,
        });
    found.collect()
}

/// One line for each package: purl, version or constraint in brackets, `ai`, whether it is asked for directly,
/// `dev`, the line.
fn told(path: &str, content: &str) -> String {
    let lines: Vec<String> = all(path, content)
        .into_iter()
        .map(|(one, ai)| {
            let purl = one.ecosystem.purl(&one.name);
            let version = one.version.map_or_else(
                || format!("({})", one.constraint),
                |version| version.clone(),
            );
            let direct = match one.direct {
                Some(true) => " direct",
                Some(false) => " transitive",
                None => "",
            };
            let line = one.evidence.locus.line().unwrap();
            format!(
                "{purl} {version}{}{direct}{} :{line}",
                if ai { " ai" } else { "" },
                if one.development { " dev" } else { "" },
            )
        })
        .collect();
    lines.join("\n")
}

#[test]
fn go_modules_with_what_is_asked_for_and_replaced() {
    let text = "module example.com/app\n\ngo 1.22\n\nrequire github.com/ollama/ollama v0.1.33\n\nrequire (\n\t\
                golang.org/x/net v0.17.0 // indirect\n\tgithub.com/a/b v1.0.0 // used\n\texample.com/own v0.0.0\n)\n\n\
                replace github.com/a/b => github.com/c/b v1.2.0\nreplace (\n\texample.com/own => ../own\n)\nexclude x.y/z v1.0.0\n";
    assert_eq!(
        told("go.mod", text),
        "pkg:golang/github.com/ollama/ollama v0.1.33 ai direct :5\n\
         pkg:golang/golang.org/x/net v0.17.0 transitive :8\n\
         pkg:golang/github.com/c/b v1.2.0 direct :9"
    );
}

#[test]
fn cargo_manifests_and_lock_files() {
    let manifest = "[package]\nname = \"app\"\nversion = \"0.1.0\"\n[dependencies]\nasync-openai = \"0.20\"\n\
                    json = { package = \"serde_json\", version = \"=1.0.5\" }\nown = { path = \"../own\" }\n\
                    shared = { workspace = true }\n[dev-dependencies]\ninsta = \"1\"\n\
                    [target.'cfg(unix)'.dependencies]\nlibc = \"0.2\"\n";
    assert_eq!(
        told("Cargo.toml", manifest),
        "pkg:cargo/async-openai (0.20) ai direct :5\npkg:cargo/serde_json 1.0.5 direct :6\n\
         pkg:cargo/insta (1) direct dev :10\npkg:cargo/libc (0.2) direct :12"
    );
    let lock = "version = 4\n\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\n \"serde\",\n]\n\n\
                [[package]]\nname = \"serde\"\nversion = \"1.0.1\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\n\
                checksum = \"ab\"\ndependencies = [\n \"syn\",\n]\n\n[[package]]\nname = \"syn\"\nversion = \"2.0.0\"\n\
                source = \"registry+https://github.com/rust-lang/crates.io-index\"\n";
    assert_eq!(
        told("Cargo.lock", lock),
        "pkg:cargo/serde 1.0.1 direct :11\npkg:cargo/syn 2.0.0 transitive :20"
    );
}

#[test]
fn maven_with_properties_parents_and_managed_versions() {
    let text = "<?xml version=\"1.0\"?>\n<project>\n<parent><groupId>org.springframework.boot</groupId>\
        <artifactId>spring-boot-starter-parent</artifactId><version>3.1.0</version></parent>\n\
        <artifactId>app</artifactId>\n<properties><ai.version>0.25.0</ai.version><again>${ai.version}</again></properties>\n\
        <dependencyManagement><dependencies>\n<dependency><groupId>g</groupId><artifactId>managed</artifactId>\
        <version>2.0</version></dependency>\n</dependencies></dependencyManagement>\n<dependencies>\n\
        <dependency><groupId>dev.langchain4j</groupId><artifactId>langchain4j</artifactId><version>${again}</version></dependency>\n\
        <dependency><groupId>g</groupId><artifactId>managed</artifactId></dependency>\n\
        <dependency><groupId>${project.groupId}</groupId><artifactId>range</artifactId><version>[1.0,2.0)</version>\
        <scope>test</scope></dependency>\n\
        <dependency><groupId>g</groupId><artifactId>elsewhere</artifactId><version>${not.here}</version></dependency>\n\
        </dependencies>\n</project>\n";
    assert_eq!(
        told("pom.xml", text),
        "pkg:maven/org.springframework.boot/spring-boot-starter-parent 3.1.0 direct :3\n\
         pkg:maven/g/managed 2.0 direct :7\npkg:maven/dev.langchain4j/langchain4j 0.25.0 ai direct :10\n\
         pkg:maven/g/managed 2.0 direct :11\npkg:maven/org.springframework.boot/range ([1.0,2.0)) direct dev :12"
    );
    let bomb = "<!DOCTYPE p [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><project><artifactId>&b;</artifactId></project>";
    let gaps: Vec<GapReason> = facts("pom.xml", bomb)
        .into_iter()
        .filter_map(|fact| match fact {
            Fact::Gap(gap) => Some(gap.reason),
            _ => None,
        })
        .collect();
    assert_eq!(gaps, [GapReason::Limit]);
    // Properties that grow when they are put into one another end.
    let mut text = "<project><properties>".to_owned();
    for at in 0..40 {
        text += &format!("<p{at}>${{p{}}}${{p{}}}</p{at}>", at + 1, at + 1);
    }
    text += "</properties><dependencies><dependency><groupId>g</groupId><artifactId>a</artifactId><version>${p0}</version>\
             </dependency></dependencies></project>";
    assert_eq!(told("pom.xml", &text), "");
}

#[test]
fn gradle_scripts_catalogues_and_lock_files() {
    let script = "val ktor = \"2.3.0\"\ndependencies {\n    implementation(\"io.ktor:ktor-server:$ktor\")\n    \
                  testImplementation 'junit:junit:4.13'\n    implementation(platform(\"a.b:bom:1.0\"))\n    \
                  implementation group: 'c.d', name: 'e', version: '1.1'\n    implementation(libs.langchain)\n    \
                  api(project(\":core\"))\n    runtimeOnly(\"f:g:1.+\")\n}\n";
    assert_eq!(
        told("build.gradle.kts", script),
        "pkg:maven/io.ktor/ktor-server 2.3.0 direct :3\npkg:maven/junit/junit 4.13 direct dev :4\n\
         pkg:maven/a.b/bom 1.0 direct :5\npkg:maven/c.d/e 1.1 direct :6"
    );
    let catalogue = "[versions]\nlc = \"0.25.0\"\nrich = { strictly = \"2.0\" }\n[libraries]\n\
                     langchain = { module = \"dev.langchain4j:langchain4j\", version.ref = \"lc\" }\n\
                     a = { group = \"g\", name = \"a\", version.ref = \"rich\" }\nb = \"g:b:1.0\"\n";
    assert_eq!(
        told("gradle/libs.versions.toml", catalogue),
        "pkg:maven/dev.langchain4j/langchain4j 0.25.0 ai direct :5\npkg:maven/g/a 2.0 direct :6\npkg:maven/g/b 1.0 direct :7"
    );
    let lock = "# remark\na.b:c:1.0=compileClasspath,runtimeClasspath\nd:e:2=testRuntimeClasspath\nempty=\n";
    assert_eq!(
        told("gradle.lockfile", lock),
        "pkg:maven/a.b/c 1.0 :2\npkg:maven/d/e 2 dev :3"
    );
}

#[test]
fn ruby_php_and_dotnet() {
    let gems = "GIT\n  remote: x\n  specs:\n    own (0.1)\n\nGEM\n  remote: https://rubygems.org/\n  specs:\n    ruby-openai (6.0.0)\n      \
                faraday (>= 1)\n    nokogiri (1.15.0-x86_64-linux)\n\nDEPENDENCIES\n  ruby-openai (~> 6)\n";
    assert_eq!(
        told("Gemfile.lock", gems),
        "pkg:gem/ruby-openai 6.0.0 ai direct :9\npkg:gem/nokogiri 1.15.0 transitive :11"
    );
    let composer = "{\"packages\": [{\"name\": \"Guzzle/Http\", \"version\": \"v7.1.0\"}],\n\"packages-dev\": [{\"name\": \"a/b\", \"version\": \"1.0\"}]}";
    assert_eq!(
        told("composer.lock", composer),
        "pkg:composer/guzzle/http v7.1.0 :1\npkg:composer/a/b 1.0 dev :2"
    );
    let project = "<Project>\n<ItemGroup>\n<PackageReference Include=\"Microsoft.SemanticKernel\" Version=\"1.0.1\" />\n\
                   <PackageReference Include=\"Newtonsoft.Json\"><Version>12.0.1</Version></PackageReference>\n\
                   <PackageReference Include=\"X\" Version=\"$(V)\" /><PackageReference Include=\"OpenAI\" />\n</ItemGroup>\n</Project>";
    assert_eq!(
        told("app.csproj", project),
        "pkg:nuget/microsoft.semantickernel 1.0.1 ai direct :3\npkg:nuget/newtonsoft.json 12.0.1 direct :4\npkg:nuget/openai () ai direct :5"
    );
    let lock = "{\"version\": 1, \"dependencies\": {\"net8.0\": {\n\"A\": {\"type\": \"Direct\", \"resolved\": \"1.0.0\"},\n\
                \"B\": {\"type\": \"Transitive\", \"resolved\": \"2.0.0\"}}}}";
    assert_eq!(
        told("packages.lock.json", lock),
        "pkg:nuget/a 1.0.0 direct :2\npkg:nuget/b 2.0.0 transitive :3"
    );
}

#[test]
fn lock_files_of_javascript_tell_what_is_asked_for() {
    let lock = "{\"packages\": {\"\": {\"dependencies\": {\"openai\": \"^4\"}, \"devDependencies\": {\"jest\": \"1\"}},\n\
                \"node_modules/openai\": {\"version\": \"4.1.0\"},\n\"node_modules/jest\": {\"version\": \"29.0.0\", \"dev\": true},\n\
                \"node_modules/openai/node_modules/ms\": {\"version\": \"2.0.0\"}}}";
    assert_eq!(
        told("package-lock.json", lock),
        "pkg:npm/openai 4.1.0 ai direct :2\npkg:npm/jest 29.0.0 direct dev :3\npkg:npm/ms 2.0.0 transitive :4"
    );
    let bun = "{\n\"lockfileVersion\": 1,\n\"workspaces\": {\"\": {\"name\": \"x\", \"dependencies\": {\"ai\": \"^4\"},},},\n\"packages\": {\n\
               \"ai\": [\"ai@4.0.0\", \"\", {}, \"sha512-x\"],\n\"zod\": [\"zod@3.1.0\", \"\", {}, \"sha512-y\"],\n\
               \"own\": [\"own@workspace:packages/own\"],\n},\n}";
    assert_eq!(
        told("bun.lock", bun),
        "pkg:npm/ai 4.0.0 ai direct :5\npkg:npm/zod 3.1.0 transitive :6"
    );
}

#[test]
fn lock_files_of_python_tell_what_is_asked_for() {
    let uv = "version = 1\n\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\nsource = { virtual = \".\" }\ndependencies = [\n    \
              { name = \"openai\" },\n]\n\n[package.dev-dependencies]\ndev = [\n    { name = \"pytest\" },\n]\n\n\
              [[package]]\nname = \"openai\"\nversion = \"1.0.0\"\nsource = { registry = \"https://pypi.org/simple\" }\n\
              dependencies = [\n    { name = \"httpx\" },\n]\n\n[[package]]\nname = \"httpx\"\nversion = \"0.20.0\"\n\n\
              [[package]]\nname = \"pytest\"\nversion = \"8.0.0\"\n";
    assert_eq!(
        told("uv.lock", uv),
        "pkg:pypi/openai 1.0.0 ai direct :17\npkg:pypi/httpx 0.20.0 transitive :25\npkg:pypi/pytest 8.0.0 direct dev :29"
    );
    let poetry = "[[package]]\nname = \"a\"\nversion = \"1\"\ngroups = [\"dev\"]\n\n[[package]]\nname = \"b\"\nversion = \"2\"\n\
                  groups = [\"main\", \"dev\"]\n";
    assert_eq!(
        told("poetry.lock", poetry),
        "pkg:pypi/a 1 dev :3\npkg:pypi/b 2 :8"
            .replace(":3", ":2")
            .replace(":8", ":7")
    );
    let conda = "version: 1\npackage:\n- name: Numpy\n  version: 1.16.0\n  platform: linux-64\n- name: numpy\n  version: 1.16.0\n";
    assert!(told("conda-lock.yml", conda).starts_with("pkg:pypi/numpy 1.16.0"));
}

#[test]
fn packages_that_are_no_ai_are_told_apart_and_only_with_a_version() {
    let text = "requests==2.19.0\nurllib3\ntorch\nflask>=2\n";
    assert_eq!(
        told("requirements.txt", text),
        "pkg:pypi/requests 2.19.0 direct :1\npkg:pypi/torch () ai direct :3\npkg:pypi/flask (>=2) direct :4"
    );
}

#[test]
fn what_ruby_and_php_ask_for_without_a_lock() {
    let gemfile = "source 'https://rubygems.org'\ngem 'ruby_llm', '~> 1.2'\ngem \"rails\", github: \"rails/rails\"\ngroup :development, :test do\n  gem 'rspec'\nend\ngem 'pg'\n# gem 'openai'\n";
    assert_eq!(
        told("Gemfile", gemfile),
        "pkg:gem/ruby_llm (~> 1.2) ai direct :2"
    );
    let gemspec = "Gem::Specification.new do |spec|\n  spec.name = 'a'\n  spec.add_dependency \"openai\", \">= 0.1\"\n  spec.add_development_dependency 'rake'\nend\n";
    assert_eq!(
        told("a.gemspec", gemspec),
        "pkg:gem/openai (>= 0.1) ai direct :3"
    );
    let composer = "{\"name\": \"acme/app\", \"require\": {\n\"php\": \">=8.2\",\n\"Openai-PHP/client\": \"^0.10\"},\n\"require-dev\": {\"pestphp/pest\": \"*\"}}";
    assert_eq!(
        told("composer.json", composer),
        "pkg:composer/openai-php/client (^0.10) ai direct :3\npkg:composer/pestphp/pest (*) direct dev :4"
    );
}
