"""The register of docs/registers.md, run as it stands against a real server."""

import json
import os
import re
import subprocess
import sys
import urllib.request
from typing import Any

import pytest

from tests.test_readme import ROOT, address
from tests.world import fresh_phone

__all__ = ["address"]


def ask(url: str, body: dict[str, Any]) -> dict[str, Any]:
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        told: dict[str, Any] = json.load(answer)["data"]
    return told


@pytest.mark.slow
@pytest.mark.parametrize("shop", [
    {"country": "UG"}, {"country": "IN", "tax_id": "27AAPFU0939F1ZV"}
])  # fmt: skip
def test_the_register_of_the_guide_delivers_what_it_sold(address: str, shop: dict[str, str]) -> None:
    text = (ROOT / "docs" / "registers.md").read_text(encoding="utf-8")
    program, shown = re.findall(r"```(?:python)?\n(import.*?|T1/.*?)```", text, re.DOTALL)
    me = {"phone": fresh_phone(), **shop}
    code = ask(f"{address}/api/auth/otp", {"phone": me["phone"], "country": shop["country"], "purpose": "sign_up"})
    owner = ask(f"{address}/api/auth/register", {
        **me, "code": code["code"], "password": "seven green kettles", "owner_name": "Njeri", "shop_name": "Njeri",
    })  # fmt: skip
    environment = os.environ | {"DUKA_API": f"{address}/api", "DUKA_TOKEN": owner["access_token"]}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert re.sub(r"/\d{4}/", "/2627/", done.stdout) == shown
