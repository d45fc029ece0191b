package serving_test

import data.serving
import rego.v1

pod(image, args) := {"spec": {"containers": [{"name": "llm", "image": image, "args": args}]}}

test_tag_is_denied if {
	some message in serving.deny with input as pod("vllm:latest", [])
	message.asset == "llm"
}

test_digest_is_not_denied if {
	count(serving.deny) == 0 with input as pod("vllm@sha256:00", [])
}

test_remote_code_is_denied if {
	"llm runs code that comes with the model" in serving.violation_remote_code with input as pod("x", ["--trust-remote-code"])
	count(serving.violation_remote_code) == 0 with input as pod("x", ["--trust-remote-code=false"])
}

test_public_addresses_are_told if {
	serving.warn_address == {"8.8.8.8 is no private address"} with input as {"addresses": ["8.8.8.8", "10.1.1.1"]}
}
