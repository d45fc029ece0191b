"""Runs the check of a signature that docs/notifications.md shows, against the example of the Standard Webhooks
specification and against what was changed on the way."""

import pathlib
import re
import time

page = pathlib.Path(__file__).parents[2] / "docs" / "notifications.md"
(code,) = re.findall(r"```python\n(.*?)```", page.read_text(), re.S)
scope = {}
exec(code, scope)
verify = scope["verify"]

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"test": 2432232314}'
HEADERS = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}
FOREVER = time.time()


def also(**headers):
    return {**HEADERS, **{name.replace("_", "-"): value for name, value in headers.items()}}


assert verify(SECRET, HEADERS, BODY, FOREVER)
several = also(webhook_signature="v1,AAAA v2,x " + HEADERS["webhook-signature"])
assert verify(SECRET, several, BODY, FOREVER), "one of several is enough"
assert not verify(SECRET, HEADERS, BODY), "too old"
assert not verify(SECRET, HEADERS, BODY + b" ", FOREVER)
assert not verify(SECRET, also(webhook_id="msg_other"), BODY, FOREVER)
assert not verify(SECRET, also(webhook_timestamp="1614265331"), BODY, FOREVER)
assert not verify(SECRET, also(webhook_timestamp="soon"), BODY, FOREVER)
assert not verify(SECRET, also(webhook_signature="v1,"), BODY, FOREVER)
assert not verify("whsec_" + "A" * 32, HEADERS, BODY, FOREVER)
print("the check of docs/notifications.md holds")
