# METADATA
# title: Serving of models
# scope: subpackages
# custom:
#   frameworks:
#     owasp-llm: [LLM03]
package serving

import rego.v1

private := ["10.0.0.0/8", "192.168.0.0/16"]

# METADATA
# title: Models are pinned
# description: A tag moves; what is served tomorrow is another model.
# custom:
#   id: SRV-001
#   severity: high
#   remediation: Give the digest of the model instead of its tag.
deny contains result if {
	some container in input.spec.containers
	not contains(container.image, "@sha256:")
	result := {
		"msg": sprintf("%s is not pinned: %s", [container.name, container.image]),
		"asset": container.name,
		"evidence": {"image": container.image},
	}
}

# METADATA
# title: Remote code is not trusted
# custom:
#   id: SRV-002
#   severity: critical
violation_remote_code contains msg if {
	some container in input.spec.containers
	some argument in container.args
	regex.match(`^--trust-remote-code(=true)?$`, argument)
	msg := sprintf("%s runs code that comes with the model", [container.name])
}

# METADATA
# title: Servers listen on private addresses
# custom:
#   id: SRV-003
#   severity: medium
warn_address contains msg if {
	some address in input.addresses
	not is_private(address)
	msg := sprintf("%s is no private address", [address])
}

is_private(address) if {
	some network in private
	net.cidr_contains(network, address)
}
